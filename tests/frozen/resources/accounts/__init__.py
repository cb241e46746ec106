"""People, who log in by e-mail."""
