"""Filters: how values are read, which lookups a column offers, and what conditions mean to the database."""
