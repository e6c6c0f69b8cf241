"""Where a request comes from: the one answer that rate limits, the audit log and the list of sessions share."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the caller's IP address, "" where there is none.

    The header X-Forwarded-For counts only as far as proxies of the operator's own wrote it: each adds the address that it
    was asked from on the right, so that with two of them the second from the right is the caller's. What stands further left
    is what the caller claims.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies: int = settings.TRUSTED_PROXIES
    claimed = _clean(forwarded[-proxies]) if 0 < proxies <= len(forwarded) else ""
    return claimed or _clean(request.META.get("REMOTE_ADDR", ""))


def _clean(text: str) -> str:
    """Return an address without a port and in its usual form, "" when it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
