"""Routes whose module is loaded with the first request to one of them; a library that it lacks stops the start.

What people need to sign up and to log in (django-allauth's views, passkeys, cryptography) is 14 MB and a tenth of a
start, and most processes of an API are called with keys.
"""

from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from types import MappingProxyType

from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, ResolverMatch, URLResolver, include, path


class LazyRoutes:
    """The routes of a module below a path, as Django's resolver asks for them.

    They have no names: clients know their addresses by the contract. Whoever lists all routes, as Django's checks do,
    sees one, and does not load them.
    """

    callback = namespace = app_name = None
    reverse_dict: Mapping[str, object] = MappingProxyType({})
    namespace_dict = app_dict = reverse_dict
    _callback_strs = frozenset[str]()

    def __init__(self, route: str, module: str, *libraries: str) -> None:
        """Take the path, the module's name, and which libraries it loads.

        Raises:
            ImproperlyConfigured: one of them is not installed.
        """
        for library in libraries:
            if find_spec(library) is None:
                raise ImproperlyConfigured(f"/{route} needs {library}, which is missing: install requirements.lock")
        self._route, self._module = route, module
        self.pattern = path(route, ([], None, None)).pattern

    def resolve(self, address: str) -> ResolverMatch:
        """Find the view at an address.

        Raises:
            Resolver404: it is not below the path, or there is none.
        """
        if not self.pattern.match(address):
            raise Resolver404({"path": address})
        return self._resolver.resolve(address)

    @cached_property
    def _resolver(self) -> URLResolver:
        return path(self._route, include(self._module))

    def _populate(self) -> None:
        """Django's way to ask for names."""
