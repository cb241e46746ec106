"""Answers: status, headers and bytes; ETags, links, compression, and every error as a problem."""
