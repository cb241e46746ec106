"""What the database refuses becomes a problem: conflicts with what is stored, and constraints that were broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint, Field, Model, ProtectedError, RestrictedError
from rest_framework import exceptions

from api.core.write.constraint_errors import CHECK, NULL, OVERLAP, REFERENCE, UNIQUE, Broken, diagnosis_of
from resources.core.deleting import Kept
from serializers.core.json import escape
from serializers.core.kinds import Serializer, row_serializer
from serializers.core.problems import Fault, Refusal, refuse
from serializers.core.write.model_rules import BROKEN, columns_of, model_of, only_field
from serializers.core.write.uniqueness import about
from serializers.core.write.validation import DUPLICATE_KEY, error_faults, members, refusal
from serializers.core.write.values import Writer

SAME = "Another row has the same values."


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
        ask_early()


_early: ContextVar[Callable[[], None] | None] = ContextVar("what asks deferred constraints early", default=None)


@contextmanager
def asking_early(ask: Callable[[], None]) -> Iterator[None]:
    """Have deferred constraints asked where a write ends: there will be no commit."""
    token = _early.set(ask)
    try:
        yield
    finally:
        _early.reset(token)


def ask_early() -> None:
    """Ask deferred constraints, where there will be no commit.

    Raises:
        IntegrityError: one is broken.
    """
    ask = _early.get()
    if ask is not None:
        ask()


@contextmanager
def refusals(pointer: str = "", writer: Writer | None = None, unseen: frozenset[str] = frozenset()) -> Iterator[None]:
    """Turn what the database refuses into a problem.

    Args:
        pointer: which part of the body is being saved.
        writer: the serializer that saves it: what it says of a constraint is said here, too.
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
        raise _Breach.of(diagnosis_of(error), pointer, writer).refusal(unseen) from error


def is_duplicate(error: Refusal) -> bool:
    """Whether the database has refused a row since another has the same values."""
    cause = error.__cause__
    if not isinstance(cause, IntegrityError) or isinstance(cause, Kept | ProtectedError | RestrictedError):
        return False
    return diagnosis_of(cause).kind in (UNIQUE, OVERLAP)


@dataclass(frozen=True, slots=True)
class _Breach:
    """A broken constraint, and what is known of it.

    Attributes:
        model: of its table.
        fields: the names of the fields that it is about, as far as they are known.
        constraint: as it is declared.
        writer: the serializer that writes rows of the model; None where what is broken is about another.
    """

    broken: Broken
    pointer: str
    model: type[Model] | None
    fields: tuple[str, ...]
    constraint: BaseConstraint | None
    writer: Serializer | None

    @classmethod
    def of(cls, broken: Broken, pointer: str, writer: Writer | None) -> _Breach:
        serializer = None if writer is None else row_serializer(writer)
        written = None if serializer is None else model_of(serializer)
        model, constraint = broken.model(written), broken.constraint(written)
        fields = tuple(field.name for field in broken.fields(written))
        if constraint is not None and not fields:
            fields = tuple(sorted(columns_of(constraint)))
        mine = model is None or written is None or issubclass(written, model._meta.concrete_model or model)
        return cls(broken, pointer, model, fields, constraint, serializer if mine else None)

    def refusal(self, unseen: frozenset[str]) -> Refusal:
        """Return the problem; without a word on what the writer may not see."""
        concerned = {*self.fields, *(columns_of(self.constraint) if self.constraint else ())}
        if unseen & concerned:
            if self.broken.kind in (UNIQUE, OVERLAP):
                return refuse("conflict", SAME, [Fault("unique", SAME, self.pointer)])
            return refuse("invalid-body", BROKEN, [Fault("invalid", BROKEN, self.pointer)])
        return REFUSALS[self.broken.kind](self)

    def place(self, name: str | None) -> str:
        """Return the pointer of a member, by the model's name for it; of the whole, where it is about more than one."""
        if name is None or (self.writer is None and self.model is None and not self.constraint):
            return self.pointer
        known = {} if self.writer is None else members(self.writer)
        return f"{self.pointer}/{escape(known.get(name, name))}"

    @property
    def custom_message(self) -> str | None:
        """Return what the constraint's declaration says for when it is broken; None where that is only its name."""
        declared = self.constraint
        if declared is None or declared.violation_error_message == type(declared).default_violation_error_message:
            return None
        return str(declared.get_violation_error_message())

    @property
    def code(self) -> str | None:
        """Return the code that the constraint's declaration gives it."""
        return None if self.constraint is None else self.constraint.violation_error_code


def _duplicate(breach: _Breach) -> Refusal:
    known = None if breach.writer is None else about(breach.writer, breach.fields)
    if known is not None:
        fault = known.broken(breach.pointer)
    else:
        only = breach.fields[0] if len(breach.fields) == 1 else None
        detail = breach.custom_message or (
            SAME if only is None or breach.model is None else _unique(breach.model, only)
        )
        fault = Fault(breach.code or "unique", detail, breach.place(only), is_conflict=True)
    return refuse("conflict", fault.detail, [fault])


def _unique(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 - a constraint is about columns
    labels = {"model_name": field.model._meta.verbose_name, "field_label": field.verbose_name}
    return DUPLICATE_KEY if field.primary_key else str(field.error_messages["unique"] % labels)


def _overlap(breach: _Breach) -> Refusal:
    other = "row" if breach.model is None else breach.model._meta.verbose_name
    detail = breach.custom_message or f"This overlaps with another {other}."
    return refuse("conflict", detail, [Fault(breach.code or "overlap", detail, breach.pointer, is_conflict=True)])


def _reference(breach: _Breach) -> Refusal:
    detail = "What this refers to, or what refers to this, has just changed."
    place = breach.place(breach.fields[0]) if breach.writer is not None and len(breach.fields) == 1 else breach.pointer
    return refuse("conflict", detail, [Fault("reference", detail, place)])


def _null(breach: _Breach) -> Refusal:
    places = [breach.place(name) for name in breach.fields] or [breach.pointer]
    detail = "This field may not be null."
    return refuse("invalid-body", detail, [Fault("null", detail, place) for place in places])


def _check(breach: _Breach) -> Refusal:
    constraint = breach.constraint
    detail = str(constraint.get_violation_error_message()) if constraint else "A rule of the database is broken."
    place = breach.place(only_field(constraint) if constraint else None)
    return refuse("invalid-body", detail, [Fault(breach.code or "invalid", detail, place)])


REFUSALS: Mapping[str, Callable[[_Breach], Refusal]] = {
    UNIQUE: _duplicate,
    OVERLAP: _overlap,
    REFERENCE: _reference,
    NULL: _null,
    CHECK: _check,
}


def _still_referred_to(error: ProtectedError | RestrictedError) -> Refusal:
    holding = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    return still_referred_to({str(row._meta.verbose_name_plural) for row in holding})


def still_referred_to(names: set[str]) -> Refusal:
    """Return the problem of a row that is not deleted, since rows under these names refer to it."""
    return refuse("conflict", f"This is still referred to by {', '.join(sorted(names))}.")
