"""Streams as a client meets them: real servers, and receivers that nobody here wrote."""
