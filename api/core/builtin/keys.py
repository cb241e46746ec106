"""`/v1/keys`: people look after their own keys; with a key one may do it only as far as that key itself goes."""

import uuid
from datetime import datetime
from functools import cached_property

from django.contrib.auth import get_user_model
from django.db.models import Q
from rest_framework.request import Request

from api.core.resource.registry import REGISTRY
from api.core.viewset import ResourceViewSet
from resources.core.actor import EVERYTHING, EXPLAIN, Actor
from resources.core.api_keys.models import ApiKey, digest, new_secret
from resources.core.policy import Scope, owner, within
from serializers.core.apikeys import IssuedKeySerializer, KeySerializer
from serializers.core.kinds import AnySerializer
from serializers.core.problems import refuse

MOST_KEYS = 100


class KeyViewSet(ResourceViewSet):
    """Keys of your own, with which programs act for you. To revoke one, delete it."""

    queryset = ApiKey.objects.all()
    serializer_class = KeySerializer
    policy = owner("owner")
    filterset_fields = ("id", "name", "expires_at", "last_used_at", "created_at", "updated_at")

    @cached_property
    def secrets(self) -> dict[uuid.UUID, str]:
        """The secrets made just now, by the keys of their rows."""
        return {}

    def get_serializer_class(self) -> type[KeySerializer]:
        """Show the secret in the answer to a creation."""
        return IssuedKeySerializer if self.action == "create" else KeySerializer

    def get_serializer_context(self) -> dict[str, object]:
        """Give the scopes that there are and the secrets made just now."""
        return {**super().get_serializer_context(), "scopes": every_scope(), "secrets": self.secrets}

    def wants_a_body(self, request: Request) -> bool:
        """Always show what was created: without its secret a key is of no use."""
        return self.action == "create" or super().wants_a_body(request)

    def perform_create(self, serializer: AnySerializer) -> None:
        """Make the secret, for the actor.

        Raises:
            Refusal: the key would do more than the one that asks for it, or there are too many.
        """
        values = serializer.validated_data
        refuse_more(self.actor, values["scopes"], values.get("expires_at"))
        _lock_owner(self.actor)
        if ApiKey.objects.filter(owner_id=self.actor.id).count() >= MOST_KEYS:
            raise refuse("conflict", f"A person may have {MOST_KEYS} keys; delete one that is not used.")
        secret = new_secret()
        row = serializer.save(owner_id=self.actor.id, digest=digest(secret))
        self.secrets[row.pk] = secret

    def perform_update(self, serializer: AnySerializer) -> None:
        """Change the key, where neither it nor what becomes of it does more than the one that asks."""
        stored, changes = serializer.instance, serializer.validated_data
        assert isinstance(stored, ApiKey)  # noqa: S101 - an update has a row
        refuse_more(self.actor, stored.scopes, stored.expires_at)
        refuse_more(self.actor, changes.get("scopes", stored.scopes), changes.get("expires_at", stored.expires_at))
        serializer.save()


def _lock_owner(actor: Actor) -> None:
    """Let further keys of somebody be counted only when this one is stored, or is not; SQLite has one writer anyway.

    Of requests that come together, each would else count the keys before any is stored, and all would pass.
    """
    people = get_user_model()._base_manager
    list(people.select_for_update(no_key=True).filter(Q(pk=actor.id)).values_list("pk"))


def every_scope() -> frozenset[str]:
    """Return every scope that something asks for: the verbs of resources, and what policies and field rules name."""
    scopes = {EVERYTHING, EXPLAIN}
    for resource in REGISTRY.every:
        scopes |= {resource.scope_of("read"), resource.scope_of("update")}
        rules = (resource.policy, *resource.field_rules.values(), *resource.action_policies)
        scopes |= {part.name for rule in rules for part in within(rule) if isinstance(part, Scope)}
    return frozenset(scopes)


def refuse_more(actor: Actor, scopes: list[str], expires_at: datetime | None) -> None:
    """Refuse scopes that a key has not, and a life beyond its own; a person may give all that there is.

    Raises:
        Refusal: `forbidden`, with the scopes or the time that go too far.
    """
    missing = [scope for scope in scopes if not actor.has_scope(scope)]
    if missing:
        raise refuse("forbidden", f"The key that you show has not the scopes {', '.join(missing)} itself.")
    until = ApiKey.objects.filter(pk=actor.key).values_list("expires_at", flat=True).first() if actor.key else None
    if until and (expires_at is None or expires_at > until):
        raise refuse(
            "forbidden", f"The key that you show works until {until:%Y-%m-%dT%H:%M:%SZ}, and none of it longer."
        )


VIEWSETS = (KeyViewSet,)
