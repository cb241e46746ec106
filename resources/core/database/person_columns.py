"""Asks whether a column or a relation names a person, whatever column of theirs the relation refers to."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.lookups import Exact

LOOKUP = "is_person"


def is_person(path: str, key: Any) -> Q:
    """Return the condition that a path names the person with a key.

    Args:
        path: to a relation, or to a column that holds keys of people.
        key: of the person, or the place of it in a statement.
    """
    return Q(**{f"{path}__{LOOKUP}": key})


class IsPerson(RelatedExact):
    """Whether a relation leads to the row with a key: `to_field` may have it refer to another column than that."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        """Take the relation's column and the key."""
        referred = lhs.output_field.target_field
        if not referred.primary_key:
            person = referred.model._base_manager.filter(pk=rhs).values(referred.attname)
            rhs = person[:1].query  # one statement still: the value that the relation would hold
        super().__init__(lhs, rhs)


def install() -> None:
    """Offer the lookup on every column and relation."""
    models.ForeignObject.register_lookup(IsPerson, LOOKUP)
    models.Field.register_lookup(Exact, LOOKUP)
