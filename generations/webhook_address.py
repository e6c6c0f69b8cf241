"""Whether an address can be told of the end of a run. Where its name leads is checked when it is told, each time."""

from __future__ import annotations

import ipaddress

import httpx
from django.conf import settings

from generations.errors import InvalidInputs
from generations.outbound import is_public, loopback_origin_of, origin_of

MOST_LENGTH = 2000

LONG = f"The webhook's address is longer than {MOST_LENGTH} characters. Use a shorter one."
NO_ADDRESS = "The webhook has to be a whole address, such as https://example.org/hook."
CREDENTIALS = "The webhook's address must not hold a user name or password. Check its signature instead."
PLAIN = "The webhook's address has to start with https://, so that nobody on the way can read along."
PRIVATE = "The webhook's address leads to a private network, where this server sends nothing. Use a public https address."


def require_webhook(url: str) -> str:
    """Return the address when its form allows it; InvalidInputs with a sentence for `webhook` otherwise. No name is looked up."""
    if why := _why_refused(url.strip()):
        raise InvalidInputs({"webhook": why})
    return url.strip()


def loopback_origin() -> str:
    """Return the one origin on this machine that the operator allows; "" for none."""
    return loopback_origin_of(settings.LOOPBACK_ORIGIN)


def _why_refused(url: str) -> str:
    if len(url) > MOST_LENGTH:
        return LONG
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return NO_ADDRESS
    if target.userinfo:
        return CREDENTIALS
    origin = origin_of(url)
    if not origin:
        return NO_ADDRESS
    if origin == loopback_origin():
        return ""
    if target.scheme != "https":
        return PLAIN
    return PRIVATE if _is_private(target.host) else ""


def _is_private(host: str) -> bool:
    """Say so of an address that is written as a number, and of this machine's own name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.rstrip(".") == "localhost"
    return not is_public(host)
