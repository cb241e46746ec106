"""Deleting one's account, for which allauth has no operation."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.headless.base.views import AuthenticatedAPIView
from allauth.usersessions.models import UserSession
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from api.core.people.problems import nothing
from api.core.write.integrity import saving


class AccountView(AuthenticatedAPIView):
    """`DELETE`: the person, everything that is theirs, and all that refers to them."""

    @method_decorator(reauthentication_required(app="allauth.account"))
    def delete(self, request: HttpRequest, *_: object, **__: object) -> HttpResponse:
        """Delete the account of who asks, if they have shown who they are lately.

        Raises:
            ReauthenticationRequired: they have not; allauth answers with the ways to do so.
            Refusal: `conflict`: a rule of a model keeps what is theirs (`resources.core.deleting.Kept`).
        """
        person = request.user
        assert isinstance(person, AbstractBaseUser)  # noqa: S101 - nobody else is let in
        with saving():
            for session in UserSession.objects.filter(user=person):
                session.end()
            person.delete()
        get_adapter().logout(request)
        return nothing()
