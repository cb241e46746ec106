"""Queries: what a resource offers its readers, and how a query string becomes a Shape and its Values."""
