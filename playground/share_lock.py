"""The password of a share link: asked for once, remembered in a cookie of that link's own address.

Wrong passwords are counted for each link, in the cache that all web processes share, so that guessing is slow from however
many addresses it comes. Some that come at the very same moment may count as one.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from generations.models import ShareLink

COOKIE = "share"
WRONG_A_MINUTE = 10
MINUTE_S = 60
WRONG = "This is not the password. Look again at the message that the link came with."
TOO_MANY = "There were too many wrong passwords. Wait a minute, then try again."


def is_open(request: HttpRequest, link: ShareLink) -> bool:
    """Say whether this browser has given the link's password, or need not."""
    if not link.password:
        return True
    shown = request.get_signed_cookie(COOKIE, "", salt=_salt(link)) or ""
    return constant_time_compare(shown, _mark(link))


def try_password(link: ShareLink, password: str) -> str:
    """Return "" for the right password, or else a sentence."""
    key = f"share-wrong-{link.pk}-{int(time.time() // MINUTE_S)}"
    cache.add(key, 0, timeout=2 * MINUTE_S)
    # Counted before it is looked at: many at once get no more tries.
    if _counted(key, 1) > WRONG_A_MINUTE:
        return TOO_MANY
    if not check_password(password, link.password):
        return WRONG
    _counted(key, -1)
    return ""


def _counted(key: str, by: int) -> int:
    try:
        return cache.incr(key, by)
    except ValueError:  # A full cache has thrown it out meanwhile.
        return 0


def remember(response: HttpResponse, link: ShareLink, token: str) -> None:
    """Let this browser, until it is closed, see what is at the link's address."""
    path = reverse("shared", args=[token])
    secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_signed_cookie(COOKIE, _mark(link), salt=_salt(link), path=path, secure=secure, httponly=True, samesite="Lax")


def _salt(link: ShareLink) -> str:
    return f"share-{link.public_id}"


def _mark(link: ShareLink) -> str:
    return salted_hmac(COOKIE, link.password, algorithm="sha256").hexdigest()
