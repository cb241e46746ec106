"""Members: who takes part in a trip. They come by invitation."""

from api.core.viewset import ResourceViewSet
from resources.core.policy import delete, member, owner, read
from resources.trips.models import Member
from serializers.trips import MemberSerializer


class MemberViewSet(ResourceViewSet):
    """The people a trip is shared with. They come by invitation; its owner says what they may; everybody may leave."""

    queryset = Member.objects.all()
    serializer_class = MemberSerializer
    http_method_names = ("get", "put", "patch", "delete", "head", "options")
    policy = read(member("trip__members")) | owner("trip__owner") | delete(owner("person"))
    filterset_fields = ("id", "trip", "person", "role")
    ordering_fields = ("role", "created_at")
    expand = ("trip",)
