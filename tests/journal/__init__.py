"""The order of the log held to account: many writers, sequencers and readers as real processes, killed at random."""
