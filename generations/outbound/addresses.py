"""Which addresses may be reached: the public internet over TLS, one configured port of this machine, one trusted server."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from generations.errors import AddressRefused, Unreachable

MOST_ADDRESSES = 6
"""How many addresses of one name are tried."""

Resolver = Callable[[str, int], Sequence[str]]
"""Called as `resolve(host, port)`; returns IP addresses, best first, or raises OSError."""

# Beyond what ipaddress calls "not global", which differs between versions of Python.
_REFUSED = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's own services, reachable from inside alone
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16",  # an IPv4 address inside
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
# Where a server of one's own stands: private networks, and what carriers and overlay networks hand out.
_PRIVATE = tuple(
    ipaddress.ip_network(block) for block in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)


def addresses_of(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    return list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet; what only wraps an IPv4 address does not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in block for block in _REFUSED)


def loopback_origin_of(base_url: str) -> str:
    """Return the origin of a configured address on this very machine, or "" when it is elsewhere.

    Pass the result as `loopback_origin`: that one port may then be reached without TLS, and nothing else on this machine.
    """
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        return ""
    own = url.host == "localhost" or _is_loopback(url.host)
    return _origin(url) if own and url.scheme in ("http", "https") else ""


def origin_of(base_url: str) -> str:
    """Return the origin of a configured address, or "" when it is none.

    Pass it as `trusted_origin` only when an operator set the address: exactly this scheme, host and port may then be on
    this machine or in a private network, and there without TLS.
    """
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, ValueError):
        return ""
    usable = url.host and "%" not in url.host and not url.userinfo and url.scheme in ("http", "https")
    return _origin(url) if usable else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What may be reached."""

    loopback_origin: str
    resolve: Resolver
    trusted_origin: str = ""
    """The one origin that may also be on this machine or in a private network."""

    def admit(self, url: str) -> httpx.URL:
        """Return the address when its form is allowed; where it leads is checked when connecting."""
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise AddressRefused(detail=f"not an address: {type(error).__name__}") from error
        if target.scheme not in ("http", "https") or not target.host or target.userinfo:
            raise AddressRefused(detail=f"not an address to ask: {shown(target)}")
        origin = _origin(target)
        if target.scheme == "http" and origin not in (self.loopback_origin, self.trusted_origin):
            raise AddressRefused(detail=f"not encrypted: {shown(target)}")
        if _place(origin) == _place(self.trusted_origin) and origin != self.trusted_origin:
            raise AddressRefused(detail=f"not the trusted scheme: {shown(target)}")
        return target

    def checked(self, host: str, port: int, addresses: Sequence[str]) -> list[str]:
        """Return the addresses to try; AddressRefused when ANY of them is not allowed."""
        allowed = self._allowed(f"{_bracketed(host)}:{port}")
        for address in addresses:
            if not allowed(address):
                raise AddressRefused(detail=f"{host}:{port} leads to {address}")
        if not addresses:
            raise Unreachable(detail=f"{host} has no address")
        return list(addresses)[:MOST_ADDRESSES]

    def _allowed(self, place: str) -> Callable[[str], bool]:
        if place == _place(self.trusted_origin):
            return _is_ours if self.trusted_origin.startswith("http:") else _is_public_or_ours
        return _is_loopback if place == _place(self.loopback_origin) else is_public


def shown(url: httpx.URL) -> str:
    """Return an address for the log: without its query, where signatures are."""
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"[:200]


def _origin(url: httpx.URL) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{_bracketed(url.host)}:{port}"


def _place(origin: str) -> str:
    """Return host:port."""
    return origin.partition("://")[2]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_public_or_ours(address: str) -> bool:
    return is_public(address) or _is_ours(address)


def _is_ours(address: str) -> bool:
    """Say whether it is on this machine or in a private network; link-local, where clouds keep credentials, is neither."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_loopback or any(ip in block for block in _PRIVATE)
