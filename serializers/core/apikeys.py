"""How keys look as JSON. The secret of one stands in the answer to its creation, and nowhere else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from difflib import get_close_matches

from django.utils import timezone
from rest_framework import serializers

from resources.core.actor import SCOPE
from resources.core.models import ApiKey

MEMBERS = ("id", "name", "scopes", "expires_at", "last_used_at", "owner", "created_at", "updated_at", "revision")
MOST_SCOPES = 100
ANCHORED = rf"^({SCOPE.pattern})$"


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key that acts for a person, within its scopes. The context's `scopes` are those that it may have."""

    scopes = serializers.ListField(
        child=serializers.RegexField(ANCHORED, max_length=100, trim_whitespace=False),
        allow_empty=False,
        max_length=MOST_SCOPES,
        help_text="What it may do, such as `trips:read` and `trips:write`; `*` for everything that its owner may.",
    )

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = MEMBERS
        read_only_fields = ("owner", "last_used_at")

    def validate_scopes(self, scopes: Sequence[str]) -> list[str]:
        """Refuse what nothing asks for; put the others in order, each once.

        Raises:
            ValidationError: names the scopes and the nearest that there are.
        """
        known: Collection[str] = self.context["scopes"]
        wrong = [(place, scope) for place, scope in enumerate(scopes) if scope not in known]
        if wrong:
            raise serializers.ValidationError({str(place): [_unknown(scope, known)] for place, scope in wrong})
        return sorted(set(scopes))

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        """Refuse a time that has gone by, but for the one that is stored."""
        stored = self.instance.expires_at if isinstance(self.instance, ApiKey) else None
        if value is not None and value != stored and value <= timezone.now():
            raise serializers.ValidationError("This time has gone by. Delete a key to revoke it.", code="past")
        return value


class Secret(serializers.CharField):
    """The secret of a row that was made just now: the context's `secrets` holds it by the row's key."""

    def get_attribute(self, instance: ApiKey) -> str:
        """Return the secret."""
        secret: str = self.context["secrets"][instance.pk]
        return secret


class IssuedKeySerializer(KeySerializer):
    """A new key, with its secret."""

    secret = Secret(read_only=True, help_text="What to send: `Authorization: Bearer ...`. It is shown this once.")

    class Meta(KeySerializer.Meta):
        fields = (*MEMBERS, "secret")


def _unknown(scope: str, known: Collection[str]) -> serializers.ErrorDetail:
    near = get_close_matches(scope, sorted(known), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return serializers.ErrorDetail(f"No resource has the scope {scope!r}.{hint}", code="unknown")
