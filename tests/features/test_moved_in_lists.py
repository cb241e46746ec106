"""Lists inside rows whose objects come from Python, or from nowhere, are shown as DRF shows them."""

import pytest
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory
from rest_framework.viewsets import ReadOnlyModelViewSet

import api.urls  # noqa: F401 - what is served otherwise was registered before these
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from resources.core.policy import anyone
from resources.places.models import City, Country

pytestmark = pytest.mark.usefixtures("world")


class TownSerializer(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ("id", "name", "country")


class Languages(serializers.ModelSerializer[Country]):
    class Meta:
        model = Country
        fields = ("languages",)


class LandSerializer(serializers.ModelSerializer[Country]):
    towns = TownSerializer(source="cities.all", many=True, read_only=True)
    keys = serializers.PrimaryKeyRelatedField(source="languages.all", many=True, read_only=True)
    nowhere = TownSerializer(many=True, read_only=True)
    within = Languages(source="*", read_only=True)

    class Meta:
        model = Country
        fields = ("id", "towns", "keys", "nowhere", "within")


class LandViewSet(ReadOnlyResourceViewSet):
    queryset = Country.objects.order_by("id")
    serializer_class = LandSerializer
    policy = anyone


class PlainViewSet(ReadOnlyModelViewSet[Country]):
    queryset = Country.objects.order_by("id")
    serializer_class = LandSerializer
    renderer_classes = (JSONRenderer,)


router = Router()
router.register(LandViewSet)
urlpatterns = [path("v1/", include(router.urls))]


def test_they_are_shown_as_drf_shows_them() -> None:
    plain = PlainViewSet.as_view({"get": "list"})(APIRequestFactory().get("/"))
    with override_settings(ROOT_URLCONF=__name__):
        ours = Client(HTTP_HOST="localhost").get(LandViewSet.path(), {"limit": 500})
    assert plain.render().content in ours.content
    assert "nowhere" not in plain.data[0], "what nobody has is left out"
    assert any(row["towns"] and row["keys"] and row["within"]["languages"] for row in plain.data)
