"""Secrets that must be read again, such as a vendor's key: encrypted at rest with a key that follows from SECRET_KEY."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

PURPOSE = b"flux-srpo-playground sealing 1:"


def seal(secret: str) -> str:
    """Return `secret` encrypted."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what was sealed; None when SECRET_KEY is another one by now."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(PURPOSE + settings.SECRET_KEY.encode()).digest()))
