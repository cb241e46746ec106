"""The tables."""

from base64 import b64decode, b64encode
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from resources.core import fields
from tests.specimens.clinic import Appointment as Appointment
from tests.specimens.clinic import Guest as Guest
from tests.specimens.clinic import KnownGuest as KnownGuest
from tests.specimens.clinic import KnownTalk as KnownTalk
from tests.specimens.clinic import PrivateNote as PrivateNote
from tests.specimens.clinic import Talk as Talk
from tests.specimens.forest import Crown as Crown
from tests.specimens.forest import Leaf as Leaf
from tests.specimens.forest import Nest as Nest
from tests.specimens.forest import Ring as Ring
from tests.specimens.forest import Tag as Tag
from tests.specimens.forest import Tree as Tree
from tests.specimens.forms import Form as Form

AUTH_USER_MODEL = settings.AUTH_USER_MODEL


class Drawer(models.Model):
    """Where specimens are kept; drawers stand in drawers. Its name has the database's own collation."""

    id = models.BigIntegerField(primary_key=True)
    name = models.TextField(null=True)
    secret = models.BooleanField(default=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")


class Label(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100, null=True)
    secret = models.BooleanField(default=False)


class Kind(models.IntegerChoices):
    BIRD = 1
    STONE = 2


class Specimen(models.Model):
    """A column of every type."""

    id = models.BigIntegerField(primary_key=True)
    text = fields.CharField(max_length=100, null=True)
    prose = models.TextField(null=True)
    small = models.SmallIntegerField(null=True)
    whole = models.BigIntegerField(null=True)
    real = models.FloatField(null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    flag = models.BooleanField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    hour = models.TimeField(null=True)
    span = models.DurationField(null=True)
    code = models.UUIDField(null=True)
    kind = models.IntegerField(choices=Kind, null=True)
    notes = models.JSONField(default=dict)
    picture = models.FileField(null=True)
    drawer = models.ForeignKey(Drawer, models.CASCADE, null=True, related_name="specimens")
    labels = models.ManyToManyField(Label, related_name="specimens")


class Mark(models.Model):
    id = models.BigIntegerField(primary_key=True)
    specimen = models.ForeignKey(Specimen, models.CASCADE, related_name="marks")
    text = fields.CharField(max_length=100, null=True)
    whole = models.BigIntegerField(null=True)
    label = models.ForeignKey(Label, models.CASCADE, null=True, related_name="marks")
    secret = models.BooleanField(default=False)


class Curiosity(Specimen):
    """The same rows as another resource, with a dict of lookups."""

    class Meta:
        proxy = True
        verbose_name_plural = "curiosities"


class Keepsake(Specimen):
    """The same rows as another resource, with a FilterSet of its own."""

    class Meta:
        proxy = True


class Crate(models.Model):
    """Some of its columns are not for everybody: see the field rules of its viewset."""

    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100)
    shelf = fields.CharField(max_length=100, default="top")
    budget = models.IntegerField(default=100)
    cost = models.IntegerField(default=10)
    verified = models.BooleanField(default=False)
    note = models.TextField(default="", blank=True)
    colour = fields.CharField(max_length=100, default="red")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "shelf"], name="crate_on_shelf"),
            models.CheckConstraint(condition=Q(cost__lte=F("budget")), name="cost_within_budget"),
        ]

    def clean(self) -> None:
        if self.cost > 10 * len(self.name):
            raise ValidationError({"cost": f"{self.cost} is too much for {self.name}."})


class Parcel(models.Model):
    id = models.BigIntegerField(primary_key=True)
    crate = models.ForeignKey(Crate, models.CASCADE, null=True, related_name="parcels")
    weight = models.IntegerField(default=1)


class Cents(models.IntegerField):
    """Stores 1250 for 12.50, and says nothing of how a text becomes a value."""

    def from_db_value(self, value: int | None, *_: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / 100

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else int(value * 100)


class Temperature(models.DecimalField):
    """Stores kelvins; reads and shows degrees Celsius."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return None if value is None else value.quantize(Decimal("0.01"))

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else Decimal(value) - Decimal("273.15")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        shifted = None if value is None else Decimal(value) + Decimal("273.15")
        return super().get_db_prep_value(shifted, connection, prepared)


class Sealing:
    """Stores a text so that nobody reads it in the database."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return None if value is None else b64decode(value).decode()[::-1]

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else b64encode(str(value)[::-1].encode()).decode()


class SealedText(Sealing, models.TextField):
    pass


class Coin(models.Model):
    """Columns whose classes convert what they store, and columns that the database makes of others."""

    id = models.BigIntegerField(primary_key=True)
    price = Cents(null=True)
    melts = Temperature(max_digits=9, decimal_places=2, null=True)
    owner = SealedText(null=True)
    weight = models.IntegerField(null=True)
    double = models.GeneratedField(
        expression=F("weight") * 2, output_field=models.IntegerField(), db_persist=True, null=True
    )
    value = models.DecimalField(null=True)
    address = models.GenericIPAddressField(null=True)
    papers = models.JSONField(null=True)
    minted = models.DurationField(null=True)


class Relic(models.Model):
    """A table that another program made, and fills: `tests.features.relics` says of which types its columns are."""

    id = models.TextField(primary_key=True)
    ratio = models.FloatField(null=True)
    amount = models.DecimalField(max_digits=30, decimal_places=2, null=True)
    number = models.DecimalField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    hour = models.TimeField(null=True)
    span = models.DurationField(null=True)
    code = models.UUIDField(null=True)
    mood = models.TextField(null=True)
    cost = models.TextField(null=True)
    tags = models.TextField(null=True)
    paper = models.TextField(null=True)
    notes = models.JSONField(null=True)

    class Meta:
        managed = False


class Club(models.Model):
    """Others refer to it by its number or its code, never by its key."""

    id = models.BigIntegerField(primary_key=True)
    number = models.IntegerField(unique=True)
    code = fields.CharField(max_length=20, unique=True)
    name = models.TextField(null=True)
    secret = models.BooleanField(default=False)
    owner = models.ForeignKey(
        AUTH_USER_MODEL, models.CASCADE, to_field="email", null=True, related_name="+", db_constraint=False
    )
    friends = models.ManyToManyField("self", through="Friendship", symmetrical=False, related_name="befriended")


class Friendship(models.Model):
    one = models.ForeignKey(Club, models.CASCADE, to_field="number", related_name="+")
    other = models.ForeignKey(Club, models.CASCADE, to_field="code", related_name="+")


class Seat(models.Model):
    """Somebody's membership in a club."""

    id = models.BigIntegerField(primary_key=True)
    club = models.ForeignKey(Club, models.CASCADE, to_field="number", related_name="seats")
    person = models.ForeignKey(AUTH_USER_MODEL, models.CASCADE, to_field="email", related_name="+", db_constraint=False)


class Notice(models.Model):
    id = models.BigIntegerField(primary_key=True)
    club = models.ForeignKey(Club, models.CASCADE, to_field="code", null=True, related_name="notices")
    text = fields.CharField(max_length=100, default="")
    secret = models.BooleanField(default=False)


class Charter(models.Model):
    """A club has one at most."""

    id = models.BigIntegerField(primary_key=True)
    club = models.OneToOneField(Club, models.CASCADE, to_field="number", related_name="charter")
    text = fields.CharField(max_length=100, default="")


class Clause(models.Model):
    """Its key is a reference to a club's code."""

    club = models.OneToOneField(Club, models.CASCADE, to_field="code", primary_key=True, related_name="clause")
    text = fields.CharField(max_length=100, default="")


class Author(models.Model):
    """One who has left is in none of the rows that its viewset declares."""

    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100)
    gone = models.BooleanField(default=False)


class Shelf(models.Model):
    """Each has its keeper, who alone is shown it, by code of the viewset's own."""

    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100)
    keeper = models.UUIDField(null=True)

    class Meta:
        verbose_name_plural = "shelves"


class Book(models.Model):
    id = models.BigIntegerField(primary_key=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books", null=True)
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books", null=True)


class Present(models.Manager["Stamp"]):
    def get_queryset(self) -> models.QuerySet["Stamp"]:
        return super().get_queryset().filter(gone=False)


class Stamp(models.Model):
    """Its default manager hides those that are gone."""

    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100)
    book = models.OneToOneField(Book, models.CASCADE, related_name="stamp")
    gone = models.BooleanField(default=False)

    objects = Present()


class Review(models.Model):
    """One that is gone is in none of the rows that its viewset declares."""

    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100)
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    gone = models.BooleanField(default=False)


class Topic(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = fields.CharField(max_length=100)
    remarks = GenericRelation("Remark", "key", "kind", related_query_name="topics")


class Remark(models.Model):
    """Is about a row of any model."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.ForeignKey(ContentType, models.CASCADE, db_constraint=False)
    key = models.BigIntegerField()
    about = GenericForeignKey("kind", "key")
    text = fields.CharField(max_length=100)
