"""A small world: a handful of real places, and people with trips. Quick to make, the same each time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from resources.accounts.models import Person
from resources.core.models import ApiKey
from resources.places.models import Airport, City, Country, Currency, Language, Subdivision
from resources.trips.invitations import digest
from resources.trips.models import Invitation, Member, Role, Stop, Trip

CURRENCIES = (
    # id, name, symbol, numeric, decimals
    ("CHF", "Swiss Franc", "CHF", "756", 2),
    ("EUR", "Euro", "€", "978", 2),
    ("JPY", "Japanese Yen", "¥", "392", 0),
    ("USD", "US Dollar", "$", "840", 2),
)
LANGUAGES = (
    # id, alpha_3, name
    ("de", "deu", "German"),
    ("en", "eng", "English"),
    ("fr", "fra", "French"),
    ("haw", "haw", "Hawaiian"),
    ("ja", "jpn", "Japanese"),
)
COUNTRIES = (
    # id, alpha_3, numeric, name, continent, capital, area_km2, population, currency, tld, phone_prefix, languages
    ("AQ", "ATA", "010", "Antarctica", "AN", "", 14000000, 0, None, ".aq", "", ()),
    ("CH", "CHE", "756", "Switzerland", "EU", "Bern", 41290, 8516543, "CHF", ".ch", "+41", ("de", "fr")),
    ("DE", "DEU", "276", "Germany", "EU", "Berlin", 357021, 82927922, "EUR", ".de", "+49", ("de",)),
    ("FR", "FRA", "250", "France", "EU", "Paris", 547030, 66987244, "EUR", ".fr", "+33", ("fr",)),
    ("JP", "JPN", "392", "Japan", "AS", "Tokyo", 377835, 126529100, "JPY", ".jp", "+81", ("ja",)),
    ("US", "USA", "840", "United States", "NA", "Washington", 9629091, 327167434, "USD", ".us", "+1", ("en", "haw")),
    ("XK", "XKX", None, "Kosovo", "EU", "Pristina", 10908, 1845300, "EUR", "", "", ()),
)
SUBDIVISIONS = (
    # id, name, type, country, parent
    ("CH-GE", "Genève", "Canton", "CH", None),
    ("CH-ZH", "Zürich", "Canton", "CH", None),
    ("DE-BE", "Berlin", "Land", "DE", None),
    ("FR-ARA", "Auvergne-Rhône-Alpes", "Metropolitan region", "FR", None),
    ("FR-42", "Loire", "Metropolitan department", "FR", "FR-ARA"),
    ("FR-IDF", "Île-de-France", "Metropolitan region", "FR", None),
    ("US-DC", "District of Columbia", "District", "US", None),
    ("US-HI", "Hawaii", "State", "US", None),
)
CITIES = (
    # id, name, country, subdivision, population, latitude, longitude, timezone, is_capital
    (2950159, "Berlin", "DE", "DE-BE", 3426354, 52.52437, 13.41053, "Europe/Berlin", True),
    (2661552, "Bern", "CH", None, 121631, 46.94809, 7.44744, "Europe/Zurich", True),
    (2660646, "Genève", "CH", "CH-GE", 183981, 46.20222, 6.14569, "Europe/Zurich", False),
    (2657896, "Zürich", "CH", "CH-ZH", 341730, 47.36667, 8.55, "Europe/Zurich", False),
    (2988507, "Paris", "FR", "FR-IDF", 2138551, 48.85341, 2.3488, "Europe/Paris", True),
    (2980291, "Saint-Étienne", "FR", "FR-ARA", 176280, 45.43389, 4.39, "Europe/Paris", False),
    (2980916, "Saint-Denis", "FR", "FR-IDF", 96128, 48.93564, 2.35387, "Europe/Paris", False),
    (1850147, "Tokyo", "JP", None, 8336599, 35.6895, 139.69171, "Asia/Tokyo", True),
    (4140963, "Washington", "US", "US-DC", 689545, 38.89511, -77.03637, "America/New_York", True),
    (5856195, "Honolulu", "US", "US-HI", 371657, 21.30694, -157.85833, "Pacific/Honolulu", False),
    (4717560, "Paris", "US", None, 24782, 33.66094, -95.55551, "America/Chicago", False),
)
AIRPORTS = (
    # id, iata, name, city_name, country, subdivision, elevation, latitude, longitude, timezone
    ("EDDB", "BER", "Berlin Brandenburg Airport", "Berlin", "DE", None, 157, 52.3667, 13.5033, "Europe/Berlin"),
    ("LFPG", "CDG", "Charles de Gaulle International Airport", "Paris", "FR", "FR-IDF", 392, 49.0128, 2.55,
     "Europe/Paris"),
    ("LSGG", "GVA", "Geneva Cointrin International Airport", "Geneva", "CH", "CH-GE", 1411, 46.2381, 6.10895,
     "Europe/Zurich"),
    ("LSZK", None, "Speck-Fehraltorf Airport", "Fehraltorf", "CH", "CH-ZH", 1748, 47.3764, 8.75744, "Europe/Zurich"),
    ("NZSP", None, "South Pole Station Airport", "", "AQ", None, 9300, -90.0, 0.0, "Antarctica/McMurdo"),
    ("PHNL", "HNL", "Daniel K Inouye International Airport", "Honolulu", "US", "US-HI", 13, 21.3187, -157.922,
     "Pacific/Honolulu"),
    ("YYWA", None, "Yowah Airport", "", "US", None, None, -27.967, 144.6, "Australia/Brisbane"),
)  # fmt: skip
CODE = "a code that was mailed"
LATER = datetime(2126, 11, 29, 10, 30, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """The rows that tests name; the places they find by key."""

    owner: Person
    editor: Person
    viewer: Person
    stranger: Person
    staff: Person
    trip: Trip
    other_trip: Trip
    stops: tuple[Stop, ...]

    @classmethod
    def make(cls) -> "World":
        """Make it in a database that holds none of it."""
        make_places()
        owner, editor, viewer, stranger, staff = make_people()
        trip, other_trip = make_trips(owner, stranger)
        Member.objects.bulk_create(
            Member(id=key(30 + place), trip=trip, person=person, role=role)
            for place, (person, role) in enumerate(((editor, Role.EDITOR), (viewer, Role.VIEWER)))
        )
        Invitation.objects.create(
            id=key(50), trip=trip, email="invited@example.org", invited_by=owner, expires_at=LATER, digest=digest(CODE)
        )
        ApiKey.objects.create(
            id=key(40), owner=owner, name="Laptop", scopes=["stops:write", "trips:read"], digest="nobody has the secret"
        )
        return cls(owner, editor, viewer, stranger, staff, trip, other_trip, make_stops(trip, other_trip))


def key(number: int) -> UUID:
    """Make a UUIDv7 that sorts by a number and is the same each time."""
    return UUID(int=0x019_00000_0000_7000_8000_0000_0000_0000 + number)


def make_places() -> None:
    Currency.objects.bulk_create(rows(Currency, "id name symbol numeric decimals", CURRENCIES))
    Language.objects.bulk_create(rows(Language, "id alpha_3 name", LANGUAGES))
    columns = "id alpha_3 numeric name continent capital area_km2 population currency_id tld phone_prefix"
    Country.objects.bulk_create(rows(Country, columns, [values[:-1] for values in COUNTRIES]))
    spoken = Country.languages.through
    spoken.objects.bulk_create(
        spoken(country_id=values[0], language_id=language) for values in COUNTRIES for language in values[-1]
    )
    Subdivision.objects.bulk_create(rows(Subdivision, "id name type country_id parent_id", SUBDIVISIONS))
    columns = "id name country_id subdivision_id population latitude longitude timezone is_capital"
    City.objects.bulk_create(rows(City, columns, CITIES))
    columns = "id iata name city_name country_id subdivision_id elevation latitude longitude timezone"
    Airport.objects.bulk_create(rows(Airport, columns, AIRPORTS))


def rows(model, columns, table):
    return [model(**dict(zip(columns.split(), values, strict=True))) for values in table]


def make_people() -> list[Person]:
    people = [
        Person(id=key(place), email=f"{name}@example.org", name=name.title(), password="!", is_staff=name == "staff")
        for place, name in enumerate(("owner", "editor", "viewer", "stranger", "staff"), start=1)
    ]
    return Person.objects.bulk_create(people)


def make_trips(owner: Person, stranger: Person) -> list[Trip]:
    """A trip of the owner's, shared with the members, and one of the stranger's that nobody else sees."""
    return Trip.objects.bulk_create(
        (
            Trip(
                id=key(10),
                name="Alps by train",
                owner=owner,
                begins_on=date(2027, 5, 1),
                ends_on=date(2027, 5, 9),
                budget=Decimal("1250.50"),
                currency_id="EUR",
                notes="Window seats.",
                details={"seats": [11, 12], "class": 2, "meals": {"breakfast": True}},
            ),
            Trip(id=key(11), name="Pacific", owner=stranger, begins_on=date(2027, 7, 1), ends_on=date(2027, 7, 31)),
        )
    )


def make_stops(trip: Trip, other_trip: Trip) -> tuple[Stop, ...]:
    """Three stops of the owner's trip in order, and one of the other trip."""
    may = lambda day, hour: datetime(2027, 5, day, hour, tzinfo=UTC)  # noqa: E731
    return tuple(
        Stop.objects.bulk_create(
            (
                Stop(id=key(20), trip=trip, position=1, airport_id="LFPG", departs_at=may(1, 9)),
                Stop(id=key(21), trip=trip, position=2, city_id=2660646, arrives_at=may(1, 13), departs_at=may(4, 8)),
                Stop(id=key(22), trip=trip, position=3, city_id=2657896, arrives_at=may(4, 12), notes="By the lake."),
                Stop(id=key(23), trip=other_trip, position=1, city_id=5856195),
            )
        )
    )
