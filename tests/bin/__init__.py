"""What `make` calls before there is an environment."""
