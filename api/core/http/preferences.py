"""What a client prefers: `Prefer: return=minimal` (RFC 7240)."""

from django.http import HttpRequest


def prefers_minimal(request: HttpRequest) -> bool:
    """Whether the client wants no body back. A preference that stands twice counts as it stands first."""
    preferences = (_preference(part) for part in request.headers.get("Prefer", "").split(","))
    return next((value for name, value in preferences if name == "return"), None) == "minimal"


def _preference(text: str) -> tuple[str, str]:
    """Read `name="value"; parameter` without its parameters; names are alike in any case."""
    name, _, value = text.partition(";")[0].partition("=")
    return name.strip().lower(), value.strip().strip('"')


def applied(preference: str) -> dict[str, str]:
    """Return the header that says which preference was honoured (RFC 7240, section 3)."""
    return {"Preference-Applied": preference}
