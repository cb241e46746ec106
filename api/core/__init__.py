"""Headwater's own part of the view: the request's path from query string to bytes."""
