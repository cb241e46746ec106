"""Commands of `manage.py` that run or extend the API."""
