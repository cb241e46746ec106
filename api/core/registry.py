"""Which resource stands for a model: how one resource finds another's policy, presentation and address."""

from dataclasses import dataclass, field

from django.db.models import Model, Q

from api.core.resource_type import ResourceType
from resources.core.actor import Actor
from resources.core.policy import ALL


@dataclass
class Registry:
    """The resources of this API.

    Attributes:
        by_model: the resource that stands for a model wherever rows of it are seen: the first that exposes it.
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

    def readable(self, model: type[Model], actor: Actor) -> Q:
        """Return the rows of a model that an actor may read; all of a model that is not a resource."""
        resource = self.of(model)
        return ALL if resource is None else resource.allowed("read", actor)


REGISTRY = Registry()
