"""Tracing: a query is built once with slots in place of its values, and what comes out is cached as a statement."""
