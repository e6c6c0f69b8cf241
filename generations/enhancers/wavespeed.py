"""WaveSpeed's prompt optimizer as an enhancer: a run of a model like any other there, paid for with the same key.

An order is sent once. What is proven not to have been taken fails; what may have been taken and brings nothing is unknown.
The vendor's words never reach a page.
"""

from __future__ import annotations

import time
from copy import copy

from generations import outbound
from generations.backends.base import RemoteState, RemoteStatus
from generations.backends.wavespeed import BASE_URL, Inputs, WaveSpeed
from generations.enhancers.base import Enhancement, Enhancer, Style
from generations.enhancers.differences import compare
from generations.enhancers.replies import MOST_CHARACTERS, bare
from generations.errors import VENDOR_SENTENCES, EnhanceFailed, EnhanceUnknown, ReadFailed, SubmitUnknown, VendorError, Why

MODEL = "wavespeed-ai/prompt-optimizer"
FIRST_PAUSE_S = 0.5
PAUSE_S = 1.0

_SENTENCES = {
    **VENDOR_SENTENCES,
    Why.INPUTS: "WaveSpeed could not use this prompt. Change it, then try again.",
    Why.BUSY: "WaveSpeed is getting too many requests from this account. Please try again in a moment.",
}
_SAME = "Your prompt is as you wrote it."
_LATE = "WaveSpeed has not finished in time, so this may have been charged once. Your prompt is as you wrote it."
_NO_TEXT = "WaveSpeed's answer was not usable, and may have been charged once. Your prompt is as you wrote it."
_FAILED = "WaveSpeed could not improve this prompt."
_WORTH_WAITING = frozenset({Why.UNREACHABLE, Why.SILENT, Why.BROKEN, Why.BUSY})
"""What may pass while the run goes on."""


class Optimizer(Enhancer):
    """The model wavespeed-ai/prompt-optimizer."""

    title = "WaveSpeed"
    tagline = "The prompt optimizer in WaveSpeed's cloud"
    sees = True
    is_paid = True

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        api_key: str = "",
        within_s: float = 60.0,
        upload_within_s: float = 20.0,
        submit_within_s: float = 20.0,
        pause_s: float = PAUSE_S,
        resolve: outbound.Resolver = outbound.addresses_of,
    ) -> None:
        """`within_s` counts from the first byte handed over to the text; a question under way then may end."""
        self._within_s = within_s
        self._pause_s = pause_s
        self._vendor = WaveSpeed(
            api_key=api_key,
            base_url=base_url,
            upload_within_s=upload_within_s,
            submit_within_s=submit_within_s,
            pause_s=min(pause_s, 0.3),
            resolve=resolve,
        )

    def for_key(self, api_key: str) -> Optimizer:
        """Return the same enhancer for another account; the connections are shared."""
        other = copy(self)
        other._vendor = self._vendor.for_key(api_key)
        return other

    def close(self) -> None:
        """Close the idle connections, of this and of all that `for_key` made of it."""
        self._vendor.close()

    def unavailable_because(self) -> str:
        return self._vendor.unavailable_because()

    def price(self, prompt: str, *, style: Style, image: bytes | None = None) -> int:
        try:
            return self._vendor.price_of(MODEL, _inputs(prompt, style))
        except ReadFailed as error:
            raise _failed(error) from error

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        """Order a run and wait for its text; the vendor takes no seed."""
        ends_at = time.monotonic() + self._within_s
        status = self._finished(self._ordered(prompt, style, image), ends_at)
        if status.state is RemoteState.FAILED:
            raise EnhanceFailed(_FAILED, detail=f"{status.word} {status.task_code}: {status.detail}")
        text = bare(status.text, prompt)
        if not text or len(text) > MOST_CHARACTERS:
            raise EnhanceUnknown(_NO_TEXT, detail=f"{status.id}: {len(text)} characters")
        return compare(prompt, text)

    def _ordered(self, prompt: str, style: Style, image: bytes | None) -> RemoteStatus:
        try:
            image_url = "" if image is None else self._vendor.upload(image)
            return self._vendor.order(MODEL, _inputs(prompt, style, image_url))
        except SubmitUnknown as error:
            raise EnhanceUnknown(detail=error.detail) from error
        except VendorError as error:
            raise _failed(error) from error

    def _finished(self, status: RemoteStatus, ends_at: float) -> RemoteStatus:
        """Ask for an order until it has ended; raises EnhanceUnknown when that takes too long or it is gone."""
        pause_s, detail = min(FIRST_PAUSE_S, self._pause_s), ""
        while status.state is RemoteState.RUNNING:
            if time.monotonic() + pause_s >= ends_at:
                raise EnhanceUnknown(_LATE, detail=f"{status.id} is {status.word} {detail}")
            time.sleep(pause_s)
            pause_s = self._pause_s
            try:
                status = self._vendor.fetch(status.id)
            except ReadFailed as error:
                detail = f"{error.why}: {error.detail}"
                if error.why not in _WORTH_WAITING:
                    raise EnhanceUnknown(detail=f"{status.id}: {detail}") from error
        if status.state is RemoteState.GONE:
            raise EnhanceUnknown(detail=f"{status.id} is gone: {status.detail}")
        return status


def _inputs(prompt: str, style: Style, image_url: str = "") -> Inputs:
    inputs: Inputs = {"text": prompt, "mode": "image", "style": style.value}
    return {**inputs, "image": image_url} if image_url else inputs


def _failed(error: VendorError) -> EnhanceFailed:
    return EnhanceFailed(f"{_SENTENCES[error.why]} {_SAME}", detail=error.detail)
