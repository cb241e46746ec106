"""Clients as others would write them: generated from the contract, compiled, and run against a real server."""
