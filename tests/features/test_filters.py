"""Filters: every lookup of every type of column means the same on both databases, and a wrong value is refused."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils.duration import duration_iso_string
from hypothesis import given
from hypothesis import strategies as st

from tests.client import Client
from tests.features.problems import refused
from tests.specimens.made import VALUES, Collection, related_collections, stored
from tests.specimens.meant import Condition, Meaning
from tests.specimens.models import Specimen

PATTERNS = ("iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith")
COMPARISONS = ("gt", "gte", "lt", "lte")
EQUAL = ("exact", "in")
NATURAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("text", "prose"), (*EQUAL, *PATTERNS)),
    **dict.fromkeys(("small", "whole", "real", "amount", "day", "moment", "hour", "span"), (*EQUAL, *COMPARISONS)),
    "code": EQUAL,
    "kind": EQUAL,
    "flag": ("exact",),
}
PATHS: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {
    ("id",): ("whole", (*EQUAL, *COMPARISONS)),
    **{(column,): (column, (*lookups, "isnull")) for column, lookups in NATURAL.items()},
    ("drawer",): ("key", (*EQUAL, "isnull")),
    ("drawer", "name"): ("text", (*NATURAL["text"], "isnull")),
    ("drawer", "parent"): ("key", (*EQUAL, "isnull")),
    ("drawer", "parent", "name"): ("text", (*NATURAL["text"], "isnull")),
    ("labels",): ("key", (*EQUAL, "isnull")),
    ("labels", "name"): ("text", (*NATURAL["text"], "isnull")),
    ("marks", "text"): ("text", (*NATURAL["text"], "isnull")),
    ("marks", "whole"): ("whole", (*NATURAL["whole"], "isnull")),
    ("marks", "label"): ("key", (*EQUAL, "isnull")),
    ("marks", "label", "name"): ("text", (*NATURAL["text"], "isnull")),
}
"""Every column that can be filtered: how its values are made, and its lookups."""

OF_COLUMNS = {**VALUES, "key": st.integers(0, 4), "real": st.floats(allow_nan=False, allow_infinity=False)}
MORE_DIGITS = st.decimals(-(10**13), 10**13, places=5)


def written(value: Any) -> str:
    """Write a value as a client would."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    return duration_iso_string(value) if isinstance(value, timedelta) else str(value)


def in_json(value: Any) -> Any:
    if isinstance(value, list):
        return [in_json(item) for item in value]
    return value if isinstance(value, bool | int | float) else written(value)


@st.composite
def conditions(draw: st.DrawFn, collection: Collection) -> Condition:
    """Make a condition, as often as not on a value that some row has."""
    path = draw(st.sampled_from(sorted(PATHS)))
    column, lookups = PATHS[path]
    lookup = draw(st.sampled_from(lookups))
    values = OF_COLUMNS[column]
    if column == "amount":
        values |= MORE_DIGITS
    stored_values = [value for row in collection.specimens if (value := getattr(row, path[-1], None)) is not None]
    finite = [value for value in stored_values if value not in (float("inf"), float("-inf"))]
    if len(path) == 1 and finite and path[0] not in ("labels", "marks", "drawer"):
        values = st.sampled_from(finite) | values
    if lookup in PATTERNS or (lookup == "in" and column in ("text", "prose")):
        values = values.filter(lambda text: text != "")
    value = draw({"isnull": st.booleans(), "in": st.lists(values, min_size=1, max_size=3)}.get(lookup, values))
    return Condition(path, lookup, value, draw(st.booleans()))


@st.composite
def trees(draw: st.DrawFn, collection: Collection, depth: int = 0) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    chosen = draw(st.lists(conditions(collection), max_size=3, unique_by=lambda condition: condition.name))
    if chosen:
        tree["conditions"] = chosen
    for name in draw(st.sets(st.sampled_from(["and", "or"]))) if depth < 2 else ():
        tree[name] = draw(st.lists(trees(collection, depth + 1), min_size=1, max_size=2))
    if not tree or (depth < 2 and draw(st.booleans())):
        tree |= {"conditions": [draw(conditions(collection))]} if depth >= 2 else {"not": draw(trees(collection, 2))}
    return tree


def as_json(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {c.name: in_json(c.value) for c in tree.get("conditions", ())}
    found |= {name: [as_json(part) for part in tree[name]] for name in ("and", "or") if name in tree}
    return found | ({"not": as_json(tree["not"])} if "not" in tree else {})


def found(client: Client, **query: Any) -> set[int]:
    """Return the ids that a list shows, each once."""
    answer = client.get("/v1/specimens", fields="id", limit=500, **query)
    assert answer.status == 200, answer.text
    ids = [row["id"] for row in answer.json["results"]]
    assert len(ids) == len(set(ids))
    return set(ids)


@given(data=st.data())
def test_groups_mean_what_they_say_and_their_negation_is_the_rest(specimens: Client, data: st.DataObject) -> None:
    collection = data.draw(related_collections(set(VALUES)))
    tree = data.draw(trees(collection))
    meaning = Meaning(collection)
    expected = meaning.rows(lambda row: meaning.tree(row, tree))
    with stored(collection):
        assert found(specimens, filter=as_json(tree)) == expected
        rest = found(specimens, filter={"not": as_json(tree)})
        assert rest == {row.id for row in collection.specimens} - expected


@given(data=st.data())
def test_separate_parameters_are_independent(specimens: Client, data: st.DataObject) -> None:
    collection = data.draw(related_collections(set(VALUES)))
    chosen = data.draw(st.lists(conditions(collection), min_size=1, max_size=3, unique_by=lambda c: c.name))
    plain = [c for c in chosen if not (c.lookup == "in" and any("," in written(item) for item in c.value))]
    meaning = Meaning(collection)
    expected = meaning.rows(lambda row: all(meaning.together(row, [condition]) for condition in plain))
    query = {c.name: ",".join(map(written, c.value)) if isinstance(c.value, list) else written(c.value) for c in plain}
    with stored(collection):
        assert found(specimens, **query) == expected


DIGITS = "9" * 41
WRONG: dict[str, tuple[str, ...]] = {
    "whole": ("", " ", "1.0", "1e3", "0x1", "٣", "+1", "1_0", "true", "null", str(2**63), str(-(2**63) - 1), DIGITS),
    "small": ("", "1.0", str(2**63)),
    "id": ("", "x", str(2**63)),
    "drawer": ("", "x", "1.5", str(2**64)),
    "labels": ("", "x"),
    "marks__whole": ("", "x"),
    "real": ("", "NaN", "nan", "inf", "Infinity", "1e999", "1e", ".5", "1.", "0x1p3", "1e99999", DIGITS),
    "amount": ("", "NaN", "sNaN", "Infinity", "1e9999", "1_0", "one", "--1", DIGITS),
    "flag": ("", "True", "TRUE", "1", "0", "yes", "banana", "null"),
    "day": ("", "2026-02-30", "2026-13-01", "26-11-22", "10/25/2006", "0000-01-01", "10000-01-01", "-2026-11-22",
            "20261122", "2026-W10-1", "2026-11-22T00:00:00Z", "\uff12026-11-22"),
    "moment": ("", "2026-11-22", "2026-11-22T10:30Z", "2026-11-22T10:30:00", "2026-11-22T24:00:00Z",
               "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z",
               "10000-01-01T00:00:00Z", "2026-11-22T10:30:00+25:00", "2026-11-22T23:59:60Z", "1763807400"),
    "hour": ("", "25:00", "24:00:00", "10", "1:30", "10:30Z", "10:30:00+01:00", "T10:30:00"),
    "span": ("", "P", "1", "1 day", "01:00:00", "P1Y", "P106751992D", "P99999999999999999999D"),
    "code": ("", "x", "0" * 32, "{00000000-0000-0000-0000-000000000000}", "urn:uuid:" + str(UUID(int=0)),
             "00000000-0000-0000-0000-00000000000g"),
    "kind": ("", "0", "3", "1.0", "BIRD", "bird"),
}  # fmt: skip
PLAIN = {"labels": EQUAL, "marks__whole": NATURAL["whole"], "id": NATURAL["whole"], "drawer": EQUAL, **NATURAL}
CASES = [(column, value) for column, values in WRONG.items() for value in values]
CASES += [
    (f"{column}__{lookup}", value) for column in WRONG for lookup in PLAIN[column][1:] for value in WRONG[column][:2]
]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_value_that_does_not_parse_is_refused(specimens: Client, name: str, value: str) -> None:
    refused(specimens.get("/v1/specimens", **{name: value}), name)
    refused(specimens.get("/v1/specimens", filter={f"{name}__not": value}), "filter")


@pytest.mark.parametrize("lookup", [*PATTERNS, "in"])
def test_an_empty_text_is_refused_but_for_an_exact_match(specimens: Client, lookup: str) -> None:
    Specimen.objects.bulk_create([Specimen(id=1, text=""), Specimen(id=2, text="a"), Specimen(id=3)])
    refused(specimens.get("/v1/specimens", **{f"text__{lookup}": ""}), f"text__{lookup}")
    assert found(specimens, text="") == {1}
    assert found(specimens, text__not="") == {2, 3}


@pytest.mark.parametrize("value", ["banana", "True", "1", "", "null"])
def test_isnull_takes_true_and_false_only(specimens: Client, value: str) -> None:
    for name in ("text", "drawer", "drawer__name", "labels", "marks__label"):
        refused(specimens.get("/v1/specimens", **{f"{name}__isnull": value}), f"{name}__isnull")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"small": 2**63 - 1}, set()),
        ({"small__gt": -(2**63)}, {1}),
        ({"small__lt": 2**63 - 1}, {1}),
        ({"small__gt": 2**63 - 1}, set()),
        ({"small__in": [5, 2**63 - 1]}, {1}),
        ({"small__not": 2**63 - 1}, {1, 2}),
        ({"whole__lte": -(2**63)}, {1}),
        ({"amount__lt": "1e300"}, {1}),
        ({"amount__gt": "-1e999"}, {1}),
        ({"amount": "1250.50"}, {1}),
        ({"amount": "1250.5"}, {1}),
        ({"amount": "1250.500"}, {1}),
        ({"amount": "1250.504"}, set()),
        ({"amount__lt": "1250.504"}, {1}),
        ({"amount__gte": "1250.504"}, set()),
        ({"amount__in": ["1250.5", "1e999"]}, {1}),
        ({"real": "0.1"}, {1}),
        ({"real": "1e-1"}, {1}),
        ({"real__gt": "-1.7e308"}, {1}),
        ({"day": "9999-12-31"}, {1}),
        ({"day__gt": "0001-01-01"}, {1}),
        ({"moment": "2026-11-22T10:30:00Z"}, {1}),
        ({"moment": "2026-11-22T11:30:00+01:00"}, {1}),
        ({"moment": "2026-11-22 10:30:00.000000z"}, {1}),
        ({"moment__gt": "2026-11-22T10:29:59.999999Z"}, {1}),
        ({"hour": "10:30"}, {1}),
        ({"span": "P1DT2H"}, {1}),
        ({"span__gt": "-P1D"}, {1}),
        ({"code": "0198F1C2-0000-7000-8000-000000000000"}, {1}),
        ({"kind": 1}, {1}),
        ({"text__contains": "%"}, {1}),
        ({"text__contains": "0%_"}, {1}),
        ({"text__startswith": "_"}, set()),
        ({"text__endswith": "\\"}, {1}),
        ({"text__icontains": "STRASSE"}, {1}),
        ({"text__contains": "strasse"}, set()),
    ],
)
def test_a_value_at_the_edge_means_what_it_says(specimens: Client, query: Any, expected: set[int]) -> None:
    Specimen.objects.create(
        id=1,
        text="100%_Straße\\",
        small=5,
        whole=-(2**63),
        real=0.1,
        amount=Decimal("1250.50"),
        flag=True,
        day=date(9999, 12, 31),
        moment=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        hour=time(10, 30),
        span=timedelta(days=1, hours=2),
        code=UUID("0198f1c2-0000-7000-8000-000000000000"),
        kind=1,
    )
    Specimen.objects.create(id=2)
    assert found(specimens, **query) == expected


def test_a_list_has_up_to_a_thousand_values(specimens: Client) -> None:
    Specimen.objects.bulk_create(Specimen(id=key) for key in range(5))
    assert found(specimens, id__in=list(range(1000))) == {0, 1, 2, 3, 4}
    refused(specimens.get("/v1/specimens", id__in=list(range(1001))), "id__in")
    refused(specimens.get("/v1/specimens", id__in="1,"), "id__in")
