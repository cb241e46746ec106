"""What every resource has: two timestamps and a revision that counts its saves."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.core import checks
from django.db import models
from django.db.models.base import ModelBase
from django.db.models.expressions import Combinable
from django.utils import timezone

if TYPE_CHECKING:
    BigInteger = models.PositiveBigIntegerField[int | Combinable, int]
else:
    BigInteger = models.PositiveBigIntegerField


class RevisionField(BigInteger):
    """Counts the saves of a row: 1 when it is inserted, one more at every update.

    The database does the counting, so two processes that save the same row never write the same
    revision; the new value is read back by the statement that wrote it.
    """

    def __init__(self, **options: Any) -> None:  # Django's, each of another type
        """Take the options of an integer field; the default is 1 and forms do not show it."""
        super().__init__(**({"default": 1, "editable": False} | options))

    def pre_save(self, model_instance: models.Model, add: bool) -> int | Combinable:
        """Give 1 for an insert, an expression that adds one for an update."""
        return 1 if add else models.F(self.attname) + 1


class ResourceQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Rows that can be changed many at once, and count that as a save of each."""

    def update(self, **values: object) -> int:  # of whatever types the columns have
        """Set columns in one statement, `revision` and `updated_at` among them unless the caller gives these.

        `bulk_update` comes through here. The objects that a program holds keep the revision they were read with.
        """
        saved = {"revision": models.F("revision") + 1, "updated_at": timezone.now()}
        return super().update(**(saved | values if values else values))

    update.alters_data = True  # type: ignore[attr-defined]


class Resources[Row: models.Model](models.Manager[Row]):
    """The manager of every resource; a custom one inherits from it."""

    def get_queryset(self) -> ResourceQuerySet[Row]:
        """Return all rows."""
        return ResourceQuerySet(self.model, using=self._db, hints=self._hints)  # type: ignore[attr-defined]


class Resource(models.Model):
    """A model exposed under one plural name. Its key comes from one of the mixins in `keys`."""

    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was created.")
    updated_at = models.DateTimeField(auto_now=True, help_text="When it was last saved.")
    revision = RevisionField(help_text="How often it was saved; the version in its ETag.")

    objects = Resources["Resource"]()

    unjournaled: ClassVar[tuple[str, ...]] = ()
    """Columns that the journal leaves out: secrets, and what changes without the row being another for anybody.

    A column that was renamed is named twice, by its field and as it was called.
    """
    part_of: ClassVar[tuple[str, ...]] = ()
    """Relations to the rows that this one is part of, as a stop is of its trip. Who locks both locks those first.

    One order for everybody, so that nobody waits in a circle: who deletes the whole has locked it, and then goes for
    its parts. A write of a part locks the whole, since its constraints look there (`resources.core.triggers`).
    """

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **options: object) -> list[checks.CheckMessage]:  # as Django hands them on
        """Check what Django checks, and that the row is part of something there is."""
        relations = {field.name for field in cls._meta.concrete_fields if field.is_relation}
        strange = [name for name in cls.part_of if name not in relations]
        words = (
            f"{cls.__name__}.part_of names what is no foreign key of it: {{}}. It has: {', '.join(sorted(relations))}."
        )
        return [*super().check(**options), *(checks.Error(words.format(name), obj=cls) for name in strange)]

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save the row; a save of some fields counts as a save too, one of no fields is none."""
        if update_fields is None and not force_insert:
            update_fields = self._loaded_fields()
        if update_fields:
            update_fields = {*update_fields, "updated_at", "revision"}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)

    def _loaded_fields(self) -> frozenset[str] | None:
        """Return what Django saves of a row that was loaded in part; None for a whole row."""
        deferred = self.get_deferred_fields()
        if not deferred:
            return None
        fields = self._meta.concrete_fields
        return frozenset(field.name for field in fields if not field.primary_key and field.attname not in deferred)
