"""`GET /v1/me`: who asks, and what they may do."""

from django.contrib.auth import get_user_model
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from api.core.builtin.endpoint import ALLOW, Endpoint
from api.core.http.authentication import actor_of
from api.core.http.responses import answer, body_digest
from serializers.core.json import encode


@extend_schema(exclude=True)  # the contract has it from service.yaml, with its headers and errors
class Me(Endpoint):
    """The person, and the key and its scopes where one was shown."""

    def get(self, request: Request, *_: object, **__: object) -> HttpResponse:
        """Say who asks.

        Raises:
            NotAuthenticated: nobody knows.
            Refusal: there is a query parameter.
        """
        self.refuse_parameters(request)
        actor = actor_of(request)
        if actor.anonymous:
            raise NotAuthenticated
        person = request.user
        body = encode(
            {
                "person": {
                    "id": actor.id,
                    "email": getattr(person, get_user_model().get_email_field_name()),
                    "is_staff": actor.is_staff,
                },
                "key": actor.key,
                "scopes": sorted(actor.scopes),
            }
        )
        return answer(request._request, body, f'"{body_digest(body)}"', ALLOW)
