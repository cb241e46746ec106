"""Limits: how often somebody may ask, counted by who they are, or by where they ask from."""
