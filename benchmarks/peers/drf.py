"""Plain DRF: a ModelSerializer and a ModelViewSet for each resource, with django-filter and offset pages.

No authentication, no permissions, no throttle; and a page does not count rows, which DRF would do otherwise.
"""

from typing import Any

from django.db.models import QuerySet
from django.urls import include, path
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.decorators import action
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from benchmarks.peers.models import City, Country, Language


class Uncounted(LimitOffsetPagination):
    """Pages by offset, without the count."""

    default_limit = 50
    max_limit = 500

    def get_count(self, queryset: QuerySet[Any]) -> int:
        """Say that there is always more."""
        return 2**31

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with rows and links."""
        return Response({"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data})


class LanguageSerializer(ModelSerializer):
    """A language."""

    class Meta:
        model = Language
        fields = "__all__"


class CountrySerializer(ModelSerializer):
    """A country, with the keys of its currency and languages."""

    class Meta:
        model = Country
        fields = [field.name for field in Country._meta.get_fields() if not field.auto_created]


class CitySerializer(ModelSerializer):
    """A city."""

    class Meta:
        model = City
        fields = "__all__"


class CityWithCountry(CitySerializer):
    """A city with its country as an object."""

    country = CountrySerializer()


class CountryWithLanguages(CountrySerializer):
    """A country with its languages as objects."""

    languages = LanguageSerializer(many=True)


class CityViewSet(ModelViewSet):
    """Cities; `/with-country` has the country of each as an object."""

    queryset = City.objects.all()
    serializer_class = CitySerializer
    pagination_class = Uncounted
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_fields = {"country": ["exact"], "population": ["gte"], "latitude": ["gte"]}
    ordering_fields = ["population", "id"]

    @action(
        detail=False,
        url_path="with-country",
        serializer_class=CityWithCountry,
        queryset=City.objects.select_related("country").prefetch_related("country__languages"),
    )
    def with_country(self, request: Request) -> Response:
        """List with the countries."""
        return self.list(request)

    @action(detail=False)
    def count(self, request: Request) -> Response:
        """Count the rows that the filters leave."""
        return Response({"count": self.filter_queryset(self.get_queryset()).count()})


class CountryViewSet(ModelViewSet):
    """Countries with their languages."""

    queryset = Country.objects.prefetch_related("languages")
    serializer_class = CountryWithLanguages
    pagination_class = Uncounted
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_fields = {"population": ["lte"]}
    ordering_fields = ["population", "id"]


router = SimpleRouter(trailing_slash=False)
router.register("cities", CityViewSet)
router.register("countries", CountryViewSet)
urlpatterns = [path("", include(router.urls))]
