"""A new domain is written where the rest looks for domains, and nothing else of those files changes."""

import difflib
from pathlib import Path

import pytest
from django.conf import settings

from api.core.scaffold.lines import LINES, PlaceNotFoundError, in_matrix, in_settings
from api.core.scaffold.names import names_of

BOOKING = names_of("booking")
MANY = [f"domain_{number}" for number in range(9)]


def added(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("+ ")]


def test_settings():
    text = 'NAME = "Headwater"\nDOMAINS = ("places", "trips")\nINSTALLED_APPS = [\n    "api.core",\n]\n'

    assert in_settings(text, BOOKING) == text.replace('"trips")', '"trips", "bookings")')


@pytest.mark.parametrize(
    ("domains", "changed"),
    [
        ("()", '("bookings",)'),
        ('("trips",)', '("trips", "bookings")'),
        ('(\n    "trips",\n)', '(\n    "trips",\n    "bookings",\n)'),
        (str(tuple(MANY)).replace("'", '"'), "(\n" + "".join(f'    "{each}",\n' for each in [*MANY, "bookings"]) + ")"),
    ],
    ids=["none", "one", "a line for each", "too many for a line"],
)
def test_domains_are_laid_out_as_ruff_would(domains: str, changed: str):
    assert in_settings(f"DOMAINS = {domains}\n", BOOKING) == f"DOMAINS = {changed}\n"


@pytest.mark.parametrize(
    "text", ["DOMAINS = BASE\n", 'DOMAINS = ("trips", *BASE)\n', 'DOMAINS = (\n    "trips",  # ours\n)\n']
)
def test_domains_that_only_a_person_can_change_are_refused(text: str):
    with pytest.raises(PlaceNotFoundError, match='"bookings" in DOMAINS'):
        in_settings(text, BOOKING)


@pytest.mark.parametrize("path", LINES)
def test_every_file_of_this_project_has_the_place(path: str):
    text = (Path(settings.ROOT) / path).read_text()

    assert added(text, LINES[path](text, BOOKING))


@pytest.mark.parametrize("path", LINES)
def test_a_file_without_the_place_is_refused(path: str):
    with pytest.raises(PlaceNotFoundError):
        LINES[path]("nothing = True\n", BOOKING)


def test_matrix():
    text = (Path(settings.ROOT) / "tests/access/matrix.txt").read_text()
    lines = [line.removeprefix("+ ") for line in added(text, in_matrix(text, names_of("travel_document")))]

    assert lines[1] == "# Travel documents: their owner's"
    assert lines[3] == "listTravelDocuments         = owner lists"
    assert [line.partition(" ")[0] for line in lines[4:]] == [
        "getTravelDocument",
        "getTravelDocumentHistory",
        *(f"{verb}TravelDocument" for verb in ("create", "replace", "update", "delete")),
    ]


def test_a_matrix_without_the_kinds_is_refused():
    with pytest.raises(PlaceNotFoundError, match="owner lists"):
        in_matrix("# Kinds\n", BOOKING)
