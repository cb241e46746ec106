"""What is declared of a resource."""
