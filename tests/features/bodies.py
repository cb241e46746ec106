"""A valid body of a new row for each resource of the world, to be sent as it is or with something else in it."""

from typing import Any

from tests.world import key

TRIP = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05"}
COUNTRY = {"id": "IT", "alpha_3": "ITA", "name": "Italy", "continent": "EU", "population": 60431283}
CITY = {
    "id": 3169070,
    "name": "Roma",
    "country": "FR",
    "population": 2318895,
    "latitude": 41.89193,
    "longitude": 12.51133,
    "timezone": "Europe/Rome",
}
BODIES: dict[str, dict[str, Any]] = {
    "trips": TRIP | {"currency": "EUR"},
    "stops": {"trip": str(key(10)), "position": 9, "city": 1850147},
    "countries": COUNTRY,
    "currencies": {"id": "XTS", "name": "Test", "symbol": "T", "decimals": 2},
    "cities": CITY,
}
