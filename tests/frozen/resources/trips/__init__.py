"""Trips: owned by people, shared with members, made of stops."""
