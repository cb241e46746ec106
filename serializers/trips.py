"""How trips look as JSON."""

from rest_framework import serializers

from resources.trips.models import Member, Stop, Trip

STAMPS = ("created_at", "updated_at", "revision")


class TripSerializer(serializers.ModelSerializer[Trip]):
    """A trip. Its owner is who creates it."""

    class Meta:
        model = Trip
        fields = ("id", "name", "owner", "begins_on", "ends_on", "budget", "currency", "notes", "details", *STAMPS)
        read_only_fields = ("owner",)


class StopSerializer(serializers.ModelSerializer[Stop]):
    """A stop of a trip, at a city or an airport."""

    class Meta:
        model = Stop
        fields = ("id", "trip", "position", "city", "airport", "arrives_at", "departs_at", "notes", *STAMPS)


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A person who takes part in a trip."""

    class Meta:
        model = Member
        fields = ("id", "trip", "person", "role", *STAMPS)
