"""Which resource stands for a model: how one resource finds another's policy, presentation and address."""

from dataclasses import dataclass, field

from django.db.models import Model

from api.core.resource.resource_type import ResourceType


@dataclass
class Registry:
    """The resources of this API.

    Attributes:
        by_model: the resource that stands for a model wherever rows of it are seen: the first that exposes it, since a
            reference leads to one address, though a model may have several.
        every: all of them, in the order they were registered.
    """

    by_model: dict[type[Model], ResourceType] = field(default_factory=dict)
    every: dict[ResourceType, None] = field(default_factory=dict)

    def add(self, resource: ResourceType) -> None:
        """Add a resource."""
        self.by_model.setdefault(resource.model, resource)
        self.every[resource] = None

    def of(self, model: type[Model]) -> ResourceType | None:
        """Return the resource that exposes a model, or None."""
        return self.by_model.get(model)


REGISTRY = Registry()
