"""Invitations: an owner offers a part in a trip to an e-mail address; who has it, or the code sent to it, accepts."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.core.http.links import absolute
from api.core.limits.admission import spend
from api.core.people.addresses import addressee, is_own
from api.core.viewset import ResourceViewSet
from api.trips.mail import mail_invitation
from api.trips.members import MemberViewSet
from resources.core.policy import authenticated, delete, owner, read
from resources.trips.invitations import digest, new_code
from resources.trips.models import Invitation
from resources.trips.sharing import join
from serializers.core.problems import Fault, refuse
from serializers.trips import InvitationSerializer, MemberSerializer, RedeemSerializer

OWN_ADDRESS = "This is your own address: the trip is yours already."
UNKNOWN = "This code is unknown, was used, has expired or was withdrawn. Ask for another invitation."


class InvitationViewSet(ResourceViewSet):
    """Offers to take part in a trip. Its owner makes, lists and withdraws them; the invited person accepts or declines.

    Nobody learns from an invitation whether its address has an account.
    """

    queryset = Invitation.objects.all()
    serializer_class = InvitationSerializer
    http_method_names = ("get", "post", "delete", "head", "options")
    policy = owner("trip__owner") | read(addressee("email")) | delete(addressee("email"))
    filterset_fields = ("id", "trip", "email", "role", "member", "expires_at", "created_at")
    ordering_fields = ("email", "expires_at", "created_at")
    expand = ("trip", "member")

    def perform_create(self, serializer: Any) -> None:
        """Send a code to the address, once the row is there.

        Raises:
            ValidationError: the address is the actor's own.
            Refusal: too many were sent, by the actor or to the address.
        """
        address = serializer.validated_data["email"]
        if is_own(self.actor, address):
            raise serializers.ValidationError({"email": serializers.ErrorDetail(OWN_ADDRESS, code="own_address")})
        spend("invitation-by", self.actor.id, settings.LIMIT_INVITATIONS)
        spend("invitation-to", address, settings.LIMIT_INVITATIONS)
        code = new_code()
        invitation = serializer.save(invited_by_id=self.actor.id, digest=digest(code))
        mail_invitation(invitation, code)

    @extend_schema(request=None, responses={201: MemberSerializer})
    @action(detail=True, methods=["post"], policy=addressee("email"))
    def accept(self, request: Request, id: str) -> Response:
        """Accept an invitation to an address that you have verified. You become a member of the trip."""
        invitation = self.get_object()
        if invitation.member_id is not None:
            raise refuse("conflict", "This invitation was accepted already.")
        if invitation.has_expired:
            raise refuse("conflict", "This invitation has expired. Ask for another.")
        return self.joined(invitation)

    @extend_schema(responses={201: MemberSerializer})
    @action(detail=False, methods=["post"], policy=authenticated, serializer_class=RedeemSerializer)
    def redeem(self, request: Request) -> Response:
        """Accept an invitation by the code that was mailed, whatever the address of your account."""
        body = self.get_serializer(data=request.data)
        invitation = Invitation.objects.behind(body.validated_data["code"])
        if invitation is None:
            raise refuse("invalid-body", UNKNOWN, [Fault("unknown_code", UNKNOWN, "/code")])
        return self.joined(invitation)

    def joined(self, invitation: Invitation) -> Response:
        """Make the actor a member, and show the membership."""
        assert self.actor.id is not None  # noqa: S101 - the policies let nobody else come here
        member = join(invitation, self.actor.id)
        headers = {"Location": absolute(MemberViewSet.path(member.pk))}
        return Response(MemberSerializer(member).data, status=201, headers=headers)
