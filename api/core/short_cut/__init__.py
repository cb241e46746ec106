"""The short cut: traced reads and plain writes are answered without Django's handler, byte for byte as Django would."""
