"""What serves every lookup of text on airports, those on time zones of cities, cities of a subdivision, and capitals."""

from django.db import migrations, models

from resources.core.indexes import AddIndexConcurrently, RemoveIndexConcurrently, SearchIndex, TrigramIndex


class Migration(migrations.Migration):
    atomic = False  # so that places can be written meanwhile

    dependencies = [("places", "0002_text_indexes")]

    operations = [
        AddIndexConcurrently("airport", TrigramIndex(fields=["id"], name="airport_id_trigrams")),
        AddIndexConcurrently("airport", TrigramIndex(fields=["iata"], name="airport_iata_trigrams")),
        AddIndexConcurrently("airport", TrigramIndex(fields=["name"], name="airport_name_trigrams")),
        AddIndexConcurrently("airport", TrigramIndex(fields=["city_name"], name="airport_city_name_trigrams")),
        AddIndexConcurrently("airport", TrigramIndex(fields=["timezone"], name="airport_timezone_trigrams")),
        AddIndexConcurrently("airport", SearchIndex(fields=["id"], name="airport_id_search")),
        AddIndexConcurrently("airport", SearchIndex(fields=["iata"], name="airport_iata_search")),
        AddIndexConcurrently("airport", SearchIndex(fields=["name"], name="airport_name_search")),
        AddIndexConcurrently("airport", SearchIndex(fields=["city_name"], name="airport_city_name_search")),
        AddIndexConcurrently("city", models.Index(fields=["subdivision", "id"], name="city_subdivision")),
        AddIndexConcurrently(
            "city", models.Index(fields=["population", "id"], condition=models.Q(is_capital=True), name="city_capitals")
        ),
        RemoveIndexConcurrently("city", "city_is_capital"),
        AddIndexConcurrently("city", TrigramIndex(fields=["timezone"], name="city_timezone_trigrams")),
    ]
