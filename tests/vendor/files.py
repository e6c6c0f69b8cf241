"""Files in and out: outputs behind addresses that expire, uploads by ticket and by form."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping
from io import BytesIO

from PIL import Image

from tests.vendor import pictures
from tests.vendor.account import FLUX_IMAGE, Account, Prediction
from tests.vendor.faults import Rule, refusal
from tests.vendor.wire import Delivery, Reply, Request

OVERSIZED = 60_000_000
I2I_SIDE = 512
"""Pixels, where the reference picture says nothing."""


class Files:
    """What lies at `origin`."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.origin = ""
        self._signing = secrets.token_bytes(16)
        self._tickets: dict[str, tuple[str, int, str]] = {}

    def outputs(self, prediction: Prediction) -> list[str]:
        """Return the addresses of a finished order's pictures, freshly signed."""
        fault = prediction.task_rule.fault if prediction.task_rule else ""
        count = {"no_outputs": 0, "two_outputs": 2}.get(fault, 1)
        return [self._signed(prediction, number) for number in range(1, count + 1)]

    async def output(self, request: Request, prediction_id: str, number: str, rule: Rule | None) -> Reply:
        prediction = self.account.predictions.get(prediction_id)
        expires, signature = request.query.get("Expires", ""), request.query.get("Signature", "")
        expected = self._signature(f"{prediction_id}/{number}.{expires}")
        if not hmac.compare_digest(signature, expected) or float(expires) < time.time():
            return Reply(status=403, body=b"<Error><Code>AccessDenied</Code></Error>", content_type="application/xml")
        if prediction is None:
            return refusal(404, "no such file")
        if rule is not None and rule.fault in _HOSTILE | {"redirect", "loop"}:
            return await asyncio.to_thread(self._hostile, rule, request, prediction)
        return await asyncio.to_thread(self._good, prediction)

    def ticket(self, request: Request) -> Reply:
        wanted = request.json()
        name, size = str(wanted.get("filename", "file")), wanted.get("size")
        if not isinstance(size, int) or not 0 < size <= 50_000_000:
            return refusal(413 if isinstance(size, int) and size > 0 else 400, "size must be 1-50000000")
        token = secrets.token_hex(16)
        content_type = str(wanted.get("content_type", "application/octet-stream"))
        self._tickets[token] = (name, size, content_type)
        headers = {"Content-Type": content_type, "x-upload-token": token}
        upload = {
            "method": "PUT",
            "url": f"{self.origin}/storage/{token}?X-Signature={self._signature(token)}",
            "headers": headers,
            "expires_at": "2099-01-01T00:00:00Z",
        }
        return enveloped({**self._uploaded(token, name, size), "upload": upload})

    def put(self, request: Request, token: str) -> Reply:
        """Take a file only with its ticket's own headers, and never with a key."""
        name, size, content_type = self._tickets.get(token, ("", 0, ""))
        if not name or not hmac.compare_digest(request.query.get("X-Signature", ""), self._signature(token)):
            return refusal(403, "no such ticket")
        if "authorization" in request.headers:
            return refusal(400, "only one auth mechanism allowed")
        if request.headers.get("content-type") != content_type or request.headers.get("x-upload-token") != token:
            return refusal(403, "the signed headers do not match")
        if len(request.body) != size:
            return refusal(400, "wrong size")
        self.account.uploads[token] = request.body
        return Reply(status=200)

    def upload(self, request: Request) -> Reply:
        """Take a file from a form."""
        found = re.search(rb'name="file"(?:; filename="([^"]*)")?.*?\r\n\r\n(.*?)\r\n--', request.body, re.DOTALL)
        if found is None:
            return refusal(400, "no file")
        token = secrets.token_hex(16)
        self.account.uploads[token] = found[2]
        said = self._uploaded(token, (found[1] or b"file").decode("utf-8", "replace"), len(found[2]))
        return enveloped({**said, "url": said["download_url"]} if request.path.endswith("/upload") else said)

    def uploaded(self, token: str) -> Reply:
        data = self.account.uploads.get(token)
        return refusal(404, "no such file") if data is None else Reply(body=data, content_type="application/octet-stream")

    def _uploaded(self, token: str, name: str, size: int) -> dict[str, object]:
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        return {"type": "image", "download_url": f"{self.origin}/uploads/{token}/{safe}", "filename": name, "size": size}

    def _good(self, prediction: Prediction) -> Reply:
        output_format = str(prediction.inputs.get("output_format", "jpeg"))
        width, height = self._size(prediction)
        body = pictures.picture(prediction.seed, width, height, output_format)
        return Reply(body=body, content_type=f"image/{output_format}")

    def _hostile(self, rule: Rule, request: Request, prediction: Prediction) -> Reply:
        if rule.fault in ("redirect", "loop"):
            again = f"{self.origin}{request.path}?" + "&".join(f"{name}={value}" for name, value in request.query.items())
            to = str(rule.options.get("to", "http://169.254.169.254/")) if rule.fault == "redirect" else again
            return Reply(status=302, headers={"Location": to})
        if rule.fault == "oversized":
            return Reply(body=bytes(OVERSIZED), content_type="image/png", delivery=Delivery.CHUNKED)
        good = self._good(prediction).body
        bodies = {"svg": pictures.svg(), "html_picture": pictures.html(), "polyglot": pictures.polyglot(good)}
        body = bodies.get(rule.fault) or (good[: len(good) // 2] if rule.fault == "short" else pictures.bomb())
        return Reply(body=body, content_type="image/png")

    def _size(self, prediction: Prediction) -> tuple[int, int]:
        if prediction.model != FLUX_IMAGE:
            width, _, height = str(prediction.inputs["size"]).partition("*")
            return int(width), int(height)
        token = next((token for token in self.account.uploads if f"/{token}/" in str(prediction.inputs["image"])), "")
        try:
            with Image.open(BytesIO(self.account.uploads[token])) as image:
                return image.size
        except (KeyError, OSError):
            return I2I_SIDE, I2I_SIDE

    def _signed(self, prediction: Prediction, number: int) -> str:
        extension = str(prediction.inputs.get("output_format", "jpeg"))
        expires = f"{time.time() + self.account.settings.url_ttl_s:.3f}"
        signature = self._signature(f"{prediction.id}/{number}.{expires}")
        return f"{self.origin}/outputs/{prediction.id}/{number}.{extension}?Expires={expires}&Signature={signature}"

    def _signature(self, text: str) -> str:
        return hmac.new(self._signing, text.encode(), hashlib.sha256).hexdigest()


_HOSTILE = frozenset({"short", "oversized", "svg", "html_picture", "bomb", "polyglot"})


def enveloped(data: object) -> Reply:
    """Return a success as the vendor wraps it."""
    wrapped: Mapping[str, object] = {"code": 200, "message": "success", "data": data}
    return Reply(body=json.dumps(wrapped).encode())
