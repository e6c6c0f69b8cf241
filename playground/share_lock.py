"""The password of a share link: asked for once, remembered in a cookie of that link's own address.

Wrong passwords are counted for each link, in its row and by the database's clock, so that guessing is slow from however many
addresses it comes, and however much of it at once.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from generations.models import ShareLink

COOKIE = "share"
WRONG_A_MINUTE = 10
MINUTE = timedelta(minutes=1)
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
    # Counted before it is looked at: many at once get no more tries.
    if not _counted(link):
        return TOO_MANY
    if not check_password(password, link.password):
        return WRONG
    ShareLink.objects.filter(pk=link.pk, wrong_passwords__gt=0).update(wrong_passwords=F("wrong_passwords") - 1)
    return ""


def _counted(link: ShareLink) -> bool:
    """Count a try in one statement; False when this minute has had them all."""
    is_over = Q(wrong_since__isnull=True) | Q(wrong_since__lte=Now() - MINUTE)
    left = ShareLink.objects.filter(is_over | Q(wrong_passwords__lt=WRONG_A_MINUTE), pk=link.pk)
    begun = {
        "wrong_passwords": Case(When(is_over, then=1), default=F("wrong_passwords") + 1),
        "wrong_since": Case(When(is_over, then=Now()), default=F("wrong_since")),
    }
    return left.update(**begun) == 1


def remember(response: HttpResponse, link: ShareLink, token: str) -> None:
    """Let this browser, until it is closed, see what is at the link's address."""
    path = reverse("shared", args=[token])
    secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_signed_cookie(COOKIE, _mark(link), salt=_salt(link), path=path, secure=secure, httponly=True, samesite="Lax")


def _salt(link: ShareLink) -> str:
    return f"share-{link.public_id}"


def _mark(link: ShareLink) -> str:
    return salted_hmac(COOKIE, link.password, algorithm="sha256").hexdigest()
