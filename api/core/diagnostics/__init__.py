"""What those who work on Headwater measure of it."""
