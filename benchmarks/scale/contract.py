"""What a resource offers its readers, read from what the viewsets declare, and values to ask it with.

Nothing is listed by hand, so nothing is forgotten. The values are those of the data: the most frequent one of a column,
the rarest, and one that it does not hold; for comparisons a value in the middle, one at the end, and one beyond it.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

RESOURCES = ("cities", "countries", "trips", "stops", "members")
SENSES = ("frequent", "rare", "absent")
PIECE = 3
"""Letters of a text that are looked for in others."""
NEAR_THE_END = 20
"""Rows beyond the value that is to be found rarely."""
PATTERNS = ("contains", "icontains", "startswith", "istartswith", "endswith", "iendswith")
NOBODY = "ffffffff-ffff-7fff-8fff-ffffffffffff"


@dataclass(frozen=True)
class Filter:
    """A filter.

    Attributes:
        name: its parameter.
        path: the column it leads to, from the resource: `country__continent`.
        lookup: `exact`, `gte`.
        plain: whether its values stand in JSON as they stand in a URL: numbers, true and false.
        values: by their sense, of those that there are.
    """

    name: str
    path: str
    lookup: str
    plain: bool
    values: dict[str, str]

    def json(self, sense: str) -> object:
        """Return a value as it stands in JSON."""
        return json.loads(self.values[sense]) if self.plain else self.values[sense]


@dataclass(frozen=True)
class Offer:
    """What a resource offers.

    Attributes:
        plural: its name.
        filters: all of them.
        orderings: columns, without the hyphen.
        expand: what may be expanded.
        words: what to search for, by its sense; empty where nothing is searched.
    """

    plural: str
    filters: tuple[Filter, ...]
    orderings: tuple[str, ...]
    expand: tuple[str, ...]
    words: dict[str, str]


def offers(url: str, file: Path) -> list[Offer]:
    """Return what there is to ask for on a database; the values, which take a while to find, are kept in a file."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings", "TIME_BUDGET": "600"}
    import django

    django.setup()
    import_module("api.urls")
    from api.core.query.grammar import grammar_of
    from api.core.resource.registry import REGISTRY

    known = json.loads(file.read_text()) if file.exists() else {}
    found = []
    for resource in REGISTRY.every:
        if resource.plural in RESOURCES:
            grammar, values = grammar_of(resource), Values(resource.model, known.setdefault(resource.plural, {}))
            filters = (
                Filter(name, str(each.field_name), each.lookup_expr, is_plain(each.column), dict(values.of(each)))
                for name, each in grammar.filters.items()
            )
            words = values.words(grammar.search) if grammar.search else {}
            offer = Offer(resource.plural, tuple(filters), tuple(grammar.orderings), tuple(grammar.expandable), words)
            found.append(offer)
    file.write_text(json.dumps(known))
    return sorted(found, key=lambda offer: RESOURCES.index(offer.plural))


class Values:
    """Finds values of a resource's columns."""

    def __init__(self, model: Any, known: dict[str, dict[str, str]]) -> None:
        """Take the model, and what was found before, by the path of the column."""
        self.rows, self.known = model.objects.order_by(), known

    def column(self, path: str) -> dict[str, str]:
        """Return values of a column: the most frequent, the rarest, the middle, and those near its ends."""
        if path not in self.known:
            self.known[path] = dict(self._look(path))
        return self.known[path]

    def _look(self, path: str) -> Iterator[tuple[str, str]]:
        from django.db.models import Count

        rows = self.rows.filter(**{f"{path}__isnull": False})
        counted = rows.values_list(path).annotate(many=Count("pk"))
        yield "frequent", _text(counted.order_by("-many", path)[0][0])
        yield "rare", _text(counted.order_by("many", path)[0][0])
        for name, order in (("low", path), ("high", f"-{path}")):
            ends = list(rows.order_by(order).values_list(path, flat=True)[: NEAR_THE_END + 1])
            yield name, _text(ends[-1])
        count = rows.count()
        yield "middle", _text(rows.order_by(path).values_list(path, flat=True)[count // 2])

    def of(self, filter_: Any) -> Iterator[tuple[str, str]]:
        """Yield the values to ask a filter with, by their sense."""
        lookup, path = filter_.lookup_expr, str(filter_.field_name)
        if lookup == "isnull" or type(filter_.column).__name__ == "BooleanField":
            yield from (("frequent", "false"), ("rare", "true"))
            return
        column = self.column(path)
        none = absent(filter_.column)
        if lookup in ("gt", "gte"):
            yield from (("frequent", column["middle"]), ("rare", column["high"]))
        elif lookup in ("lt", "lte"):
            yield from (("frequent", column["middle"]), ("rare", column["low"]))
        elif lookup == "in":
            yield from (("frequent", f"{column['frequent']},{column['rare']}"), ("rare", column["rare"]))
        elif lookup in PATTERNS:
            piece = column["frequent"][-PIECE:] if "ends" in lookup else column["frequent"][:PIECE]
            yield from (("frequent", piece), ("rare", column["rare"]))
        elif lookup == "iexact":
            yield from (("frequent", column["frequent"].lower()), ("rare", column["rare"].lower()))
        else:
            yield from (("frequent", column["frequent"]), ("rare", column["rare"]))
        if none is not None and lookup not in ("gt", "gte", "lt", "lte"):
            yield "absent", none

    def words(self, columns: tuple[str, ...]) -> dict[str, str]:
        """Return what to search for: a part of a frequent text, a whole rare one, and one that is nowhere."""
        [path] = [name for name in columns if not name.startswith(("=", "^", "@", "$"))][:1]
        column = self.column(path)
        frequent = column["frequent"] or column["high"]
        return {"frequent": frequent[:PIECE], "rare": column["rare"], "absent": "zqxjk"}


def kind(column: Any) -> str:
    """Return the type of a column, or of the key that a relation leads to."""
    if column.is_relation:
        column = column.related_model._meta.pk
    return type(column).__name__


def is_plain(column: Any) -> bool:
    """Whether values of a column are numbers, true or false in JSON."""
    return kind(column).startswith(("Positive", "Big", "Small", "Integer", "Float", "Decimal", "Boolean"))


def absent(column: Any) -> str | None:
    """Return a value of a column's type that no row holds; None where every value may be held."""
    if column.choices:
        return None
    known = {
        "UUIDField": NOBODY,
        "CharField": "zqxjk",
        "TextField": "zqxjk",
        "DateField": "1900-01-01",
        "DateTimeField": "1900-01-01T00:00:00Z",
        "DecimalField": "0.01",
        "FloatField": "89.123456",
    }
    return known.get(kind(column), "987654321")


def _text(value: Any) -> str:
    """Write a value as a client would."""
    from serializers.core.json import encode

    return encode(value).decode().strip('"')
