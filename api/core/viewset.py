"""The bases to declare a resource with: DRF's declarations, read and written as the contract says."""

from api.core.reading import Reading
from api.core.writing import Writing


class ReadOnlyResourceViewSet(Reading):
    """A resource that clients only read. See `ResourceView` for what may be declared."""


class ResourceViewSet(Writing):
    """A resource that clients read and write. See `ResourceView` for what may be declared."""
