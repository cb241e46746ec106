"""What proxies say of a client, believed of those in `TRUSTED_PROXIES` and of nobody else.

From here on the rest of Headwater reads `REMOTE_ADDR` and the request's scheme, and no header beside them.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase

Network = IPv4Network | IPv6Network
UNIX = "unix"
"""The proxy at the other end of a socket that has no address."""
SCHEMES = ("http", "https")
MOST_HOPS = 32


class Proxies:
    """Puts the client's own address and scheme in the place of the proxy's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        request.META.update(client_of(request.META))
        return self.get_response(request)


def trusted(names: Iterable[str]) -> frozenset[Network | str]:
    """Read addresses and networks such as `10.0.0.0/8`, and `unix`.

    Raises:
        ImproperlyConfigured: one is neither.
    """
    try:
        return frozenset(name if name == UNIX else ip_network(name) for name in names)
    except ValueError as error:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}; write addresses or networks, or {UNIX}") from None


def client_of(environ: Mapping[str, object]) -> MutableMapping[str, str]:
    """Return what of an environ is otherwise for the client than for the proxy: its address, its scheme."""
    proxies: frozenset[Network | str] = settings.TRUSTED_PROXIES
    peer = str(environ.get("REMOTE_ADDR", ""))
    if not proxies or not _is_trusted(peer, proxies):
        return {}
    address = _client(peer, str(environ.get("HTTP_X_FORWARDED_FOR", "")), proxies)
    scheme = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).rpartition(",")[2].strip().lower()
    return {"REMOTE_ADDR": address} | ({"wsgi.url_scheme": scheme} if scheme in SCHEMES else {})


def _client(peer: str, forwarded: str, proxies: frozenset[Network | str]) -> str:
    """Return the nearest address that is no trusted proxy: each has added, on the right, who it was asked by."""
    client = peer
    for hop in reversed(forwarded.rsplit(",", MOST_HOPS)):
        if not (address := _without_port(hop.strip())):
            break  # what is no address was not written by a proxy that is to be trusted
        client = address
        if not _is_trusted(address, proxies):
            break
    return client


def _without_port(hop: str) -> str:
    """Return the address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`; nothing of other texts."""
    bare = hop[1:].partition("]")[0] if hop.startswith("[") else hop.partition(":")[0] if hop.count(":") == 1 else hop
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _is_trusted(address: str, proxies: frozenset[Network | str]) -> bool:
    if not address:
        return UNIX in proxies
    try:
        host = ip_address(address)
    except ValueError:
        return False
    if isinstance(host, IPv6Address) and host.ipv4_mapped:
        host = host.ipv4_mapped
    return any(not isinstance(network, str) and host in network for network in proxies)
