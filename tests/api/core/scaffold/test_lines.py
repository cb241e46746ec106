"""A new domain is written where the rest looks for domains, and nothing else of those files changes."""

import difflib
from pathlib import Path

import pytest
from django.conf import settings

from api.core.scaffold.lines import LINES, MATRIX, PlaceNotFoundError, in_contracts, in_matrix, in_settings, in_urls
from api.core.scaffold.names import names_of


def added(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("+ ")]


def test_settings():
    text = 'INSTALLED_APPS = [\n    "resources.core",\n    "resources.trips",\n    "api.core",\n]\n'

    assert in_settings(text, "bookings") == text.replace('trips",\n', 'trips",\n    "resources.bookings",\n')


def test_urls():
    text = "from api import places, trips\n\nfor viewset in (*places.VIEWSETS, *trips.VIEWSETS):\n    ...\n"

    assert added(text, in_urls(text, "bookings")) == [
        "+ from api import bookings, places, trips",
        "+ for viewset in (*places.VIEWSETS, *trips.VIEWSETS, *bookings.VIEWSETS):",
    ]


def test_urls_with_one_domain():
    text = "from api import trips\nfor viewset in (*trips.VIEWSETS,):\n"

    assert "(*trips.VIEWSETS, *zoos.VIEWSETS):" in in_urls(text, "zoos")


def test_contracts():
    text = (
        '    "(api.places) | (api.trips)",\n    "api.core",\n'
        'layers = ["(places) | (trips)", "core"]\nlayers = ["(asgi) : settings", "(places) | (trips)", "core"]\n'
    )

    assert added(text, in_contracts(text, "bookings")) == [
        '+     "(api.places) | (api.trips) | (api.bookings)",',
        '+ layers = ["(places) | (trips) | (bookings)", "core"]',
        '+ layers = ["(asgi) : settings", "(places) | (trips) | (bookings)", "core"]',
    ]


@pytest.mark.parametrize("path", LINES)
def test_every_file_of_this_project_has_the_place(path: str):
    text = (Path(settings.ROOT) / path).read_text()

    assert 0 < len(added(text, LINES[path](text, "bookings"))) <= 3


@pytest.mark.parametrize("path", LINES)
def test_a_file_without_the_place_is_refused(path: str):
    with pytest.raises(PlaceNotFoundError, match="bookings"):
        LINES[path]("nothing = True\n", "bookings")


def test_matrix():
    text = (Path(settings.ROOT) / MATRIX).read_text()
    lines = [line.removeprefix("+ ") for line in added(text, in_matrix(text, names_of("travel_document")))]

    assert lines[1] == "# Travel documents: their owner's"
    assert lines[3] == "listTravelDocuments         = owner lists"
    assert [line.partition(" ")[0] for line in lines[4:]] == [
        f"{verb}TravelDocument" for verb in ("get", "create", "replace", "update", "delete")
    ]


def test_a_matrix_without_the_kinds_is_refused():
    with pytest.raises(PlaceNotFoundError, match="owner lists"):
        in_matrix("# Kinds\n", names_of("booking"))
