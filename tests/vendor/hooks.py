"""Webhooks to those who asked for them, signed; retried after 1 s and 2 s unless the answer is a 2xx (our own choice)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from generations.backends.wavespeed import sign_webhook
from tests.vendor.account import Account, Prediction

TRIES = 3
WITHIN_S = 5.0


class Hooks:
    """Sends what `describe` says of a prediction."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._under_way: set[asyncio.Task[None]] = set()

    def ended(self, prediction: Prediction, said: Mapping[str, object]) -> None:
        """Tell of an end in the background, as the order's webhook rule says."""
        fault = prediction.webhook_rule.fault if prediction.webhook_rule else ""
        if not prediction.webhook or fault in ("lost", "early"):
            return
        task = asyncio.create_task(self._tell(prediction, json.dumps(said).encode(), fault))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def forge(self, prediction: Prediction) -> None:
        """Claim an end that is none, with a picture from elsewhere, signed with a wrong secret."""
        said = {"id": prediction.id, "status": "completed", "outputs": ["http://169.254.169.254/latest/meta-data"]}
        await self._post(prediction, json.dumps(said).encode(), secret="whsec_guessed")

    async def tell_now(self, prediction: Prediction, said: Mapping[str, object]) -> None:
        await self._post(prediction, json.dumps(said).encode())

    async def _tell(self, prediction: Prediction, body: bytes, fault: str) -> None:
        rule = prediction.webhook_rule
        copies = int(str(rule.options.get("copies", 50))) if rule and fault == "doubled" else 1
        for _ in range(copies):
            await self._patiently(prediction, body)
        if fault == "replayed":
            await self._post(prediction, body)
            await self._post(prediction, body, now=time.time() - 3600)

    async def _patiently(self, prediction: Prediction, body: bytes) -> None:
        for number in range(TRIES):
            status = await self._post(prediction, body)
            if status.startswith("2"):
                return
            await asyncio.sleep(self.account.settings.webhook_retry_s * (number + 1))

    async def _post(self, prediction: Prediction, body: bytes, *, secret: str = "", now: float | None = None) -> str:
        stamp = str(int(time.time() if now is None else now))
        event = f"evt_{prediction.id}"
        signature = sign_webhook(secret or self.account.secret, event, stamp, body)
        headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature}
        try:
            async with asyncio.timeout(WITHIN_S):
                status = await _posted(prediction.webhook, body, headers)
        except (OSError, ValueError, IndexError):
            status = "unreachable"
        self.account.webhook_answers[status] += 1
        return status


async def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Return the status; only to this machine, for this vendor is a test."""
    target = urlsplit(url)
    if target.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError(url)
    reader, writer = await asyncio.open_connection(target.hostname, target.port or 80)
    try:
        lines = [f"POST {target.path or '/'}{'?' + target.query if target.query else ''} HTTP/1.1", f"Host: {target.netloc}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return (await reader.readline()).split(b" ")[1].decode()
    finally:
        writer.close()
