"""Strictness: nothing is silently ignored, everything wrong is named at once, and no query string is ever a 500."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import places, trips
from api.core.query.grammar import RESERVED, grammar_of
from api.core.resource.registry import REGISTRY
from tests.client import Answer, Client
from tests.specimens import urls  # noqa: F401 - registers its resources
from tests.specimens.models import Drawer, Specimen
from tests.world import World

GRAMMARS = {resource.plural: grammar_of(resource) for resource in REGISTRY.by_model.values()}
PUBLIC = [viewset.plural() for viewset in (*places.VIEWSETS, *trips.VIEWSETS)]
OWN = ["specimens", "curiosities", "keepsakes", "drawers"]


def faults(answer: Answer) -> list[tuple[str, str, str]]:
    assert answer.status == 400, answer.text
    return [(error["parameter"], error["code"], error["detail"]) for error in answer.json["errors"]]


@pytest.mark.parametrize(
    ("query", "parameter", "suggested"),
    [
        ("countri=FR", "countri", "country"),
        ("name__icontain=a", "name__icontain", "name__icontains"),
        ("name__icontain__not=a", "name__icontain__not", "name__icontains__not"),
        ("population_gte=1", "population_gte", "population__gte"),
        ("country__continen=EU", "country__continen", "country__continent"),
        ("pagesize=1", "pagesize", "page_size"),
        ("limi=1", "limi", "limit"),
        ("order=name", "order", "ordering"),
        ("field=name", "field", "fields"),
        ("ordering=poulation", "ordering", "population"),
        ("ordering=-nam", "ordering", "name"),
        ("fields=nam", "fields", "name"),
        ("expand=contry", "expand", "country"),
        ("expand=country.curency", "expand", "currency"),
        ("fields=country.nam", "fields", "name"),
    ],
)
def test_the_nearest_known_name_is_suggested(api: Client, query: str, parameter: str, suggested: str) -> None:
    [(named, code, detail)] = faults(api.get(f"/v1/cities?{query}"))
    assert (named, code) == (parameter, "unknown")
    assert detail.endswith(f"Did you mean {suggested!r}?")


@pytest.mark.parametrize("name", ["x" * 60, "été", "<script>", "a.b", "__not", "not", "id__", "", "country__not__not"])
def test_what_is_like_nothing_is_refused_as_well(api: Client, name: str) -> None:
    [(named, code, _)] = faults(api.get(f"/v1/cities?{quote_plus(name)}=1"))
    assert (named, code) == (name, "unknown")


def test_everything_wrong_is_named_at_once_in_the_order_of_the_request(api: Client) -> None:
    answer = api.get("/v1/cities?population=many&limit=0&nme=x&ordering=size&is_capital=yes&filter=[]&expand=moon")
    named = [parameter for parameter, _, _ in faults(answer)]
    assert named == ["population", "limit", "nme", "ordering", "is_capital", "filter", "expand"]
    assert answer.json["detail"] == "7 parameters are not valid."


@pytest.mark.parametrize("name", ["country", "limit", "ordering", "fields", "filter", "search", "country__in"])
def test_a_parameter_stands_once(api: Client, name: str) -> None:
    named = {(parameter, code) for parameter, code, _ in faults(api.get(f"/v1/cities?{name}=1&{name}=1"))}
    assert (name, "repeated") in named


@pytest.mark.parametrize("name", ["limit", "ordering", "country", "page", "cursor", "count", "search", "nonsense"])
def test_an_item_takes_fields_and_expand_only(api: Client, world: World, name: str) -> None:
    assert [(parameter, code) for parameter, code, _ in faults(api.get(f"/v1/cities/2988507?{name}=1"))] == [
        (name, "unknown")
    ]


@pytest.mark.parametrize("name", ["fields", "expand", "ordering"])
@pytest.mark.parametrize("value", ["", ",", "name,", ",name", "name,,id", " ", "name, id"])
def test_lists_of_names_have_no_gaps(api: Client, name: str, value: str) -> None:
    assert name in {parameter for parameter, _, _ in faults(api.get("/v1/cities", **{name: value}))}


TEXTS = st.sampled_from(
    [
        *("", "1", "-1", "0.5", "1e5", str(2**63), "9" * 400, "NaN", "null", "true", "false", "2026-11-22", "P1D"),
        *("2026-11-22T10:30:00Z", "0198f1c2-0000-7000-8000-000000000000", "exact", "estimated", "FR", "FR,DE", "10:30"),
        *("name", "-population,name", "country.currency", "saint den", "é", "İ", "\ud7ff", "\U0001f600", "\u200b"),
        *("%", "\\", "'", '"', "(", "a" * 300, "\r\n", "AAAA", "..", "; DROP TABLE places_city"),
        *("[]", "{}", '{"or": []}', '{"not": {"country": "FR"}}'),
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def queries(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Make a query string with the names of a resource, and now and then one of nobody's."""
    grammar = GRAMMARS[name]
    known = sorted(grammar.filters)
    names = (
        st.sampled_from(known) | st.sampled_from([f"{one}__not" for one in known]) | st.sampled_from(sorted(RESERVED))
    )
    query = draw(st.dictionaries(names | st.text(max_size=5), TEXTS, max_size=3))
    if draw(st.booleans()):
        query |= {"ordering": draw(st.sampled_from(sorted(grammar.orderings))), "limit": 2}
    if draw(st.booleans()):
        query["filter"] = json.dumps(draw(trees(known)))
    if grammar.expandable and draw(st.booleans()):
        query["expand"] = draw(st.sampled_from(sorted(grammar.expandable)))
    return query


MANY = 3000


@pytest.mark.parametrize(
    "query",
    [
        {"fields": ",".join(f"nam{number}" for number in range(MANY))},
        {"fields": ",".join(f"country.nam{number}" for number in range(MANY))},
        {"expand": ",".join(f"countr{number}" for number in range(MANY))},
        {"ordering": ",".join(f"nam{number}" for number in range(MANY))},
        {"filter": {"or": [{f"nam{number}": "x"} for number in range(MANY)]}},
        {"filter": {f"nam{number}": "x" for number in range(MANY)}},
        {f"nam{number}": "x" for number in range(900)},
    ],
    ids=lambda query: str(query)[:30],
)
@pytest.mark.parametrize("path", ["/v1/cities", "/v1/cities/2988507"])
def test_of_a_crowd_of_faults_the_first_are_told(
    api: Client, world: World, query: dict[str, Any], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def near(name: str, known: list[str], n: int) -> list[str]:
        compared.extend([name] if known else [])
        return []

    monkeypatch.setattr("api.core.query.suggestions.get_close_matches", near)
    answer = api.get(path, **query)
    told = faults(answer)
    assert len(told) <= 100
    assert len(compared) <= 10
    if len(told) == 100:
        assert answer.json["detail"] == "100 faults were found; no more were looked for."


def trees(known: list[str]) -> st.SearchStrategy[Any]:
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.lists(TEXTS | st.integers(), max_size=3)
    names = st.sampled_from(known) | st.sampled_from(["and", "or", "not", "limit", "x"])
    return st.recursive(
        leaf, lambda inner: st.dictionaries(names, inner | leaf, max_size=3) | st.lists(inner, max_size=3), max_leaves=6
    )


def never_a_fault(client: Client, name: str, accept: str) -> None:
    @given(query=queries(name))
    def asked(query: dict[str, Any]) -> None:
        answer = client.get(f"/v1/{name}", accept=accept, **query)
        assert answer.status in (200, 400) or (answer.status == 404 and "page" in query)

    asked()


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_no_query_string_is_a_fault_of_ours(api: Client, world: World, name: str, accept: str) -> None:
    never_a_fault(api.acting_for(world.owner), name, accept)


@pytest.mark.parametrize("name", OWN)
def test_nor_is_it_where_every_type_of_column_is_filtered(specimens: Client, name: str) -> None:
    drawer = Drawer.objects.create(id=1, name="a")
    Specimen.objects.bulk_create(Specimen(id=key, text="a", whole=key, drawer=drawer) for key in range(3))
    never_a_fault(specimens, name, "application/json")
