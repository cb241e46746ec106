"""What the environment says, as typed values."""
