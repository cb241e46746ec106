"""The triggers that count: there where a reference changes on its own, and only there."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from resources.core import revision_triggers
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource
from resources.places.models import Country


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
@isolate_apps("resources.places")
def test_which_references_change_on_their_own(vendor: str) -> None:
    def resource(on_delete: object, **options: object) -> type[models.Model]:
        meta = type("Meta", (), {"app_label": "places"})
        reference = models.ForeignKey(Country, on_delete, related_name="+", **options)
        return type("Visit", (UUIDv7Key, Resource), {"Meta": meta, "__module__": __name__, "country": reference})

    quiet = (models.CASCADE, models.PROTECT, models.RESTRICT, models.DO_NOTHING, models.DB_CASCADE)
    counted = (models.SET_NULL, models.DB_SET_NULL, models.SET_DEFAULT, models.SET("FR"))
    assert [list(revision_triggers.statements(resource(each), vendor)) for each in quiet] == [[]] * len(quiet)
    for each in counted:
        statements = list(revision_triggers.statements(resource(each, null=True, default=None), vendor))
        assert '"country_id"' in statements[-1]
