"""Conditions across relations that never repeat a row: every one is an EXISTS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from django.core.exceptions import FieldDoesNotExist
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Exists,
    Expression,
    ForeignObject,
    ForeignObjectRel,
    ManyToManyField,
    Model,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.columns import Column
from resources.core.database.sql import Fragment

if TYPE_CHECKING:
    from typing_extensions import TypeIs  # of typing itself from Python 3.13 on

LOOKUP_SEPARATOR = "__"

type Relation = ForeignObject[Never, object] | ManyToManyField[Model, Model] | ForeignObjectRel
"""What leads from the rows of a model to those of one other model, forwards or backwards."""


def is_relation(field: Column | ForeignObjectRel) -> TypeIs[Relation]:
    """Whether a field of a model is a relation; not one that leads to rows of any model (a GenericForeignKey)."""
    return bool(field.is_relation and field.related_model)


def relation(model: type[Model], name: str) -> Relation | None:
    """Return the relation of a model that goes by a name, or None if it has no such relation.

    The name is the one used in queries, so a reverse relation goes by its `related_query_name`.
    """
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if is_relation(field) else None


def end_of(model: type[Model], path: str) -> type[Model]:
    """Return the model that a path of relations leads to; the model itself for an empty one.

    Raises:
        FieldDoesNotExist: a name on the way is that of no relation.
    """
    for name in filter(None, path.split(LOOKUP_SEPARATOR)):
        step = relation(model, name)
        if step is None:
            raise FieldDoesNotExist(f"{name} is no relation of {model.__name__}")
        model = step.related_model
    return model


def split_at_many(model: type[Model], path: str) -> tuple[str, str, str]:
    """Split `trip__members__role` into what leads to the first to-many relation, it, and the rest.

    Returns:
        `("trip", "members", "role")`; for a path without such a relation `(path, "", "")`.
    """
    names = path.split(LOOKUP_SEPARATOR)
    for place, name in enumerate(names):
        field = relation(model, name)
        if field is None:
            break
        if field.one_to_many or field.many_to_many:
            join = LOOKUP_SEPARATOR.join
            return join(names[:place]), name, join(names[place + 1 :])
        model = field.related_model
    return path, "", ""


class Some(Expression):
    """True where at least one row of a to-many relation meets a condition.

    `Some("members", Q(person=..., role="editor"))` compiles to one EXISTS; `Some("trip__members", ...)`
    follows the to-one relation first. The same related row meets the whole condition.
    """

    conditional = True

    def __init__(self, path: str, condition: Q, *, probed: bool = False) -> None:
        """Take the path to a to-many relation and a condition on the model it leads to.

        Args:
            path: to the relation.
            condition: on what it leads to.
            probed: whether the database is to look for each row by itself, and never to read all related rows first.
        """
        super().__init__()
        self.path, self.condition, self.probed = path, condition, probed

    def __repr__(self) -> str:
        """Show the path and the condition."""
        return f"Some({self.path!r}, {self.condition!r})"

    def resolve_expression(  # type: ignore[override]  # it becomes another expression
        self,
        query: Query | None = None,
        allow_joins: bool = True,
        reuse: set[str] | None = None,
        summarize: bool = False,
        for_save: bool = False,
    ) -> Exists:
        """Become the EXISTS for the model that is being asked."""
        if query is None or query.model is None:
            raise ValueError(f"{self!r} is a condition on rows of a model")
        exists = some(query.model, self.path, self.condition)
        exists = Probe(exists.query) if self.probed else exists
        return exists.resolve_expression(query, allow_joins, reuse, summarize, for_save)


class Probe(Exists):
    """An EXISTS that is asked for each row by itself.

    PostgreSQL thinks of hashing all that it might find instead, which is well for many rows, and not for a page of
    them: it takes a walk that stops early for one to the end. A subquery with an OFFSET it leaves as it is.
    """

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile to EXISTS with an OFFSET of none."""
        sql, params = self.as_sql(compiler, connection, template="EXISTS(%(subquery)s OFFSET 0)")
        return sql, tuple(params)


def probing(condition: Q) -> Q:
    """Return a condition that asks its relations for each row by itself."""
    probed = condition.copy()
    probed.children = [*condition.children]  # which the copy shares
    for place, child in enumerate(probed.children):
        if isinstance(child, Q):
            probed.children[place] = probing(child)
        elif isinstance(child, Some):
            probed.children[place : place + 1] = Q(Some(child.path, child.condition, probed=True)).children
    return probed


def some(model: type[Model], path: str, condition: Q, rows: QuerySet[Model] | None = None) -> Exists:
    """Build the EXISTS of `Some` for a model.

    Args:
        model: whose rows are asked for.
        path: to a to-many relation.
        condition: on the model that it leads to.
        rows: of that model, which count alone; None for all of them.

    Raises:
        ValueError: the path holds no to-many relation, or goes on behind it.
    """
    here, back, related = _ends(model, path, rows)
    return Exists(related.filter(Q(**{back: OuterRef(here)}) & condition))


def referred_to(model: type[Model], path: str, condition: Q, rows: QuerySet[Model] | None = None) -> Q:
    """Return the same condition as that the row is one of those which such related rows lead back to.

    They are read first. It is not to be negated: of a path that leads nowhere it is neither true nor false.
    """
    here, back, related = _ends(model, path, rows)
    return Q(**{f"{here}__in": related.filter(condition, **{f"{back}__isnull": False}).order_by().values(back)})


def _ends(model: type[Model], path: str, rows: QuerySet[Model] | None) -> tuple[str, str, QuerySet[Model]]:
    """Return what related rows refer to, what they do so by, and these rows."""
    before, many, after = split_at_many(model, path)
    if not many or after:
        raise ValueError(f"{path} does not end in a to-many relation of {model.__name__}")
    owner = end_of(model, before)
    field = relation(owner, many)
    assert field is not None  # noqa: S101 - the path was split at it
    here = referred_name(owner, referred_column(field))
    here = f"{before}{LOOKUP_SEPARATOR}{here}" if before else here
    return here, way_back(field), field.related_model._base_manager.all() if rows is None else rows


def referred_column(field: Relation) -> Column:
    """Return the column that others refer to by a to-many relation: the key, unless a `to_field` names another.

    Raises:
        ValueError: they refer to several columns together.
    """
    join = field.path_infos[0].join_field
    assert isinstance(join, ForeignObject | ForeignObjectRel)  # noqa: S101 - what else would join two tables
    columns = join.get_joining_fields()
    if len(columns) != 1:
        raise ValueError(f"{field.name} refers to several columns together")
    return columns[0][0]


def referred_name(model: type[Model], column: Column) -> str:
    """Name a column that others refer to, as a query on the model spells it."""
    key: Column = model._meta.pk
    while key != column and isinstance(key, ForeignObject):  # the key of an inherited row is a reference to its parent
        key = key.target_field
    return "pk" if key == column else column.attname


def filtered_column(model: type[Model], field: Relation) -> Column:
    """Return the column of a row whose value filters the rows of a to-many relation, by what leads back from them."""
    return model._meta.pk if field.many_to_many else referred_column(field)


def leads_into(path: str, field: Relation, rows: QuerySet[Model]) -> Q:
    """Return the condition that a to-one relation, at the end of a path, leads to one of some rows."""
    name = field.target_field.name
    if field.target_field.null:  # one NULL among them would leave it open for every other row
        rows = rows.filter(**{f"{name}__isnull": False})
    return Q(**{f"{path}__in": rows.order_by().values(name)})


def leads_to(path: str, field: Relation, rows: QuerySet[Model]) -> Q:
    """Return the same condition, asked for each row by itself: for few rows, or for many rows to be led to."""
    return Q(Exists(rows.order_by().filter(**{field.target_field.name: OuterRef(path)})))


def way_back(field: Relation) -> str:
    """Name the relation that leads back, as a query on the related model spells it."""
    if isinstance(field, ForeignObjectRel):
        return field.field.name
    return field.related_query_name()


def accessor(field: Relation) -> str:
    """Name the attribute of a row that leads along a relation."""
    if isinstance(field, ForeignObjectRel):
        return field.get_accessor_name() or field.name
    return field.name


def named_by_rows(model: type[Model], attribute: str) -> Relation | None:
    """Return the relation that an attribute of a model's rows leads along, or None where it is no relation."""
    relations = (field for field in model._meta.get_fields() if is_relation(field))
    return next((field for field in relations if accessor(field) == attribute), None)
