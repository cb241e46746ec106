"""A default is taken as it is, by POST and by PUT, also where it could not be sent; what was read can be sent back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.validators import MinValueValidator
from django.test import override_settings
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from openapi.core.generation.document import generate
from resources.core.policy import anyone
from tests.client import Client
from tests.contract import Contract
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Form

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class FormSerializer(serializers.ModelSerializer[Form]):
    class Meta:
        model = Form
        fields = "__all__"
        extra_kwargs = {"least": {"validators": [MinValueValidator(1)]}}

    def validate_slug(self, value: str) -> str:
        """Refuse what the default is."""
        if not value:
            raise serializers.ValidationError("It says nothing.")
        return value


class FormViewSet(ResourceViewSet):
    policy = anyone
    queryset = Form.objects.order_by("id")
    serializer_class = FormSerializer


router = Router()
router.register("forms", FormViewSet, basename="form")
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def client(db: None) -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)


@pytest.fixture
def stored(client: Client) -> Any:
    made = client.post("/v1/forms", {"name": "a"})
    assert made.status == 201, made.text
    return made.json


DEFAULTS = {"note": "", "address": "", "website": "none", "slug": "", "grade": "x", "least": 0, "kind": None, "five": 5,
            "seven": 7}  # fmt: skip


def test_it_works(client: Client, stored: Any) -> None:
    row = Form.objects.get()
    row.note, row.address, row.slug, row.grade, row.least, row.five, row.seven = "n", "a@b.org", "s", "a", 2, 1, 1
    row.moment, row.extra = LONG_AGO, {"a": 1}
    row.save()
    answer = client.put(f"/v1/forms/{stored['id']}", {"name": "b"})
    assert answer.status == 200, answer.text
    shown = answer.json
    assert {name: shown[name] for name in DEFAULTS} == DEFAULTS == {name: stored[name] for name in DEFAULTS}
    assert (shown["name"], shown["extra"], shown["empty"]) == ("b", {}, None)
    assert shown["moment"][:4] >= "2026"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_was_read_can_be_sent_back(client: Client, stored: Any, method: str) -> None:
    answer = client.send(method, f"/v1/forms/{stored['id']}", stored | {"name": "b"})
    assert answer.status == 200, answer.text
    assert answer.json == stored | {"name": "b"}


def test_another_value_that_is_wrong_is_refused(client: Client, stored: Any) -> None:
    Form.objects.update(note="n", least=2)
    answer = client.put(f"/v1/forms/{stored['id']}", stored)
    assert answer.status == 400
    found = {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}
    assert found == {"/note": "blank", "/least": "min_value"}


@pytest.mark.parametrize("wrong", [{"note": ""}, {"address": ""}, {"grade": "x"}, {"least": 0}, {"slug": ""}])
def test_a_new_row_is_not_sent_what_it_would_not_take(client: Client, wrong: Any) -> None:
    assert client.post("/v1/forms", {"name": "a", **wrong}).status == 400


def test_a_default_of_the_database_may_be_left_out_or_sent(client: Client) -> None:
    sent = {"name": "a", "five": 1, "seven": 2, "moment": "2027-01-01T00:00:00Z"}
    assert sent.items() <= client.post("/v1/forms", sent).json.items()
    two = client.post("/v1/forms", [sent, {"name": "b"}]).json
    assert [(row["five"], row["seven"]) for row in two] == [(1, 2), (5, 7)]


def test_the_contract_tells_defaults_that_can_be_sent(client: Client) -> None:
    schemas = generate()["components"]["schemas"]
    for name in ("FormCreate", "FormReplace"):
        members = schemas[name]["properties"]
        told = {member: schema["default"] for member, schema in members.items() if "default" in schema}
        assert told == {"kind": None, "seven": 7, "extra": {}, "empty": None}
        assert schemas[name]["required"] == ["name"]


@pytest.mark.parametrize("member", ["address", "grade", "website"])
def test_the_contract_tells_of_answers_that_hold_a_default_which_cannot_be_sent(client: Client, member: str) -> None:
    contract = Contract(generate())
    made = replace(client, contract=contract).post("/v1/forms", {"name": "a"})
    assert made.status == 201, made.text
    schemas = contract.root["components"]["schemas"]
    assert {"const": made.json[member]} in schemas["Form"]["properties"][member]["anyOf"]
    for body in ("FormCreate", "FormReplace", "FormUpdate"):
        assert "anyOf" not in schemas[body]["properties"][member]
