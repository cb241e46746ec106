"""What a client prefers: `Prefer: return=minimal` (RFC 7240)."""

from django.http import HttpRequest


def prefers_minimal(request: HttpRequest) -> bool:
    """Whether the client wants no body back."""
    preferences = (part.strip().lower() for part in request.headers.get("Prefer", "").split(","))
    return "return=minimal" in preferences


def applied(preference: str) -> dict[str, str]:
    """Return the header that says which preference was honoured (RFC 7240, section 3)."""
    return {"Preference-Applied": preference}
