"""What a rule of a model keeps from being deleted, in words for who wanted to delete it."""

from django.db import IntegrityError


class Kept(IntegrityError):
    """Raised by a model's own rule (an `on_delete`, a `delete`) instead of deleting; a client is told its words.

    Not a ProtectedError, which Django's collector would replace with one that says only which column refers to the row.
    """

    def __init__(self, words: str) -> None:
        """Take the words, which say what to do first."""
        super().__init__(words)
        self.words = words
