"""The sample data: real places, read from packages that others keep, so that nothing is downloaded."""
