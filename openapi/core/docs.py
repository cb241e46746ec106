"""The documentation's views: the first page, the reference of the contract, and the guides."""

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from api.core.http.links import origin_of
from openapi.core import assets, guides, operations, pages, views
from serializers.core.problems import refuse

# The reference puts its own style elements into the page; nothing else here needs that.
_REFERENCE_POLICY = pages.policy(style_src="'self' 'unsafe-inline'")


class HomeView(views.PageView):
    """`/docs`: where to begin, the guides, and every operation of the contract."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        context = {"here": "home", "origin": origin_of(request) or guides.ORIGIN, "tags": operations.published()}
        return pages.respond("home.html", context)


class ReferenceView(views.PageView):
    """`/docs/reference`: the contract, operation by operation, each of which can be tried out."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page; its scripts read the contract from `/openapi.json`."""
        scripts = [assets.url("reference.js"), assets.url("scalar/standalone.js")]
        return pages.respond("reference.html", {"here": "reference", "scripts": scripts}, csp=_REFERENCE_POLICY)


class GuideView(views.PageView):
    """`/docs/guides/<slug>`: one guide."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the guide, with the addresses in it as they are for this reader.

        Raises:
            Refusal: there is no such guide.
        """
        all_guidesides = guides.all_guides()
        place = next((place for place, guide in enumerate(all_guidesides) if guide.slug == slug), None)
        if place is None:
            raise refuse("not-found", f"There is no guide {slug!r}.")
        text = all_guidesides[place].text(prefix=pages.prefix())
        html = text.html.replace(guides.ORIGIN, origin_of(request) or guides.ORIGIN)
        context = {
            "here": slug,
            "guide": all_guidesides[place],
            "html": mark_safe(html),  # noqa: S308 - raw HTML in a guide is escaped
            "headings": [heading for heading in text.headings if heading.level == 2],
            "previous": all_guidesides[place - 1] if place else None,
            "next": all_guidesides[place + 1] if place + 1 < len(all_guidesides) else None,
        }
        return pages.respond("guide.html", context)
