"""Conditions across relations: every one is an EXISTS, so no row is ever repeated."""

import pytest
from django.db import connection, models
from django.db.models import Q
from django.test.utils import isolate_apps

from resources.core.database.related import Some, leads_into, leads_to, some, split_at_many
from resources.places.models import City, Country, Language
from resources.trips.models import Role, Stop, Trip


@pytest.mark.parametrize(
    ("model", "path", "parts"),
    [
        (Stop, "trip__members__role", ("trip", "members", "role")),
        (Trip, "members", ("", "members", "")),
        (Stop, "trip__owner__email", ("trip__owner__email", "", "")),
        (Stop, "position", ("position", "", "")),
        (Stop, "trip__name__icontains", ("trip__name__icontains", "", "")),
        (City, "country__languages__id__in", ("country", "languages", "id__in")),
        (Language, "countries__cities", ("", "countries", "cities")),
        (Stop, "nothing__at__all", ("nothing__at__all", "", "")),
    ],
)
def test_a_path_is_split_at_its_first_to_many_relation(model, path, parts):
    assert split_at_many(model, path) == parts


def names(queryset):
    return sorted(str(row) for row in queryset)


def test_a_reverse_relation(world):
    assert names(Trip.objects.filter(Some("members", Q(role=Role.EDITOR)))) == ["Alps by train"]


def test_no_row_is_repeated(world):
    assert Trip.objects.filter(members__isnull=False).count() == 2
    assert Trip.objects.filter(Some("members", Q())).count() == 1


def test_one_related_row_meets_the_whole_condition(world):
    assert not Trip.objects.filter(Some("members", Q(person=world.editor.id, role=Role.VIEWER))).exists()
    assert Trip.objects.filter(Some("members", Q(person=world.editor.id, role=Role.EDITOR))).exists()


def test_separate_conditions_may_be_met_by_separate_rows(world):
    both = Trip.objects.filter(Some("members", Q(role=Role.EDITOR)), Some("members", Q(role=Role.VIEWER)))
    assert names(both) == ["Alps by train"]


def test_behind_a_to_one_relation(world):
    stops = Stop.objects.filter(Some("trip__members", Q(person=world.viewer.id)))
    assert {stop.id for stop in stops} == {stop.id for stop in world.trip.stops.all()}


def test_behind_a_to_one_relation_that_is_null(world):
    assert names(Trip.objects.filter(Some("currency__countries", Q(pk="FR")))) == ["Alps by train"]
    assert names(Trip.objects.exclude(Some("currency__countries", Q(pk="FR")))) == ["Pacific"]


def test_many_to_many_both_ways(world):
    assert names(Country.objects.filter(Some("languages", Q(pk="fr")))) == ["France", "Switzerland"]
    assert names(Language.objects.filter(Some("countries", Q(continent="EU")))) == ["French", "German"]


def test_a_relation_to_itself(world):
    from resources.places.models import Subdivision

    assert names(Subdivision.objects.filter(Some("children", Q(pk="FR-42")))) == ["Auvergne-Rhône-Alpes"]


def test_inside_a_condition_inside(world):
    condition = Some("members", Q(role=Role.VIEWER)) & Q(Some("stops", Q(city__isnull=True)))
    assert names(Trip.objects.filter(condition)) == ["Alps by train"]
    nested = Some("cities", Q(Some("stops", Q(position=3))))
    assert names(Country.objects.filter(nested)) == ["Switzerland"]


@pytest.mark.parametrize("condition", [Q(role=Role.EDITOR), Q(person__email="viewer@example.org"), Q(), Q(pk__in=[])])
def test_a_condition_and_its_negation_share_out_the_rows(world, condition):
    some_rows = Trip.objects.filter(Some("members", condition))
    other_rows = Trip.objects.filter(~Q(Some("members", condition)))
    assert names(some_rows) + names(other_rows) == names(some_rows.union(other_rows))
    assert some_rows.count() + other_rows.count() == Trip.objects.count()


def test_it_can_be_negated_combined_and_counted(world):
    condition = ~Q(Some("members", Q(role=Role.EDITOR))) | Q(name="Alps by train")
    assert Trip.objects.filter(condition).count() == 2


def test_the_statement_holds_one_exists_and_no_join(world):
    sql = str(Stop.objects.filter(Some("trip__members", Q(person=world.viewer.id))).query)
    assert sql.count("EXISTS") == 1
    assert "JOIN" not in sql


def test_it_can_be_used_more_than_once(world):
    condition = Some("members", Q(role=Role.EDITOR))
    assert Trip.objects.filter(condition).count() == Trip.objects.filter(condition).count() == 1


@pytest.mark.parametrize("path", ["name", "owner", "members__role", "nothing"])
def test_a_path_that_does_not_end_in_a_to_many_relation_is_refused(path):
    with pytest.raises(ValueError, match=f"{path} does not end in a to-many relation of Trip"):
        some(Trip, path, Q())


def test_it_shows_what_it_asks():
    assert repr(Some("members", Q(role="editor"))) == "Some('members', <Q: (AND: ('role', 'editor'))>)"


@isolate_apps("resources.places")
@pytest.mark.django_db(transaction=True)
def test_what_leads_to_none_of_some_rows_is_known_beside_a_row_that_nothing_can_refer_to(vendor):
    class Shelf(models.Model):
        code = models.CharField(max_length=9, null=True, unique=True)

        class Meta:
            app_label = "places"

    class Book(models.Model):
        shelf = models.ForeignKey(Shelf, models.CASCADE, to_field="code", null=True)

        class Meta:
            app_label = "places"

    with connection.schema_editor() as editor:
        editor.create_model(Shelf)
        editor.create_model(Book)
    try:
        Shelf.objects.bulk_create(Shelf(code=code) for code in ("a", "b", None))
        a, b, none = (Book.objects.create(shelf_id=code).pk for code in ("a", "b", None))
        for leads in (leads_into, leads_to):
            inside = leads("shelf", Book._meta.get_field("shelf"), Shelf.objects.exclude(code="b"))
            assert set(Book.objects.filter(inside).values_list("pk", flat=True)) == {a}
            assert set(Book.objects.filter(~inside).values_list("pk", flat=True)) == {b, none}
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Book)
            editor.delete_model(Shelf)
