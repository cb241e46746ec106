"""How a body becomes values to save: strict members, the serializer's own validation, then the model's rules.

May refuse: anything wrong with the body, all of it at once, each fault with its pointer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import structlog
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files import File
from django.db.models import Model
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings
from rest_framework.validators import UniqueValidator

from resources.core.access.hidden_fields import Hidden
from resources.core.keys import UUIDv7Key
from serializers.core.fields import UUIDv7, addressable, make_exact
from serializers.core.json import Json, escape, same
from serializers.core.json_types import KNOWN_MODULES, has_custom_reading
from serializers.core.kinds import AnySerializer, RowsSerializer, Serializer, child_of, has_fields, row_serializer
from serializers.core.problems import MOST_FAULTS, Fault, Refusal, refuse
from serializers.core.write.fast_validation import accepts
from serializers.core.write.field_cache import draft
from serializers.core.write.form_bodies import body_of
from serializers.core.write.members import Shown, member_faults
from serializers.core.write.model_rules import as_saved, model_of, rule_faults
from serializers.core.write.references import Readable, restrict
from serializers.core.write.renamed import CONTRADICTION, settle_names
from serializers.core.write.uniqueness import conflicts, set_apart
from serializers.core.write.values import Writer
from serializers.core.write.write_access import UNGUARDED, Guard, discreet, hidden_in, protect

type Errors = str | Sequence[Errors] | Mapping[str, Errors]
"""What DRF says is wrong: texts with codes, by the members, or the places, that they are about."""

log = structlog.get_logger("headwater")
CONFLICTS = frozenset(("unique", "unique_together", "unique_for_date", "unique_for_month", "unique_for_year"))
DUPLICATE_KEY = "A row with this id exists."


def prepare(
    serializer: Serializer,
    readable: Readable,
    guard: Guard = UNGUARDED,
    found_by: str = "pk",
    old_names: Collection[str] = (),
) -> None:
    """Make a serializer ready to read a body.

    A new row may bring its key, a stored one keeps it; references lead to readable rows only; texts are kept as sent;
    what the writer may not see or not write is left out. The file of a stored row may be repetitions, or taken away.
    Uniqueness is asked when all else is right, of the rows that the writer may read.

    Args:
        serializer: holds the body.
        readable: says which rows of a model the writer may read.
        guard: what they may not see or not write.
        found_by: the column that stands in the addresses of rows: a value must be able to.
        old_names: members that are another name of what has a new one (`settle_names`).
    """
    draft(serializer)
    sent = getattr(serializer, "initial_data", None)
    if isinstance(sent, MultiValueDict) and not has_custom_reading(serializer.__class__):
        serializer.initial_data = body_of(serializer, sent)
    if old_names:
        settle_names(serializer, old_names)
    model = model_of(serializer)
    if model is not None:
        _prepare_key(serializer, model)
    _prepare_address(serializer, found_by)
    if serializer.instance is not None:
        _prepare_files(serializer)
    protect(_levels(serializer), guard)
    for level in _levels(serializer):
        fields = [field for field in level.fields.values() if not field.read_only]
        make_exact(fields, model_of(level))
        restrict(fields, readable, serializer.instance if level is serializer else None)
    set_apart(serializer, readable)


def _prepare_files(serializer: Serializer) -> None:
    """Keep stored files, which JSON cannot bring, unless null takes one away, or a form brings another."""
    body = getattr(serializer, "initial_data", None)
    for name, field in serializer.fields.items():
        given = body.get(name, "") if isinstance(body, dict) else ""
        new = given is None or isinstance(given, File)
        if type(field) in (serializers.FileField, serializers.ImageField) and not new:
            field.read_only, field.required = True, False


def conceal(serializer: AnySerializer, model: type[Model], hidden: Hidden) -> None:
    """Take from a serializer that shows rows what is hidden from whom they are shown to."""
    for place, level in enumerate(_levels(row_serializer(serializer)) if has_fields(serializer) else ()):
        owner = model if place == 0 else model_of(level)
        for name in hidden_in(level, owner, hidden):
            del level.fields[name]


def another[One: Serializer](serializer: One, body: Json) -> One:
    """Return a serializer of one more body of a list: the fields are made once, as DRF does with `many=True`."""
    made = object.__new__(type(serializer))
    vars(made).update(vars(serializer), initial_data=body)
    return made


def take_fields(serializer: Serializer) -> None:
    """Let the fields that the serializers of a list share belong to one of them."""
    for field in serializer.fields.fields.values():
        field.parent = serializer


def has_custom_lists(kind: type[AnySerializer]) -> bool:
    """Whether a list of bodies is read by a class of somebody's own, which the serializer's `Meta` names."""
    lists = getattr(getattr(kind, "Meta", None), "list_serializer_class", serializers.ListSerializer)
    return lists is not serializers.ListSerializer or not kind.many_init.__module__.startswith(KNOWN_MODULES)


def members(serializer: Serializer) -> dict[str, str]:
    """Return the names of a body's members by the model's names for them."""
    return {field.source or name: name for name, field in serializer.fields.items()}


def _levels(serializer: Serializer) -> Iterator[Serializer]:
    """Yield a serializer and those nested in it."""
    yield serializer
    for field in serializer.fields.values():
        nested = child_of(field)
        if isinstance(nested, serializers.Serializer):
            yield from _levels(nested)


def _prepare_key(serializer: Serializer, model: type[Model]) -> None:
    for name, field in list(serializer.fields.items()):
        if field.source != model._meta.pk.name:
            continue
        if serializer.instance is not None:
            field.read_only, field.required = True, False
        elif issubclass(model, UUIDv7Key):
            unused = UniqueValidator(model._base_manager.all(), DUPLICATE_KEY)
            serializer.fields[name] = UUIDv7(required=False, help_text=field.help_text, validators=[unused])
        elif isinstance(field, serializers.CharField):
            field.validators.append(addressable)


def _prepare_address(serializer: Serializer, found_by: str) -> None:
    """Let no text into the column that rows are found by under which none could be."""
    for field in serializer.fields.values():
        if field.source == found_by and isinstance(field, serializers.CharField) and not field.read_only:
            field.allow_blank = False
            field.validators.append(addressable)


def faults(serializer: Serializer, stored: Shown | None, pointer: str = "", *, ask: bool = True) -> list[Fault]:
    """Validate the body of a prepared serializer and return what is wrong with it, all of it up to `MOST_FAULTS`.

    Args:
        serializer: holds the body.
        stored: what the row shows now; None for a new one.
        pointer: where the body stands in the whole.
        ask: whether the database is asked about the model's check constraints, which it will also refuse by itself.
    """
    body = serializer.initial_data
    if has_custom_reading(serializer.__class__):
        return _custom_faults(serializer, pointer, ask=ask)
    if not isinstance(body, Mapping):
        return [Fault("invalid", "Expected an object.", pointer)]
    if accepts(serializer, stored):
        return faults_with_others(serializer, pointer, ask=ask)
    found = list(islice(member_faults(serializer, body, stored, pointer), MOST_FAULTS))
    if found:
        serializer.initial_data = _without(serializer, body, _members(found, pointer))
    if not serializer.is_valid(raise_exception=False):
        errors = discreet(error_faults(serializer.errors, pointer), serializer, pointer)
        found = [*found, *_further(errors, found, pointer)]
    broken = discreet(_wrong_with_others(serializer, found, pointer, ask=ask), serializer, pointer)
    return [*found, *_further(broken, found, pointer)]


def _custom_faults(serializer: Serializer, pointer: str, *, ask: bool) -> list[Fault]:
    """Let a serializer that reads bodies in a way of its own do so: as in DRF, it takes what it takes.

    Code that a body makes fail did not expect such a body, and is logged, for it may be wrong itself.
    """
    try:
        right = serializer.is_valid(raise_exception=False)
    except (AttributeError, LookupError, TypeError, ValueError):
        log.warning("a body made a serializer fail", serializer=type(serializer).__qualname__, exc_info=True)
        return [Fault("invalid", "This is not a body as it is read here: see what the contract says of it.", pointer)]
    if not right:
        return list(discreet(error_faults(serializer.errors, pointer), serializer, pointer))
    return faults_with_others(serializer, pointer, ask=ask)


def list_faults(serializer: RowsSerializer) -> list[Fault]:
    """Validate the bodies of a list, read by DRF's `many=True`, and return what is wrong with any of them."""
    bodies = serializer.initial_data
    if not isinstance(bodies, list):
        return [Fault("invalid", "Expected a list.", "")]
    child = row_serializer(serializer)
    found = [fault for place, body in enumerate(bodies) for fault in _item_faults(child, body, f"/{place}")]
    if not found and not serializer.is_valid(raise_exception=False):
        found = list(error_faults(serializer.errors))
    if not found:
        valid = enumerate(serializer.validated_data)
        found = [fault for place, values in valid for fault in conflicts(child, values, f"/{place}")]
    return found[:MOST_FAULTS]


def _item_faults(child: Serializer, body: Json, pointer: str) -> Iterable[Fault]:
    if has_custom_reading(child.__class__):
        return []
    if not isinstance(body, Mapping):
        return [Fault("invalid", "Expected an object.", pointer)]
    return member_faults(child, body, None, pointer)


def _members(found: Iterable[Fault], pointer: str) -> set[str]:
    """Return the members, escaped, that faults are about."""
    places = (fault.pointer.removeprefix(pointer) for fault in found if fault.pointer is not None)
    return {place.split("/")[1] for place in places if place}


def repetitions(found: Iterable[Fault], body: Json, shown: Shown) -> set[str]:
    """Return the members that a body would be refused for, and that say what is stored: those stay as they are."""
    if not isinstance(body, Mapping):
        return set()
    places = _members([fault for fault in found if fault.code != CONTRADICTION], "")
    wrong = [name for name in body if escape(name) in places]
    try:
        stored = shown() if wrong else {}
    except (AttributeError, LookupError, TypeError, ValueError):
        return set()  # what is stored cannot be shown, and so is not repetitions; the change may be what mends it
    return {name for name in wrong if name in stored and same(stored[name], body[name])}


def _further(faults: Iterable[Fault], found: list[Fault], pointer: str) -> Iterator[Fault]:
    """Yield the faults that are not told already; a member that was left out since it is wrong is not missing."""
    places = {fault.pointer for fault in found if fault.pointer != pointer}
    left_out = {f"{pointer}/{name}" for name in _members(found, pointer)}
    for fault in faults:
        if fault.pointer not in places and not (fault.code == "required" and fault.pointer in left_out):
            yield fault


def _without(serializer: Serializer, body: Mapping[str, Json], wrong: set[str]) -> dict[str, Json]:
    """Leave out what is wrong already, so that no field sees a value of a type it does not expect.

    A nested object stays: the rest of it may be wrong, too.
    """
    nested = _nested(serializer)
    return {name: value for name, value in body.items() if name in nested or escape(name) not in wrong}


def _nested(serializer: Serializer) -> set[str]:
    """Return the names of the members that hold objects."""
    return {name for name, field in serializer.fields.items() if isinstance(field, serializers.BaseSerializer)}


def _wrong_with_others(serializer: Serializer, found: list[Fault], pointer: str, *, ask: bool) -> Iterator[Fault]:
    """Ask the model's rules, and of other rows, about what is right by itself."""
    if not found:
        values = serializer.validated_data
        yield from rule_faults(serializer, values, pointer, ask=ask)
        yield from conflicts(serializer, values, pointer)
        return
    # Nested objects are no columns, and code that validates them does not expect one of which members are left out.
    wrong = _members(found, pointer) | _nested(serializer)
    body = {name: value for name, value in serializer.initial_data.items() if escape(name) not in wrong}
    serializer.partial = True
    try:
        values = serializer.to_internal_value(body)
    except (serializers.ValidationError, ValidationError):
        return
    yield from rule_faults(serializer, values, pointer, wrong, ask=ask)
    yield from conflicts(serializer, values, pointer, wrong)


def rule_faults_of(serializer: Serializer, pointer: str, *, ask: bool = True) -> list[Fault]:
    """Return the rules of the model that a body breaks which is right otherwise."""
    return list(discreet(rule_faults(serializer, serializer.validated_data, pointer, ask=ask), serializer, pointer))


def rows_of(writers: Iterable[Writer]) -> list[Model]:
    """Return the rows that valid serializers of a model would save, as far as their bodies say it."""
    found: list[Model] = []
    for each in writers:
        child = row_serializer(each)
        model = model_of(child)
        if model is not None:
            bodies = each.validated_data if child is not each else [each.validated_data]
            found += [as_saved(model, child.instance, values) for values in bodies]
    return found


def faults_with_others(serializer: Serializer, pointer: str, *, ask: bool = True) -> list[Fault]:
    """Return what is wrong with a body, right by itself, beside the model's rules and other rows."""
    return list(discreet(_wrong_with_others(serializer, [], pointer, ask=ask), serializer, pointer))


def error_faults(errors: Errors, pointer: str = "") -> Iterator[Fault]:
    """Walk DRF's errors, whatever their form, and give each its pointer."""
    if isinstance(errors, ErrorDetail):
        yield Fault(str(errors.code), str(errors), pointer)
    elif isinstance(errors, Mapping):
        for name, inner in errors.items():
            whole = name in (api_settings.NON_FIELD_ERRORS_KEY, NON_FIELD_ERRORS)
            yield from error_faults(inner, pointer if whole else f"{pointer}/{escape(str(name))}")
    elif isinstance(errors, list | tuple):
        for place, inner in enumerate(errors):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from error_faults(inner, f"{pointer}/{place}" if nested else pointer)
    else:
        yield Fault("invalid", str(errors), pointer)


def is_conflict(fault: Fault) -> bool:
    """Whether nothing is wrong but what is stored; a model's own `clean` says so by its code."""
    return fault.is_conflict or fault.code in CONFLICTS


def refusal(found: list[Fault]) -> Refusal:
    """Make the refusal of a body: a conflict where nothing else is wrong, otherwise invalid."""
    slug = "conflict" if found and all(map(is_conflict, found)) else "invalid-body"
    detail = found[0].detail if len(found) == 1 else f"{len(found)} members are not valid."
    return refuse(slug, detail, found)
