"""Every parameter that is accepted is in the contract, and every one in the contract is accepted."""

import re
from typing import Any

import pytest
from django.http import QueryDict

from api.core.query.parameters.reader import Reader
from api.core.views.explain_access import PARAMETERS
from api.urls import router
from openapi.core.generation import document
from openapi.core.generation.parameters import expansions
from serializers.core.problems import Refusal

VIEWSETS = {prefix: viewset for prefix, viewset, _ in router.registry}
EVERY = pytest.mark.parametrize("name", VIEWSETS)


@pytest.fixture(scope="module")
def contract() -> Any:
    return document.generate()


def parameters(contract: Any, name: str, method: str = "get", path: str = "/v1/{}") -> dict[str, Any]:
    found = contract["paths"][path.format(name)][method].get("parameters", [])
    components = contract["components"]["parameters"]
    resolved = [components[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in found]
    return {each["name"]: each for each in resolved}


def refused(resource: str, **query: str) -> list[str]:
    """Read a query and return the parameters that are refused."""
    parameters = QueryDict(mutable=True)
    parameters.update(query)
    try:
        Reader(VIEWSETS[resource].grammar(), parameters).query()
    except Refusal as refusal:
        return [str(fault.parameter) for fault in refusal.problem.faults]
    return []


@EVERY
def test_every_filter_and_its_negation_is_there(contract: Any, name: str) -> None:
    known = parameters(contract, name)
    filters = list(VIEWSETS[name].grammar().filters)
    assert [each for each in filters if each not in known or f"{each}__not" not in known] == []
    assert contract["components"]["schemas"][group(contract, name)]["properties"].keys() == {
        "and", "or", "not", *filters, *(f"{each}__not" for each in filters)
    }  # fmt: skip


def group(contract: Any, name: str) -> str:
    schema = parameters(contract, name)["filter"]["content"]["application/json"]["schema"]
    return str(schema["$ref"]).rpartition("/")[2]


@EVERY
def test_every_name_there_is_known(contract: Any, name: str) -> None:
    for parameter in parameters(contract, name).values():
        if parameter["in"] == "query" and parameter["name"] not in PARAMETERS:  # which are not there for everybody
            faults = refused(name, **{parameter["name"]: "\0"})
            assert faults in ([parameter["name"]], []), "refused for its value, or not at all"
    assert refused(name, nonsense="1") == ["nonsense"]


@EVERY
def test_every_ordering_field_and_expansion_there_is_accepted(contract: Any, name: str) -> None:
    known = parameters(contract, name)
    for value in known["ordering"]["schema"]["items"]["enum"]:
        assert refused(name, ordering=value) == []
    for value in known.get("expand", {"schema": {"items": {"enum": []}}})["schema"]["items"]["enum"]:
        assert refused(name, expand=value) == []


@EVERY
def test_fields_are_told_exactly(contract: Any, name: str) -> None:
    items = parameters(contract, name)["fields"]["schema"]["items"]
    forms = items.get("anyOf", [items])
    names = [value for form in forms for value in form.get("enum", [])]
    patterns = [form["pattern"] for form in forms if "pattern" in form]
    paths = [f"{path}.{member}" for path, view in expansions(VIEWSETS[name]()) for member in view.grammar().fields]
    assert [path for path in paths if not any(re.search(pattern, path) for pattern in patterns)] == []
    assert refused(name, fields=",".join(names)) == []
    for before in {path.rpartition(".")[0] for path in paths}:  # all together would show too many objects
        assert refused(name, fields=",".join(path for path in paths if path.rpartition(".")[0] == before)) == []
    for wrong in ("id.id", "nonsense", *(f"{path}.nonsense" for path, _ in expansions(VIEWSETS[name]()))):
        assert refused(name, fields=wrong) == ["fields"]
        assert wrong not in names
        assert not any(re.search(pattern, wrong) for pattern in patterns)


def test_search_is_there_only_where_it_works(contract: Any) -> None:
    assert "search" in parameters(contract, "cities")
    assert "search" not in parameters(contract, "members")


def test_a_search_has_at_most_ten_words(contract: Any) -> None:
    pattern = re.compile(parameters(contract, "cities")["search"]["schema"]["pattern"])
    for words, good in ((" ".join("abcdefghij"), True), (" ".join("abcdefghijk"), False), ("a\0", False)):
        assert bool(pattern.search(words)) is good
        assert (refused("cities", search=words) == []) is good


def test_an_item_takes_fields_and_expand_and_a_deletion_neither(contract: Any) -> None:
    path = "/v1/{}/{{id}}"
    shown = {"id", "fields", "expand", "explain", "actor", "If-None-Match"}
    assert parameters(contract, "cities", "get", path).keys() == shown
    written = {"id", "dry_run", "If-Match", "Idempotency-Key"}
    assert parameters(contract, "cities", "patch", path).keys() == {*written, "fields", "expand", "Prefer"}
    assert parameters(contract, "cities", "delete", path).keys() == written


def test_the_key_has_the_type_of_its_column(contract: Any) -> None:
    path = "/v1/{}/{{id}}"
    assert parameters(contract, "cities", "get", path)["id"]["schema"]["type"] == "integer"
    assert parameters(contract, "countries", "get", path)["id"]["schema"]["maxLength"] == 2
    assert parameters(contract, "trips", "get", path)["id"]["schema"]["format"] == "uuid"


def test_lists_are_separated_by_commas(contract: Any) -> None:
    for name in ("country__in", "ordering", "fields", "expand"):
        parameter = parameters(contract, "cities")[name]
        assert (parameter["style"], parameter["explode"]) == ("form", False)


def test_filters_say_what_they_let_through(contract: Any) -> None:
    known = parameters(contract, "cities")
    assert known["country"]["description"] == "`country` is this. The country it lies in."
    assert known["country__continent__in__not"]["description"] == "`country.continent` is none of these."
    assert known["country__continent"]["schema"] == {"$ref": "#/components/schemas/Continent"}
