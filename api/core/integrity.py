"""What the database refuses becomes a problem: conflicts with what is stored, and constraints that were broken."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint, ProtectedError, RestrictedError

from serializers.core.problems import Fault, Refusal, refuse

UNIQUE, FOREIGN_KEY = "23505", "23503"  # PostgreSQL, appendix A: error codes


@dataclass
class Place:
    """Which part of the body is being saved."""

    pointer: str = ""


@contextmanager
def saving() -> Iterator[Place]:
    """Save in one transaction; what the database refuses is a problem, also where it refuses at the commit.

    Raises:
        Refusal: `conflict` or `invalid-body`.
    """
    place = Place()
    try:
        with transaction.atomic():
            yield place
    except (ProtectedError, RestrictedError) as error:  # which are IntegrityErrors, too
        raise _still_referred_to(error) from error
    except IntegrityError as error:
        raise refusal_of(error, place.pointer) from error


def refusal_of(error: IntegrityError, pointer: str) -> Refusal:
    """Read what a database says of a constraint that would be broken."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return _postgresql(diagnosis, pointer) if diagnosis is not None else _sqlite(str(error), pointer)


def _postgresql(diagnosis: Any, pointer: str) -> Refusal:
    if diagnosis.sqlstate == UNIQUE:
        columns = re.search(r"\(([^)]*)\)=", diagnosis.message_detail or "")
        return _taken(columns[1] if columns else "", pointer)
    if diagnosis.sqlstate == FOREIGN_KEY:
        return _dangling(pointer)
    return _broken(diagnosis.constraint_name or diagnosis.column_name or "", pointer)


def _sqlite(text: str, pointer: str) -> Refusal:
    kind, _, rest = text.partition(" constraint failed")
    if kind in ("UNIQUE", "PRIMARY KEY"):
        names = re.findall(r"\w+\.(\w+)", rest)
        return _taken(", ".join(names), pointer)
    if kind == "FOREIGN KEY":
        return _dangling(pointer)
    return _broken(rest.lstrip(": ") or text, pointer)


def _taken(columns: str, pointer: str) -> Refusal:
    named = ", ".join(name.strip().strip('"').removesuffix("_id") for name in columns.split(",") if name.strip())
    detail = f"Another row has the same {named}." if named else "Another row has the same values."
    return refuse("conflict", detail, [Fault("unique", detail, pointer)])


def _dangling(pointer: str) -> Refusal:
    detail = "What this refers to, or what refers to this, has just changed."
    return refuse("conflict", detail, [Fault("reference", detail, pointer)])


def _broken(name: str, pointer: str) -> Refusal:
    constraint = _constraints().get(name)
    detail = str(constraint.violation_error_message) if constraint else f"{name.replace('_', ' ').capitalize()}."
    code = (constraint.violation_error_code if constraint else None) or name or "invalid"
    return refuse("invalid-body", detail, [Fault(code, detail, pointer)])


def _constraints() -> dict[str, BaseConstraint]:
    return {constraint.name: constraint for model in apps.get_models() for constraint in model._meta.constraints}


def _still_referred_to(error: ProtectedError | RestrictedError) -> Refusal:
    holding = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    names = sorted({str(row._meta.verbose_name_plural) for row in holding})
    return refuse("conflict", f"This is still referred to by {', '.join(names)}.")
