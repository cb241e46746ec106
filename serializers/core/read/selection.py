"""What of a resource is shown: which fields, and which relations as whole objects.

A selection is a value. `present` applies one to a serializer, and says nothing about where the rows
come from; whoever reads them makes sure that the expanded relations are loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.db.models import Model
from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict

from resources.core.database.sql import StoredJson
from resources.core.keys import Key
from serializers.core.fields import show_any_value
from serializers.core.kinds import AnySerializer, Field, RowsSerializer, Serializer, child_of, row_serializer

MOST_EXPANDED, MOST_INSIDE = 100, 10
"""How many objects a list inside a row shows, and a list inside such a list: else their numbers multiply."""
MOST_OBJECTS = 12_000
"""How many objects one row may show, and one statement: a few megabytes, or a fifth of a second of a processor."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is shown of one resource.

    Attributes:
        fields: the names of the members shown; None for all.
        expand: the relations shown as objects.
        without: the members that are never shown, whoever names them; a dot leads into nested serializers.
    """

    fields: frozenset[str] | None = None
    expand: tuple[Expansion, ...] = ()
    without: frozenset[str] = frozenset()

    @property
    def objects(self) -> int:
        """Return how many objects a row shows at most: itself, and as many as its lists have room for."""
        return 1 + sum((inner.most if inner.many else 1) * inner.selection.objects for inner in self.expand)


EVERYTHING = Selection()


class More(Protocol):
    """Links from the last related row that is shown to the ones after it."""

    def key(self, row: Model) -> str:
        """Return what names the row that has the relation."""
        ...

    def position(self, last: Model) -> Sequence[StoredJson]:
        """Return what a related row is ordered by."""
        ...

    def link(self, origin: str, key: str, position: Sequence[StoredJson]) -> str:
        """Return the URL of the rest.

        Args:
            origin: scheme and host of the request.
            key: names the row that has the relation.
            position: of the last related row shown.
        """
        ...


@dataclass(frozen=True, slots=True)
class Expansion:
    """A relation shown as an object, or as a list.

    Attributes:
        name: the member's name.
        serializer: how the related resource is shown.
        selection: what of it is shown.
        many: whether the relation is to-many.
        most: how many objects a list shows.
        relation: what the model calls the relation, where that is not the member's name.
        more: for a to-many relation, links to the rest. It takes no part in equality: it is how to link, not what
            to show.
    """

    name: str
    serializer: type[Serializer]
    selection: Selection
    many: bool = False
    most: int = MOST_EXPANDED
    relation: str = ""
    more: More | None = field(default=None, compare=False)

    @property
    def path(self) -> str:
        """Return what the model calls the relation."""
        return self.relation or self.name

    @property
    def loaded_as(self) -> str:
        """Name the attribute in which a row carries the related rows of a to-many relation."""
        return f"_expanded_{self.name}"


def present(serializer: Serializer | RowsSerializer, selection: Selection) -> None:
    """Make a serializer show a selection, and nothing else."""
    child = row_serializer(serializer)
    show_any_value(child)
    for path in selection.without:
        _remove(child, path.split("."))
    expanded = {expansion.name for expansion in selection.expand}
    if selection.fields is not None:
        for name in [name for name in child.fields.keys() if name not in selection.fields | expanded]:  # noqa: SIM118
            child.fields.pop(name)
    for expansion in selection.expand:
        place = ExpandedMany if expansion.many else ExpandedOne
        _replace(child.fields, expansion.name, place(expansion, child.fields.get(expansion.name)))


def _remove(serializer: Field, path: Sequence[str]) -> None:
    """Take a member out of a serializer, or out of one that is nested in it."""
    assert isinstance(serializer, serializers.Serializer)  # noqa: S101 - what has members
    name, *inside = path
    if not inside:
        serializer.fields.fields.pop(name, None)
    elif name in serializer.fields:
        _remove(child_of(serializer.fields[name]), inside)


def _replace(fields: BindingDict, name: str, value: Field) -> None:
    """Put a field where one of the same name stands, or last."""
    names = list(fields.keys())
    fields[name] = value
    if name in names:
        inside = fields.fields  # moved within, since a field that is bound again complains
        for later in names[names.index(name) + 1 :]:
            inside[later] = inside.pop(later)


def _nested(expansion: Expansion) -> Serializer:
    nested = expansion.serializer(read_only=True)
    present(nested, expansion.selection)
    return nested


class ExpandedOne(serializers.Field):  # type: ignore[type-arg]
    """The related object in the place of its id, which stays where the object was not loaded."""

    def __init__(self, expansion: Expansion, replaced: Field | None) -> None:
        """Take the expansion and the field that shows the id, if there is one."""
        super().__init__(read_only=True)
        self.relation: str = getattr(replaced, "source", expansion.path)
        self.replaced, self.nested = replaced, _nested(expansion)

    def bind(self, field_name: str, parent: AnySerializer) -> None:
        """Join the serializer, with what is nested."""
        super().bind(field_name, parent)
        self.nested.bind(field_name, parent)

    def get_attribute(self, instance: Model) -> Model:
        """Return the row itself; what of it is shown depends on what was loaded."""
        return instance

    def to_representation(self, instance: Model) -> dict[str, object] | Key | None:
        """Show the object, the id of one that was not loaded, or null."""
        # What was not loaded is None, or an AttributeError where the column takes no NULL.
        related = getattr(instance, self.relation, None)
        if related is not None:
            return self.nested.to_representation(related)
        if self.replaced is None:
            return None
        referred = self.replaced.get_attribute(instance)
        if referred is None or referred.pk is None:
            return None
        key: Key = self.replaced.to_representation(referred)
        return key


class ExpandedMany(serializers.Field):  # type: ignore[type-arg]
    """The first related objects, and where the rest are."""

    def __init__(self, expansion: Expansion, replaced: Field | None) -> None:
        """Take the expansion; what it replaces is not needed."""
        super().__init__(read_only=True)
        self.expansion = expansion
        self.nested = _nested(expansion)

    def bind(self, field_name: str, parent: AnySerializer) -> None:
        """Join the serializer, with what is nested."""
        super().bind(field_name, parent)
        self.nested.bind(field_name, parent)

    def get_attribute(self, instance: Model) -> Model:
        """Return the row itself; the related rows are loaded beside it."""
        return instance

    def to_representation(self, instance: Model) -> dict[str, object]:
        """Show the first objects and the URL of the others."""
        rows, most = getattr(instance, self.expansion.loaded_as), self.expansion.most
        shown = rows[:most]
        return {
            "results": [self.nested.to_representation(row) for row in shown],
            "next": self._rest(instance, shown[-1]) if len(rows) > most else None,
        }

    def _rest(self, instance: Model, last: Model) -> str | None:
        more = self.expansion.more
        if more is None:
            return None
        return more.link(self.context.get("origin", ""), more.key(instance), more.position(last))
