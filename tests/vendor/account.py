"""One account at the vendor: its orders, their queue, its limits and its money."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from tests.vendor.faults import Faults, Rule

FLUX = "wavespeed-ai/flux-srpo"
FLUX_IMAGE = "wavespeed-ai/flux-srpo/image-to-image"
OPTIMIZER = "wavespeed-ai/prompt-optimizer"
PRICES_MICROUSD = {FLUX: 25_000, FLUX_IMAGE: 25_000, OPTIMIZER: 2_000}
_RANGES = {"num_inference_steps": (1, 50), "guidance_scale": (1, 20), "seed": (-1, 2**31 - 1), "strength": (0, 1)}
_STYLES = ("default", "artistic", "photographic", "technical", "anime", "realistic")
_SIZE = re.compile(r"(\d{3,4})\*(\d{3,4})")


class Refused(Exception):
    """An order that is not taken."""

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        self.status, self.message, self.retry_after = status, message, retry_after
        super().__init__(message)


@dataclass(slots=True, kw_only=True)
class Settings:
    """Set by the command line and by `POST /_settings`."""

    concurrency: int = 3
    per_minute: int = 10
    """Orders; 0 is no limit."""
    duration_s: float = 1.0
    """How long one picture takes."""
    balance_microusd: int = 100_000_000
    key: str = ""
    """The one key that is accepted; "" accepts any."""
    url_ttl_s: float = 3600.0
    sync_wait_s: float = 90.0
    webhook_retry_s: float = 1.0

    def change(self, changes: Mapping[str, object]) -> None:
        for entry in fields(self):
            if entry.name in changes:
                setattr(self, entry.name, type(getattr(self, entry.name))(changes[entry.name]))


@dataclass(slots=True, kw_only=True)
class Prediction:
    """One order that was taken."""

    id: str
    model: str
    inputs: dict[str, object]
    webhook: str
    created_at: datetime
    seed: int
    task_rule: Rule | None
    webhook_rule: Rule | None = None
    status: str = "created"
    code: int = 0
    error: str = ""
    inference_ms: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def prompt(self) -> str:
        return str(self.inputs.get("prompt", self.inputs.get("text", "")))


class Account:
    """What the vendor knows; the counts are the truth."""

    def __init__(self, settings: Settings, faults: Faults) -> None:
        self.settings = settings
        self.faults = faults
        self.secret = "whsec_" + secrets.token_hex(16)
        self.predictions: dict[str, Prediction] = {}
        self.waiting: deque[Prediction] = deque()
        self.making: dict[str, Prediction] = {}
        self.uploads: dict[str, bytes] = {}
        self.accepted: Counter[tuple[str, str, int | None]] = Counter()
        self.requests: Counter[str] = Counter()
        self.refused: Counter[int] = Counter()
        self.webhook_answers: Counter[str] = Counter()
        self.charged_microusd = 0
        self.refunded_microusd = 0
        self.most_at_once = 0
        self.recent: deque[float] = deque()
        self.on_end: Callable[[Prediction], None] = lambda prediction: None

    def order(self, model: str, raw: Mapping[str, object], webhook: str) -> Prediction:
        """Take an order and charge for it, or raise Refused."""
        inputs = _checked(model, raw, webhook)
        price = PRICES_MICROUSD[model]
        if self.balance_microusd < price:
            raise Refused(402, "insufficient credits")
        self._refuse_beyond_rate()
        seed = int(str(inputs.get("seed", -1)))
        prediction = Prediction(
            id=secrets.token_hex(16),
            model=model,
            inputs=inputs,
            webhook=webhook,
            created_at=datetime.now(UTC),
            seed=seed if seed >= 0 else secrets.randbelow(2**31),
            task_rule=None,
        )
        prediction.task_rule = self.faults.take("task", prediction.prompt)
        prediction.webhook_rule = self.faults.take("webhook", prediction.prompt) if webhook else None
        self.accepted[(model, prediction.prompt, None if model == OPTIMIZER else seed)] += 1
        self.charged_microusd += price
        if prediction.task_rule is None or prediction.task_rule.fault != "gone":
            self.predictions[prediction.id] = prediction
        self.waiting.append(prediction)
        self._begin()
        return prediction

    @property
    def balance_microusd(self) -> int:
        return self.settings.balance_microusd - self.charged_microusd + self.refunded_microusd

    def finish(self, prediction: Prediction) -> None:
        """End one order as its rule says; does nothing when it has ended."""
        if prediction.ended.is_set():
            return
        rule = prediction.task_rule
        prediction.status = "completed"
        prediction.inference_ms = max(1, round(self.settings.duration_s * 1000))
        if rule is not None and rule.fault == "fails":
            self._fail(prediction, "failed", int(str(rule.options.get("code", 5000))), str(rule.options.get("error", "failed")))
        elif rule is not None and rule.fault == "word":
            self._fail(prediction, str(rule.options["word"]), 0, "")
        elif "image" in prediction.inputs and not self._has_upload(str(prediction.inputs["image"])):
            self._fail(prediction, "failed", 1402, "cannot download the image")
        prediction.ended.set()
        self.making.pop(prediction.id, None)
        self.on_end(prediction)
        self._begin()

    def listed(self, order: Mapping[str, object]) -> tuple[list[Prediction], int]:
        """Return one page, newest first, and how many there are in all; raises Refused."""
        page, size = int(str(order.get("page", 1))), int(str(order.get("page_size", 20)))
        if page < 1 or not 1 <= size <= 100:
            raise Refused(400, "page must be >= 1 and page_size 1-100")
        after, before = _moment(order.get("created_after")), _moment(order.get("created_before"))
        model, status = order.get("model"), order.get("status")
        found = [
            prediction
            for prediction in reversed(self.predictions.values())
            if (not status or prediction.status == status)
            and (not model or prediction.model == model)
            and (after is None or prediction.created_at >= after)
            and (before is None or prediction.created_at <= before)
        ]
        return found[(page - 1) * size : page * size], len(found)

    def counts(self) -> dict[str, object]:
        return {
            "accepted": [
                {"model": model, "prompt": prompt, "seed": seed, "count": count}
                for (model, prompt, seed), count in self.accepted.items()
            ],
            "charges": self.accepted.total(),
            "charged_microusd": self.charged_microusd,
            "refunded_microusd": self.refunded_microusd,
            "requests": dict(self.requests),
            "refused": {str(status): count for status, count in self.refused.items()},
            "webhooks": dict(self.webhook_answers),
            "waiting": len(self.waiting),
            "making": len(self.making),
            "most_at_once": self.most_at_once,
        }

    def _refuse_beyond_rate(self) -> None:
        now = time.monotonic()
        while self.recent and self.recent[0] <= now - 60:
            self.recent.popleft()
        if self.settings.per_minute and len(self.recent) >= self.settings.per_minute:
            raise Refused(429, "too many requests", retry_after=max(1, round(60 - (now - self.recent[0]))))
        self.recent.append(now)

    def _begin(self) -> None:
        """Fill the free slots; above the concurrency, orders wait."""
        while self.waiting and len(self.making) < self.settings.concurrency:
            prediction = self.waiting.popleft()
            prediction.status = "processing"
            self.making[prediction.id] = prediction
            self.most_at_once = max(self.most_at_once, len(self.making))
            if prediction.task_rule is None or prediction.task_rule.fault != "stuck":
                asyncio.get_running_loop().call_later(self.settings.duration_s, self.finish, prediction)

    def _fail(self, prediction: Prediction, status: str, code: int, error: str) -> None:
        prediction.status, prediction.code, prediction.error = status, code, error
        self.refunded_microusd += PRICES_MICROUSD[prediction.model]

    def _has_upload(self, url: str) -> bool:
        return any(f"/uploads/{token}/" in url for token in self.uploads)


def _checked(model: str, raw: Mapping[str, object], webhook: str) -> dict[str, object]:
    """Return the inputs that the model knows; what it does not know is dropped silently."""
    if model == OPTIMIZER:
        return _of_optimizer(raw)
    if not isinstance(raw.get("prompt"), str) or not raw["prompt"]:
        raise Refused(400, "prompt is required")
    for name, (least, most) in _RANGES.items():
        value = raw.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise Refused(400, f"{name} must be between {least} and {most}")
    if raw.get("output_format", "jpeg") not in ("jpeg", "png"):
        raise Refused(400, "output_format must be jpeg or png")
    if raw.get("enable_base64_output") and webhook:
        raise Refused(400, "base64 output cannot be combined with a webhook")
    return _of_model(model, raw)


def _of_optimizer(raw: Mapping[str, object]) -> dict[str, object]:
    if not isinstance(raw.get("text"), str) or not raw["text"]:
        raise Refused(400, "text is required")
    if raw.get("mode", "image") not in ("image", "video") or raw.get("style", "default") not in _STYLES:
        raise Refused(400, "mode or style is not one of those listed")
    return {name: raw[name] for name in ("text", "mode", "style", "image") if name in raw}


def _of_model(model: str, raw: Mapping[str, object]) -> dict[str, object]:
    kept = {name: raw[name] for name in ("prompt", "output_format", *_RANGES) if name in raw}
    if model == FLUX_IMAGE:
        if not isinstance(raw.get("image"), str):
            raise Refused(400, "image is required")
        return {**kept, "image": raw["image"]}
    size = str(raw.get("size", "1024*1024"))
    match = _SIZE.fullmatch(size)
    if match is None or not all(256 <= int(side) <= 1536 for side in match.groups()):
        raise Refused(400, "size must be W*H, 256-1536 per side")
    return {**kept, "size": size}


def _moment(value: object) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Refused(400, "not a time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
