"""The router: a viewset is registered once, and its routes, names and operation ids follow."""

import re

from django.core.exceptions import ImproperlyConfigured
from rest_framework.routers import Route, SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from api.core.query.field_rule_checks import check_field_rules
from api.core.query.grammar import check_links_back
from api.core.resource.registry import REGISTRY
from api.core.views.declarations import check_declarations, check_key
from api.core.views.resource_view import ResourceView

HISTORY = "history"
"""The address of the changes of an item, below its own."""
ADDRESS = re.compile("[A-Za-z0-9_-]+")


class Router(SimpleRouter):
    """DRF's router, with names from the model, and the same answer with and without a closing slash."""

    def __init__(self) -> None:
        """Make an empty router."""
        super().__init__()
        self.trailing_slash = "/?"  # clients of DRF's routers write one, and a redirect would lose the body of a POST

    def register(  # type: ignore[override]  # a viewset alone will do, too
        self,
        prefix: str | type[ResourceView],
        viewset: type[ResourceView] | None = None,
        basename: str | None = None,
    ) -> None:
        """Add a resource: `register(TripViewSet)`, or as in DRF `register("trips", TripViewSet, basename="trip")`.

        Raises:
            ImproperlyConfigured: it states no policy, or has no name that can stand in a URL.
        """
        view = viewset or prefix
        assert not isinstance(view, str), f"register({view!r}, ...) needs a viewset"  # noqa: S101
        attributes = vars(view)  # a subclass has a name of its own
        view.address = prefix if isinstance(prefix, str) else attributes.get("address", "")
        view.routes_name = basename or attributes.get("routes_name") or str(view.model()._meta.model_name)
        # All refusals come first: a resource that is in the registry is seen by every other that refers to its model.
        _refuse_without_policy(view)
        check_key(view, view.model())
        _refuse_odd_address(view)
        REGISTRY.add(view.resource_type())
        super().register(view.plural(), view, basename=view.routes_name)

    def get_routes(self, viewset: type[ViewSetMixin]) -> list[Route]:
        """Give every item that is read here its history, unless an action of the viewset has that address."""
        routes: list[Route] = super().get_routes(viewset)
        assert issubclass(viewset, ResourceView)  # noqa: S101 - as `register` takes no other
        taken = any(
            vars(action)["detail"] and vars(action)["url_path"].strip("/") == HISTORY
            for action in viewset.get_extra_actions()
        )
        if taken or not hasattr(viewset, "row_history") or not viewset.resource_type().has_changes:
            return routes
        url = f"^{{prefix}}/{{lookup}}/{HISTORY}{{trailing_slash}}$"
        return [*routes, Route(url, {"get": "row_history"}, f"{{basename}}-{HISTORY}", detail=True, initkwargs={})]

    def names(self) -> dict[str, str]:
        """Return the plural names of the resources, in the order they were registered, and their lists' routes."""
        return {prefix: f"{basename}-list" for prefix, _, basename in self.registry}

    def check(self) -> None:
        """Read every resource's declarations now, so that what contradicts itself stops the start-up."""
        for _, viewset, _ in self.registry:
            assert issubclass(viewset, ResourceView)  # noqa: S101 - as `register` takes no other
            check_declarations(viewset)
        for resource in REGISTRY.every:
            check_links_back(resource)
            check_field_rules(resource)


def _refuse_without_policy(viewset: type[ResourceView]) -> None:
    if getattr(viewset, "policy", None) is None:
        raise ImproperlyConfigured(
            f"{viewset.__name__} states no policy, so nobody knows who may do what. Write in "
            f"{viewset.__module__}, class {viewset.__name__}:  policy = read(anyone) | write(staff)"
        )


def _refuse_odd_address(viewset: type[ResourceView]) -> None:
    if ADDRESS.fullmatch(viewset.plural()):
        return
    reason = f"{viewset.address!r} is no name" if viewset.address else "there is no name"
    raise ImproperlyConfigured(
        f"{viewset.__name__}: {reason} for a URL and for scopes, which is made of letters, digits, - and _. "
        f'Register it with one:  router.register("trips", {viewset.__name__}). Rows of another row, such as the '
        "stops of a trip, have no address of their own below it: they are filtered, /v1/stops?trip=..."
    )
