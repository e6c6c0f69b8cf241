"""WaveSpeed's cloud as an engine, after its v3 API; it may as well be another instance of this product.

An order is sent once, on a connection of its own. Whatever comes back is sorted into "not taken" and "may have been taken";
only what is proven counts as not taken. The vendor's words never reach a page: sentences are ours, chosen by its codes.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from copy import copy
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

from generations import outbound
from generations.backends.base import ImageRequest, RemoteBackend, RemoteReader, RemoteState, RemoteStatus, Submission
from generations.backends.wavespeed import answers
from generations.backends.wavespeed.webhooks import sign_webhook, verify_webhook, webhook_status
from generations.errors import VENDOR_SENTENCES, OutboundError, ReadFailed, SubmitRejected, SubmitUnknown, VendorError, Why

__all__ = ["BASE_URL", "MODEL", "MODEL_WITH_IMAGE", "WaveSpeed", "sign_webhook", "verify_webhook", "webhook_status"]

BASE_URL = "https://api.wavespeed.ai"
MODEL = "wavespeed-ai/flux-srpo"
MODEL_WITH_IMAGE = "wavespeed-ai/flux-srpo/image-to-image"
DEFAULT_STRENGTH = 0.8
MOST_PAGES = 200
"""20,000 predictions."""
WAITING, MAKING = "created", "processing"
"""The vendor's words for what has not ended, in the order in which a prediction goes through them."""

Inputs = dict[str, str | int | float | bool]
Parsed = TypeVar("Parsed")

_KEY = re.compile(r"[\x21-\x7e]{8,300}")
_OURS_TO_SET = frozenset({"host", "content-length", "transfer-encoding", "connection", "authorization", "accept-encoding"})
_WORTH_ANOTHER_TRY = frozenset({Why.UNREACHABLE, Why.SILENT, Why.BROKEN})


class WaveSpeed(RemoteBackend):
    """FLUX SRPO in WaveSpeed's cloud."""

    title = "WaveSpeed"
    tagline = "FLUX SRPO in WaveSpeed's cloud"
    price_microusd = 25_000

    def __init__(
        self,
        *,
        api_key: str = "",
        base_url: str = BASE_URL,
        submit_within_s: float = 30.0,
        read_within_s: float = 10.0,
        upload_within_s: float = 40.0,
        read_attempts: int = 3,
        pause_s: float = 0.3,
        resolve: outbound.Resolver = outbound.addresses_of,
    ) -> None:
        """Each time counts for a whole call, retries included; upload and order together stay below the lease of 90 s."""
        self._api_key = api_key.strip()
        self._base_url = base_url.strip().rstrip("/").removesuffix("/api/v3")
        self._submit_within_s = submit_within_s
        self._read_within_s = read_within_s
        self._upload_within_s = upload_within_s
        self._read_attempts = read_attempts
        self._pause_s = pause_s
        self._resolve = resolve
        self._once = outbound.open_client(loopback_origin=self.loopback_origin, keep_alive=False, resolve=resolve)
        self._reads = outbound.open_client(loopback_origin=self.loopback_origin, resolve=resolve)

    @property
    def loopback_origin(self) -> str:
        """What `outbound.download` needs to fetch this vendor's pictures; "" unless the vendor is on this machine."""
        return outbound.loopback_origin_of(self._base_url)

    def unavailable_because(self) -> str:
        if not self._api_key:
            return "No WaveSpeed key is connected. An owner can paste one on the team's settings page."
        return "" if _KEY.fullmatch(self._api_key) else VENDOR_SENTENCES[Why.KEY]

    def for_key(self, api_key: str) -> WaveSpeed:
        """Return the same engine for another account; the connections are shared."""
        other = copy(self)
        other._api_key = api_key.strip()
        return other

    def close(self) -> None:
        """Close the idle connections, of this and of all that `for_key` made of it."""
        self._once.close()
        self._reads.close()

    def model_for(self, request: ImageRequest) -> str:
        return MODEL if request.image is None else MODEL_WITH_IMAGE

    def inputs_for(self, request: ImageRequest, image_url: str = "") -> Inputs:
        inputs: Inputs = {
            "prompt": request.prompt,
            "num_inference_steps": request.num_inference_steps,
            "guidance_scale": request.guidance_scale,
            "seed": request.seed,
            "output_format": request.output_format,
            "enable_sync_mode": False,
            "enable_base64_output": False,
        }
        if request.image is None:
            return {**inputs, "size": f"{request.width}*{request.height}"}
        strength = DEFAULT_STRENGTH if request.strength is None else request.strength
        return {**inputs, "image": image_url, "strength": strength}

    def submit(self, request: ImageRequest, webhook_url: str = "", image_url: str = "") -> Submission:
        if request.image is not None and not image_url:
            try:
                image_url = self.upload(request.image)
            except ReadFailed as failed:
                raise SubmitRejected(failed.why, detail=failed.detail, retry_after_s=failed.retry_after_s) from failed
        model, inputs = self.model_for(request), self.inputs_for(request, image_url)
        status = self.order(model, inputs, webhook_url)
        return Submission(upstream_id=status.id, model=model, inputs=inputs, status=status)

    def order(self, model: str, inputs: Inputs, webhook_url: str = "") -> RemoteStatus:
        """Order a run of any model, once and on a connection of its own; raises SubmitRejected or SubmitUnknown."""
        query = f"?webhook={quote(webhook_url, safe='')}" if webhook_url else ""
        headers = self._headers(SubmitRejected)
        content = json.dumps(inputs).encode()
        try:
            answer = self._once.send(
                "POST", self._url(model) + query, headers=headers, content=content, within_s=self._submit_within_s
            )
        except OutboundError as error:
            raise _lost(error) from error
        return _taken(answer)

    def upload(self, png: bytes) -> str:
        ends_at = time.monotonic() + self._upload_within_s
        order = {"filename": "reference.png", "size": len(png), "content_type": "image/png"}
        ticket = self._read("POST", "media/uploads", order, answers.ticket, within_s=self._upload_within_s)
        headers = {name: value for name, value in ticket.headers.items() if name.lower() not in _OURS_TO_SET}

        def put(left_s: float) -> None:
            answer = self._reads.send("PUT", ticket.url, headers=headers, content=png, within_s=left_s)
            if answer.status not in (200, 201, 204):
                raise ReadFailed(Why.TOO_LARGE if answer.status == 413 else Why.BROKEN, detail=f"upload: {answer.status}")

        self._patiently(put, ends_at)
        return ticket.download_url

    def fetch(self, upstream_id: str) -> RemoteStatus:
        return self._read("GET", _result_path(upstream_id), None, lambda got: answers.prediction_or_gone(got, upstream_id))

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[RemoteReader]:
        async with outbound.open_async_client(loopback_origin=self.loopback_origin, resolve=self._resolve) as client:
            yield _Reader(self, client)

    def candidates(self, since: datetime) -> tuple[RemoteStatus, ...]:
        found: dict[str, RemoteStatus] = {}
        for number in range(1, MOST_PAGES + 1):
            page = self._read("POST", "predictions", _list_order(number, since=since, include_inputs=True), answers.page)
            found.update((status.id, status) for status in page.statuses if status.id not in found)
            if page.is_last:
                return tuple(found.values())
        raise ReadFailed(Why.TOO_LARGE, detail=f"more than {MOST_PAGES} pages since {since}")

    def resembles(self, request: ImageRequest, candidate: RemoteStatus) -> bool:
        """Compare what makes an order its own; a value that the vendor does not list back is no difference.

        The seed must be there: with it, two orders of the same request are the only ones that can be mistaken.
        """
        listed = candidate.inputs
        if listed is None or candidate.model not in ("", self.model_for(request)) or answers.whole(listed.get("seed")) is None:
            return False
        wanted = self.inputs_for(request)
        compared = ("prompt", "seed", "size", "strength", "num_inference_steps", "guidance_scale", "output_format")
        return all(_same(wanted[name], listed[name]) for name in compared if name in wanted and name in listed)

    def balance(self) -> int:
        return self._read("GET", "balance", None, lambda got: answers.microusd(answers.field(got, "balance")))

    def price(self, request: ImageRequest) -> int:
        return self.price_of(self.model_for(request), self.inputs_for(request))

    def price_of(self, model: str, inputs: Inputs) -> int:
        """Return what a run of any model costs, in millionths of a dollar; raises ReadFailed."""
        order = {"model_id": model, "inputs": inputs}
        return self._read("POST", "model/pricing", order, lambda got: answers.microusd(answers.field(got, "price", "unit_price")))

    def webhook_secret(self) -> str:
        """Return what this account's webhooks are signed with; raises ReadFailed."""
        return self._read("GET", "webhook/secret", None, lambda got: str(answers.field(got, "secret")))

    def _read(
        self,
        method: str,
        path: str,
        order: Mapping[str, object] | None,
        parse: Callable[[outbound.Answer], Parsed],
        *,
        within_s: float | None = None,
    ) -> Parsed:
        """Ask until there is an answer, a refusal or no time left."""
        headers = self._headers(ReadFailed)
        content = b"" if order is None else json.dumps(order).encode()

        def ask(left_s: float) -> Parsed:
            return parse(self._reads.send(method, self._url(path), headers=headers, content=content, within_s=left_s))

        return self._patiently(ask, time.monotonic() + (within_s or self._read_within_s))

    def _patiently(self, ask: Callable[[float], Parsed], ends_at: float) -> Parsed:
        """Call `ask(seconds left)` again after failures that may pass, for as long as there is time; raises ReadFailed."""
        for attempt in range(1, self._read_attempts + 1):
            try:
                return ask(ends_at - time.monotonic())
            except OutboundError as error:
                failed = ReadFailed(answers.why_unanswered(error), detail=error.detail)
            except ReadFailed as error:
                failed = error
            pause_s = self._pause_s * 2**attempt * random.uniform(0.5, 1.0)
            if failed.why not in _WORTH_ANOTHER_TRY or attempt == self._read_attempts or time.monotonic() + pause_s >= ends_at:
                break
            time.sleep(pause_s)
        raise failed

    def _url(self, path: str) -> str:
        return f"{self._base_url}/api/v3/{path}"

    def _headers(self, kind: type[VendorError]) -> dict[str, str]:
        """Return the headers of a request; raises `kind` for a key that no vendor would give out."""
        if not _KEY.fullmatch(self._api_key):
            raise kind(Why.KEY, detail="no key, or one with signs that a header cannot carry")
        return {
            "Authorization": f"Bearer {self._api_key}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "flux-srpo-playground",
        }


class _Reader(RemoteReader):
    """The poller's questions over one loop's connections."""

    def __init__(self, vendor: WaveSpeed, client: outbound.AsyncClient) -> None:
        self._vendor = vendor
        self._client = client

    async def fetch(self, upstream_id: str) -> RemoteStatus:
        return answers.prediction_or_gone(await self._ask("GET", _result_path(upstream_id), None), upstream_id)

    async def running(self, since: datetime | None = None) -> tuple[RemoteStatus, ...]:
        """Read those that wait before those being made: who moves on in between is seen twice, and not missed."""
        found: dict[str, RemoteStatus] = {}
        for word in (WAITING, MAKING):
            for number in range(1, MOST_PAGES + 1):
                page = answers.page(await self._ask("POST", "predictions", _list_order(number, since=since, status=word)))
                found.update((status.id, status) for status in page.statuses if status.state is RemoteState.RUNNING)
                if page.is_last:
                    break
            else:
                raise ReadFailed(Why.TOO_LARGE, detail=f"more than {MOST_PAGES} pages are {word}")
        return tuple(found.values())

    async def _ask(self, method: str, path: str, order: Mapping[str, object] | None) -> outbound.Answer:
        headers = self._vendor._headers(ReadFailed)
        content = b"" if order is None else json.dumps(order).encode()
        try:
            return await self._client.send(
                method, self._vendor._url(path), headers=headers, content=content, within_s=self._vendor._read_within_s
            )
        except OutboundError as error:
            raise ReadFailed(answers.why_unanswered(error), detail=error.detail) from error


def _taken(answer: outbound.Answer) -> RemoteStatus:
    """Return the prediction that an order made, or raise what the answer proves, which is often nothing."""
    if answers.refusal(answer.status) is not None:
        raise answers.failure(SubmitRejected, answer)
    if not 200 <= answer.status < 300:
        raise SubmitUnknown(Why.BROKEN, detail=answers.failure(ReadFailed, answer).detail)
    try:
        return answers.ordered(answer)
    except ReadFailed as error:
        raise SubmitUnknown(Why.BROKEN, detail=error.detail) from error


def _lost(error: OutboundError) -> VendorError:
    kind = SubmitUnknown if error.sent else SubmitRejected
    return kind(answers.why_unanswered(error), detail=error.detail)


def _result_path(upstream_id: str) -> str:
    if not answers.usable_id(upstream_id):
        raise ReadFailed(Why.MISSING, detail="no id that a vendor would give out")
    return f"predictions/{upstream_id}/result"


def _list_order(number: int, *, since: datetime | None, status: str = "", include_inputs: bool = False) -> dict[str, object]:
    order: dict[str, object] = {"page": number, "page_size": answers.PAGE_SIZE}
    if since is not None:
        order["created_after"] = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if status:
        order["status"] = status
    if include_inputs:
        order["include_inputs"] = True
    return order


def _same(wanted: object, listed: object) -> bool:
    if isinstance(wanted, str):
        text = str(listed).strip().lower().replace("×", "*").replace("x", "*")
        return text == wanted.strip().lower().replace("×", "*").replace("x", "*")
    try:
        return isinstance(wanted, int | float) and abs(float(str(listed)) - wanted) < 1e-6
    except ValueError:
        return False
