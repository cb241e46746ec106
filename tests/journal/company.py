"""Writers, sequencers and readers, all forked from this process, which kills sequencers and readers at random.

    python -m tests.journal.company FOLDER WRITERS CHANGES

It ends when every writer has written its changes and every reader has read them, each into a file of the folder: the
numbers of changes, as the reader came by them. A reader that was killed goes on from its own file.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django

SEQUENCERS = 3
READERS = 3
SECONDS_OF_LIFE = 0.1
"""Between two that are killed, at the mean."""
SECONDS_AFTER = 30
"""For readers to come to the end, when all is written."""


def read(file: Path) -> None:
    """Read the log for ever, into a file that has the first cursor: a line for each change, a cursor and its number."""
    from django.db import DatabaseError, connection

    from resources.core.journal import log
    from resources.core.journal.cursor import Cursor

    whole = file.read_bytes().rpartition(b"\n")[0] + b"\n"
    cursor = Cursor.parse(whole.split()[-2].decode())
    with file.open("ab") as output:
        output.truncate(len(whole))
        while True:
            try:
                page = log.page_after(cursor, None, random.choice((1, 10, 100, 1000)))
            except DatabaseError:  # it is away
                connection.close()
                time.sleep(0.1)
                continue
            for entry in page.entries:
                output.write(f"{entry.cursor} {entry.id}\n".encode())
            output.flush()
            cursor = page.next
            if not page.more:
                time.sleep(random.random() * 0.02)


def child(call: Callable[[], None]) -> int:
    """Fork a process that makes a call, and ends."""
    number = os.fork()
    if number:
        return number
    try:
        random.seed()
        call()
        os._exit(0)
    finally:
        os._exit(1)


class Company:
    """Those who may be killed, by the numbers of their processes; another takes the place of each."""

    def __init__(self) -> None:
        self.members: dict[int, Callable[[], None]] = {}
        self.kills = 0

    def join(self, call: Callable[[], None]) -> None:
        self.members[child(call)] = call

    def kill_one(self) -> None:
        process = random.choice(list(self.members))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        self.join(self.members.pop(process))
        self.kills += 1

    def end(self) -> int:
        """End all, and return how many had ended by themselves."""
        failed = 0
        for process in self.members:
            if os.waitpid(process, os.WNOHANG)[0]:
                failed += 1
            else:
                os.kill(process, signal.SIGKILL)
        return failed


def main(folder: Path, writers: int, changes: int) -> None:
    django.setup()
    from resources.core.journal.feed import Feed
    from resources.core.journal.log import latest
    from tests.journal.writers import prepare, write

    url = os.environ["DATABASE_URL"]
    prepare(url)
    beginning, company, failed = latest(), Company(), 0
    let_go()
    for _ in range(SEQUENCERS):
        company.join(Feed().run)
    for number in range(READERS):
        file = folder / f"reader-{number}"
        file.write_text(f"{beginning} 0\n")
        company.join(partial(read, file))
    writing = [
        child(partial(write, url, f"w{number}", changes // writers, folder / f"writer-{number}"))
        for number in range(writers)
    ]
    while writing:
        time.sleep(random.random() * SECONDS_OF_LIFE * 2)
        company.kill_one()
        for process in list(writing):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                writing.remove(process)
                failed += bool(status)
    until = time.monotonic() + SECONDS_AFTER
    while not _are_done(folder) and time.monotonic() < until:
        time.sleep(0.1)
    failed += company.end()
    (folder / "end").write_text(json.dumps({"kills": company.kills, "failed": failed}))


def let_go() -> None:
    """Close what processes that are forked now must not share."""
    from django.db import connection

    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def _are_done(folder: Path) -> bool:
    """Whether every reader has read all there is to be read."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM headwater_change WHERE table_name = 'tally'")
        ((count,),) = cursor.fetchall()
    let_go()
    files = [folder / f"reader-{number}" for number in range(READERS)]
    return all(file.exists() and file.read_text().count("\n") == count + 1 for file in files)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
