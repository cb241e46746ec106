"""Who is counted as whom, and by which rate. Knows no request: whatever answers one may ask here."""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from prometheus_client import Counter

from api.core.limits.counting import check
from api.core.limits.rates import Admission, Rate
from resources.core.actor import Actor
from resources.core.keys import Key
from resources.core.setting import setting
from serializers.core.problems import Problem, Refusal, problem

REFUSED = Counter("headwater_limited_total", "Requests refused with 429, by the limit.", ("limit",))

FREE = re.compile(r"/(?:(?:livez|readyz|metrics|openapi\.json|openapi\.yaml)/?\Z|(?:docs|problems)(?:/|\Z))")
"""What is never counted: probes must not be refused, and pages for people are files with an ETag."""
LOGIN = re.compile(r"/auth/[a-z]+/v1/auth/")
"""Where passwords, codes and second factors are tried."""
TRIES = frozenset(("POST", "PUT", "PATCH"))
ONE_NETWORK = 64
"""Bits of an IPv6 address that name a network; within it, a client may take any address it likes."""


def is_free(path: str) -> bool:
    """Whether requests to a path are not counted."""
    return FREE.match(path) is not None


def is_login(method: str | None, path: str) -> bool:
    """Whether a request tries to log in."""
    return method in TRIES and LOGIN.match(path) is not None


def of_actor(actor: Actor, cost: int = 1) -> Admission | None:
    """Count a request of a person, or of a key, each key by itself; or work that counts for several."""
    who = f"key:{actor.key.hex}" if actor.key else f"person:{actor.id}"
    return check(who, setting("LIMIT_ACTOR"), cost=cost)


def of_address(address: str, cost: int = 1) -> Admission | None:
    """Count a request of somebody unknown; or work that counts for several."""
    return check(*_anonymous(address), cost=cost)


def of_login(address: str) -> Admission | None:
    """Count a try to log in."""
    return check(f"login:{network(address)[0]}", setting("LIMIT_LOGIN"))


def count_guess(address: str) -> Admission | None:
    """Count an identity that was shown and is none."""
    who, rate = _anonymous(address)
    return check(f"guess:{who}", rate)


def may_guess(address: str) -> Admission | None:
    """Say, before a database is asked about an identity, whether too many were shown that are none."""
    who, rate = _anonymous(address)
    return check(f"guess:{who}", rate, charge=False)


def spend(what: str, who: Key | None, rate: Rate | None) -> None:
    """Count something that costs others, such as a mail, beside the request that asks for it.

    Args:
        what: is done, in one word: `invitation`.
        who: it is counted for: a person, an address.
        rate: how often it may be done; None for no limit.

    Raises:
        Refusal: it came too soon.
    """
    decision = check(f"{what}:{who}", rate)
    if decision is not None and not decision.allowed:
        raise Refusal(refusal(decision))


def refusal(decision: Admission) -> Problem:
    """Make the problem of a request that came too soon."""
    REFUSED.labels(decision.rate.name).inc()
    rate, wait = decision.rate, decision.retry_after
    detail = f"More than {rate.count} requests in {rate.window} seconds. Try again in {wait} s."
    return problem("too-many-requests", detail, retry_after=wait)


@lru_cache(maxsize=4096)
def network(address: str) -> tuple[str, bool]:
    """Return what an address is counted as (an IPv6 one as its network of 64 bits), and whether it is this machine."""
    try:
        host = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown", False
    if isinstance(host, IPv6Address):
        if host.ipv4_mapped is None:
            bits = int(host) >> (128 - ONE_NETWORK) << (128 - ONE_NETWORK)
            return (str(host) if host.is_loopback else str(IPv6Address(bits))), host.is_loopback
        host = host.ipv4_mapped
    return str(host), host.is_loopback


def _anonymous(address: str) -> tuple[str, Rate | None]:
    name, loopback = network(address)
    return f"address:{name}", setting("LIMIT_LOOPBACK" if loopback else "LIMIT_ANONYMOUS")
