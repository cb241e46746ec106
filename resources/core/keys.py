"""The two kinds of key a resource may have. The attribute is always `id`; the column may have any name."""

import uuid

from django.core import checks
from django.db import models

from resources.core import uuids


def uuid7() -> uuid.UUID:
    """Make the key of a new row. Migrations name it by this module, which a domain may import."""
    return uuids.uuid7()


type Key = uuid.UUID | str | int
"""What a key is in Python."""


class UUIDv7Key(models.Model):
    """A key that Headwater makes, or that a client brings with its POST."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, help_text="A UUIDv7.")

    class Meta:
        abstract = True


class NaturalKey(models.Model):
    """A key that the world gives: `FR`, `EUR`, `2988507`. The model declares its `id` itself."""

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **options: object) -> list[checks.CheckMessage]:  # as Django hands them on
        """Refuse a key that is not called `id`, or one that the database would make up."""
        key = cls._meta.pk
        if key.name == "id" and not isinstance(key, models.AutoField):
            return super().check(**options)
        fault = checks.Error(
            f"{cls.__name__} has a natural key but does not declare it.",
            hint='Write: id = fields.CharField(primary_key=True, max_length=2, db_column="code")',
            obj=cls,
            id="headwater.E001",
        )
        return [*super().check(**options), fault]
