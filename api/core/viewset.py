"""The bases to declare a resource with: DRF's declarations, read and written as the contract says."""

from api.core.resource.marks import ours
from api.core.views.reading import ReadView
from api.core.views.writing import WriteView


@ours
class ReadOnlyResourceViewSet(ReadView):
    """A resource that clients only read. See `ResourceView` for what may be declared."""


@ours
class ResourceViewSet(WriteView):
    """A resource that clients read and write. See `ResourceView` for what may be declared."""
