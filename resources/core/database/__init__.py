"""What a database holds, and how it is asked."""
