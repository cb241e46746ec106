"""How the parameters of a request become a Query."""
