"""The vendor's webhooks: was this really sent by it, and what does it say."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from generations.backends.base import RemoteStatus
from generations.backends.wavespeed.answers import parsed, prediction

TOLERANCE_S = 300
"""How far the sender's clock may be from ours, either way."""

_STAMP = re.compile(r"[0-9]{1,12}")


def verify_webhook(secret: str, headers: Mapping[str, str], raw_body: bytes, now: float) -> bool:
    """Say whether the vendor signed exactly these bytes within 300 s of `now` (seconds since 1970).

    HMAC-SHA256 over "{webhook-id}.{webhook-timestamp}.{body}" in hex after "v3,", keyed with the secret minus "whsec_" as
    plain text. That is WaveSpeed's own scheme, not Standard Webhooks. The vendor's printed samples do not reproduce, so
    here is one that does, from this code and from `openssl dgst -sha256 -hmac`:

    secret     whsec_a-test-secret-of-our-own
    id         evt_0001
    timestamp  1763200000
    body       {"id":"0123456789abcdef0123456789abcdef","status":"completed"}
    signature  v3,38a3f12eca570a637bf01a1f52dcebf6293b579b41198255d74d4f36dd31ff28
    """
    sent = {name.lower(): value for name, value in headers.items()}
    stamp = sent.get("webhook-timestamp", "")
    if not secret.removeprefix("whsec_") or not _STAMP.fullmatch(stamp) or abs(now - int(stamp)) > TOLERANCE_S:
        return False
    expected = sign_webhook(secret, sent.get("webhook-id", ""), stamp, raw_body).encode()
    offered = sent.get("webhook-signature", "").encode("utf-8", "replace").split()
    return any(hmac.compare_digest(expected, signature) for signature in offered)


def sign_webhook(secret: str, event_id: str, timestamp: str, raw_body: bytes) -> str:
    """Return the signature header for a webhook: "v3," and 64 hex digits."""
    signed = f"{event_id}.{timestamp}.".encode() + raw_body
    return "v3," + hmac.new(secret.removeprefix("whsec_").encode(), signed, hashlib.sha256).hexdigest()


def webhook_status(raw_body: bytes) -> RemoteStatus:
    """Return what a webhook claims; ReadFailed when it is no prediction. It is a hint: the GET is the truth."""
    return prediction(parsed(raw_body))
