"""Stops: where a trip goes."""

from api.core.viewset import ResourceViewSet
from resources.core.policy import member, owner, read, write
from resources.trips.models import Role, Stop
from serializers.trips import StopSerializer


class StopViewSet(ResourceViewSet):
    """Stops of trips, in order."""

    queryset = Stop.objects.all()
    serializer_class = StopSerializer
    policy = read(member("trip__members")) | write(member("trip__members", roles=[Role.EDITOR])) | owner("trip__owner")
    filterset_fields = (
        "id",
        "trip",
        "position",
        "city",
        "city__country",
        "airport",
        "airport__country",
        "arrives_at",
        "departs_at",
    )
    search_fields = ("notes", "city__name", "airport__name")
    ordering_fields = ("position", "arrives_at", "departs_at")
    ordering = ("trip", "position")
    expand = ("trip", "city", "airport")
