"""How a change becomes stored rows."""
