"""Methods that a viewset has of its own are asked as in plain DRF; what none would ask does not start, and says why."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import QuerySet
from django.http import Http404
from django.test.utils import isolate_apps
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import metadata, pagination, renderers, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.core.short_cut.request import is_plain
from api.core.views.reading import ReadView
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.features.test_twins_of_serializers import NoteSerializer
from tests.twins.models import Booking, Guest
from tests.twins.rows import EMPTY, FULL
from tests.twins.twin import Twin, served

pytestmark = pytest.mark.usefixtures("twins")


class Nobody(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class LoudSerializer(NoteSerializer):
    loud = serializers.SerializerMethodField()

    class Meta(NoteSerializer.Meta):
        fields = ("id", "reference", "note", "loud")

    def get_loud(self, row: Booking) -> Any:
        return self.context.get("loud")


def get_serializer(self: Any, *args: Any, **options: Any) -> Any:
    """As many write it: lists are read with `many=True`, and a member is added."""
    if isinstance(options.get("data"), list):
        options["many"] = True
    made = self.get_serializer_class()(*args, context=self.get_serializer_context(), **options)
    getattr(made, "child", made).fields["slug"] = serializers.CharField(default="made", max_length=5)
    return made


def get_object(self: Any) -> Booking:
    """`me` is the first, and whoever asks for one that is not there is told so."""
    key = self.kwargs["pk"]
    found = Booking.objects.filter(pk=FULL if key == "me" else key).first()
    if found is None:
        raise Http404
    return found


def filter_queryset(self: Any, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
    return queryset.exclude(note="hello")


def refuse(self: Any, request: Any, *rest: Any) -> None:
    self.permission_denied(request)


def save(self: Any, serializer: Any) -> None:
    serializer.save(note="performed")


def mark(self: Any, instance: Booking) -> None:
    instance.note = "marked"
    instance.save()


def handle_exception(self: Any, error: Exception) -> Response:
    return GenericViewSet.handle_exception(self, NotFound("handled"))


OWN: dict[str, dict[str, Any]] = {
    "none": {},
    "get_serializer": {"get_serializer": get_serializer},
    "get_serializer_class": {"get_serializer_class": lambda self: LoudSerializer},
    "get_serializer_context": {
        "serializer_class": LoudSerializer,
        "get_serializer_context": lambda self: {"request": self.request, "view": self, "loud": True},
    },
    "get_object": {"get_object": get_object},
    "filter_queryset": {"filter_queryset": filter_queryset},
    "get_queryset": {"get_queryset": lambda self: Booking.objects.exclude(note="hello")},
    "get_permissions": {"get_permissions": lambda self: [Nobody()]},
    "check_permissions": {"check_permissions": refuse},
    "check_object_permissions": {"check_object_permissions": refuse},
    "perform": {"perform_create": save, "perform_update": save, "perform_destroy": mark},
    "handle_exception": {"handle_exception": handle_exception},
    "http_method_names": {"http_method_names": ["get", "head"]},
}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("key", [None, FULL, EMPTY, 99])
def test_reads_are_what_drf_answers(name: str, key: Any) -> None:
    for level, ours, theirs in twin(name).read(key):
        assert (level, ours) == (level, theirs)


def twin(name: str) -> Twin:
    declared = {"serializer_class": NoteSerializer, **OWN[name]}
    return Twin.of(declared.pop("serializer_class"), Booking, **declared)


WRITES: tuple[tuple[str, Any, Any], ...] = (
    ("post", None, {"reference": "N", "note": "n"}),
    ("put", FULL, {"reference": "N", "note": "m"}),
    ("patch", EMPTY, {"note": "p"}),
    ("delete", EMPTY, None),
    ("patch", 99, {"note": "p"}),
    ("delete", 99, None),
)


@pytest.mark.parametrize("name", OWN)
def test_writes_are_what_drf_answers(name: str) -> None:
    both = twin(name)
    for method, key, body in WRITES:
        sent = {**body, "slug": "s"} if body and name == "get_serializer" and method == "put" else body
        ours, theirs = both.send(method, sent, key)
        assert (method, key, ours) == (method, key, theirs)


@pytest.mark.parametrize("name", sorted(OWN.keys() - {"none", "perform"}))
def test_no_read_that_code_of_its_own_answers_takes_the_short_cut(name: str) -> None:
    both = twin(name)
    assert is_plain(both.ours) == (name == "http_method_names")


def test_most_reads_take_it() -> None:
    assert is_plain(twin("perform").ours)
    assert is_plain(type("Read", (ReadView,), {"queryset": Booking.objects.all(), "policy": anyone}))


def test_a_key_of_its_own_leads_to_a_row_and_to_its_policy() -> None:
    both = Twin.of(NoteSerializer, Booking, get_object=get_object)
    assert both.answer("get", key="me").json["id"] == FULL
    assert both.answer("patch", {"note": "mine"}, "me").json == {"id": FULL, "reference": "R1", "note": "mine"}
    assert both.answer("delete", key="me").status == 204
    assert both.answer("get", key="me").status == 404


def test_a_key_that_could_stand_in_no_address_is_refused() -> None:
    both = Twin.of(NoteSerializer, Booking, lookup_field="reference")
    for value in ("a/b", "..", "", " a", "a\nb"):
        for method, key in (("post", None), ("patch", "R1"), ("put", "R1")):
            answer = both.answer(method, {"reference": value}, key)
            assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/reference")
    answer = both.answer("post", {"reference": "a b"})
    assert (answer.status, answer.headers["Location"]) == (201, "http://testserver/v1/twins/a%20b")


def test_a_row_that_code_leaves_without_its_key_has_no_address_and_is_shown_all_the_same() -> None:
    def leave_empty(self: Any, serializer: Any) -> None:
        serializer.save(slug="")

    answer = Twin.of(NoteSerializer, Booking, lookup_field="slug", perform_create=leave_empty).answer(
        "post", {"reference": "N"}
    )
    assert (answer.status, answer.headers.get("Location"), answer.json["reference"]) == (201, None, "N")


class Enveloped(pagination.PageNumberPagination):
    def get_paginated_response(self, data: Any) -> Response:
        return Response({"items": data})


class Sized(pagination.PageNumberPagination):
    page_size = 10


class Wrapped(renderers.JSONRenderer):
    def render(self, data: Any, *args: Any, **options: Any) -> bytes:
        return bytes(super().render({"data": data}, *args, **options))


class Described(metadata.SimpleMetadata):
    pass


class WithData(NoteSerializer):
    @property
    def data(self) -> Any:
        return {**super().data, "more": 1}


class Filtering(serializers.ListSerializer[Any]):
    def to_representation(self, data: Any) -> Any:
        return super().to_representation(data[:1])


class Filtered(NoteSerializer):
    class Meta(NoteSerializer.Meta):
        list_serializer_class = Filtering


class Whole(NoteSerializer):
    token = serializers.UUIDField(format="int")

    class Meta(NoteSerializer.Meta):
        fields = ("id", "token")


class Binary(NoteSerializer):
    details = serializers.JSONField(binary=True)

    class Meta(NoteSerializer.Meta):
        fields = ("id", "details")


BOOKINGS = Booking.objects.order_by("pk")
NEVER: tuple[tuple[dict[str, Any], str], ...] = (
    ({"queryset": BOOKINGS[:5]}, r"Ours\.queryset: a slice of rows .* Leave the slice out"),
    ({"queryset": BOOKINGS.union(BOOKINGS)}, r"Ours\.queryset: rows of a union\(\) .* joined by \| and &"),
    ({"queryset": BOOKINGS.difference(BOOKINGS)}, r"Ours\.queryset: rows of a difference\(\)"),
    (
        {"queryset": Booking.objects.values("id")},
        r"Ours\.queryset: values\(\) gives no rows of the model\. Leave it out",
    ),
    ({"get_queryset": lambda self: BOOKINGS[:1]}, r"Ours\.get_queryset: a slice of rows"),
    ({"get_queryset": lambda self: BOOKINGS.union(BOOKINGS)}, r"Ours\.get_queryset: rows of a union\(\)"),
    ({"lookup_field": "nope"}, r"Ours\.lookup_field: 'nope' is no column of Booking.*: id, reference"),
    ({"lookup_field": "guest__name"}, r"Ours\.lookup_field: 'guest__name' .* filterset_fields = \['guest__name'\]"),
    ({"paginate_queryset": lambda self, rows: None}, r"Ours\.paginate_queryset would never be called"),
    ({"get_paginated_response": lambda self, data: None}, r"Ours\.get_paginated_response would never be called"),
    (
        {"pagination_class": Enveloped},
        r"Ours\.pagination_class: Enveloped\.get_paginated_response would never be called",
    ),
    ({"get_success_headers": lambda self, data: {}}, r"Ours\.get_success_headers would never be called"),
    (
        {"renderer_classes": [Wrapped]},
        r"Ours\.renderer_classes: Wrapped would .*@action\(renderer_classes=\[Wrapped\]\)",
    ),
    ({"renderer_classes": [renderers.StaticHTMLRenderer]}, r"StaticHTMLRenderer would never be asked"),
    ({"metadata_class": Described}, r"Ours\.metadata_class: Described would never be asked"),
    ({"metadata_class": None}, r"Ours\.metadata_class: None would never be asked"),
    ({"serializer_class": WithData}, r"WithData\.data would never be asked.*to_representation"),
    (
        {"serializer_class": Filtered},
        r"Filtered\.Meta\.list_serializer_class: Filtering\.to_representation would never",
    ),
    ({"serializer_class": Whole}, r"Whole\.token: format='int' .* Write  format='hex'"),
    ({"serializer_class": Binary}, r"Binary\.details: binary=True .* Leave it out"),
)


@pytest.mark.parametrize(("declared", "said"), NEVER)
def test_what_would_be_passed_over_does_not_start(declared: dict[str, Any], said: str) -> None:
    both = Twin.of(declared.pop("serializer_class", NoteSerializer), Booking, **declared)
    with pytest.raises(ImproperlyConfigured, match=said), served(both.ours):
        pass


def test_what_an_action_or_a_list_of_its_own_may_call_starts() -> None:
    @action(detail=False)
    def some(self: Any, request: Any) -> Response:
        return self.get_paginated_response(self.paginate_queryset(self.get_queryset()))  # type: ignore[no-any-return]

    def answer(self: Any, request: Any) -> Response:
        return Response([])

    html = (renderers.JSONRenderer, renderers.BrowsableAPIRenderer)
    for declared in (
        {"some": some, "paginate_queryset": lambda self, rows: rows},
        {"list": answer, "pagination_class": Enveloped},
        {"pagination_class": Sized, "renderer_classes": html},
    ):
        with served(Twin.of(NoteSerializer, Booking, **declared).ours):
            pass


@isolate_apps("tests.twins")
def test_a_key_of_several_columns_is_refused_with_advice() -> None:
    class Stay(models.Model):
        pk = models.CompositePrimaryKey("guest", "night")
        guest = models.ForeignKey(Guest, models.CASCADE)
        night = models.DateField()

        class Meta:
            app_label = "twins"

    viewset: Any = type("StayViewSet", (ResourceViewSet,), {"policy": anyone, "queryset": Stay._default_manager.all()})
    with pytest.raises(ImproperlyConfigured, match=r"StayViewSet: rows of Stay .* \(guest, night\).*UniqueConstraint"):
        Router().register(viewset)


class OtherSerializer(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("id", "name")


def nesting(guests: Any) -> Any:
    meta = type("Meta", (NoteSerializer.Meta,), {"fields": ("id", "guest", "companions")})
    members = {"Meta": meta, "guest": guests(read_only=True), "companions": OtherSerializer(many=True, read_only=True)}
    return type("NestingSerializer", (serializers.ModelSerializer,), members)


def test_two_serializers_of_one_name_are_not_described_as_one() -> None:
    short = type(
        "OtherSerializer", (OtherSerializer,), {"Meta": type("Meta", (), {"model": Guest, "fields": ("name",)})}
    )
    with pytest.raises(ImproperlyConfigured, match=r"call two things Other: .*extend_schema_serializer"):
        _ = Twin.of(nesting(short), Booking).contract
    renamed = extend_schema_serializer(component_name="Short")(short)
    for level, ours, theirs in Twin.of(nesting(renamed), Booking).read():
        assert (level, ours) == (level, theirs)


def test_depth_describes_each_relation_by_itself() -> None:
    meta = type("Meta", (), {"model": Guest, "fields": "__all__", "depth": 1})
    deep = type("DeepSerializer", (serializers.ModelSerializer,), {"Meta": meta})
    assert "Deep" in Twin.of(deep, Guest).contract.root["components"]["schemas"]
