"""Rows that hold one another, in every way that a database and Django know."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField
from django.db import models
from django.db.models import Func, JSONNull

from resources.core import fields
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource


class Tree(UUIDv7Key, Resource):
    name = fields.CharField(max_length=20, blank=True)


class Leaf(UUIDv7Key, Resource):
    """Outlives its trees, whether the database lets go of them or Django."""

    tree = models.ForeignKey(Tree, models.DB_SET_NULL, null=True, related_name="+")
    other = models.ForeignKey(Tree, models.SET_NULL, null=True, related_name="+")
    name = fields.CharField(max_length=20, blank=True)


class Crown(models.Model):
    """Goes along with its tree; a nest does not."""

    tree = models.ForeignKey(Tree, models.CASCADE, related_name="crowns")


class Nest(models.Model):
    crown = models.ForeignKey(Crown, models.DO_NOTHING, related_name="+", null=True)
    tree = models.ForeignKey(Tree, models.DO_NOTHING, related_name="+", null=True)


class Tag(models.Model):
    """Has a JSON null, which Python reads as it does NULL."""

    name = fields.CharField(max_length=20)
    count = models.IntegerField(default=0)
    value = models.JSONField(default=JSONNull)
    other = models.JSONField(null=True, blank=True)


class Ring(models.Model):
    """May not overlap another."""

    begins = models.IntegerField()
    ends = models.IntegerField()

    class Meta:
        required_db_vendor = "postgresql"
        constraints = [
            ExclusionConstraint(
                name="ring_apart",
                expressions=[(Func("begins", "ends", function="int4range", output_field=IntegerRangeField()), "&&")],
            )
        ]
