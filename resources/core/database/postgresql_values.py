"""Reads what PostgreSQL holds and Python has no value for, such as the time `infinity`, and dates BC, as None.

Its driver would raise an error, and nobody could read the row. Compiled reads show null there, too.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from psycopg.abc import AdaptContext, Buffer, Loader

type Value = date | time | timedelta
TYPES = ("date", "time", "timestamp", "timestamptz", "interval")
"""The types with values that Python's do not have."""
LONGEST = timedelta(seconds=9_223_372_036_854)
"""From here on the microseconds of a duration are no integer of 64 bits."""


@cache
def _lenient(loader: type[Loader]) -> type[Loader]:
    """Return a loader that reads what another does, and None where that cannot."""
    from psycopg import DataError, adapt

    class Lenient(adapt.Loader):
        lenient = True
        timezone = getattr(loader, "timezone", None)  # which Django looks at

        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self.strict = loader(oid, context)

        def load(self, data: Buffer) -> Value | None:
            if b"infinity" in bytes(data):  # of an interval the driver makes a duration of nothing
                return None
            try:
                value: Value = self.strict.load(data)
            except DataError:
                return None
            return None if isinstance(value, timedelta) and abs(value) >= LONGEST else value

    return Lenient


def _add_loaders(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor != "postgresql":
        return
    from psycopg.pq import Format
    from psycopg.types.string import TextLoader

    adapters = connection.connection.adapters
    for name in TYPES:
        loader = adapters.get_loader(adapters.types[name].oid, Format.TEXT)
        if not hasattr(loader, "lenient"):  # a connection of a pool is created more than once
            adapters.register_loader(name, _lenient(loader))
    # Django's field of JSON reads texts, and has the driver give it those of `jsonb` only.
    adapters.register_loader("json", TextLoader)


def install() -> None:
    """Let every PostgreSQL connection read values so."""
    connection_created.connect(_add_loaders, dispatch_uid="headwater.postgresql")
