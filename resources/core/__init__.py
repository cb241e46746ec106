"""Headwater's own part of the model: the Resource base, keys, actors, policies, API keys."""
