"""Trips: journeys of people, alone or with others."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.core.viewset import ResourceViewSet
from resources.core.policy import member, owner, read, write
from resources.trips import sharing
from resources.trips.models import Role, Trip
from serializers.trips import TransferSerializer, TripSerializer


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

    @extend_schema(responses=TripSerializer)
    @action(detail=True, methods=["post"], policy=owner("owner"), serializer_class=TransferSerializer, rehearsable=True)
    def transfer(self, request: Request, id: str) -> Response:
        """Hand the trip to one of its members. You become an editor of it."""
        trip = self.get_object()
        body = self.get_serializer(data=request.data)
        sharing.transfer(trip, body.validated_data["member"])
        return Response(TripSerializer(trip).data)
