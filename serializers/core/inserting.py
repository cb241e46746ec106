"""Saves many new rows with one statement, where nothing that a program does at a save would be left out."""

from collections.abc import Sequence
from inspect import unwrap
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.db.models.signals import post_save, pre_save
from rest_framework import serializers

from resources.core.resource import Resource
from serializers.core.rules import model_of

PLAIN_SAVES = (Model.save, Resource.save)


def insertable(serializer: Any) -> bool:
    """Whether saving a new row does nothing but insert it.

    It does more where the serializer has a `create` or `save` of its own or writes nested rows, the model has a `save`
    of its own, its manager a `create`, a parent with a table, or where somebody listens to its signals.
    """
    kind, model = type(serializer), model_of(serializer)
    if model is None or not isinstance(serializer, serializers.ModelSerializer):
        return False
    plain = kind.create is serializers.ModelSerializer.create and kind.save is serializers.BaseSerializer.save
    nested = any(_writes_elsewhere(field) for field in serializer.fields.values())
    return plain and not nested and _is_plain(model)


def _writes_elsewhere(field: Any) -> bool:
    return not field.read_only and (isinstance(field, serializers.BaseSerializer) or len(field.source_attrs) != 1)


def _is_plain(model: type[Model]) -> bool:
    manager: Any = model._default_manager
    created = all(unwrap(kind.create) is QuerySet.create for kind in (type(manager), type(manager.get_queryset())))
    heard = any(signal.has_listeners(model) for signal in (pre_save, post_save))
    return created and not heard and model.save in PLAIN_SAVES and not model._meta.parents


def insert(writers: Sequence[Any]) -> bool:
    """Save the rows of validated serializers; each then has its `instance`.

    Returns:
        False when the database would not have one of them: nothing is saved then, and who saves them one by one will
        learn which it is.
    """
    model = writers[0].Meta.model
    many = {relation.name for relation in model._meta.many_to_many}
    rows = [model(**{k: v for k, v in writer.validated_data.items() if k not in many}) for writer in writers]
    try:
        with transaction.atomic():
            model._default_manager.bulk_create(rows)
    except IntegrityError:
        return False
    for writer, row in zip(writers, rows, strict=True):
        writer.instance = row
        for name in many & writer.validated_data.keys():
            if writer.validated_data[name]:  # a new row is related to nothing anyway
                getattr(row, name).set(writer.validated_data[name])
    return True
