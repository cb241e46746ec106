"""A round trip through the API with a generated client: read, page on, create, change, delete, and be refused.

Usage: python round_trip.py URL KEY
"""

import datetime
import sys
from urllib.parse import parse_qs, urlsplit

from headwater_client import AuthenticatedClient
from headwater_client.api.places import list_cities, read_city
from headwater_client.api.trips import create_trip, delete_trip, read_trip, update_trip
from headwater_client.models import City, Problem, Trip, TripPatch, TripRequest
from headwater_client.types import UNSET, Unset

DAYS = datetime.date(2027, 5, 1), datetime.date(2027, 5, 9)


def read_cities(client: AuthenticatedClient) -> None:
    ids: list[int] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_cities.sync(client=client, country="FR", limit=2, cursor=cursor)
        assert page is not None
        assert not isinstance(page, Problem), page
        ids += [city.id for city in page.results]
        if page.next_ is None:
            break
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]
    assert len(ids) == len(set(ids)) == 3, ids
    paris = read_city.sync(2988507, client=client)
    assert isinstance(paris, City), paris
    assert paris.name == "Paris"
    assert paris.created_at.tzinfo is not None


def write_trip(client: AuthenticatedClient) -> None:
    body = TripRequest(name="Alps", begins_on=DAYS[0], ends_on=DAYS[1], budget="1250.50", currency="EUR")
    created = create_trip.sync_detailed(client=client, body=body)
    trip = created.parsed
    assert isinstance(trip, Trip), created.content
    assert (created.status_code, trip.budget, trip.begins_on) == (201, "1250.50", DAYS[0])
    assert created.headers["Location"].endswith(str(trip.id))
    changed = update_trip.sync(trip.id, client=client, body=TripPatch(name="Alps by train", budget=None, currency=None))
    assert isinstance(changed, Trip), changed
    assert (changed.name, changed.budget) == ("Alps by train", None)
    assert delete_trip.sync_detailed(trip.id, client=client).status_code == 204
    gone = read_trip.sync(trip.id, client=client)
    assert isinstance(gone, Problem), gone
    assert gone.status == 404
    assert gone.type_.endswith("/problems/not-found")


def be_refused(client: AuthenticatedClient) -> None:
    body = TripRequest(name="", begins_on=DAYS[1], ends_on=DAYS[0])
    refused = create_trip.sync(client=client, body=body)
    assert isinstance(refused, Problem), refused
    assert refused.status == 400
    assert refused.errors, refused
    assert "/name" in [error.pointer for error in refused.errors]


def main(url: str, key: str) -> None:
    with AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True) as client:
        read_cities(client)
        write_trip(client)
        be_refused(client)
    sys.stdout.write("Round trip complete.\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
