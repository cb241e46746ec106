"""Which viewset serves a model: how one resource finds another's policy, presentation and address."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q

from resources.core.actor import Actor
from resources.core.policy import ALL

if TYPE_CHECKING:
    from api.core.resource import ResourceView


@dataclass
class Registry:
    """The resources of this API.

    Attributes:
        by_model: the resource that stands for a model wherever rows of it are seen: the first that exposes it.
        every: all of them, in the order they were registered.
    """

    by_model: dict[type[Model], "type[ResourceView]"] = field(default_factory=dict)
    every: "dict[type[ResourceView], None]" = field(default_factory=dict)

    def add(self, viewset: "type[ResourceView]") -> None:
        """Add a resource.

        Raises:
            ImproperlyConfigured: it states no policy.
        """
        if getattr(viewset, "policy", None) is None:
            raise ImproperlyConfigured(
                f"{viewset.__name__} states no policy, so nobody knows who may do what. Write in "
                f"{viewset.__module__}, class {viewset.__name__}:  policy = read(anyone) | write(staff)"
            )
        self.by_model.setdefault(viewset.model(), viewset)
        self.every[viewset] = None

    def of(self, model: type[Model]) -> "type[ResourceView] | None":
        """Return the viewset that exposes a model, or None."""
        return self.by_model.get(model)

    def readable(self, model: type[Model], actor: Actor) -> Q:
        """Return the rows of a model that an actor may read; all of a model that is not a resource."""
        viewset = self.of(model)
        return ALL if viewset is None else viewset.allowed("read", actor)


REGISTRY = Registry()
