"""A process that is given hints as one that serves is: `python -m tests.journal.listener [deaf]` prints them.

A line for each hint: what the clock of the machine says, and the last position. A `deaf` one does without PostgreSQL's
LISTEN, as behind PgBouncer.
"""

import sys
import threading
import time

import django


def main() -> None:
    django.setup()
    from django.db import connections

    from resources.core.journal.feed import FEED
    from resources.core.journal.log import latest
    from resources.core.journal.wakeups import WAKEUPS

    if "deaf" in sys.argv:
        from resources.core.journal import postgresql_feed

        postgresql_feed.hears = lambda _: False
    threading.Thread(target=FEED.run, daemon=True).start()
    seen = 0
    while True:
        seen = WAKEUPS.wait(3600, seen)
        sys.stdout.write(f"{time.monotonic()} {latest().position}\n")
        sys.stdout.flush()
        connections.close_all()


if __name__ == "__main__":
    main()
