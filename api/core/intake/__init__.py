"""Intake: what happens to a request before a view sees it: identity, body, clean input."""
