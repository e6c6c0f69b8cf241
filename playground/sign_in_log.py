"""Write into the audit log who signed in, who failed to, and who changed how they sign in.

Django and allauth tell of these by their signals alone, so that this is the one place which listens to some.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from generations import audit_log
from generations.access import membership
from generations.models import AuditKind, User
from playground.middleware import SEEN_AT

WAYS = {
    Authenticator.Type.TOTP: "an authenticator app",
    Authenticator.Type.WEBAUTHN: "a passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def connect() -> None:
    """Listen; once, at the start."""
    user_logged_in.connect(_signed_in)
    user_login_failed.connect(_failed)
    authentication_failed.connect(_code_failed)
    for signal, words in ((password_changed, "changed"), (password_set, "set"), (password_reset, "reset by mail")):
        signal.connect(_password(words), weak=False)
    for signal, words in ((authenticator_added, "added"), (authenticator_removed, "removed"), (authenticator_reset, "renewed")):
        signal.connect(_second_factor(words), weak=False)


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    request.session[SEEN_AT] = int(time.time())
    if audit_log.calling_address.get():  # Else a program signs in on somebody's behalf, and nobody asked from anywhere.
        _record(AuditKind.SIGNED_IN, user.email, user)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    email = str(credentials.get("email", ""))
    person = User.objects.filter(email__iexact=email).first()
    # Whoever failed need not be the person whose address they typed.
    audit_log.record(AuditKind.SIGN_IN_FAILED, email, team=_team_of(person), actor=None)


def _code_failed(user: User, **_: Any) -> None:
    audit_log.record(AuditKind.SIGN_IN_FAILED, f"{user.email}, wrong code", team=_team_of(user), actor=None)


def _password(words: str) -> Any:
    def listen(user: User, **_: Any) -> None:
        _record(AuditKind.PASSWORD_CHANGED, f"{user.email}, {words}", user)

    return listen


def _second_factor(words: str) -> Any:
    def listen(user: User, authenticator: Authenticator, **_: Any) -> None:
        _record(AuditKind.SECOND_FACTOR, f"{words} {WAYS[authenticator.type]}", user)

    return listen


def _record(kind: AuditKind, subject: str, user: User) -> None:
    audit_log.record(kind, subject, team=_team_of(user), actor=user)


def _team_of(person: User | None) -> int | None:
    member = membership(person) if person else None
    return member.team_id if member else None
