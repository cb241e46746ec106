"""What a view of allauth takes: its methods, a body of some KB, its members and their types. Refuses everything else.

allauth's forms pass over unknown members and make texts of whatever is sent; this API does neither.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from allauth.headless.mfa.views import ManageWebAuthnView
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms
from django.http import HttpRequest
from django.views import View
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from api.core.query.suggestions import MOST_SUGGESTIONS, unknown
from serializers.core.json import Json, Unfit, decode, escape
from serializers.core.problems import MOST_FAULTS, Fault, refuse

MOST_BYTES = 16 * 2**10
"""Of a body. The longest that anybody has to send is a new passkey with its attestation, of at most half as many."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
UNUSED_MEMBERS = frozenset(("username", "phone"))
"""Members that allauth's forms declare, and this installation has no use for."""
PARAMETERS = {ManageWebAuthnView: frozenset(("passwordless",))}
"""The query parameters that are read at all."""

CREDENTIALS: tuple[tuple[type[forms.Form], Callable[[dict[str, Json]], object]], ...] = (
    (AddWebAuthnForm, RegistrationResponse.from_dict),
    (AuthenticateWebAuthnForm, AuthenticationResponse.from_dict),
)
"""How the member `credential` of each form is read."""

type Test = Callable[[Json], bool]


def methods(view_class: type[View]) -> list[str]:
    """Return the methods that a view answers."""
    offered = {method for method in METHODS if hasattr(view_class, method.lower())}
    return [method for method in METHODS if method in offered or (method == "HEAD" and "GET" in offered)]


def form_of(view_class: type[View], method: str | None) -> type[forms.BaseForm] | None:
    """Return the form that reads the body of a request, or None."""
    input_class = getattr(view_class, "input_class", None)
    form: type[forms.BaseForm] | None = input_class.get(method) if isinstance(input_class, dict) else input_class
    return None if method in ("GET", "HEAD") else form


def members(view_class: type[View], method: str | None) -> dict[str, forms.Field]:
    """Return the members that a body may have."""
    fields: dict[str, forms.Field] = getattr(form_of(view_class, method), "base_fields", {})
    return {name: field for name, field in fields.items() if name not in UNUSED_MEMBERS}


def refuse_large(request: HttpRequest) -> None:
    """Refuse a body that is longer than any that is wanted at /auth, where nobody has to show who they are.

    Raises:
        Refusal: `content-too-large`, before the body is read: no more of it is ever read than its length says.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise refuse("content-too-large", f"A body may have {MOST_BYTES} bytes here.")


def refuse_unknown(view_class: type[View], request: HttpRequest) -> None:
    """Refuse what a view would pass over or misread.

    Raises:
        Refusal: unknown parameters, another type than JSON, a body that is none, unknown or mistyped members.
    """
    _refuse_parameters(request, PARAMETERS.get(view_class, frozenset()))
    body = _body(request)
    if body is None:
        return
    if not isinstance(body, dict):
        raise refuse("invalid-body", "Send an object.", [Fault("invalid", "Expected an object.", "")])
    faults = list(islice(_faults(body, members(view_class, request.method)), MOST_FAULTS))
    faults = faults or list(_credential_faults(body, form_of(view_class, request.method)))
    if faults:
        raise refuse("invalid-body", faults[0].detail, faults)


def _refuse_parameters(request: HttpRequest, parameters: frozenset[str]) -> None:
    faults = [
        Fault("unknown", unknown("parameter", name, parameters), parameter=name)
        for name in request.GET.keys() - parameters
    ]
    if faults:
        raise refuse("invalid-parameters", faults[0].detail, faults)


def _body(request: HttpRequest) -> Json:
    """Read a body as JSON; None where there is none."""
    if not request.body:
        return None
    if request.content_type != "application/json":
        detail = (
            f"{(request.content_type or 'A body without a type')[:100]} is not understood. Read here: application/json."
        )
        raise refuse("unsupported-media-type", detail, accept="application/json")
    try:
        return decode(request.body)
    except Unfit as error:
        raise refuse("malformed-request", error.detail, [Fault("invalid", error.detail, error.pointer)]) from None
    except ValueError as error:
        raise refuse("malformed-request", f"The body is not JSON: {error}") from None


def _faults(body: dict[str, Json], fields: dict[str, forms.Field]) -> Iterator[Fault]:
    strangers = 0
    for name, value in body.items():
        if name not in fields:
            strangers += 1
            near = fields if strangers <= MOST_SUGGESTIONS else ()
            yield Fault("unknown", unknown("member", name, near), f"/{escape(name)}")
        elif words := _expected(fields[name], value):
            yield Fault("invalid", f"Expected {words}.", f"/{escape(name)}")


def _credential_faults(body: dict[str, Json], form: type[forms.BaseForm] | None) -> Iterator[Fault]:
    """Find a credential that is none: fido2 reads it by ways that fail in as many manners."""
    read = next((read for kind, read in CREDENTIALS if form is not None and issubclass(form, kind)), None)
    credential = body.get("credential")
    if read is None or not isinstance(credential, dict):
        return
    try:
        read(credential)
    except Exception:
        yield Fault("invalid", "This is no credential of WebAuthn.", "/credential")


def _expected(field: forms.Field, value: Json) -> str | None:
    """Say what a field takes, where a value is not of that type."""
    _, test, words = next(row for row in TYPES if isinstance(field, row[0]))
    return None if test(value) else words


def _is_number(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


TYPES: tuple[tuple[type[forms.Field], Test, str], ...] = (
    (forms.BooleanField, lambda value: isinstance(value, bool), "true or false"),
    (
        forms.ModelMultipleChoiceField,
        lambda value: isinstance(value, list) and all(map(_is_number, value)),
        "a list of ids",
    ),
    (forms.ModelChoiceField, _is_number, "an id"),
    (forms.JSONField, lambda value: isinstance(value, dict), "an object"),
    (forms.Field, lambda value: isinstance(value, str), "a text"),
)
"""The JSON type of each kind of member. The first kind that fits counts."""
