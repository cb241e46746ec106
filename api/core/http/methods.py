"""Which methods a plain view answers, and the problem or the `Allow` for the others."""

from django.http import HttpRequest, HttpResponse

from api.core.http import errors
from api.core.http.responses import nothing
from serializers.core.problems import problem


def only(request: HttpRequest, *methods: str) -> HttpResponse | None:
    """Answer OPTIONS, refuse a method that is not offered (405), or return None to go on."""
    allow = ", ".join((*methods, "OPTIONS"))
    if request.method == "OPTIONS":
        return nothing(request, 204, {"Allow": allow})
    if request.method in methods:
        return None
    return errors.answer(request, problem("method-not-allowed", f"Offered here: {allow}.", allow=allow))
