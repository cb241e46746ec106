"""How rows are shown."""
