"""A database as large as people's own, and every request that the contract offers, asked of it."""
