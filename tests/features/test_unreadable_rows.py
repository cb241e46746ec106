"""What the list of a resource does not show cannot be found out: not by filters, searches, orders or cursors."""

import base64
from collections.abc import Iterator
from typing import Any

import django_filters
import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.read.strategies import PLANS, Level, Traces
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.features.test_levels import at_every_level
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Author, Book, Review, Shelf, Stamp
from tests.world import World

pytestmark = pytest.mark.django_db


def serializer_of(resource: type, *more: str) -> Any:
    meta = type("Meta", (), {"model": resource, "fields": ("id", *more)})
    return type(f"{resource.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta})


class BookFilters(django_filters.FilterSet):
    """Compares by filters that are no plain comparisons, too."""

    author_is = django_filters.ChoiceFilter(field_name="author__name", choices=[("Seen", "s"), ("Secret", "x")])
    shelf_in = django_filters.RangeFilter(field_name="shelf__id")

    class Meta:
        model = Book
        fields = {
            "author": ["exact"],
            "author__name": ["exact", "isnull"],
            "shelf__name": ["exact", "isnull"],
            "stamp": ["exact", "isnull"],
            "stamp__name": ["exact", "isnull"],
            "reviews": ["exact", "isnull"],
            "reviews__name": ["exact", "isnull"],
        }


class BookViewSet(ResourceViewSet):
    queryset = Book.objects.all()
    serializer_class = serializer_of(Book, "author", "shelf")
    policy = anyone
    filterset_class = BookFilters
    search_fields = ("author__name", "shelf__name", "stamp__name", "reviews__name")
    ordering_fields = ("author__name", "shelf__name", "stamp__name")
    expand = ("author", "shelf", "stamp", "reviews")


class AuthorViewSet(ResourceViewSet):
    queryset = Author.objects.filter(gone=False)
    serializer_class = serializer_of(Author, "name")
    policy = anyone


class ShelfViewSet(ResourceViewSet):
    queryset = Shelf.objects.all()
    serializer_class = serializer_of(Shelf, "name")
    policy = anyone

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(keeper=self.request.user.pk)


class StampViewSet(ResourceViewSet):
    serializer_class = serializer_of(Stamp, "name")
    policy = anyone


class ReviewViewSet(ResourceViewSet):
    queryset = Review.objects.exclude(gone=True)
    serializer_class = serializer_of(Review, "name", "book")
    policy = anyone
    filterset_fields = ("book",)


router = Router()
for viewset in (BookViewSet, AuthorViewSet, ShelfViewSet, StampViewSet, ReviewViewSet):
    router.register(viewset)
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]
RELATIONS = ("author", "shelf", "stamp", "reviews")
TO_ONE = RELATIONS[:3]


def make(world: World, secret: str) -> None:
    """Make a book of which all may be read, one of which nothing may, and one that has nothing."""
    for key, name, gone in ((1, "Seen", False), (2, secret, True)):
        author = Author.objects.create(id=key, name=name, gone=gone)
        shelf = Shelf.objects.create(id=key, name=name, keeper=world.stranger.pk if gone else world.owner.pk)
        book = Book.objects.create(id=key, author=author, shelf=shelf)
        Stamp.objects.create(id=key, name=name, book=book, gone=gone)
        Review.objects.create(id=key, name=name, book=book, gone=gone)
    Book.objects.create(id=3)


@pytest.fixture
def books(world: World) -> Iterator[Client]:
    make(world, "Secret")
    PLANS.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None).acting_for(world.owner)
    PLANS.clear()


def keys(answer: Any) -> list[int]:
    return [row["id"] for row in answer.json["results"]]


@pytest.mark.parametrize("relation", RELATIONS)
def test_it_works(books: Client, settings: Any, relation: str) -> None:
    shown = at_every_level(settings, books, "/v1/books", **{f"{relation}__name": "Seen"})
    assert keys(shown) == [1]


@pytest.mark.parametrize("relation", RELATIONS)
def test_no_filter_finds_what_is_hidden(books: Client, settings: Any, relation: str) -> None:
    hidden = at_every_level(settings, books, "/v1/books", **{f"{relation}__name": "Secret"})
    assert keys(hidden) == []
    others = at_every_level(settings, books, "/v1/books", **{f"{relation}__name__not": "Seen"})
    assert keys(others) == [2, 3]


@pytest.mark.parametrize("relation", TO_ONE)
def test_what_is_hidden_is_as_if_it_were_null(books: Client, settings: Any, relation: str) -> None:
    assert keys(at_every_level(settings, books, "/v1/books", **{f"{relation}__name__isnull": "true"})) == [2, 3]
    assert keys(at_every_level(settings, books, "/v1/books", **{f"{relation}__name__isnull": "false"})) == [1]


@pytest.mark.parametrize("relation", ["stamp", "reviews"])
def test_rows_that_refer_to_a_row_are_hidden_by_their_keys_too(books: Client, settings: Any, relation: str) -> None:
    assert keys(at_every_level(settings, books, "/v1/books", **{relation: "1"})) == [1]
    assert keys(at_every_level(settings, books, "/v1/books", **{relation: "2"})) == []
    assert keys(at_every_level(settings, books, "/v1/books", **{f"{relation}__isnull": "true"})) == [2, 3]


def test_a_key_in_the_row_itself_is_the_rows_own(books: Client, settings: Any) -> None:
    assert keys(at_every_level(settings, books, "/v1/books", author="2")) == [2]


def test_filters_of_somebodys_own_compare_nothing_hidden(books: Client, settings: Any) -> None:
    assert keys(at_every_level(settings, books, "/v1/books", author_is="Seen")) == [1]
    assert keys(at_every_level(settings, books, "/v1/books", author_is="Secret")) == []
    assert keys(at_every_level(settings, books, "/v1/books", shelf_in_min="1")) == [1]


def test_no_search_finds_what_is_hidden(books: Client, settings: Any) -> None:
    assert keys(at_every_level(settings, books, "/v1/books", search="seen")) == [1]
    assert keys(at_every_level(settings, books, "/v1/books", search="secret")) == []


@pytest.mark.parametrize("relation", TO_ONE)
@pytest.mark.parametrize("secret", ["A", "Z"])
def test_no_order_tells_what_is_hidden(world: World, settings: Any, relation: str, secret: str) -> None:
    make(world, secret)
    settings.ROOT_URLCONF = __name__
    books = Client(None).acting_for(world.owner)
    for sign, expected in (("", [1, 2, 3]), ("-", [3, 2, 1])):
        ordering = f"{sign}{relation}__name"
        assert keys(at_every_level(settings, books, "/v1/books", ordering=ordering)) == expected


@pytest.mark.parametrize("relation", TO_ONE)
def test_no_cursor_carries_what_is_hidden(books: Client, settings: Any, relation: str) -> None:
    answer = at_every_level(settings, books, "/v1/books", ordering=f"{relation}__name", limit=2)
    payload = answer.json["next"].partition("cursor=")[2].partition("&")[0]
    decoded = b"".join(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in payload.split("."))
    assert b"null" in decoded
    assert b"Secret" not in decoded
    assert keys(at_every_level(settings, books, answer.json["next"])) == [3]


def test_no_expansion_shows_what_is_hidden(books: Client, settings: Any) -> None:
    answer = at_every_level(settings, books, "/v1/books", expand=",".join(RELATIONS))
    first, second, _ = answer.json["results"]
    assert (first["author"], first["stamp"]) == ({"id": 1, "name": "Seen"}, {"id": 1, "name": "Seen"})
    assert second == {"id": 2, "author": 2, "shelf": 2, "stamp": None, "reviews": {"results": [], "next": None}}


@pytest.mark.parametrize("relation", ["author", "shelf"])
def test_a_reference_to_a_hidden_row_is_one_to_no_row(books: Client, relation: str) -> None:
    hidden = books.post("/v1/books", {"id": 9, relation: 2})
    nowhere = books.post("/v1/books", {"id": 9, relation: 7})
    assert (hidden.status, nowhere.status) == (400, 400)
    assert hidden.text.replace("2", "7").partition("instance")[0] == nowhere.text.partition("instance")[0]
    assert books.post("/v1/books", {"id": 9, relation: 1}).status == 201


def test_a_reference_that_is_there_may_stay(books: Client) -> None:
    assert books.put("/v1/books/2", books.get("/v1/books/2").json).status == 200


def test_each_is_shown_by_their_own_rows(books: Client, world: World, settings: Any) -> None:
    """Code that looks at who asks is asked for each of them."""
    stranger = books.acting_for(world.stranger)
    for client, key in ((books, 1), (stranger, 2), (books, 1)):
        found = at_every_level(settings, client, "/v1/books", shelf__name__isnull="false", expand="shelf")
        assert keys(found) == [key]
        assert found.json["results"][0]["shelf"] == {"id": key, "name": "Seen" if key == 1 else "Secret"}


def test_rows_that_are_declared_are_traced(books: Client, settings: Any) -> None:
    settings.READ_LEVEL = Level.TRACED.value
    for relation in RELATIONS:
        for _ in range(3):
            books.get("/v1/books", **{f"{relation}__name": "Seen", "expand": relation})
        [kept] = PLANS.entries.values()
        assert isinstance(kept, Traces) == (relation != "shelf"), kept
        PLANS.clear()


@pytest.mark.parametrize("level", Level)
def test_hidden_rows_take_no_statement_more(books: Client, settings: Any, level: Level) -> None:
    """Nothing can be told from how much is asked of the database: a hidden row costs what none costs."""
    settings.READ_LEVEL = level.value

    def cost() -> list[int]:
        counts = []
        for query in ({"expand": "author,shelf,stamp,reviews"}, {"ordering": "author__name"}, {"search": "secret"}):
            books.get("/v1/books/", limit=1, **query)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert books.get("/v1/books", **query).status == 200
            counts.append(len(caught))
        return counts

    hidden = cost()
    Review.objects.filter(gone=True).delete()
    Stamp._base_manager.filter(gone=True).delete()
    assert cost() == hidden
