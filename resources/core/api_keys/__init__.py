"""API keys, and who acts behind one."""
