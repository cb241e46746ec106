"""Rows with a default of every kind: those that could not be sent, and those that only the database knows."""

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from resources.core import fields


class Form(models.Model):
    name = fields.CharField(max_length=20)
    note = fields.CharField(max_length=20, default="")
    address = models.EmailField(default="")
    website = models.URLField(default="none")
    slug = models.SlugField(default="")
    grade = fields.CharField(max_length=1, default="x", choices=[("a", "A"), ("b", "B")])
    least = models.PositiveIntegerField(default=0)
    kind = models.ForeignKey("specimens.Label", models.SET_NULL, null=True, blank=True, related_name="+")
    five = models.IntegerField(db_default=Value(2) + Value(3))
    seven = models.IntegerField(db_default=7)
    moment = models.DateTimeField(db_default=Now())
    extra = models.JSONField(default=dict)
    empty = models.JSONField(null=True, blank=True)
