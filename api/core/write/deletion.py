"""How a row is deleted: in one transaction; what the database will not delete says what holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy

from django.apps import apps
from django.db import IntegrityError, connections, router, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector, DatabaseOnDelete

from api.core.write.constraint_errors import REFERENCE, diagnosis_of
from api.core.write.integrity import ask_early, refusals, still_referred_to
from resources.core.deleting import Kept, one_is_enough
from serializers.core.problems import Refusal

MOST_KEYS = 500

type RowsOfTables = dict[str, list[Model]]
type Relations = Mapping[str, tuple[str | None, str, DatabaseOnDelete | None]]
"""The columns of a table that refer to another: to which column of it, which it is, what the database does itself."""


def delete(find: Callable[[], Model], destroy: Callable[[Model], None]) -> None:
    """Find a row and delete it.

    Raises:
        Refusal: `conflict`: something refers to it, by a rule of the models, or of the database alone.
    """
    row = None
    try:
        with refusals(), transaction.atomic():
            found = find()
            row = copy(found)  # which keeps its key
            with one_is_enough():
                destroy(found)
            ask_early()
    except Refusal as error:
        names = _names(row, error.__cause__) if row is not None else set()
        if names:
            raise still_referred_to(names) from error
        raise


def _names(row: Model, error: BaseException | None) -> set[str]:
    """Return the names of what holds a row that the database has refused to delete."""
    if not isinstance(error, IntegrityError) or isinstance(error, Kept | ProtectedError | RestrictedError):
        return set()
    broken = diagnosis_of(error)
    if broken.kind != REFERENCE:
        return set()
    return {_name(broken.table)} if broken.table else {_name(table) for table in _referring_tables(row)}


def _name(table: str) -> str:
    models = (model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)
    return next((str(model._meta.verbose_name_plural) for model in models), table)


def _referring_tables(row: Model) -> Iterator[str]:
    """Yield the tables that hold a row, or one that goes along with it: SQLite does not say which they are."""
    using = router.db_for_write(type(row), instance=row)
    gone = _deletions(row, using)
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            # To the stubs it gives less than it does.
            get_relations: Callable[..., Relations] = getattr(connection.introspection, "get_relations")  # noqa: B009
            for column, (target, referred, action) in get_relations(cursor, table).items():
                # What the database does itself with a row that refers to one that goes keeps nothing from going.
                known = [] if isinstance(action, DatabaseOnDelete) else gone.get(referred, [])
                if known and _refers(cursor, table, column, target, known, gone):
                    yield table


def _deletions(row: Model, using: str) -> RowsOfTables:
    """Return all rows that are deleted along with one, by their tables."""
    collector = Collector(using=using, origin=row)
    collector.collect([row])
    rows = [each for several in (*collector.data.values(), *collector.fast_deletes) for each in several]
    gone: dict[str, list[Model]] = {}
    for each in rows:
        gone.setdefault(each._meta.db_table, []).append(each)
    return gone


def _refers(
    cursor: CursorWrapper,
    table: str,
    column: str,
    target: str | None,
    rows: list[Model],
    gone: Mapping[str, list[Model]],
) -> bool:
    """Whether a row that stays refers to one that goes."""
    key = next(each for each in rows[0]._meta.concrete_fields if each.column == (target or rows[0]._meta.pk.column))
    quote = cursor.db.ops.quote_name
    leaving = gone.get(table, [])
    pk = leaving[0]._meta.pk if leaving else None
    going = {pk.get_db_prep_value(each.pk, cursor.db) for each in leaving} if pk else set()
    found = f"SELECT {quote(str(pk.column)) if pk else 'NULL'} FROM {quote(table)} WHERE {quote(column)} IN"  # noqa: S608
    for start in range(0, len(rows), MOST_KEYS):
        keys = [key.get_db_prep_value(getattr(each, key.attname), cursor.db) for each in rows[start:][:MOST_KEYS]]
        # Of one more than there are to go, one stays.
        cursor.execute(f"{found} ({', '.join(['%s'] * len(keys))}) LIMIT {len(going) + 1}", keys)
        if not {key for (key,) in cursor.fetchall()} <= going:
            return True
    return False
