"""What streams carry: changes as they happen, and lists that stay as they are stored.

One reader of the log serves all streams of a process (`tail`). What several of them have in common is decided once for
all of them, in a thread (`topic`); the event loop sends what comes of it.
"""
