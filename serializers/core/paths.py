"""Where the members of a serializer come from: the paths of columns that each shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from rest_framework import serializers

from resources.core.access.hidden_fields import Path
from resources.core.database.related import LOOKUP_SEPARATOR
from serializers.core.kinds import Field, RowsSerializer, Serializer, child_of, row_serializer


@dataclass(frozen=True, slots=True)
class Source:
    """Where a member comes from.

    Attributes:
        path: where it is read; of what a method of the serializer makes, the member's own name.
        shown_path: where the value is that is shown: of a slug it goes on into the related row.
    """

    path: Path
    shown_path: Path


def source_of(field: Field, before: Path = ()) -> Source:
    """Tell where a field comes from; `before` leads to the row that its serializer shows."""
    path = (*before, *(field.source_attrs or (str(field.field_name),)))
    reference = getattr(field, "child_relation", field)
    slug = reference.slug_field.split(LOOKUP_SEPARATOR) if isinstance(reference, serializers.SlugRelatedField) else ()
    return Source(path, (*path, *slug))


def sources(serializer: Serializer | RowsSerializer, name: str = "", before: Path = ()) -> Iterator[tuple[str, Source]]:
    """Yield the members of a serializer, with dots those of nested ones, and where each comes from."""
    for inner, field in row_serializer(serializer).fields.items():
        yield name + inner, source_of(field, before)
        nested = child_of(field)
        if isinstance(nested, serializers.Serializer):
            yield from sources(nested, f"{name}{inner}.", (*before, *field.source_attrs))
