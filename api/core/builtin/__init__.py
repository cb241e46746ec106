"""Identity: what a client may see and change of how it is known."""
