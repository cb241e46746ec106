"""What a database does, or does not do, with a row is told: what holds it, what it overlaps, what it has changed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from rest_framework import serializers

from api.core.http import errors
from api.core.views.router import Router
from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone
from tests.client import Client
from tests.specimens import urls  # noqa: F401 - what is served otherwise was registered before these
from tests.specimens.models import Crown, Leaf, Nest, Ring, Tag, Tree

pytestmark = pytest.mark.django_db(transaction=True)


def viewset(resource: Any) -> Any:
    """Make a resource of a model."""
    meta = type("Meta", (), {"model": resource, "fields": "__all__"})
    serializer = type(f"{resource.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta})
    declared = {"policy": anyone, "queryset": resource.objects.order_by("pk"), "serializer_class": serializer}
    return type(f"{resource.__name__}ViewSet", (ResourceViewSet,), declared)


class SavedTag(Tag):
    class Meta:
        proxy = True
        app_label = "specimens"

    def save(self, **options: Any) -> None:
        """Set a column of its own."""
        self.count += 1
        super().save(**options)


router = Router()
for model in (Tree, Leaf, Tag, Ring, SavedTag):
    router.register(f"{model.__name__.lower()}s", viewset(model), basename=model.__name__.lower())
router.check()
urlpatterns = [path("v1/", include(router.urls)), path("", errors.not_found)]


@pytest.fixture
def client() -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(None)


def detail(client: Client, row: Any) -> Any:
    answer = client.delete(f"/v1/trees/{row.pk}")
    assert answer.status == 409, answer.text
    assert Tree.objects.filter(pk=row.pk).exists()
    return answer.json["detail"]


def test_it_works(client: Client) -> None:
    tree = Tree.objects.create()
    Nest.objects.create(tree=tree)
    assert detail(client, tree) == "This is still referred to by nests."
    Nest.objects.all().delete()
    assert client.delete(f"/v1/trees/{tree.pk}").status == 204


def test_what_holds_a_row_that_would_go_along(client: Client) -> None:
    tree = Tree.objects.create()
    crown = Crown.objects.create(tree=tree)
    Nest.objects.create(crown=crown)
    assert detail(client, tree) == "This is still referred to by nests."


def test_a_table_that_has_no_model(client: Client) -> None:
    tree = Tree.objects.create()
    kind = "uuid" if connection.vendor == "postgresql" else "char(32)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE carvings (tree {kind} REFERENCES specimens_tree (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        try:
            cursor.execute("INSERT INTO carvings VALUES (%s)", [Tree._meta.pk.get_db_prep_value(tree.pk, connection)])
            assert detail(client, tree) == "This is still referred to by carvings."
        finally:
            cursor.execute("DROP TABLE carvings")


@pytest.mark.parametrize("reference", ["tree", "other"])
def test_a_reference_that_is_set_to_null_counts(client: Client, reference: str) -> None:
    tree, apart = Tree.objects.create(), Leaf.objects.create()
    leaf = Leaf.objects.create(**{reference: tree})
    before = client.get(f"/v1/leafs/{leaf.pk}")
    assert client.delete(f"/v1/trees/{tree.pk}").status == 204
    after = client.get(f"/v1/leafs/{leaf.pk}")
    assert (after.json[reference], after.json["revision"]) == (None, 2)
    assert after.json["updated_at"] > before.json["updated_at"]
    assert after.headers["ETag"] != before.headers["ETag"]
    assert client.get(f"/v1/leafs/{apart.pk}").json["revision"] == 1


def test_the_triggers_can_be_made_again(client: Client) -> None:
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    tree = Tree.objects.create()
    leaf = Leaf.objects.create(tree=tree)
    tree.delete()
    assert client.get(f"/v1/leafs/{leaf.pk}").json["revision"] == 2


def test_a_save_counts_once(client: Client) -> None:
    tree = Tree.objects.create()
    leaf = Leaf.objects.create()
    body = {"tree": str(tree.pk), "other": str(tree.pk)}
    assert client.patch(f"/v1/leafs/{leaf.pk}", body).json["revision"] == 2
    assert client.patch(f"/v1/leafs/{leaf.pk}", {"name": "x"}).json["revision"] == 3


def test_what_overlaps(client: Client, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite has no such constraints")
    assert client.post("/v1/rings", {"begins": 1, "ends": 5}).status == 201
    answer = client.post("/v1/rings", {"begins": 4, "ends": 9})
    assert answer.status == 409
    assert answer.json["errors"] == [{"pointer": "", "code": "overlap", "detail": "This overlaps with another ring."}]
    several = client.post("/v1/rings", [{"begins": 10, "ends": 12}, {"begins": 11, "ends": 12}])
    assert (several.status, several.json["errors"][0]["pointer"]) == (409, "/1")
    apart = client.post("/v1/rings", {"begins": 20, "ends": 22}).json["id"]
    assert client.patch(f"/v1/rings/{apart}", {"begins": 2}).status == 409


def test_a_temporal_constraint(client: Client, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite has no such constraints")
    with connection.cursor() as cursor:
        for name in ("years", "again"):
            made = "GENERATED ALWAYS AS (int4range(begins, ends)) STORED"
            cursor.execute(f"ALTER TABLE specimens_ring ADD COLUMN {name} int4range {made}")
        cursor.execute("ALTER TABLE specimens_ring DROP CONSTRAINT ring_apart")
        cursor.execute("ALTER TABLE specimens_ring ADD CONSTRAINT alone UNIQUE (again, years WITHOUT OVERLAPS)")
        try:
            assert client.post("/v1/rings", {"begins": 1, "ends": 5}).status == 201
            answer = client.post("/v1/rings", {"begins": 1, "ends": 5})
            assert answer.status == 409
            assert answer.json["detail"] == "This overlaps with another ring."
        finally:
            cursor.execute("ALTER TABLE specimens_ring DROP COLUMN years, DROP COLUMN again")
            Ring.objects.all().delete()
            apart = "EXCLUDE USING gist (int4range(begins, ends) WITH &&)"
            cursor.execute(f"ALTER TABLE specimens_ring ADD CONSTRAINT ring_apart {apart}")


def is_json_null(row: Any) -> bool:
    kind = "jsonb_typeof" if connection.vendor == "postgresql" else "json_type"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {kind}(value), other IS NULL FROM specimens_tag WHERE id = %s", [row.pk])
        return cursor.fetchone() in (("null", True), ("null", 1))


@pytest.mark.parametrize("path", ["tags", "savedtags"])
def test_a_json_null_stays(client: Client, path: str) -> None:
    row = Tag.objects.create(name="a")
    assert is_json_null(row)
    assert client.patch(f"/v1/{path}/{row.pk}", {"name": "b"}).json["name"] == "b"
    assert is_json_null(row)
    whole = client.get(f"/v1/{path}/{row.pk}").json
    answer = client.put(f"/v1/{path}/{row.pk}", whole | {"name": "c"})
    assert (answer.status, answer.json["name"]) == (200, "c"), answer.text
    assert is_json_null(row)
    row.refresh_from_db()
    assert row.count == (2 if path == "savedtags" else 0)


def test_a_change_writes_what_it_was_given(client: Client) -> None:
    row = Tag.objects.create(name="a", value={"a": 1})
    with CaptureQueriesContext(connection) as queries:
        assert client.patch(f"/v1/tags/{row.pk}", {"count": 3}).status == 200
    [update] = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert update.split("WHERE")[0].count(" = ") == 1
    assert '"count" = 3' in update
