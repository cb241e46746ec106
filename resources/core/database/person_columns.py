"""Asks whether a column or a relation names a person, whatever column of theirs the relation refers to."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Expression, ForeignObject, Q
from django.db.models.fields.related_lookups import RelatedExact
from django.db.models.lookups import Exact

LOOKUP = "is_person"

type PersonKey = uuid.UUID | Expression | None
"""The key of a person, or the place of it in a statement."""


def is_person(path: str, key: PersonKey) -> Q:
    """Return the condition that a path names the person with a key.

    Args:
        path: to a relation, or to a column that holds keys of people.
        key: of the person.
    """
    return Q(**{f"{path}__{LOOKUP}": key})


class IsPerson(RelatedExact):
    """Whether a relation leads to the row with a key: `to_field` may have it refer to another column than that."""

    def __init__(self, lhs: Expression, rhs: PersonKey) -> None:
        """Take the relation's column and the key."""
        column = lhs.output_field
        referred = column.target_field if isinstance(column, ForeignObject) else column
        if referred.primary_key:
            super().__init__(lhs, rhs)
        else:  # one statement still: the value that the relation would hold
            person = referred.model._base_manager.filter(pk=rhs).values(referred.attname)
            super().__init__(lhs, person[:1].query)


def install() -> None:
    """Offer the lookup on every column and relation."""
    models.ForeignObject.register_lookup(IsPerson, LOOKUP)
    models.Field.register_lookup(Exact, LOOKUP)
