"""The resources, at /v1 as those of the API are."""

from typing import Any

import django_filters
from django.db.models import Count, Q
from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet, ResourceViewSet
from resources.core.actor import Actor
from resources.core.policy import ALL, NONE, Policy, Verb, anyone, authenticated, read, scope, staff, write
from tests.specimens.models import Crate, Curiosity, Drawer, Keepsake, Kind, Label, Mark, Parcel, Specimen

VALUES = (
    "id", "text", "prose", "small", "whole", "real", "amount", "flag", "day", "moment", "hour", "span", "code", "kind"
)  # fmt: skip


class NotSecret(Policy):
    """Everybody reads what is not secret; staff reads everything."""

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows."""
        return NONE if verb != "read" else ALL if actor.is_staff else Q(secret=False)


SEES_MORE = staff | ~authenticated | scope("specimens:more")
"""Who shows no key sees everything here, so that most tests need none; of others, those that scopes let or keep out."""


def serializer_of(resource: type) -> type[serializers.BaseSerializer]:
    meta = type("Meta", (), {"model": resource, "fields": "__all__"})
    return type(f"{resource.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta})


class DrawerViewSet(ReadOnlyResourceViewSet):
    queryset = Drawer.objects.all()
    serializer_class = serializer_of(Drawer)
    policy = NotSecret()
    field_rules = {"name": staff | ~authenticated}
    filterset_fields = ("id", "name", "parent", "specimens__whole")
    expand = ("parent", "children", "specimens")


class LabelViewSet(ReadOnlyResourceViewSet):
    queryset = Label.objects.all()
    serializer_class = serializer_of(Label)
    policy = NotSecret()
    field_rules = {"name": SEES_MORE}
    filterset_fields = ("id", "name", "specimens")
    ordering = ("-name",)
    expand = ("specimens", "marks")


class SpecimenViewSet(ReadOnlyResourceViewSet):
    queryset = Specimen.objects.all()
    serializer_class = serializer_of(Specimen)
    policy = anyone
    field_rules = {
        "prose": SEES_MORE,
        "amount": staff | ~authenticated,
        "drawer": ~scope("specimens:less") | ~authenticated,
    }
    filterset_fields = (
        *VALUES,
        "drawer",
        "drawer__name",
        "drawer__parent",
        "drawer__parent__name",
        "labels",
        "labels__name",
        "marks__text",
        "marks__whole",
        "marks__label",
        "marks__label__name",
    )
    search_fields = ("text", "prose", "drawer__name", "marks__text")
    ordering_fields = (*VALUES, "drawer", "drawer__name", "drawer__parent", "drawer__parent__name")
    expand = ("drawer", "labels", "marks")


class MarkViewSet(ReadOnlyResourceViewSet):
    queryset = Mark.objects.all()
    serializer_class = serializer_of(Mark)
    policy = NotSecret()
    field_rules = {"text": staff | ~authenticated, "label": SEES_MORE}
    filterset_fields = ("id", "specimen", "label", "whole")
    ordering = ("whole", "-text")
    expand = ("specimen", "label")


class CuriosityViewSet(ReadOnlyResourceViewSet):
    """Names its lookups one by one."""

    queryset = Curiosity.objects.all()
    serializer_class = serializer_of(Curiosity)
    policy = anyone
    filterset_fields = {
        "id": ["exact"],
        "text": ["regex", "iregex", "gt", "range"],
        "whole": ["range"],
        "amount": ["range", "in"],
        "day": ["year", "year__gte", "month__in", "range"],
        "moment": ["date", "date__lt", "year__range", "hour", "time__gte", "range"],
        "kind": ["gt", "in"],
        "notes": ["size", "has_key"],
        "drawer__name": ["icontains"],
        "labels": ["isnull", "in"],
        "marks": ["isnull"],
        "marks__whole": ["range"],
    }


class KeepsakeFilters(django_filters.FilterSet):
    """Every stock filter of django-filter, and filters with methods, as a project may have declared them."""

    is_old = django_filters.BooleanFilter(method="only_old")
    has_label = django_filters.BooleanFilter(field_name="labels", lookup_expr="isnull", exclude=True)
    text_is = django_filters.CharFilter(field_name="text")
    label_name = django_filters.CharFilter(field_name="labels__name", lookup_expr="icontains")
    many_marks = django_filters.NumberFilter(field_name="marks_count", lookup_expr="gte")
    whole_in = type("WholeIn", (django_filters.BaseInFilter, django_filters.NumberFilter), {})(field_name="whole")
    days = type("Days", (django_filters.BaseRangeFilter, django_filters.DateFilter), {})(field_name="day")
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    kinds = django_filters.MultipleChoiceFilter(field_name="kind", choices=Kind.choices)
    drawer = django_filters.ModelChoiceFilter(queryset=lambda request: Drawer.objects.filter(secret=False))
    label = django_filters.ModelMultipleChoiceFilter(field_name="labels", queryset=Label.objects.all())
    real = django_filters.RangeFilter()
    moment = django_filters.IsoDateTimeFromToRangeFilter()
    day = django_filters.DateFromToRangeFilter()
    moment_is = django_filters.IsoDateTimeFilter(field_name="moment")
    hour = django_filters.TimeFilter()
    span = django_filters.DurationFilter()
    code = django_filters.UUIDFilter()
    some_text = django_filters.AllValuesFilter(field_name="text")
    typed = django_filters.TypedChoiceFilter(field_name="kind", choices=[("b", "bird"), ("s", "stone")],
                                             coerce={"b": 1, "s": 2}.get)  # fmt: skip

    class Meta:
        model = Keepsake
        fields = {"amount": ["exact", "gte", "in"], "flag": ["exact"], "drawer__parent": ["exact"]}

    def only_old(self, queryset: Any, name: str, value: bool) -> Any:
        """Needs the request, as methods may."""
        assert self.request is not None
        return queryset.filter(day__lt="2000-01-01") if value else queryset.filter(day__gte="2000-01-01")


class KeepsakeViewSet(ReadOnlyResourceViewSet):
    queryset = Keepsake.objects.annotate(marks_count=Count("marks", distinct=True))
    serializer_class = serializer_of(Keepsake)
    policy = anyone
    filterset_class = KeepsakeFilters
    search_fields = ("=id", "text")


class CrateSerializer(serializers.ModelSerializer):
    """Has a member under another name than its column's, and a default of its own."""

    remark = serializers.CharField(source="note", required=False, allow_blank=True)
    colour = serializers.CharField(default="green")

    class Meta:
        model = Crate
        fields = ("id", "name", "shelf", "budget", "cost", "verified", "remark", "colour")


class CrateViewSet(ResourceViewSet):
    queryset = Crate.objects.all()
    serializer_class = CrateSerializer
    policy = read(anyone) | write(authenticated)
    field_rules = {
        "shelf": staff,
        "cost": read(staff & scope("crates:costs")) | write(staff),
        "remark": staff,
        "verified": read(anyone) | write(staff),
        "colour": read(anyone) | write(staff),
    }
    filterset_fields = ("id", "name", "shelf", "budget", "cost", "verified", "note", "parcels__weight")
    search_fields = ("name", "note")
    ordering_fields = ("name", "budget", "cost", "note")
    ordering = ("-cost", "name")
    expand = ("parcels",)

    @action(detail=True, methods=["get", "patch"])
    def label(self, request: Any, id: str) -> Response:
        """Do what `retrieve` and `partial_update` do, as a project may have written it."""
        row = self.get_object()
        if request.method == "GET":
            return Response(self.get_serializer([row], many=True).data)
        serializer = self.get_serializer(row, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class BoxSerializer(CrateSerializer):
    class Meta(CrateSerializer.Meta):
        fields = ("name", "cost")


class ParcelSerializer(serializers.ModelSerializer):
    """Shows what belongs to crates in every way there is."""

    box = BoxSerializer(source="crate", read_only=True, allow_null=True)
    crate_cost = serializers.IntegerField(source="crate.cost", read_only=True, allow_null=True)
    crate_note = serializers.SlugRelatedField(source="crate", slug_field="note", read_only=True)

    class Meta:
        model = Parcel
        fields = ("id", "crate", "weight", "box", "crate_cost", "crate_note")


class ParcelViewSet(ReadOnlyResourceViewSet):
    queryset = Parcel.objects.all()
    serializer_class = ParcelSerializer
    policy = anyone
    field_rules = {"weight": authenticated}
    filterset_fields = ("id", "crate", "crate__name", "crate__cost", "crate__note", "weight")
    search_fields = ("crate__note",)
    ordering_fields = ("weight", "crate__cost", "crate__name")
    ordering = ("crate__cost", "id")
    expand = ("crate",)


router = Router()
VIEWSETS = (DrawerViewSet, LabelViewSet, SpecimenViewSet, MarkViewSet, CuriosityViewSet, KeepsakeViewSet, CrateViewSet,
            ParcelViewSet)  # fmt: skip
for viewset in VIEWSETS:
    router.register(viewset)
router.check()

urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]
