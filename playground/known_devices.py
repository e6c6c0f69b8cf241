"""A browser knows by a signed cookie who has signed in with it before, so that a stranger's guesses do not shut it out.

The cookie opens nothing: it only gives the browser a count of wrong passwords of its own. It holds for as long as the person's
password stays the same.
"""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from generations.models import User

COOKIE = "known_device"
SALT = "playground.known_devices"
KEPT_S = 60 * 60 * 24 * 365
MOST_PEOPLE = 5

Known = dict[str, list[str]]
"""The person's id → what their password was, and this browser's own number."""


def device_of(request: HttpRequest, person: User) -> str | None:
    """Return the number of this browser if the person has signed in with it under their present password."""
    stamp, _, number = ":".join(_known(request).get(str(person.pk), ["", ""])).partition(":")
    return number if stamp and secrets.compare_digest(stamp, password_stamp(person)) else None


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Make the browser one of those that the person has signed in with."""
    others = [(key, value) for key, value in _known(request).items() if key != str(person.pk)][1 - MOST_PEOPLE :]
    known = {**dict(others), str(person.pk): [password_stamp(person), secrets.token_hex(8)]}
    response.set_cookie(
        COOKIE,
        signing.dumps(known, salt=SALT),
        max_age=KEPT_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def password_stamp(person: User) -> str:
    """Return what changes with the person's password and says nothing of it."""
    return hashlib.sha256(person.get_session_auth_hash().encode()).hexdigest()[:16]


def _known(request: HttpRequest) -> Known:
    try:
        known: Known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_S)
    except signing.BadSignature:
        return {}
    return known
