"""How many wrong passwords are borne, so that nobody guesses one and nobody shuts somebody else out.

Three counts stand against a stranger: of the address, of the address at one account, and of the account from everywhere. A
browser that the person has signed in with before has a count of its own instead, which no stranger can use up. The counts of
an account carry the mark of its password: with a new password they begin anew.
"""

from __future__ import annotations

from allauth.core.internal.ratelimit import RateLimitUsage, consume, get_ip
from django.http import HttpRequest

from generations.models import User
from playground.known_devices import device_of, password_stamp

LIMITS = {
    "address": "30/5m/ip",
    "address_at_account": "5/5m/key,30/d/key",
    "account": "60/h/key",
    "known_device": "10/5m/key,60/d/key",
}


def count_try(request: HttpRequest, email: str) -> RateLimitUsage | None:
    """Count a try to sign in; None when there were too many. Take it back with `rollback()` when the password is right."""
    usage = RateLimitUsage(usage=[])
    for action, key in _counts(request, email.lower()):
        used = consume(request, app="playground", action=action, config=LIMITS, key=key)
        if used is None:
            return None
        usage.usage += used.usage
    return usage


def _counts(request: HttpRequest, email: str) -> list[tuple[str, str]]:
    person = User.objects.filter(email__iexact=email).first()
    device = device_of(request, person) if person else None
    if device:
        return [("known_device", device)]
    account = f"{email} {password_stamp(person) if person else ''}"
    return [("address", ""), ("address_at_account", f"{get_ip(request)} {account}"), ("account", account)]
