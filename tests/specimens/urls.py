"""The resources, at /v1 as those of the API are."""

from typing import Any

import django_filters
from django.db.models import Count, Q
from django.urls import include, path
from rest_framework import serializers

from api.core.answers import errors
from api.core.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from resources.core.actor import Actor
from resources.core.policy import ALL, NONE, Policy, Verb, anyone
from tests.specimens.models import Curiosity, Drawer, Keepsake, Kind, Label, Mark, Specimen

VALUES = (
    "id", "text", "prose", "small", "whole", "real", "amount", "flag", "day", "moment", "hour", "span", "code", "kind"
)  # fmt: skip


class NotSecret(Policy):
    """Everybody reads what is not secret; staff reads everything."""

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows."""
        return NONE if verb != "read" else ALL if actor.is_staff else Q(secret=False)


def serializer_of(resource: type) -> type[serializers.BaseSerializer]:
    meta = type("Meta", (), {"model": resource, "fields": "__all__"})
    return type(f"{resource.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta})


class DrawerViewSet(ReadOnlyResourceViewSet):
    queryset = Drawer.objects.all()
    serializer_class = serializer_of(Drawer)
    policy = NotSecret()
    filterset_fields = ("id", "name", "parent", "specimens__whole")
    expand = ("parent", "children", "specimens")


class LabelViewSet(ReadOnlyResourceViewSet):
    queryset = Label.objects.all()
    serializer_class = serializer_of(Label)
    policy = NotSecret()
    filterset_fields = ("id", "name", "specimens")
    ordering = ("-name",)
    expand = ("specimens", "marks")


class SpecimenViewSet(ReadOnlyResourceViewSet):
    queryset = Specimen.objects.all()
    serializer_class = serializer_of(Specimen)
    policy = anyone
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


router = Router()
for viewset in (DrawerViewSet, LabelViewSet, SpecimenViewSet, MarkViewSet, CuriosityViewSet, KeepsakeViewSet):
    router.register(viewset)
router.check()

urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]
