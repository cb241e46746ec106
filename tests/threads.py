"""Several things at the same time: each in a thread of its own, with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """Start tasks at the same moment; return what each returned, or the exception that it raised."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        start.wait(10)
        try:
            return task()
        except Exception as fault:
            return fault
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
