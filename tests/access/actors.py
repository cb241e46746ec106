"""The ten actors of the matrix: people who have logged in, and keys of the owner's, in a world made once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.utils import timezone

from resources.accounts.models import Person
from resources.core.models import ApiKey
from resources.places.models import Currency
from tests.access.operations import FLAVOURS, Operation, operations
from tests.authenticator import Authenticator
from tests.client import Client
from tests.people import PASSWORD, Device, device, logged_in
from tests.world import World

PEOPLE = ("stranger", "viewer", "editor", "owner", "staff")
KEYS = ("in", "out", "expired", "revoked")
ACTORS = ("guest", *PEOPLE, *KEYS)
NEWCOMER = "newcomer@example.org"
"""The address of somebody with a password, and no second factor."""
NOBODYS: dict[str, Any] = {
    "passkey": 1,
    "session": 1,
    "refresh": "nobody's",
    "second": "nobody@example.org",
}
"""Ids at /auth that are nobody's."""
ANYWHERE = {"in": ("*",), "out": ("languages:read",)}
"""The scopes of the keys that ask for what is no resource."""


@dataclass(frozen=True)
class Actor:
    """Somebody, with what they show to be known.

    Attributes:
        name: one of `ACTORS`.
        devices: what they come by at each flavour of /auth; the first one's session is shown elsewhere, too.
        keys: the secret that is shown for a resource, for actors that are keys; the one of "" elsewhere.
        passkey: theirs, or one that nobody knows.
        more: ids of theirs at /auth that other bodies name.
    """

    name: str
    devices: dict[str, Device]
    keys: dict[str, str] = field(default_factory=dict)
    passkey: Authenticator = field(default_factory=Authenticator)
    more: dict[str, Any] = field(default_factory=dict)

    def client(self, operation: Operation, flavour: str) -> Client:
        """Return a client that shows who it is, as one does where the operation is."""
        if self.keys:
            bare = self.devices[flavour].client() if "{client}" in operation.path else self.devices["app"].client()
            return bare.with_key(self.keys[operation.resource])
        return self.devices[flavour].client()


def make_actors(api: Client, world: World) -> dict[str, Actor]:
    """Let everybody log in, and give the owner's keys."""
    Currency.objects.create(id="XAU", name="Gold", symbol="Au", numeric="959", decimals=2)
    newcomer = with_password(Person(email=NEWCOMER))
    add_address(newcomer, NEWCOMER)
    guest = Actor("guest", {flavour: device(api, flavour) for flavour in FLAVOURS})
    people = {name: person(api, getattr(world, name)) for name in PEOPLE}
    keys = {name: Actor(name, guest.devices, KEYS_OF[name](world.owner)) for name in KEYS}
    cache.clear()
    return {"guest": guest} | people | keys


def with_password(who: Person) -> Person:
    """Give somebody the password of the tests."""
    who.set_password(PASSWORD)
    who.save()
    return who


def person(api: Client, who: Person) -> Actor:
    """Log somebody in, by an app and by a browser, with a passkey and further addresses."""
    addresses = (who.email, f"second.{who.email}")
    for email in addresses:
        add_address(with_password(who), email)
    app, browser, elsewhere = (device(api, flavour) for flavour in (*FLAVOURS, "app"))
    for each in (elsewhere, browser, app):
        cache.clear()
        logged_in(each, who.email)
        answer = each.send("POST", "auth/reauthenticate", {"password": PASSWORD})
        assert answer.status == 200, answer.text
    passkey, number = with_passkey(app)
    mine = {"passkey": number, "session": session_of(elsewhere), "refresh": app.refresh, "second": addresses[1]}
    return Actor(who.name.lower(), {"app": app, "browser": browser}, {}, passkey, mine | {"person": who})


def add_address(who: Person, email: str, *, verified: bool = True) -> None:
    """Give somebody an address; the one to log in by is primary."""
    EmailAddress.objects.create(user=who, email=email, primary=email == who.email, verified=verified)


def with_passkey(app: Device) -> tuple[Authenticator, int]:
    """Set up a passkey, and return it with its number."""
    passkey, path = Authenticator(), "account/authenticators/webauthn"
    options = app.send("GET", path).json["data"]["creation_options"]
    made = app.send("POST", path, {"name": "Telephone", "credential": passkey.create(options)})
    return passkey, made.json["data"]["id"]


def session_of(app: Device) -> int:
    """Return the number of the session that an app has."""
    (current,) = [each["id"] for each in app.send("GET", "auth/sessions").json["data"] if each["is_current"]]
    return int(current)


def scoped(owner: Person, scopes: Callable[[str, str], str]) -> dict[str, str]:
    """Issue a key for each resource, with a scope for it and one for each of the others, as far as there are any."""
    names = resources()
    wanted = {name: [scopes(name, other) for other in names] for name in names}
    return {name: ApiKey.objects.issue(owner, scopes=filter(None, words)) for name, words in wanted.items()}


def in_scope(owner: Person) -> dict[str, str]:
    """Issue keys that may write one resource, and read the others, which it may refer to."""
    keys = scoped(owner, lambda name, other: f"{other}:{'write' if name == other else 'read'}")
    return keys | {"": ApiKey.objects.issue(owner, scopes=ANYWHERE["in"])}


def out_of_scope(owner: Person) -> dict[str, str]:
    """Issue keys that may write every resource but one."""
    keys = scoped(owner, lambda name, other: "" if name == other else f"{other}:write")
    return keys | {"": ApiKey.objects.issue(owner, scopes=ANYWHERE["out"])}


def expired(owner: Person) -> dict[str, str]:
    """Issue a key that could do everything until yesterday."""
    return dict.fromkeys(["", *resources()], ApiKey.objects.issue(owner, expires_at=timezone.now() - timedelta(days=1)))


def revoked(owner: Person) -> dict[str, str]:
    """Issue a key that could do everything, and delete it."""
    known = set(ApiKey.objects.values_list("pk", flat=True))
    secret = ApiKey.objects.issue(owner)
    ApiKey.objects.exclude(pk__in=known).delete()
    return dict.fromkeys(["", *resources()], secret)


KEYS_OF = {"in": in_scope, "out": out_of_scope, "expired": expired, "revoked": revoked}


def resources() -> list[str]:
    """Return the plural names of the contract's resources."""
    return sorted({each.resource for each in operations() if each.resource})
