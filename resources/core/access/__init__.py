"""Who may do what, and what of it is hidden."""
