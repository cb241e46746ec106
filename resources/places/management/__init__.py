"""Commands of `manage.py` for places."""
