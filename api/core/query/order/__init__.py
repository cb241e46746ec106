"""Pages: total orders, the cursors that continue them, and counts."""
