"""What the vendor's answers mean: JSON of any shape becomes checked values, or an error that says why not."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from generations.backends.base import RemoteState, RemoteStatus
from generations.errors import AddressRefused, ConnectionBroken, OutboundError, ReadFailed, VendorError, Why
from generations.outbound import Answer

PAGE_SIZE = 100

_STATES = {
    "completed": RemoteState.COMPLETED,
    "failed": RemoteState.FAILED,
    "cancelled": RemoteState.FAILED,
    "canceled": RemoteState.FAILED,
    "timeout": RemoteState.FAILED,
    "deleted": RemoteState.FAILED,
}
_BY_CODE = {
    1200: "WaveSpeed's safety check stopped this picture. Change the prompt, then try again.",
    1400: "WaveSpeed could not use these settings. Change the prompt or the settings, then try again.",
    1401: "WaveSpeed could not use these settings. Change the prompt or the settings, then try again.",
    1402: "WaveSpeed could not read the reference picture. Upload it again, then try again.",
}
_BY_WORD = {
    "cancelled": "This picture was cancelled at WaveSpeed.",
    "canceled": "This picture was cancelled at WaveSpeed.",
    "timeout": "WaveSpeed took too long over this picture and gave up. Please try again.",
    "deleted": "This picture was deleted at WaveSpeed before it could be fetched.",
}
_OTHER_FAILURE = "WaveSpeed could not make this picture, through a fault of its own. Please try again."
_REFUSALS = {
    # 307 and 308 promise that nothing was done here; other redirects may follow a deed.
    307: Why.MISSING,
    308: Why.MISSING,
    400: Why.INPUTS,
    401: Why.KEY,
    402: Why.CREDIT,
    403: Why.FORBIDDEN,
    404: Why.MISSING,
    405: Why.MISSING,
    410: Why.MISSING,
    413: Why.TOO_LARGE,
    414: Why.TOO_LARGE,
    415: Why.INPUTS,
    422: Why.INPUTS,
    429: Why.BUSY,
}
_MOST_OUTPUTS = 16
_MOST_TEXT = 20_000
_MOST_WAIT_S = 3600.0
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{5,127}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,80}: [\x20-\x7e]{0,2000}")
_SECRET = re.compile(r"[A-Za-z0-9_\-]{32,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list."""

    statuses: tuple[RemoteStatus, ...]
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Where a file goes, with which headers, and where it is found afterwards."""

    url: str
    headers: Mapping[str, str]
    download_url: str


def refusal(status: int) -> Why | None:
    """Return why, when an HTTP status proves that the vendor did not do what it was asked."""
    return _REFUSALS.get(status)


def why_unanswered(error: OutboundError) -> Why:
    """Sort what the network did into the causes that a person can be told."""
    if isinstance(error, AddressRefused):
        return Why.ADDRESS
    if not error.sent:
        return Why.UNREACHABLE
    return Why.BROKEN if isinstance(error, ConnectionBroken) else Why.SILENT


def failure(kind: type[VendorError], answer: Answer) -> VendorError:
    """Return the error for an answer that is none; what the vendor says goes into its detail alone."""
    why = refusal(answer.status) or Why.BROKEN
    error = kind(why, detail=f"{answer.status}: {_vendor_text(answer)}")
    error.retry_after_s = _retry_after_s(answer) if answer.status in (429, 503) else None
    return error


def data_of(answer: Answer) -> object:
    """Return what the envelope holds; raises ReadFailed when the vendor refused, failed or made no sense."""
    body = parsed(answer.body)
    if not 200 <= answer.status < 300 or not isinstance(body, dict) or "data" not in body:
        raise failure(ReadFailed, answer)
    code = whole(body.get("code"))
    if code not in (None, 0, 200):
        raise failure(ReadFailed, Answer(status=code, headers=answer.headers, body=answer.body))
    return body["data"]


def ordered(answer: Answer) -> RemoteStatus:
    """Return the prediction that an order made; ReadFailed when none can be read, enveloped or not."""
    body = parsed(answer.body)
    if not isinstance(body, dict):
        raise failure(ReadFailed, answer)
    return prediction(body["data"] if isinstance(body.get("data"), dict) else body)


def prediction_or_gone(answer: Answer, upstream_id: str) -> RemoteStatus:
    """Return how one prediction stands. Only a 404 in the vendor's own JSON counts as gone: a proxy's page does not."""
    if answer.status == 404 and isinstance(parsed(answer.body), dict):
        return RemoteStatus(id=upstream_id, state=RemoteState.GONE, detail=_vendor_text(answer))
    status = prediction(data_of(answer))
    if status.id != upstream_id:
        raise ReadFailed(Why.BROKEN, detail=f"asked for {upstream_id}, got {status.id}")
    return status


def prediction(data: object) -> RemoteStatus:
    """Return one prediction; ReadFailed when there is no id in it."""
    if not isinstance(data, dict) or not (found := usable_id(data.get("id"))):
        raise ReadFailed(Why.BROKEN, detail="no prediction in the answer")
    word = clean(data.get("status"), 40).strip().lower()
    state = _STATES.get(word, RemoteState.RUNNING)
    code = whole(data.get("code")) or 0
    return RemoteStatus(
        id=found,
        state=state,
        word=word,
        outputs=_outputs(data.get("outputs")),
        text=_text(data.get("outputs")),
        error=_sentence(word, code) if state is RemoteState.FAILED else "",
        detail=hidden(clean(data.get("error"), 300)),
        task_code=code,
        inference_ms=_inference_ms(data),
        created_at=_moment(data.get("created_at")),
        has_nsfw=_any_true(data.get("has_nsfw_contents")),
        model=clean(data.get("model"), 200),
        inputs=_inputs(data.get("inputs", data.get("input"))),
    )


def page(answer: Answer) -> Page:
    """Return one page of a list; items that cannot be read are left out."""
    data = data_of(answer)
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise ReadFailed(Why.BROKEN, detail="no list in the answer")
    readable = (item for item in items if isinstance(item, dict) and usable_id(item.get("id")))
    return Page(statuses=tuple(prediction(item) for item in readable), is_last=len(items) < PAGE_SIZE)


def ticket(answer: Answer) -> Ticket:
    """Return the permission to hand over a file; raises ReadFailed."""
    data = data_of(answer)
    upload = data.get("upload") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(upload, dict) or upload.get("method", "PUT") != "PUT":
        raise ReadFailed(Why.BROKEN, detail="no upload ticket in the answer")
    url, download_url, headers = upload.get("url"), data.get("download_url"), upload.get("headers") or {}
    if not isinstance(url, str) or not isinstance(download_url, str) or not isinstance(headers, dict):
        raise ReadFailed(Why.BROKEN, detail="the upload ticket is incomplete")
    if not all(isinstance(value, str) and _HEADER.fullmatch(f"{name}: {value}") for name, value in headers.items()):
        raise ReadFailed(Why.BROKEN, detail="the upload ticket asks for headers that cannot be sent")
    return Ticket(url=url, headers=headers, download_url=download_url)


def field(answer: Answer, *names: str) -> object:
    """Return the first of these fields that the answer has; raises ReadFailed when it has none."""
    data = data_of(answer)
    for name in names:
        if isinstance(data, dict) and data.get(name) is not None:
            return data[name]
    raise ReadFailed(Why.BROKEN, detail=f"no {' or '.join(names)} in the answer")


def microusd(value: object) -> int:
    """Return dollars, as a number or as text, in millionths; raises ReadFailed."""
    try:
        dollars = Decimal(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except InvalidOperation:
        dollars = None
    if dollars is None or not dollars.is_finite() or abs(dollars) > 1_000_000_000:
        raise ReadFailed(Why.BROKEN, detail=f"not an amount: {clean(str(value), 40)}")
    return round(dollars * 1_000_000)


def parsed(body: bytes) -> object:
    """Return what JSON says, or None when it is none; nesting without end is none."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def usable_id(value: object) -> str:
    """Return an id that is safe inside an address, or ""."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def whole(value: object) -> int | None:
    """Return a whole number that fits a database, or None."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else None


def clean(value: object, most: int) -> str:
    """Return text that every database and log can hold: no NUL, no half characters, at most so long; "" for no text."""
    if not isinstance(value, str):
        return ""
    return value[:most].replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def hidden(text: str) -> str:
    """Return text for the log with everything left out that is long enough to be a key or a signature."""
    return _SECRET.sub("…", text)


def _vendor_text(answer: Answer) -> str:
    body = parsed(answer.body)
    said = body.get("message") if isinstance(body, dict) else None
    text = said if isinstance(said, str) else answer.body[:200].decode("utf-8", "replace")
    return hidden(clean(text, 200))


def _retry_after_s(answer: Answer) -> float | None:
    """Return the seconds that the vendor names; a date there is not worth a clock's trust."""
    wait = whole(answer.headers.get("retry-after", "").strip())
    return None if wait is None else min(float(wait), _MOST_WAIT_S)


def _sentence(word: str, code: int) -> str:
    return _BY_CODE.get(code) or _BY_WORD.get(word) or _OTHER_FAILURE


def _outputs(value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list) else []
    addresses = [
        entry for entry in found if isinstance(entry, str) and entry.startswith(("https://", "http://")) and len(entry) < 4096
    ]
    return tuple(clean(entry, 4096) for entry in addresses[:_MOST_OUTPUTS])


def _text(value: object) -> str:
    """Return the first output where it is no address."""
    first = value[0] if isinstance(value, list) and value else ""
    return "" if isinstance(first, str) and first.startswith(("https://", "http://")) else clean(first, _MOST_TEXT)


def _inference_ms(data: Mapping[str, object]) -> int | None:
    timings = data.get("timings")
    value = timings.get("inference") if isinstance(timings, dict) else None
    for candidate in (value, data.get("executionTime")):
        if isinstance(candidate, int | float) and not isinstance(candidate, bool) and 0 <= candidate < 2**31:
            return round(candidate)
    return None


def _moment(value: object) -> datetime | None:
    """Read RFC 3339; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if moment is None else (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _any_true(value: object) -> bool:
    return value is True or (isinstance(value, list) and True in [entry for entry in value if isinstance(entry, bool)])


def _inputs(value: object) -> dict[str, str | int | float | bool] | None:
    """Keep plain values alone; what they mean is for the catalog to say."""
    if not isinstance(value, dict):
        return None
    kept: dict[str, str | int | float | bool] = {}
    for name, entry in list(value.items())[:50]:
        if isinstance(entry, str):
            kept[clean(name, 60)] = clean(entry, 10_000)
        elif isinstance(entry, bool | int | float) and abs(entry) < 2**63:
            kept[clean(name, 60)] = entry
    return kept
