"""The database backend for PostgreSQL: Django's, with transactions that say to whom they are attributed."""
