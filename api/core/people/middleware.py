"""What stands around every view of allauth: a session, CSRF where a cookie shows who asks, and this API's manners.

These are middleware, and stand here so that requests outside of /auth need not pass through them.
"""

from collections.abc import Callable
from functools import wraps

from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.views import View
from django.views.decorators.csrf import csrf_protect

from api.core.http.methods import only
from api.core.people import problems
from api.core.people.input_checks import methods, refuse_large, refuse_unknown

type ViewFunction = Callable[..., HttpResponseBase]


def with_middleware(view: ViewFunction) -> ViewFunction:
    """Put a view of allauth into its surroundings."""

    @csrf_protect
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponseBase:
        return _answer(view, request)

    inside = SessionMiddleware(AuthenticationMiddleware(answer))

    @wraps(view)
    def call(request: HttpRequest) -> HttpResponseBase:
        refusal = only(request, *methods(_class_of(view)))
        if refusal is not None:
            return refusal
        refuse_large(request)
        response = inside(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 - no view here is asynchronous
        return _flag_cookies(request, response)

    return call


def _class_of(view: ViewFunction) -> type[View]:
    """Return the class of a view; `as_view` has set it."""
    view_class: type[View] = getattr(view, "view_class", View)
    return view_class


def _answer(view: ViewFunction, request: HttpRequest) -> HttpResponseBase:
    """Ask the view, strictly, and turn its errors into problems."""
    refuse_unknown(_class_of(view), request)
    try:
        response = _as_get(view, request)
    except ImmediateHttpResponse as error:
        response = error.response
    except RateLimited:
        return problems.too_many(request)
    return problems.translate(_class_of(view), request, response)


def _as_get(view: ViewFunction, request: HttpRequest) -> HttpResponseBase:
    """Call a view; allauth reads a body out of HEAD."""
    method = request.method
    request.method = "GET" if method == "HEAD" else method
    try:
        return view(request)
    finally:
        request.method = method


def _flag_cookies(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Flag cookies as `Secure` wherever they came over https, whatever the settings know of it."""
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        if request.is_secure() and name in response.cookies:
            response.cookies[name]["secure"] = True
    return response
