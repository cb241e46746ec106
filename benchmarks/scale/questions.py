"""The requests: everything that is offered, alone and in the pairs that people use, by the people who ask."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product, zip_longest
from urllib.parse import urlencode

from benchmarks.scale.contract import Filter, Offer

PUBLIC = ("cities", "countries")
"""What everybody reads alike: asked by nobody, and by somebody with a key."""
ACTORS = ("new", "some", "many")
SHOWN = ("ordering", "expand", "count", "page", "page_size")
"""Parameters whose values change the statement."""
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Question:
    """A request.

    Attributes:
        resource: whose rows.
        actor: who asks: guest, new, some, many.
        parameters: what stands in the URL.
        shape: the same for all requests that differ in values only.
        sense: how often the value is found: frequent, rare, absent.
        deep: whether it is the page after 100 others.
    """

    resource: str
    actor: str
    parameters: tuple[tuple[str, str], ...]
    shape: str
    sense: str = ""
    deep: bool = False

    @property
    def path(self) -> str:
        """Return what is asked for."""
        return f"/v1/{self.resource}?{urlencode(self.parameters)}"


def alone(offer: Offer) -> Iterator[Question]:
    """Yield what is offered, one thing at a time: the first page, and where rows go on, one 100 pages on."""
    for actor in actors(offer):
        for deep in (False, True):
            yield from (one(offer, actor, deep=deep), *ordered(offer, actor, deep))
            for filter_ in offer.filters:
                yield from (
                    one(offer, actor, {filter_.name: value}, sense, deep)
                    for sense, value in filter_.values.items()
                    if not deep or sense == "frequent"
                )
        yield from (one(offer, actor, {"search": word}, sense) for sense, word in offer.words.items())
        yield from (one(offer, actor, {"expand": name}) for name in offer.expand)
        yield one(offer, actor, {"expand": ",".join(offer.expand)})
        yield from counts(offer, actor)
        yield from groups(offer, actor)
    yield one(offer, "some" if offer.plural in PUBLIC else "guest")


def ordered(offer: Offer, actor: str, deep: bool) -> Iterator[Question]:
    """Yield every ordering."""
    for name in offer.orderings:
        yield from (one(offer, actor, {"ordering": sign + name}, deep=deep) for sign in ("", "-"))


def counts(offer: Offer, actor: str) -> Iterator[Question]:
    """Yield counts, of everything and of what a filter leaves, and classic pages."""
    for how in ("exact", "estimated"):
        yield one(offer, actor, {"count": how})
        for filter_ in _equal(offer):
            for sense, value in filter_.values.items():
                yield one(offer, actor, {filter_.name: value, "count": how}, sense)
    yield from (one(offer, actor, {"page": number, "page_size": "50"}) for number in ("1", "100", "2000"))


def groups(offer: Offer, actor: str) -> Iterator[Question]:
    """Yield groups of alternatives: each filter for equality beside the next, often found and seldom; and texts."""
    equal = _equal(offer)
    for first, second in zip(equal, equal[1:] + equal[:1], strict=True):
        for sense in ("frequent", "rare"):
            either = [{first.name: first.json(sense)}, {second.name: second.json(sense)}]
            yield one(offer, actor, {"filter": json.dumps({"or": either})}, sense)
            without = {**either[0], "not": either[1]}
            yield one(offer, actor, {"filter": json.dumps(without)}, sense)
    for filter_ in offer.filters:
        if filter_.lookup == "icontains" and "absent" in filter_.values:
            either = [{filter_.name: filter_.json("rare")}, {equal[0].name: equal[0].json("rare")}]
            yield one(offer, actor, {"filter": json.dumps({"or": either})}, "rare")


def pairs(offer: Offer) -> Iterator[Question]:
    """Yield every filter, and the search, with every ordering; and with every expansion where it is for equality."""
    directions = [sign + name for name in offer.orderings for sign in ("", "-")]
    asked = [({each.name: value}, sense) for each in offer.filters for sense, value in each.values.items()]
    asked += [({"search": word}, sense) for sense, word in offer.words.items()]
    equal = [({each.name: value}, sense) for each in _equal(offer) for sense, value in each.values.items()]
    for actor in actors(offer):
        for (parameters, sense), ordering in product(asked, directions):
            yield one(offer, actor, {**parameters, "ordering": ordering}, sense)
        for (parameters, sense), name in product(equal, offer.expand):
            yield one(offer, actor, {**parameters, "expand": name}, sense)
        yield from (one(offer, actor, parameters, sense, deep=True) for parameters, sense in equal)


def _equal(offer: Offer) -> list[Filter]:
    return [filter_ for filter_ in offer.filters if filter_.lookup == "exact"]


def actors(offer: Offer) -> tuple[str, ...]:
    """Return who asks for a resource."""
    return ("guest",) if offer.plural in PUBLIC else ACTORS


def one(
    offer: Offer, actor: str, parameters: Mapping[str, str] = NOTHING, sense: str = "", deep: bool = False
) -> Question:
    """Make a question; its shape names what changes the statement."""
    shape = "&".join(f"{name}={_shown(name, value)}" for name, value in parameters.items())
    return Question(offer.plural, actor, tuple(parameters.items()), shape, sense, deep)


def _shown(name: str, value: str) -> str:
    return value if name in SHOWN else _group(value) if name == "filter" else "*"


def _group(text: str) -> str:
    """Return a group without its values."""

    def bare(group: object) -> object:
        if isinstance(group, list):
            return [bare(each) for each in group]
        if isinstance(group, dict):
            return {name: bare(value) if name in ("or", "and", "not") else "*" for name, value in group.items()}
        return "*"

    return json.dumps(bare(json.loads(text)))


def drawn(offers: Iterable[Offer], only: Iterable[str]) -> list[Question]:
    """Return all questions as if drawn by lot, so that a part of them is fair: two asked alone, and a pair in turns."""
    chosen = [offer for offer in offers if offer.plural in only]
    lot = random.Random(2026)
    by_itself, paired = ([each for offer in chosen for each in of(offer)] for of in (alone, pairs))
    lot.shuffle(by_itself)
    lot.shuffle(paired)
    turns = zip_longest(by_itself[::2], by_itself[1::2], paired)
    return [each for turn in turns for each in turn if each is not None]
