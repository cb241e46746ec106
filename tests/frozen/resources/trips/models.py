"""The trips' tables, where Django looks for them."""

from resources.trips.invitations import Invitation
from resources.trips.members import Member, Role
from resources.trips.stops import Stop
from resources.trips.trips import Trip

__all__ = ["Invitation", "Member", "Role", "Stop", "Trip"]
