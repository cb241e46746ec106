"""What the database refuses becomes a problem: conflicts with what is stored, and constraints that were broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint, Field, Model, ProtectedError, RestrictedError, UniqueConstraint
from rest_framework import exceptions

from resources.core.deleting import Kept
from serializers.core.problems import Fault, Refusal, refuse
from serializers.core.rules import BROKEN, columns_of, only_field
from serializers.core.writing import TAKEN, error_faults, refusal

SQLSTATES = {"23505": "UNIQUE", "23503": "FOREIGN KEY", "23502": "NOT NULL", "23P01": "UNIQUE"}
"""SQLite's words for PostgreSQL's error codes (its appendix A); whatever is not here is a CHECK."""


SAME = "Another row has the same values."


@dataclass(frozen=True, slots=True)
class Broken:
    """A constraint that the database would not have broken, as far as it says.

    Attributes:
        kind: UNIQUE, FOREIGN KEY, NOT NULL or CHECK.
        name: the constraint's.
        table, columns: what it is about.
    """

    kind: str
    name: str = ""
    table: str = ""
    columns: tuple[str, ...] = ()


@contextmanager
def saving(unseen: frozenset[str] = frozenset()) -> Iterator[None]:
    """Save in one transaction; what the database refuses is a problem, also where it refuses at the commit.

    Args:
        unseen: the columns that the writer may not see; see `refusals`.

    Raises:
        Refusal: `conflict` or `invalid-body`.
    """
    with refusals(unseen=unseen), transaction.atomic():
        yield


@contextmanager
def refusals(
    pointer: str = "", members: Mapping[str, str] | None = None, unseen: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Turn what the database refuses into a problem.

    Args:
        pointer: which part of the body is being saved.
        members: the names of the body's members, by the model's.
        unseen: the columns that the writer may not see; nothing is told of a constraint on them but that it is broken.

    Raises:
        Refusal: `conflict` or `invalid-body`.
    """
    try:
        yield
    except exceptions.ValidationError as error:  # of a `perform_create`
        raise refusal(list(error_faults(error.detail, pointer))) from error
    except Kept as error:
        raise refuse("conflict", error.words) from error
    except (ProtectedError, RestrictedError) as error:  # which are IntegrityErrors, too
        raise _still_referred_to(error) from error
    except IntegrityError as error:
        broken = diagnosis_of(error)
        if unseen & _concerned(broken):
            raise _discreet(broken, pointer) from error
        raise REFUSALS[broken.kind](broken, pointer, members or {}) from error


def diagnosis_of(error: IntegrityError) -> Broken:
    """Read what a database says of a constraint that would be broken."""
    said = getattr(error.__cause__, "diag", None)
    return _postgresql(said) if said is not None else _sqlite(str(error))


def _postgresql(said: Any) -> Broken:
    listed = re.match(r"Key \((.*)\)=\(", said.message_detail or "")
    columns = listed[1].replace('"', "").split(", ") if listed else filter(None, [said.column_name])
    kind = SQLSTATES.get(said.sqlstate, "CHECK")
    return Broken(kind, said.constraint_name or "", said.table_name or "", tuple(columns))


def _sqlite(text: str) -> Broken:
    kind, failed, rest = text.partition(" constraint failed")
    if not failed:  # from a trigger, which says its constraint's name and nothing else
        return Broken("CHECK", text)
    if kind == "CHECK":
        return Broken(kind, rest.removeprefix(": "))
    index = re.search(r"index '(.*)'", rest)
    places = re.findall(r"(\w+)\.(\w+)", rest)
    table = places[0][0] if places else ""
    known = kind if kind in REFUSALS else "UNIQUE"
    return Broken(known, index[1] if index else "", table, tuple(column for _, column in places))


def _taken(broken: Broken, pointer: str, members: Mapping[str, str]) -> Refusal:
    fields = _fields(broken)
    constraint = _constraint(broken, fields)
    if constraint is not None:
        detail = str(constraint.get_violation_error_message())
    elif len(fields) == 1:
        field, pointer = fields[0], f"{pointer}/{members.get(fields[0].name, fields[0].name)}"
        detail = TAKEN if field.primary_key else _unique(field)
    else:
        detail = SAME
    return refuse("conflict", detail, [Fault("unique", detail, pointer)])


def _unique(field: Any) -> str:
    labels = {"model_name": field.model._meta.verbose_name, "field_label": field.verbose_name}
    return str(field.error_messages["unique"] % labels)


def _dangling(broken: Broken, pointer: str, members: Mapping[str, str]) -> Refusal:
    detail = "What this refers to, or what refers to this, has just changed."
    return refuse("conflict", detail, [Fault("reference", detail, pointer)])


def _missing(broken: Broken, pointer: str, members: Mapping[str, str]) -> Refusal:
    names = [members.get(field.name, field.name) for field in _fields(broken)]
    places = [f"{pointer}/{name}" for name in names] or [pointer]
    detail = "This field may not be null."
    return refuse("invalid-body", detail, [Fault("null", detail, place) for place in places])


def _against_a_rule(broken: Broken, pointer: str, members: Mapping[str, str]) -> Refusal:
    constraint = _constraint(broken, [])
    detail = str(constraint.get_violation_error_message()) if constraint else "A rule of the database is broken."
    code = constraint.violation_error_code if constraint else None
    field = only_field(constraint) if constraint else None
    place = pointer if field is None else f"{pointer}/{members.get(field, field)}"
    return refuse("invalid-body", detail, [Fault(code or "invalid", detail, place)])


def _discreet(broken: Broken, pointer: str) -> Refusal:
    """Refuse without a word on what the writer may not see."""
    if broken.kind == "UNIQUE":
        return refuse("conflict", SAME, [Fault("unique", SAME, pointer)])
    return refuse("invalid-body", BROKEN, [Fault("invalid", BROKEN, pointer)])


def _concerned(broken: Broken) -> set[str]:
    """Return the names of the fields that a constraint is about, as far as they are known."""
    fields = _fields(broken)
    constraint = _constraint(broken, fields)
    return {field.name for field in fields} | (columns_of(constraint) if constraint else set())


REFUSALS: Mapping[str, Callable[[Broken, str, Mapping[str, str]], Refusal]] = {
    "UNIQUE": _taken,
    "FOREIGN KEY": _dangling,
    "NOT NULL": _missing,
    "CHECK": _against_a_rule,
}


def _fields(broken: Broken) -> list[Field[Any, Any]]:
    """Return the fields that a constraint is about, as far as its columns are known."""
    model = next((model for model in apps.get_models() if model._meta.db_table == broken.table), None)
    columns = {} if model is None else {field.column: field for field in model._meta.concrete_fields}
    return [columns[name] for name in broken.columns if name in columns]


def _constraint(broken: Broken, fields: list[Field[Any, Any]]) -> BaseConstraint | None:
    """Return the constraint that is declared under the name, or that makes these fields unique."""
    names = tuple(field.name for field in fields)
    return next((known for model in apps.get_models() for known in _declared(model, broken.name, names)), None)


def _declared(model: type[Model], name: str, fields: tuple[str, ...]) -> Iterator[BaseConstraint]:
    for constraint in model._meta.constraints:
        unique = fields and isinstance(constraint, UniqueConstraint) and constraint.fields == fields
        if constraint.name == name or unique:
            yield constraint


def _still_referred_to(error: ProtectedError | RestrictedError) -> Refusal:
    holding = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    names = sorted({str(row._meta.verbose_name_plural) for row in holding})
    return refuse("conflict", f"This is still referred to by {', '.join(names)}.")
