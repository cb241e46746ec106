"""Looks for faults by sending whatever the contract allows, and what it does not, to a real server."""
