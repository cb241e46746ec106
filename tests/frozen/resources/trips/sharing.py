"""How people come to take part in a trip, and how it changes hands. To be called in a transaction.

The trip is held while it is done, so that of two who do such things at once the second sees what the first has done.
"""

import uuid

from django.core.exceptions import ValidationError

from resources.trips.invitations import Invitation
from resources.trips.members import Member, Role
from resources.trips.trips import Trip

IS_OWNER = "The trip is your own."
IS_MEMBER = "You take part in this trip already."
IS_NO_MEMBER = "This is no member of the trip."


def join(invitation: Invitation, person: uuid.UUID) -> Member:
    """Make a person the member whom an invitation asks for; it is used up by that.

    Raises:
        ValidationError: `unique`: the person takes part already.
    """
    trip = Trip.objects.select_for_update(no_key=True).get(pk=invitation.trip_id)
    if trip.owner_id == person:
        raise ValidationError(IS_OWNER, code="unique")
    if Member.objects.filter(trip=trip, person_id=person).exists():
        raise ValidationError(IS_MEMBER, code="unique")
    invitation.member = Member.objects.create(trip=trip, person_id=person, role=invitation.role)
    invitation.save(update_fields=["member"])
    return invitation.member


def transfer(trip: Trip, to: Member) -> None:
    """Hand a trip that is held to one of its members; the former owner becomes an editor.

    Raises:
        ValidationError: the member is none of this trip's, or has left meanwhile.
    """
    member = Member.objects.select_for_update().filter(pk=to.pk, trip=trip).first()
    if member is None:
        raise ValidationError({"member": ValidationError(IS_NO_MEMBER, code="not_a_member")})
    former, trip.owner_id = trip.owner_id, member.person_id
    member.delete()
    trip.save(update_fields=["owner"])
    Member.objects.create(trip=trip, person_id=former, role=Role.EDITOR)
