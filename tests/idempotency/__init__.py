"""Repeats of requests while their servers are killed: done once, none lost."""
