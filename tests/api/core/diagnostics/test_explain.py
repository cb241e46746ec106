"""`manage.py explain` says how resources are read, and what no index serves."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Window
from django.db.models.functions import RowNumber

import api.urls  # noqa: F401 - where resources are registered
from api.core.diagnostics.explain import explain, missing_indexes
from api.core.read.strategies import Level
from api.core.resource.registry import REGISTRY
from api.core.views.reading import ReadView
from api.core.viewset import ReadOnlyResourceViewSet
from api.places import CityViewSet
from resources.core.policy import anyone
from resources.places.models import City
from serializers.core.fields import SerializerMethodField
from serializers.places import CitySerializer
from tests import specimens
from tests.world import World

specimens.install()


class OwnRowsViewSet(CityViewSet):
    def get_queryset(self):
        return super().get_queryset().filter(population__gte=1)


class AskingViewSet(CityViewSet):
    def get_queryset(self):
        return super().get_queryset().filter(name=self.request.user.pk, is_capital="all" in self.request.GET)


class FailingViewSet(CityViewSet):
    def get_queryset(self):
        raise LookupError(self.action)


class AnnotatedViewSet(CityViewSet):
    def get_queryset(self):
        return super().get_queryset().annotate(called=F("name"))


class NumberedSerializer(CitySerializer):
    number = SerializerMethodField(sql=Window(RowNumber(), order_by="pk"))

    class Meta(CitySerializer.Meta):
        fields = (*CitySerializer.Meta.fields, "number")

    def get_number(self, row):
        return City.objects.filter(pk__lte=row.pk).count()


class NumberedViewSet(CityViewSet):
    serializer_class = NumberedSerializer


class Louder(CitySerializer):
    def to_representation(self, instance):
        return {name: str(value).upper() for name, value in super().to_representation(instance).items()}


class LouderAndOwnViewSet(OwnRowsViewSet):
    serializer_class = Louder


class LouderViewSet(ReadOnlyResourceViewSet):
    queryset = City.objects.all()
    serializer_class = Louder
    policy = anyone
    filterset_fields = ("created_at",)
    ordering_fields = ("created_at",)


def printed(*words: str) -> str:
    out = io.StringIO()
    call_command("explain", *words, stdout=out, no_color=True)
    return out.getvalue()


@pytest.mark.parametrize(
    ("viewset", "level", "reason"),
    [
        (CityViewSet, Level.TRACED, ""),
        (OwnRowsViewSet, Level.COMPILED, "get_queryset is code of the viewset's own"),
        (AskingViewSet, Level.COMPILED, "get_queryset is code of the viewset's own"),
        (LouderAndOwnViewSet, Level.INTERPRETED, "Louder.to_representation decides in Python what is shown"),
        (LouderViewSet, Level.INTERPRETED, "Louder.to_representation decides in Python what is shown"),
    ],
)
def test_every_level_is_told_with_its_reason(world: World, viewset: type[ReadView], level: Level, reason: str) -> None:
    found = explain(viewset.resource_type())
    assert (found.level, found.reason) == (level, reason)
    assert found.sql.startswith("SELECT")
    assert found.plan


@pytest.mark.parametrize(
    ("viewset", "begins"),
    [(CityViewSet, "WITH"), (OwnRowsViewSet, "WITH"), (AnnotatedViewSet, "SELECT"), (NumberedViewSet, "SELECT")],
)
def test_only_plain_rows_are_found_before_they_are_shown(world: World, viewset: Any, begins: str) -> None:
    found = explain(viewset.resource_type(), expand="country", ordering="country__name")
    assert found.sql.startswith(begins)
    assert found.plan


def test_all_resources_in_a_line_each(world: World) -> None:
    lines = [line for line in printed().splitlines() if not line.startswith(" ")]
    assert "cities: traced" in lines
    assert {line.partition(":")[0] for line in lines} >= {"countries", "trips", "stops", "members"}


def test_code_that_fails_is_told_and_the_others_are_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REGISTRY, "every", {FailingViewSet.resource_type(): None, **REGISTRY.every})
    lines = printed().splitlines()
    assert "cities: its own code fails in a plain request: LookupError('list')" in lines
    assert "countries: traced" in lines


def test_one_resource_in_full(world: World) -> None:
    text = printed("cities")
    assert "SELECT" in text
    assert "indexes: " in text


def test_field_rules_are_told(world: World) -> None:
    from tests.specimens import urls  # noqa: F401 - where they are registered

    assert "field rule: verified by read(anyone) | write(staff)" in printed("crates").splitlines()
    assert "field verified: seen, by read(anyone) | write(staff)" in printed("access", "owner@example.org", "crates")
    assert "field shelf: hidden, by staff" in printed("access", "owner@example.org", "crates")


def test_what_no_index_serves_is_a_warning(world: World) -> None:
    assert [text.partition(" has")[0] for text in missing_indexes(LouderViewSet.resource_type())] == [
        "the filter created_at",
        "the ordering created_at",
    ]


def test_what_an_index_serves_is_none(world: World) -> None:
    assert [text for text in missing_indexes(CityViewSet.resource_type()) if "country__name" not in text] == []


def test_an_unknown_resource_is_refused() -> None:
    with pytest.raises(CommandError, match="There is no resource 'citys'"):
        printed("citys")


def test_who_may_do_what(world: World) -> None:
    text = printed("access", "viewer@example.org", "trips", str(world.trip.id))
    assert text.startswith(f"trips, row {world.trip.id}, for ")
    assert 'read: let in by member("members")' in text
    assert 'update: kept out by read(member("members")), member("members", roles=["editor"]), owner("owner")' in text
    assert '    yes  read(member("members"))' in text
    whole = printed("access", "staff@example.org", "cities").splitlines()
    assert whole[0].endswith(", who is staff")
    assert "update: all rows, by staff" in whole


def test_a_key_out_of_scope_counts_as_nobody(world: World) -> None:
    text = printed("access", "owner@example.org", "trips", "--scope", "trips:read")
    assert "update: counts as nobody, since the scope trips:write is missing; kept out by" in text
    assert 'read: some rows, by member("members"), owner("owner")' in text


def test_somebody_who_is_kept_out_is_told(world: World) -> None:
    world.viewer.is_active = False
    world.viewer.save()
    assert "The person is not active" in printed("access", "viewer@example.org", "trips")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["access"], "Write manage.py explain access EMAIL"),
        (["access", "owner@example.org"], "Write manage.py explain access EMAIL"),
        (["access", "no@example.org", "trips"], "Nobody has the address 'no@example.org'"),
        (["access", "owner@example.org", "trip"], "There is no resource 'trip'"),
        (["access", "owner@example.org", "trips", "x"], "There is no row 'x' among trips"),
        (["cities", "trips"], "Write manage.py explain"),
        (["cities", "--scope", "trips:read"], "Write manage.py explain"),
    ],
)
def test_what_cannot_be_explained(world: World, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        printed(*words)
