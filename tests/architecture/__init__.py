"""The laws of the house, and the proof that each of them can fail."""
