"""`manage.py journey` follows a request through our own code, counts what it passes, and leaves nothing behind."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from resources.core.api_keys.models import ApiKey
from resources.trips.models import Trip
from tests.world import World

TRIP = '{"name": "Lyon in spring", "begins_on": "2027-04-02", "ends_on": "2027-04-09"}'


def journey(*arguments: str, **options: object) -> str:
    written = io.StringIO()
    call_command("journey", *arguments, stdout=written, **options)
    return written.getvalue()


def counted(text: str) -> dict[str, int]:
    return {what: int(number) for number, what in re.findall(r"(\d+) (own calls|functions|files|statements)", text)}


def test_a_list_is_followed_through_the_short_cut(world: World) -> None:
    text = journey("GET", "/v1/cities?country=FR&limit=2", files=True)
    assert text.startswith("200 OK, ")
    assert "api/core/short_cut/answers.py" in text
    assert counted(text)["statements"] == 1
    assert counted(text)["own calls"] >= counted(text)["functions"] >= counted(text)["files"] > 0


def test_the_same_list_takes_more_through_django(world: World) -> None:
    short = counted(journey("GET", "/v1/cities?country=FR&limit=2"))
    long = counted(journey("GET", "/v1/cities?country=FR&limit=2", django=True))
    assert long["own calls"] > short["own calls"]


def test_a_write_is_rolled_back(world: World) -> None:
    before = Trip.objects.count(), ApiKey.objects.count()
    text = journey("POST", "/v1/trips", body=TRIP, email=world.owner.email, statements=True)
    assert text.startswith("201 Created")
    assert "INSERT INTO" in text
    assert (Trip.objects.count(), ApiKey.objects.count()) == before


def test_a_refusal_is_followed_as_well(world: World) -> None:
    assert journey("PATCH", "/v1/trips/1", body="{}").startswith("401 ")


@pytest.mark.parametrize("options", [{"body": "{"}, {"email": "nobody@example.org"}])
def test_what_is_wrong_is_said(options: dict[str, str], world: World) -> None:
    with pytest.raises(CommandError, match=r"JSON|Nobody"):
        journey("GET", "/v1/cities", **options)
