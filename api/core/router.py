"""The router: a viewset is registered once, and its routes, names and operation ids follow."""

from typing import Any

from rest_framework.routers import SimpleRouter

from api.core.queries.declared import check_field_rules
from api.core.queries.grammar import check_links_back
from api.core.registry import REGISTRY
from api.core.resource import ResourceView


class Router(SimpleRouter):
    """DRF's router, with names from the model, and the same answer with and without a closing slash."""

    def __init__(self) -> None:
        """Make an empty router."""
        super().__init__()
        self.trailing_slash = "/?"

    def register(self, viewset: type[ResourceView], *args: Any, **options: Any) -> None:  # type: ignore[override]
        """Add a resource.

        Raises:
            ImproperlyConfigured: it states no policy.
        """
        REGISTRY.add(viewset)
        super().register(viewset.plural(), viewset, basename=viewset.plural())

    def names(self) -> list[str]:
        """Return the plural names of the resources, in the order they were registered."""
        return [prefix for prefix, _, _ in self.registry]

    def check(self) -> None:
        """Read every resource's declarations now, so that what contradicts itself stops the start-up."""
        for viewset in REGISTRY.by_model.values():
            check_links_back(viewset)
            check_field_rules(viewset)
