"""How trips look as JSON."""

from rest_framework import serializers

from resources.trips.models import Invitation, Member, Stop, Trip

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


class TransferSerializer(serializers.Serializer[Trip]):
    """Whose a trip shall be."""

    member = serializers.PrimaryKeyRelatedField(
        queryset=Member.objects.all(), help_text="The member of the trip who becomes its owner."
    )


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A person who takes part in a trip."""

    class Meta:
        model = Member
        fields = ("id", "trip", "person", "role", *STAMPS)
        read_only_fields = ("trip", "person")


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An offer to take part in a trip."""

    class Meta:
        model = Invitation
        fields = ("id", "trip", "email", "role", "invited_by", "member", "expires_at", *STAMPS)
        read_only_fields = ("invited_by", "member", "expires_at")

    def validate_email(self, address: str) -> str:
        """Write the address in small letters, as those of accounts are."""
        return address.lower()


class RedeemSerializer(serializers.Serializer[Invitation]):
    """What shows that somebody is invited."""

    code = serializers.CharField(max_length=100, help_text="The code in the mail.")
