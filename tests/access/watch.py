"""One stranger at work while another has a world beside theirs: what they see of it, and what they do to it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from api.core.resource.registry import REGISTRY
from resources.accounts.models import Person
from tests.access.strangers import Stranger
from tests.access.swaps import Ask
from tests.client import Answer, Client
from tests.people import Device

SAFE = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "EXPLAIN")
VOLATILE = frozenset(("server-timing", "ratelimit", "ratelimit-policy"))
"""Headers that differ from one answer to the next, whatever is asked."""
OF_WRITES = frozenset(("etag", "location"))
"""Headers that tell of a row that was made just now."""
MADE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|hw_\w+")
"""What the server makes up when it writes: times, keys, secrets."""
TOKENS = re.compile(r'expires=[^;]*;|csrftoken=\w+|sessionid=\w+|"session_token": ?"\w+"')
"""What it makes up for everybody who comes by at /auth."""
OF_KEYS = '"digest" IN ('
"""The key that is shown is looked for again each second, whatever is asked with it."""


@dataclass(frozen=True)
class Seen:
    """What somebody sees of an answer.

    Attributes:
        statements: how many the database was sent for it; 0 at /auth, where what passwords cost is held elsewhere.
    """

    status: int
    headers: str
    body: str
    statements: int


@dataclass(repr=False)
class Watch:
    """Asks for one of two strangers.

    Attributes:
        guests: who has shown nothing, at each flavour of /auth.
        touched: requests that have changed what is the other's.
        before: how all of that is; None in a world in which there is none of it.
    """

    mine: Stranger
    theirs: Stranger
    guests: dict[str, Device]

    def __post_init__(self) -> None:
        """Remember how everything of the other's is."""
        self.touched: list[Ask] = []
        self.before: list[Any] | None = self.kept()

    def __repr__(self) -> str:
        """Show who is at work, and beside whom."""
        return f"{self.mine} beside {self.theirs}"

    def ask(self, ask: Ask) -> Seen:
        """Send a request, look at what comes and what is done, and undo it."""
        cache.clear()
        with undone() as statements:
            answer = self.send(ask)
            sent = [sql for sql in statements if OF_KEYS not in sql]
            wrote = not all(sql.lstrip().startswith(SAFE) for sql in sent)
            if wrote and self.before is not None and self.kept() != self.before:
                self.touched.append(ask)
        return Seen(answer.status, *told(ask, answer), 0 if ask.flavour else len(sent))

    def send(self, ask: Ask) -> Answer:
        """Send a request."""
        client = self.device(ask).client() if ask.flavour else self.mine.client
        sender: Client = client.with_headers(X_Request_ID="asked")
        return sender.send(ask.method, ask.path, ask.body, headers=ask.headers, **ask.query)

    def device(self, ask: Ask) -> Device:
        """Return by what a request comes to /auth."""
        return (self.guests if ask.as_guest else self.mine.actor.devices)[ask.flavour]

    def kept(self) -> list[Any]:
        """Return everything of the other's that is kept."""
        return [list(rows.order_by("pk").values()) for rows in self.places]

    @cached_property
    def places(self) -> list[Any]:
        """Find where something of the other's is kept: what has one of their keys, and what refers to them."""
        people = [each.pk for each in (self.theirs.who, *self.theirs.friends)]
        keys = {resource: [row["id"] for row in rows] for resource, rows in self.theirs.rows.items()}
        models = {resource.plural: model for model, resource in REGISTRY.by_model.items()}
        rows = [models[resource]._base_manager.filter(pk__in=keys[resource]) for resource in keys]
        referring = [(field.related_model, field.field.name) for field in Person._meta.related_objects]
        rows += [model._base_manager.filter(**{f"{name}__in": people}) for model, name in referring]
        return [Person._base_manager.filter(pk__in=people), *rows]

    @contextmanager
    def without(self) -> Iterator[None]:
        """Make a world in which the other has never been."""
        with undone():
            self.theirs.leave()
            before, self.before = self.before, None
            yield
        self.before = before


@contextmanager
def undone() -> Iterator[list[str]]:
    """Undo what is done; yield the statements that the database is sent."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            yield sent
        transaction.set_rollback(True)


def told(ask: Ask, answer: Answer) -> tuple[str, str]:
    """Return the headers and the body of an answer, without what is never twice the same."""
    written = ask.method in ("POST", "PUT", "PATCH") and answer.status < 300
    passing = VOLATILE | OF_WRITES if written else VOLATILE
    headers = "\n".join(f"{name}: {text}" for name, text in answer.headers.items() if name not in passing)
    body = TOKENS.sub("", answer.text)
    return TOKENS.sub("", headers), MADE.sub("", body) if written else body
