"""The benchmarks, as far as they can be held to something in seconds."""
