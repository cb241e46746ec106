"""The bases to declare a resource with: DRF's declarations, read and written as the contract says."""

from api.core.resource.marks import ours
from api.core.views.reading import Reading
from api.core.views.writing import Writing


@ours
class ReadOnlyResourceViewSet(Reading):
    """A resource that clients only read. See `ResourceView` for what may be declared."""


@ours
class ResourceViewSet(Writing):
    """A resource that clients read and write. See `ResourceView` for what may be declared."""
