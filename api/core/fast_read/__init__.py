"""The short cut: a traced read is answered without Django's handler, byte for byte as Django would answer it."""
