"""What is looked up together for a list, and what had better be asked by itself."""

import uuid
from typing import Any

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from resources.core import fields
from serializers.core.write.batch_lookup import BatchRows, key_of
from tests.world import World

UUID_TEXT = "0198f1c2-0000-7000-8000-00000000000a"


@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        (models.BigIntegerField(), 5, 5),
        (models.BigIntegerField(), 5.0, 5),
        (models.BigIntegerField(), "5", 5),
        (models.BigIntegerField(), True, None),
        (models.BigIntegerField(), 2**63, None),
        (models.BigIntegerField(), float("inf"), None),
        (models.BigIntegerField(), "five", None),
        (models.UUIDField(), UUID_TEXT, uuid.UUID(UUID_TEXT)),
        (models.UUIDField(), UUID_TEXT.upper(), uuid.UUID(UUID_TEXT)),
        (models.UUIDField(), "5", None),
        (fields.CharField(max_length=9), "FR", "FR"),
        (fields.CharField(max_length=9), 5, "5"),
        (models.CharField(max_length=9), ["FR"], None),
        (models.CharField(max_length=9), None, None),
        (models.CharField(max_length=9, db_collation="nocase"), "FR", None),
        (models.DateField(), "2026-11-22", None),
    ],
)
def test_a_value_becomes_what_its_column_holds(column: Any, value: Any, key: Any) -> None:
    assert key_of(column, value) == key


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.lists(st.integers())))
def test_no_value_of_json_is_too_strange(value: Any) -> None:
    for column in (models.BigIntegerField(), models.UUIDField(), models.CharField(), models.DecimalField()):
        key_of(column, value)


def test_what_was_not_looked_up_is_asked_by_itself(world: World, django_assert_num_queries: Any) -> None:
    from resources.places.models import Country

    found = BatchRows(Country.objects.all(), Country._meta.pk, {"FR", "QQ"})
    with django_assert_num_queries(0):
        assert found.get(pk="FR").name == "France"
        with pytest.raises(Country.DoesNotExist):
            found.get(pk="QQ")
        assert found.in_bulk(["FR", "QQ"]).keys() == {"FR"}
    with django_assert_num_queries(2):
        assert found.get(pk="DE").name == "Germany"
        assert found.in_bulk(["FR", "DE"]).keys() == {"FR", "DE"}
    assert found.filter(id="DE").exists()
