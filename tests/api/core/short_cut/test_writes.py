"""The short cut writes what is plainly right as Django would, and leaves everything else to Django."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.signals import post_save, pre_save
from django.forms.models import model_to_dict
from django.http import Http404
from django.test.client import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import PermissionDenied
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api.core.server.handler import Handler
from api.core.short_cut.deployment import forget
from api.core.short_cut.handler import QuickHandler
from api.core.short_cut.request import resource_at
from api.core.short_cut.write_request import is_plain
from api.core.short_cut.writes import WRITE_SHORT_CUT, WriteShortCut
from api.core.viewset import ResourceViewSet
from api.core.write import plan
from api.core.write.integrity import saving
from api.places import CityViewSet, CountryViewSet
from resources.core.actor import Actor
from resources.core.api_keys.models import ApiKey
from resources.core.policy import Policy, Verb, anyone, authenticated, read, staff, write
from resources.places.models import City, Country
from serializers.places import CitySerializer
from tests.client import Client
from tests.declarations import redeclare
from tests.short_cut import UNLIMITED, connections_kept
from tests.world import World

PARIS, NEW = 2988507, 990_000_001
CITY = {
    "name": "Lutetia",
    "country": "FR",
    "population": 5,
    "latitude": 48.5,
    "longitude": 2.5,
    "timezone": "Europe/Paris",
}


class Answer(NamedTuple):
    """What was answered, without what is another each time; and what is stored of cities then."""

    status: str
    headers: list[tuple[str, str]]
    body: Any
    stored: list[dict[str, Any]]


class Sender:
    """Sends a request as a server does, and undoes what it has written."""

    def __init__(self, person: Any, *scopes: str) -> None:
        """Make a key of a person's."""
        self.secret = ApiKey.objects.issue(person, scopes=scopes or ("*",))
        self.quick = QuickHandler()

    def environ(self, method: str, target: str, body: Any, **headers: str) -> dict[str, Any]:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        content_type = named.pop("HTTP_CONTENT_TYPE", "application/json")
        named = {"HTTP_AUTHORIZATION": f"Bearer {self.secret}"} | named
        environ = RequestFactory().generic(method, target, text, content_type, **named).environ
        return {**environ, "HTTP_HOST": "testserver", "HTTP_X_REQUEST_ID": "the-same-for-both"}

    def send(self, handler: Handler, environ: dict[str, Any]) -> Answer:
        head: list[Any] = []
        body = environ["wsgi.input"].read()
        environ = {**environ, "wsgi.input": BytesIO(body)}
        with transaction.atomic(), connections_kept():
            response = handler(environ, lambda status, headers: head.extend((status, headers)))
            content = b"".join(response)  # type: ignore[arg-type]
            response.close()
            lost = connection.needs_rollback
            stored = [] if lost else [model_to_dict(row) for row in City.objects.order_by("pk")]
            transaction.set_rollback(True)
        status, headers = head
        shown = json.loads(content) if content else None
        for row in shown if isinstance(shown, list) else [shown]:
            if isinstance(row, dict):
                row |= {name: "..." for name in ("created_at", "updated_at") if name in row}
        changing = ("ETag", "Content-Length", "RateLimit")  # whose digest is over the time of the write
        return Answer(status, [(name, value) for name, value in headers if name not in changing], shown, stored)

    def hold(self, method: str, target: str, body: Any, **headers: str) -> bool:
        """Send a request both ways and compare; return whether the short cut answered."""
        environ = self.environ(method, target, body, **headers)
        text = environ["wsgi.input"].read()

        def fresh() -> dict[str, Any]:
            return {**environ, "wsgi.input": BytesIO(text)}

        by_django = self.send(Handler(), fresh())
        for _ in range(2):  # the first may be what is learnt from
            assert self.send(self.quick, fresh()) == by_django
        with transaction.atomic():
            answer = WRITE_SHORT_CUT.answer(fresh())
            transaction.set_rollback(True)
        return answer is not None


@pytest.fixture(autouse=True)
def learnt(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in UNLIMITED.items():
        setattr(settings, name, value)
    WRITE_SHORT_CUT.templates = WriteShortCut().templates
    is_plain.cache_clear()
    resource_at.cache_clear()
    yield
    is_plain.cache_clear()
    resource_at.cache_clear()


@pytest.fixture
def clerk(world: World) -> Sender:
    return Sender(world.staff)


@pytest.mark.parametrize("coding", ["", "gzip", "zstd"])
def test_it_writes_as_django_does(clerk: Sender, coding: str) -> None:
    headers = {"accept_encoding": coding} if coding else {}
    assert clerk.hold("POST", "/v1/cities", CITY | {"id": NEW}, **headers)
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7, "subdivision": None}, **headers)
    clerk.hold("POST", "/v1/currencies", {"id": "QQQ", "name": "Q", "numeric": "999", "decimals": 2}, **headers)
    clerk.hold("PATCH", "/v1/currencies/EUR", {"name": "Euro, as before"}, **headers)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from([PARIS, NEW, -1, 2**70, "x", None]),
            "name": st.one_of(st.text(max_size=3), st.none(), st.just("x" * 500), st.just("\x00")),
            "country": st.sampled_from(["FR", "CH", "QQ", "", None, 5]),
            "subdivision": st.sampled_from([None, "FR-IDF", "QQ-Q"]),
            "population": st.one_of(st.integers(-2, 2), st.just(2**70), st.floats(allow_nan=False), st.just("5")),
            "latitude": st.one_of(st.floats(-100, 100), st.integers(-90, 90), st.none()),
            "is_capital": st.sampled_from([True, False, None, 1]),
            "revision": st.sampled_from([1, 2]),
            "unknown": st.none(),
        },
    ),
    st.booleans(),
    st.booleans(),
)
def test_any_body_is_answered_alike(clerk: Sender, body: dict[str, Any], new: bool, whole: bool) -> None:
    clerk.hold("POST", "/v1/cities", CITY | {"id": NEW})
    clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    method, target = ("POST", "/v1/cities") if new else ("PATCH", f"/v1/cities/{PARIS}")
    clerk.hold(method, target, CITY | {"id": NEW} | body if whole and new else body)


@pytest.mark.parametrize(
    ("method", "target", "body", "headers"),
    [
        ("POST", "/v1/cities", b"{", {}),
        ("POST", "/v1/cities", b"", {}),
        ("POST", "/v1/cities", [CITY | {"id": NEW}], {}),
        ("POST", "/v1/cities", CITY | {"id": PARIS}, {}),
        ("POST", "/v1/cities", CITY | {"id": NEW, "unknown": 1}, {}),
        ("POST", "/v1/cities?fields=id", CITY | {"id": NEW}, {}),
        ("POST", f"/v1/cities/{PARIS}", CITY, {}),
        ("PATCH", "/v1/cities/1", {"population": 7}, {}),
        ("PATCH", "/v1/cities/x", {"population": 7}, {}),
        ("PATCH", "/v1/cities", {"population": 7}, {}),
        ("PATCH", f"/v1/cities/{PARIS}", {}, {}),
        ("PATCH", f"/v1/cities/{PARIS}", {"id": PARIS}, {}),
        ("PUT", f"/v1/cities/{PARIS}", CITY, {}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"prefer": "return=minimal"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"content_type": "application/merge-patch+json"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"content_type": "text/plain"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"content_encoding": "gzip"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"origin": "https://app.example.org"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"accept": "text/csv"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"authorization": "Bearer hw_unknown"}),
        ("PATCH", f"/v1/cities/{PARIS}", {"population": 7}, {"authorization": ""}),
        ("PATCH", "/v1/nothing", {"population": 7}, {}),
    ],
)
def test_it_leaves_the_rest_to_django(
    clerk: Sender, method: str, target: str, body: Any, headers: dict[str, str]
) -> None:
    assert clerk.hold("POST", "/v1/cities", CITY | {"id": NEW})
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    assert not clerk.hold(method, target, body, **headers)


def test_who_may_not_write_is_told_by_django(world: World) -> None:
    WRITE_SHORT_CUT.templates.families.add("everything")
    assert not Sender(world.owner).hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    assert not Sender(world.staff, "cities:read").hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})


def test_a_key_in_an_address_is_written_as_django_writes_it(clerk: Sender) -> None:
    for name in ("Q+1", "Q 2", "Q,é", "Q'*"):
        clerk.hold("POST", "/v1/currencies", {"id": name[:3], "name": name, "numeric": "998", "decimals": 2})


@pytest.mark.parametrize(
    "declared",
    [
        {"policy": read(anyone) | write(staff), "field_rules": {"population": write(authenticated) | read(anyone)}},
        {"policy": read(anyone) | write(staff), "field_rules": {"population": read(staff)}},
    ],
)
def test_members_with_rules_are_left_to_django(
    clerk: Sender, monkeypatch: pytest.MonkeyPatch, declared: dict[str, Any]
) -> None:
    redeclare(monkeypatch, CityViewSet, **declared)
    clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})


def test_references_that_not_everybody_may_make_are_left_to_django(
    clerk: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Some(Policy):
        def rows(self, verb: Verb, actor: Actor) -> Q:
            return Q(continent="EU")

    redeclare(monkeypatch, CountryViewSet, policy=Some())
    assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"country": "CH"})


@pytest.mark.parametrize(
    "name", ["perform_update", "get_serializer_class", "get_permissions", "partial_update", "initial"]
)
def test_code_of_a_viewsets_own_is_left_to_django(clerk: Sender, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before: Any = getattr(ResourceViewSet, name)
    monkeypatch.setattr(CityViewSet, name, lambda self, *args, **kwargs: before(self, *args, **kwargs), raising=False)
    assert not is_plain(CityViewSet)
    assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})


def test_code_of_a_serializers_own_is_left_to_django(clerk: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(CitySerializer):
        def validate(self, attrs: Any) -> Any:
            return attrs

    redeclare(monkeypatch, CityViewSet, serializer_class=Own)
    assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})


@pytest.mark.parametrize("signal", [pre_save, post_save])
def test_who_hears_of_saves_hears_of_each(clerk: Sender, signal: Any) -> None:
    heard: list[int] = []

    def listen(instance: City, **_: Any) -> None:
        heard.append(instance.population)

    signal.connect(listen, sender=City)
    try:
        assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    finally:
        signal.disconnect(listen, sender=City)
    assert heard == [7, 7, 7]
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})


def test_the_models_own_rules_are_asked(clerk: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    asked: list[int] = []
    monkeypatch.setattr(City, "clean", lambda self: asked.append(self.population))
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 8})
    assert {*asked} == {8}


def test_a_row_counts_once(clerk: Sender, api: Client, world: World) -> None:
    client = api.acting_for(world.staff)
    for population in range(3):
        before = City.objects.get(pk=PARIS).revision
        environ = clerk.environ("PATCH", f"/v1/cities/{PARIS}", {"population": population})
        with connections_kept():
            clerk.quick(environ, lambda *_: None).close()
        assert City.objects.get(pk=PARIS).revision == before + 1
    assert client.get(f"/v1/cities/{PARIS}").json["population"] == 2


def test_what_fails_at_the_commit_is_not_done_again(clerk: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    statements: list[str] = []

    def note(execute: Any, sql: str, *args: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args)

    def fail(*_: Any) -> None:
        raise OperationalError("the line was cut")

    monkeypatch.setattr(connection, "_savepoint_commit", fail)
    environ = clerk.environ("PATCH", f"/v1/cities/{PARIS}", {"population": 8})
    with connection.execute_wrapper(note):
        answer = clerk.send(clerk.quick, environ)
    assert answer.status.startswith("503 ")
    assert len([sql for sql in statements if sql.startswith("UPDATE")]) == 1


def test_rows_of_others_are_left_to_django(world: World) -> None:
    WRITE_SHORT_CUT.templates.families.add("everything")
    other = Sender(world.stranger)
    assert not other.hold("PATCH", f"/v1/trips/{world.trip.pk}", {"name": "mine now"})


def test_rows_that_code_chooses_are_left_to_django(clerk: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountryViewSet, "get_queryset", lambda self: Country.objects.all(), raising=False)
    redeclare(monkeypatch, CountryViewSet)
    assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"country": "CH"})
    assert not clerk.hold("POST", "/v1/cities", CITY | {"id": NEW})


def test_a_fault_is_told_by_django(clerk: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})

    def clean(_: City) -> None:
        raise RuntimeError("a fault of the model's")

    monkeypatch.setattr(City, "clean", clean)
    assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 8})


def test_a_throttle_of_all_views_is_left_to_django(clerk: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody(BaseThrottle):
        def allow_request(self, request: Any, view: Any) -> bool:
            return False

    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    monkeypatch.setattr(APIView, "throttle_classes", [*APIView.throttle_classes, Nobody])
    forget()
    try:
        assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    finally:
        monkeypatch.undo()
        forget()


def test_a_body_over_the_limit_is_left_to_django(clerk: Sender, settings: Any) -> None:
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 30
    assert not clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"name": "x" * 40})


@pytest.mark.parametrize("fault", [LookupError, Http404, PermissionDenied, OperationalError])
def test_what_fails_after_the_commit_is_not_done_again(
    clerk: Sender, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    assert clerk.hold("PATCH", f"/v1/cities/{PARIS}", {"population": 7})
    statements: list[str] = []

    def note(execute: Any, sql: str, *args: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args)

    @contextmanager
    def followed(*args: Any) -> Iterator[None]:
        with saving(*args):
            yield
        raise fault("what was to be done on the commit failed")

    monkeypatch.setattr(plan, "saving", followed)
    with connection.execute_wrapper(note):
        answer = clerk.send(clerk.quick, clerk.environ("PATCH", f"/v1/cities/{PARIS}", {"population": 8}))
    assert not answer.status.startswith("2")
    assert len([sql for sql in statements if sql.startswith("UPDATE")]) == 1
