"""Which names of a resource are going to go, and which are other names of what has a new one.

A deprecated member with a `source` is an old name: whatever is asked by the new name may be asked by it, also across
relations from other resources, as long as both live. May refuse: what is declared of a name that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from rest_framework import serializers

from api.core.resource.deprecation import Deprecation
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from resources.core.database.related import LOOKUP_SEPARATOR, relation
from serializers.core.kinds import Field, Serializer, child_of
from serializers.core.paths import source_of


def deprecations(resource: ResourceType, names: Iterable[str]) -> Mapping[str, Deprecation]:
    """Return what is deprecated of a resource: by its viewset, by its serializer, and along its relations.

    Args:
        resource: whose.
        names: of its filters and orderings.

    Raises:
        ImproperlyConfigured: the viewset names what is not there.
    """
    names = list(names)
    members = resource.serializer.fields
    known = {*members, *resource.options.expand, *resource.options.extra_parameters}
    for name in resource.deprecated:
        begins = f"{name}{LOOKUP_SEPARATOR}"
        if name not in known and not any(each == name or each.startswith(begins) for each in names):
            raise ImproperlyConfigured(
                f"{resource.declared_by}.deprecated: there is no {name!r}. Name members of its serializer, filters, "
                f"orderings or expansions: {', '.join(sorted({*known, *names}))}"
            )
    across = {f"{before}{old}": _old_names(other)[old][1] for before, old, other in _across(resource, names)}
    return {**dict(_of_serializer(resource.serializer)), **across, **resource.deprecated}


def _of_serializer(serializer: Serializer, before: str = "") -> Iterator[tuple[str, Deprecation]]:
    """Yield the members that `deprecate_fields` of drf-spectacular names, with dots those of nested serializers."""
    annotation: Mapping[str, Iterable[str]] = getattr(serializer, "_spectacular_annotation", {})
    for name in annotation.get("deprecate_fields") or ():
        yield f"{before}{name}", Deprecation()
    for name, field in serializer.fields.items():
        nested: Field = child_of(field)
        if isinstance(nested, serializers.Serializer):
            yield from _of_serializer(nested, f"{before}{name}.")


def renames(resource: ResourceType, names: Iterable[str]) -> Mapping[str, str]:
    """Return the old names that a resource still knows, as parts of paths, and the new ones in their place.

    Args:
        resource: whose.
        names: of its filters and orderings, in which names of other resources stand after relations.
    """
    own = {old: new for old, (new, _) in _old_names(resource).items()}
    across = _across(resource, names)
    return own | {f"{before}{old}": f"{before}{_old_names(other)[old][0]}" for before, old, other in across}


def old_members(resource: ResourceType) -> Collection[str]:
    """Return the members that are other names of what a resource has, and are going to go."""
    return _old_names(resource).keys()


@cache
def _old_names(resource: ResourceType) -> Mapping[str, tuple[str, Deprecation]]:
    """Return the members that are other names of a column or relation, what the model calls it, and until when."""
    if not resource.deprecated:
        return {}
    fields = resource.serializer.fields
    members = resource.deprecated.keys() & fields.keys()
    paths = {name: LOOKUP_SEPARATOR.join(source_of(fields[name]).path) for name in sorted(members)}
    return {name: (path, resource.deprecated[name]) for name, path in paths.items() if path != name}


def _across(resource: ResourceType, names: Iterable[str]) -> Iterator[tuple[str, str, ResourceType]]:
    """Yield the old names that stand behind relations: what leads there, the name, and whose it is."""
    for name in names:
        steps, model = name.split(LOOKUP_SEPARATOR), resource.model
        for place, step in enumerate(steps[:-1], start=1):
            following = _follow(model, step)
            if following is None:
                break
            model = following
            other = REGISTRY.of(model)
            if other is None:
                continue
            before = "".join(f"{each}{LOOKUP_SEPARATOR}" for each in steps[:place])
            for old, (new, _) in _old_names(other).items():
                if steps[place] == new:
                    yield before, old, other


def _follow(model: type[Model], name: str) -> type[Model] | None:
    step = relation(model, name)
    return None if step is None else step.related_model


def with_other_names[Named](
    named: Mapping[str, Named], renamed: Mapping[str, str], under: Callable[[Named, str], Named] = lambda each, _: each
) -> dict[str, Named]:
    """Add what is named to a mapping under its other names, in the place after it.

    Args:
        named: filters, orderings or expansions by name.
        renamed: see `renames`.
        under: gives what is named another name.
    """
    if not renamed:
        return dict(named)
    every: dict[str, Named] = {}
    for name, each in named.items():
        every[name] = each
        for old, new in renamed.items():
            if name == new or name.startswith(f"{new}{LOOKUP_SEPARATOR}"):
                other = old + name.removeprefix(new)
                if other not in named:
                    every[other] = under(each, other)
    return every
