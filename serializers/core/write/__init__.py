"""How a body becomes values to save."""
