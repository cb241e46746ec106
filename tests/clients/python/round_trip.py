"""A round trip through the API with a generated client: read, page on, create, change, delete, and be refused.

Usage: python round_trip.py URL KEY
"""

import datetime
import sys
from urllib.parse import parse_qs, urlsplit

from headwater_client import AuthenticatedClient
from headwater_client.api.cities import get_city, list_cities
from headwater_client.api.trips import create_trip, delete_trip, get_trip, update_trip
from headwater_client.models import City, CityPage, Problem, Trip, TripCreate, TripUpdate
from headwater_client.types import UNSET, Unset

DAYS = datetime.date(2027, 5, 1), datetime.date(2027, 5, 9)


def read_cities(client: AuthenticatedClient) -> None:
    ids: list[int] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_cities.sync(client=client, country="FR", limit=2, cursor=cursor)
        assert isinstance(page, CityPage), page
        ids += [city.id for city in page.results if isinstance(city, City)]
        if page.next_ is None:
            break
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]
    assert len(ids) == len(set(ids)) == 3, ids
    paris = get_city.sync(2988507, client=client)
    assert isinstance(paris, City), paris
    assert paris.name == "Paris"
    assert paris.created_at.tzinfo is not None


def write_trip(client: AuthenticatedClient) -> None:
    body = TripCreate(name="Alps", begins_on=DAYS[0], ends_on=DAYS[1], budget="1250.50", currency="EUR")
    created = create_trip.sync_detailed(client=client, body=body)
    trip = created.parsed
    assert isinstance(trip, Trip), created.content
    assert (created.status_code, trip.budget, trip.begins_on) == (201, "1250.50", DAYS[0])
    assert created.headers["Location"].endswith(str(trip.id))
    changed = update_trip.sync(
        trip.id, client=client, body=TripUpdate(name="Alps by train", budget=None, currency=None)
    )
    assert isinstance(changed, Trip), changed
    assert (changed.name, changed.budget) == ("Alps by train", None)
    assert delete_trip.sync_detailed(trip.id, client=client).status_code == 204
    gone = get_trip.sync(trip.id, client=client)
    assert isinstance(gone, Problem), gone
    assert gone.status == 404
    assert gone.type_.endswith("/problems/not-found")


def be_refused(client: AuthenticatedClient) -> None:
    body = TripCreate(name="", begins_on=DAYS[1], ends_on=DAYS[0])
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
