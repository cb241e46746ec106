"""What serves `iexact`, `icontains` and their kind, and `search`, on names of cities."""

from django.db import migrations

import resources.core.indexes


class Migration(migrations.Migration):
    atomic = False  # so that cities can be written meanwhile

    dependencies = [("places", "0001_initial")]

    operations = [
        resources.core.indexes.AddIndexConcurrently(
            model_name="city",
            index=resources.core.indexes.FoldedIndex(fields=["name"], name="city_name_folded"),
        ),
        resources.core.indexes.AddIndexConcurrently(
            model_name="city",
            index=resources.core.indexes.TrigramIndex(fields=["name"], name="city_name_trigrams"),
        ),
        resources.core.indexes.AddIndexConcurrently(
            model_name="city",
            index=resources.core.indexes.SearchIndex(fields=["name"], name="city_name_search"),
        ),
    ]
