"""What was changed, as far as somebody may know of it: delta sync, and the history of a row."""
