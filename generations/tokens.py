"""Secrets that open something for whoever has them: what is kept of one, so that a database that leaks opens nothing."""

from __future__ import annotations

import hashlib
import re

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""What secrets.token_urlsafe(32) writes."""


def fingerprint(token: str) -> str:
    """Return what is kept of a token. It is random and long, so that a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
