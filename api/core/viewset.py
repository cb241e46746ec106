"""The bases to declare a resource with: DRF's declarations, read and written as the contract says."""

from api.core.marks import ours
from api.core.reading import Reading
from api.core.writing import Writing


@ours
class ReadOnlyResourceViewSet(Reading):
    """A resource that clients only read. See `ResourceView` for what may be declared."""


@ours
class ResourceViewSet(Writing):
    """A resource that clients read and write. See `ResourceView` for what may be declared."""
