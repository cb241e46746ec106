"""Trips: owned by people, shared with members."""

from api.trips.invitations import InvitationViewSet
from api.trips.members import MemberViewSet
from api.trips.stops import StopViewSet
from api.trips.trips import TripViewSet

VIEWSETS = (TripViewSet, StopViewSet, MemberViewSet, InvitationViewSet)
