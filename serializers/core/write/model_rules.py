"""The model's own rules, asked before the database is: its `clean`, and its check constraints."""

from collections.abc import Collection, Iterator, Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db.models import BaseConstraint, CheckConstraint, F, Model, Q
from django.db.models.expressions import BaseExpression

from resources.core.database.columns import Column
from serializers.core.json import escape
from serializers.core.kinds import AnySerializer, Serializer
from serializers.core.problems import Fault
from serializers.core.write.values import Values

BROKEN = "A rule of the database is broken."
"""Said of a rule about what the writer of a body may not see."""
UNSEEN = "unseen"
"""Where a prepared serializer has noted what its writer may not see."""


def unseen(serializer: Serializer) -> frozenset[str]:
    """Return the members and columns of a prepared serializer that its writer may not see."""
    found: frozenset[str] = vars(serializer).get(UNSEEN, frozenset())
    return found


def model_of(serializer: AnySerializer) -> type[Model] | None:
    """Return the model of a serializer, if it has one."""
    found: type[Model] | None = getattr(getattr(serializer, "Meta", None), "model", None)
    return found


def rule_faults(
    serializer: Serializer, values: Values, pointer: str, wrong: Collection[str] = (), *, ask: bool = True
) -> Iterator[Fault]:
    """Find the rules that a row would break.

    Args:
        serializer: names the members, and holds the row that is stored if there is one.
        values: what would be saved, by `source`.
        pointer: where the body stands in the whole.
        wrong: the members that are wrong by themselves. As in Django's forms, `clean` is asked all the same.
        ask: whether the database is asked about check constraints, too.
    """
    model = model_of(serializer)
    if model is None or not (ask or _has_rules_in_python(model)):
        return
    row = as_saved(model, serializer.instance, values)
    names = {field.source or name: name for name, field in serializer.fields.items()}
    unknown = {serializer.fields[name].source or name for name in wrong if name in serializer.fields}
    if serializer.instance is None:
        unknown |= _later_columns(model, values)
    known: set[str] = set()
    for error in _broken(row, unknown, unseen(serializer), ask=ask or not model._meta.managed):
        found = [fault for fault in _faults_of(error, names, pointer) if fault.code not in known]
        known |= {fault.code for fault in found}
        yield from found


def _has_rules_in_python(model: type[Model]) -> bool:
    return model.clean is not Model.clean or not model._meta.managed


def _later_columns(model: type[Model], values: Values) -> set[str]:
    """Return the columns that have no value yet and need one: `perform_create` gives it, or the database refuses."""
    columns = [column for column in model._meta.concrete_fields if column.name not in values and not column.null]
    return {column.name for column in columns if column.get_default() is None and not _is_stamp(column)}


def _is_stamp(column: Column) -> bool:
    """Whether a column is filled in with the time when the row is saved."""
    return bool(getattr(column, "auto_now", False) or getattr(column, "auto_now_add", False))


def _broken(row: Model, unknown: set[str], hidden: frozenset[str], *, ask: bool) -> Iterator[ValidationError]:
    try:
        row.clean()
    except ValidationError as error:
        yield error
    except (AttributeError, ObjectDoesNotExist, TypeError):
        if not unknown:  # otherwise it misses what has no value yet
            raise
    checks = [check for check in row._meta.constraints if ask and isinstance(check, CheckConstraint)]
    known = [check for check in checks if not unknown & columns_of(check)]
    if not _hold(row, Q(*(check.condition for check in known))):
        yield from (_error(check, hidden) for check in known if not _hold(row, Q(check.condition)))


def _hold(row: Model, conditions: Q) -> bool:
    """Ask the database about conditions, with one query."""
    if not conditions:
        return True
    try:
        CheckConstraint(condition=conditions, name="together").validate(type(row), row)
    except ValidationError:
        return False
    return True


def _error(check: CheckConstraint, hidden: frozenset[str]) -> ValidationError:
    if hidden & columns_of(check):
        return ValidationError(BROKEN, code="invalid")
    error = ValidationError(check.get_violation_error_message(), code=check.violation_error_code)
    field = only_field(check)
    return error if field is None else ValidationError({field: error})


def columns_of(constraint: BaseConstraint) -> set[str]:
    """Return the columns that a constraint is about."""
    # Those of PostgreSQL's ExclusionConstraint stand beside their operators, and may be names.
    given = [each[0] if isinstance(each, tuple | list) else each for each in getattr(constraint, "expressions", ())]
    return {name for each in given for name in _names(each)} | {
        *getattr(constraint, "fields", ()),
        *getattr(getattr(constraint, "condition", None), "referenced_base_fields", ()),
    }


def _names(expression: str | F | BaseExpression | None) -> Iterator[str]:
    """Yield the names of the columns in an expression."""
    if isinstance(expression, str | F):
        yield str(getattr(expression, "name", expression))
    else:
        for part in getattr(expression, "get_source_expressions", list)():
            yield from _names(part)


def only_field(constraint: BaseConstraint) -> str | None:
    """Return the field that a check is about, if it is about one alone."""
    fields = columns_of(constraint)
    return next(iter(fields)) if len(fields) == 1 else None


def as_saved(model: type[Model], stored: Model | None, values: Values) -> Model:
    """Make the row as it would be saved, without touching the one that is stored."""
    row = model()
    columns = model._meta.concrete_fields
    if stored is not None:
        for column in columns:
            setattr(row, column.attname, getattr(stored, column.attname))
        row._state.adding = False
    for column in columns:
        if column.name in values and not isinstance(values[column.name], Mapping if column.is_relation else ()):
            setattr(row, column.name, values[column.name])
    return row


def _faults_of(error: ValidationError, names: Mapping[str, str], pointer: str) -> Iterator[Fault]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for field, errors in by_field.items():
        place = pointer if field == NON_FIELD_ERRORS else f"{pointer}/{escape(names.get(field, field))}"
        for one in errors:
            yield Fault(one.code or "invalid", one.messages[0], place)
