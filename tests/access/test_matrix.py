"""Every operation of the contract, asked by every kind of actor: what they get, and that a refusal changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction

from api.core.resource.registry import REGISTRY
from api.trips import TripViewSet
from resources.core.policy import anyone
from tests.access import matrix, unguarded
from tests.access.actors import ACTORS, Actor, make_actors
from tests.access.operations import Operation, operations
from tests.access.requests import rows_of, send
from tests.client import Answer, Client
from tests.contract import published
from tests.declarations import redeclare
from tests.world import World

QUICK_HASH = "django.contrib.auth.hashers.MD5PasswordHasher"
"""Everybody logs in many times: what passwords cost has tests of its own."""
SAFE = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
BOOKKEEPING = frozenset(("sessions.Session", "usersessions.UserSession"))
"""What is written of who came by, also of those who are refused."""


@contextmanager
def undone() -> Iterator[list[str]]:
    """Undo what a request changes; yield the statements that it writes with."""
    written: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().startswith(SAFE):
            written.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(note):
            yield written
        transaction.set_rollback(True)


def stored() -> dict[str, list[Any]]:
    """Return everything that is kept, by model."""
    here = (model for model in apps.get_models() if model._meta.required_db_vendor in (None, connection.vendor))
    models = [model for model in here if model._meta.managed and model._meta.label not in BOOKKEEPING]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


class Asked:
    """What came of asking.

    Attributes:
        held: operations and actors that got what they must.
        wrong: what was not so, a line each.
    """

    def __init__(self, actors: dict[str, Actor]) -> None:
        self.actors, self.rows = actors, rows_of(actors["owner"])
        self.before = stored()
        self.held: list[tuple[str, str]] = []
        self.wrong: list[str] = []

    def ask(self, operation: Operation, wanted: dict[str, str]) -> None:
        """Ask one operation as everybody."""
        for name, cell in wanted.items():
            faults = [
                f"{operation.id:<28}{name:<9}{flavour:<9}{fault}"
                for flavour in operation.flavours
                for fault in self.faults(self.actors[name], operation, flavour, cell)
            ]
            self.wrong += faults
            self.held += [] if faults else [(operation.id, name)]

    def faults(self, actor: Actor, operation: Operation, flavour: str, cell: str) -> Iterator[str]:
        """Ask once, and by HEAD where there is GET; yield what is not as it must be."""
        cache.clear()
        with undone() as written:
            answer = send(actor, operation, flavour, self.rows)
            if got(operation, answer, cell) != cell.removesuffix(matrix.DONE):
                yield f"wants {cell}, gets {got(operation, answer, cell)}: {answer.text[:300]}"
            if answer.status >= 400 and self.changed(written) != cell.endswith(matrix.DONE):
                yield f"gets {answer.status}, and what is stored has{' not' * cell.endswith(matrix.DONE)} changed"
            if answer.status == 401 and "WWW-Authenticate" not in answer.headers:
                yield "is not told how to show who asks"
        if operation.method == "GET":
            with undone():
                head = send(actor, operation, flavour, self.rows, "HEAD")
            if (head.status, head.content) != (answer.status, b""):
                yield f"gets {answer.status} by GET and {head.status} by HEAD"

    def changed(self, written: list[str]) -> bool:
        """Whether anything is kept now that was not, or the other way round."""
        return bool(written) and stored() != self.before


def got(operation: Operation, answer: Answer, cell: str) -> str:
    """Write an answer as the table has it."""
    if not operation.is_list or answer.status != 200:
        return str(answer.status)
    rows = len(answer.json["results"])
    return cell if cell == matrix.ALL and rows == everything(operation) else str(rows)


def everything(operation: Operation) -> int:
    """Count the rows of a resource, whosever they are."""
    models = {resource.plural: model for model, resource in REGISTRY.by_model.items()}
    return models[operation.resource]._base_manager.count()


def test_every_actor_gets_what_the_table_says(db: None, settings: Any, request: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = [QUICK_HASH]
    asked = Asked(make_actors(Client(published()), World.make()))
    table = matrix.read()
    for operation in operations():
        if operation.id in table.lines:
            asked.ask(operation, table.cells(operation.id))
    found = unguarded.text(asked.held)
    if request.config.getoption("--write-unguarded", False):
        unguarded.FILE.write_text(found)
        return
    assert not asked.wrong, "\n".join(["tests/access/matrix.txt says otherwise:", *asked.wrong])
    assert unguarded.FILE.read_text() == found, "Run: make schema"


def test_the_table_names_the_operations_that_there_are() -> None:
    known, told = {each.id for each in operations()}, set(matrix.read().lines)
    assert not known - told, "Say in tests/access/matrix.txt who may, with a line for each of these"
    assert not told - known, "These are gone: take their lines out of tests/access/matrix.txt"


def test_nothing_is_unguarded() -> None:
    assert unguarded.FILE.read_text() == unguarded.HEADING, "Say in tests/access/matrix.txt who may; then: make schema"


def test_another_policy_is_told(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PASSWORD_HASHERS = [QUICK_HASH]
    asked = Asked(make_actors(Client(published()), World.make()))
    (operation,) = [each for each in operations() if each.id == "deleteTrip"]
    redeclare(monkeypatch, TripViewSet, policy=anyone)
    asked.ask(operation, matrix.read().cells(operation.id))
    assert asked.held == [("deleteTrip", name) for name in ("editor", "owner", "in", "expired", "revoked")]
    assert len(asked.wrong) == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("listTrips  200 200", "2 cells for 10 actors"),
        ("listTrips  = nothing", "no such kind: nothing"),
        (f"listTrips  {'200 ' * 10}\nlistTrips  {'200 ' * 10}", "stands there twice"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Any, text: str, reason: str) -> None:
    file = tmp_path / "matrix.txt"
    file.write_text(text)
    with pytest.raises(matrix.MatrixError, match=reason):
        matrix.read(file)


def test_what_was_not_asked_is_unguarded() -> None:
    held = [(each.id, actor) for each in operations() for actor in ACTORS]
    assert unguarded.text(held) == unguarded.HEADING
    held.remove(("listTrips", "viewer"))
    assert unguarded.text(held) == f"{unguarded.HEADING}listTrips: viewer\n"
