"""Which querysets can be served: what a policy and a client can go on filtering, ordering and paging."""

from collections.abc import Iterable

from django.db.models import Manager, Model, QuerySet


def rows_fault(rows: QuerySet[Model] | Manager[Model] | Iterable[Model]) -> str | None:
    """Say why rows cannot be filtered, ordered and paged any further, and what to write; None where they can."""
    if not isinstance(rows, QuerySet):
        return None
    query = rows.query
    if query.combinator:
        kind = query.combinator
        return (
            f"rows of a {kind}() can be filtered no further, neither by the policy nor by a client. "
            "Write one queryset of conditions joined by | and &, such as  Trip.objects.filter(Q(...) | Q(...))"
        )
    if query.is_sliced:
        return (
            "a slice of rows can be filtered no further, neither by the policy nor by a client. Leave the slice out, "
            "since lists are paged; a choice of rows is a condition, such as  filter(pk__in=...)"
        )
    if getattr(rows, "_fields", None) is not None:
        return "values() gives no rows of the model. Leave it out: the serializer says which members are shown."
    return None
