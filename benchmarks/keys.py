"""What does checking a key cost? Microseconds per check: in memory, when the database is asked, and for a typing error.

    python -m benchmarks.keys [CHECKS]

Uses a database of its own. `revalidating` is one query for all keys in use, once a second for a process.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable

FOLDER = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER.name}/keys.sqlite3"
os.environ["DJANGO_SETTINGS_MODULE"] = "api.settings"

import django  # noqa: E402 - after the environment is set


def microseconds(call: Callable[[], object], times: int) -> float:
    """Return what a call costs, the best of five rounds."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(times):
            call()
        best = min(best, time.perf_counter() - began)
    return best / times * 1e6


def main(checks: int = 20_000) -> None:
    """Print a line for each case."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from resources.accounts.models import Person
    from resources.core.api_keys import keyring
    from resources.core.api_keys.models import ApiKey, new_secret

    keyring.TRUSTED_FOR = 1e9
    owner = Person.objects.create_user("ada@example.org")
    secrets = [ApiKey.objects.issue(owner) for _ in range(200)]
    ring, one, unknown = keyring.Keyring(), secrets[0], new_secret()

    def again() -> None:
        ring.forget()
        ring.actor(one)

    assert ring.actor(one)
    cases: dict[str, tuple[Callable[[], object], int]] = {
        "held in memory": (lambda: ring.actor(one), checks),
        "a typing error": (lambda: ring.actor(one[:-1] + "?"), checks),
        "unknown: a query": (lambda: ring.actor(unknown), checks // 50),
        "revalidating 1 key": (again, checks // 50),
    }
    for name, (call, times) in cases.items():
        print(f"{name:24} {microseconds(call, times):9.2f} us")
    for secret in secrets:
        ring.actor(secret)
    print(f"{'revalidating 200 keys':24} {microseconds(again, checks // 500):9.2f} us")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
