"""Trips: owned by people, shared with members."""

from typing import Any

from api.core.viewset import ResourceViewSet
from resources.core.policy import member, owner, read, write
from resources.trips.models import Member, Role, Stop, Trip
from serializers.trips import MemberSerializer, StopSerializer, TripSerializer


class TripViewSet(ResourceViewSet):
    """Journeys. Members read a trip, editors change it, and its owner does everything."""

    queryset = Trip.objects.all()
    serializer_class = TripSerializer
    policy = read(member("members")) | write(member("members", roles=[Role.EDITOR])) | owner("owner")
    filterset_fields = (
        "id",
        "name",
        "owner",
        "begins_on",
        "ends_on",
        "budget",
        "currency",
        "created_at",
        "updated_at",
        "members__person",
        "members__role",
        "stops__city",
        "stops__city__country",
        "stops__airport",
    )
    search_fields = ("name", "notes", "stops__notes")
    ordering_fields = ("name", "begins_on", "ends_on", "budget", "created_at", "updated_at")
    expand = ("currency", "stops", "members")

    def perform_create(self, serializer: Any) -> None:
        """Make the actor the owner."""
        serializer.save(owner_id=self.actor.id)


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


class MemberViewSet(ResourceViewSet):
    """The people a trip is shared with; its owner says who."""

    queryset = Member.objects.all()
    serializer_class = MemberSerializer
    policy = read(member("trip__members")) | owner("trip__owner")
    filterset_fields = ("id", "trip", "person", "role")
    ordering_fields = ("role", "created_at")
    expand = ("trip",)


VIEWSETS = (TripViewSet, StopViewSet, MemberViewSet)
