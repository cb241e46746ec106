"""Passwords that cost the tests next to nothing: Argon2 as it is set, but for how long it takes."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 with the least time and memory; what the real one costs has tests of its own."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
