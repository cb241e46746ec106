"""Saves many new rows with one statement, where nothing that a program does at a save would be left out."""

from collections.abc import Mapping, Sequence
from inspect import unwrap

from django.db import router
from django.db.models import ManyToManyField, Model, QuerySet
from django.db.models.signals import m2m_changed, post_save, pre_save
from rest_framework import serializers

from resources.core.keys import Key
from resources.core.resource import Resource
from serializers.core.kinds import Field, Serializer
from serializers.core.write.bulk_sql import NotLoadable, load
from serializers.core.write.model_rules import model_of
from serializers.core.write.values import Writer

type ManyToMany = ManyToManyField[Model, Model]

PLAIN_SAVES = (Model.save, Resource.save)
SAVING = ("save_base", "_save_parents", "_save_table", "_do_insert", "_do_update")
"""What `save` calls in turn."""


def insertable(serializer: Writer) -> bool:
    """Whether saving a new row does nothing but insert it.

    It does more where the serializer has a `create` or `save` of its own or writes nested rows, the model has a `save`
    of its own, its manager a `create`, a parent with a table, or where somebody listens to its signals.
    """
    model = model_of(serializer)
    return model is not None and only_inserts(serializer) and not is_heard(model)


def only_inserts(serializer: Writer) -> bool:
    """Whether saving a new row does nothing but insert it, as long as nobody listens to the model's signals."""
    model = model_of(serializer)
    return model is not None and leaves_to_drf(serializer, "create") and _is_plain(model)


def leaves_to_drf(serializer: Writer, method: str) -> bool:
    """Whether a serializer leaves it to DRF how it saves a row, by `create` or `update`, and saves nothing beside."""
    if not isinstance(serializer, serializers.ModelSerializer):
        return False
    stock = all(
        getattr(type(serializer), name) is getattr(serializers.ModelSerializer, name) for name in (method, "save")
    )
    return stock and not any(_writes_elsewhere(field) for field in serializer.fields.values())


def _writes_elsewhere(field: Field) -> bool:
    """Whether a field of a serializer writes more than one column of its own row."""
    return not field.read_only and (isinstance(field, serializers.BaseSerializer) or len(field.source_attrs) != 1)


def _is_plain(model: type[Model]) -> bool:
    manager = model._default_manager
    creating = [getattr(kind, "create") for kind in (type(manager), type(manager.get_queryset()))]  # noqa: B009
    created = all(unwrap(create) is QuerySet.create for create in creating)
    return created and is_set_plainly(model) and is_saved_plainly(model) and not model._meta.parents


def is_set_plainly(model: type[Model]) -> bool:
    """Whether no code of somebody's own sees the values that a row is given."""
    return model.__setattr__ is object.__setattr__


def is_heard(model: type[Model]) -> bool:
    """Whether somebody listens to the saves of a model's rows."""
    return bool(pre_save.has_listeners(model) or post_save.has_listeners(model))


def is_saved_plainly(model: type[Model]) -> bool:
    """Whether no code of somebody's own works where a row is saved."""
    return model.save in PLAIN_SAVES and all(getattr(model, name) == getattr(Model, name) for name in SAVING)


def model_written_by(writer: Serializer) -> type[Model]:
    """Return the model of an insertable serializer, which has one."""
    model = model_of(writer)
    assert model is not None  # noqa: S101
    return model


def insert(writers: Sequence[Serializer]) -> list[Key]:
    """Save the rows of validated serializers, and return their keys.

    Raises:
        IntegrityError: the database would not have one of them; who saves them one by one will learn which it is.
    """
    model = model_written_by(writers[0])
    many = {relation.name for relation in model._meta.many_to_many}
    rows = [{k: v for k, v in writer.validated_data.items() if k not in many} for writer in writers]
    try:
        keys = load(model, rows)
    except NotLoadable:
        keys = [row.pk for row in model._default_manager.bulk_create([model(**row) for row in rows])]
    for relation in model._meta.many_to_many:
        targets = (writer.validated_data.get(relation.name) for writer in writers)
        _relate(relation, dict(zip(keys, targets, strict=True)))
    return keys


def _relate(relation: ManyToMany, related: Mapping[Key, Sequence[Model] | None]) -> None:
    """Relate new rows to others: at once, where nobody hears of it, and the database keeps nothing but the pairs."""
    pairs = dict.fromkeys((key, other.pk) for key, others in related.items() for other in others or ())
    through = relation.remote_field.through
    if through is None or not pairs:
        return
    if through._meta.auto_created and not relation.remote_field.symmetrical and not m2m_changed.has_listeners(through):
        ends = (relation.m2m_field_name(), relation.m2m_reverse_field_name())
        one, other = (getattr(through._meta.get_field(name), "attname") for name in ends)  # noqa: B009
        through._base_manager.bulk_create([through(**{one: key, other: target}) for key, target in pairs])
        return
    for key, others in related.items():
        row = relation.model(pk=key)
        row._state.db = router.db_for_write(relation.model)
        getattr(row, relation.name).set(others or ())
