"""Headwater beside its peers: `make bench`."""
