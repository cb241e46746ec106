"""Headwater's own part of the contract: the schema, its diff, the docs and problem pages."""
