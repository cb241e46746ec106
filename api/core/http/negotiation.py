"""Which of the forms on offer a client gets, by its Accept header (RFC 9110, section 12.5.1)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MOST_RANGES = 64


class Negotiation(DefaultContentNegotiation):
    """Weighs the forms as the client does, where DRF's own counts `;q=0.1` as much as `;q=1`."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer that the client likes best, the first among equals.

        Raises:
            NotAcceptable: it accepts none. An answer to OPTIONS has no form, and so is always fine.
        """
        header = request.headers.get("Accept", "").strip() or "*/*"
        ranges = [MediaType(text) for text in header.split(",", MOST_RANGES)[:MOST_RANGES]]
        weights = {renderer: weight(renderer.media_type, ranges) for renderer in renderers}
        best = max(weights, key=lambda renderer: weights[renderer])
        if weights[best].quality == 0 and request.method != "OPTIONS":
            raise NotAcceptable(available_renderers=list(weights))
        return best, best.media_type


class Weight(NamedTuple):
    """How well a form is liked: by quality, then by how exactly it is named, then by its place in the header."""

    quality: float = 0
    exactness: int = 0
    place: int = 0


def weight(media_type: str, ranges: Sequence[MediaType]) -> Weight:
    """Weigh a form. The most exact range that names it decides, so that `text/csv;q=0, */*` excludes CSV."""
    weights = [
        Weight(range_.quality, _exactness(range_), -place)
        for place, range_ in enumerate(ranges)
        if _names(range_, MediaType(media_type))
    ]
    return max(weights, key=lambda one: one[1:], default=Weight())


def _names(range_: MediaType, form: MediaType) -> bool:
    """Whether a range takes a form; parameters such as a charset are passed over."""
    return range_.main_type in ("*", form.main_type) and range_.sub_type in ("*", form.sub_type)


def _exactness(range_: MediaType) -> int:
    return (range_.main_type != "*") + (range_.sub_type != "*")
