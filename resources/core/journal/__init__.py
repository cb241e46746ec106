"""The journal: every change of a row that is exposed, in one ordered log, written by triggers of the database."""
