"""A run that is asked for: read from a request, then placed once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404, HttpRequest

from generations import catalog
from generations.api.auth import require_run
from generations.api.refusals import ReusedKey
from generations.catalog import Entry, Inputs
from generations.enhancers.base import Style
from generations.enhancing import ask
from generations.errors import InvalidInputs
from generations.images import Picture
from generations.keys import backend_of, require_room
from generations.models import ApiKey, EnhancementRequest, Generation, Prediction, State
from generations.sources import fitted_size
from generations.submission import Order, submit
from generations.webhook_address import require_webhook

FORM = catalog.load()
"""The model that makes pictures; its schema is also that of image-to-image, but for the picture and the size."""
WITH_PICTURE = f"{FORM.model_id}/image-to-image"
REPEATED_WITHIN = timedelta(minutes=2)
IN_VAIN = (State.FAILED, State.CANCELLED)
LONGEST_KEY = 255
MOST_BYTES = 30_000_000
"""A picture of 20 MB as a data: URI."""
NOT_JSON = "The body must be one JSON object with the model's inputs."
NO_MODEL = "There is no model {model_id} here. GET /api/v3/models lists what there is."
NO_IMAGE = "Give the address of the picture to start from as image."
NO_VIDEO = "This server improves prompts for images only: mode can be image."
NO_BASE64_BY_WEBHOOK = "Base64 output and a webhook do not go together: leave out one of them."
LONG_KEY = "An Idempotency-Key has 1 to 255 visible ASCII characters."


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A request for a run, read and checked."""

    entry: Entry
    inputs: Mapping[str, Any]
    """As they are kept and listed; for image-to-image `image` is the address."""
    cleaned: Inputs | None
    """None for a prompt to improve."""
    is_sync: bool
    wants_base64: bool
    webhook_url: str
    idempotency_key: str | None
    body_sha256: str

    @property
    def image_address(self) -> str:
        return str(self.inputs.get("image") or "") if self.entry.model_id == WITH_PICTURE else ""


class _Repeated(Exception):
    """The same request has been placed before; carries that run."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction


def read(request: HttpRequest, model_id: str) -> Run:
    """Read a request for a run; what is not known is dropped, as the vendor does.

    Raises Http404 for an unknown model and InvalidInputs.
    """
    entry = _entry(model_id)
    raw = _body(request)
    webhook_url = request.GET.get("webhook") or str(raw.get("webhook_url") or "")
    wants_base64 = _flag(raw, "enable_base64_output")
    if webhook_url and wants_base64:
        raise InvalidInputs({"enable_base64_output": NO_BASE64_BY_WEBHOOK})
    cleaned, inputs = _prompt(entry, raw) if entry.type == "text-to-text" else _picture(entry, raw)
    return Run(
        entry=entry,
        inputs=inputs,
        cleaned=cleaned,
        is_sync=_flag(raw, "enable_sync_mode"),
        wants_base64=wants_base64,
        webhook_url=require_webhook(webhook_url) if webhook_url else "",
        idempotency_key=_idempotency_key(request),
        body_sha256=_fingerprint(model_id, raw, webhook_url),
    )


def place(key: ApiKey, run: Run, picture: Picture | None = None) -> Prediction:
    """Save the run and return it; the earlier one when this request has been placed before.

    Raises NotAllowed, OverBudget, TooManyRuns, BackendUnavailable, InvalidInputs and ReusedKey.
    """
    require_run(key)
    if earlier := _same_key(key, run):
        return earlier
    try:
        return _place_picture(key, run, picture) if run.cleaned is not None else _place_prompt(key, run)
    except _Repeated as repeated:
        return repeated.prediction
    except IntegrityError:  # Two requests with one key at once: the other one was first.
        if earlier := _same_key(key, run):
            return earlier
        raise


def placed_before(key: ApiKey, run: Run) -> Prediction | None:
    """Return the run that this request already stands for, before anything is fetched for it."""
    return _same_key(key, run) or (_recent(key, run) if key.joins_repeats else None)


def _place_picture(key: ApiKey, run: Run, picture: Picture | None) -> Prediction:
    cleaned, backend = run.cleaned, backend_of(key)
    assert cleaned is not None
    if picture is not None:
        width, height = fitted_size(picture.width, picture.height)
        cleaned = replace(cleaned, width=width, height=height)
    saved: list[Prediction] = []

    def note(generation: Generation) -> None:
        _require_new(key, run)
        require_room(key, generation.price_microusd)
        saved.append(_save(key, run, generation=generation, seed=generation.seed))

    submit(key.member, Order(inputs=cleaned, backend=backend, picture=picture), note=note)
    return saved[0]


def _place_prompt(key: ApiKey, run: Run) -> Prediction:
    """Have the enhancer of this server improve a prompt; it is free."""
    saved: list[Prediction] = []

    def note(request: EnhancementRequest) -> None:
        _require_new(key, run)
        require_room(key, 0)
        saved.append(_save(key, run, enhancement=request))

    ask(key.member, run.inputs["text"], enhancer="local", style=run.inputs["style"], note=note)
    return saved[0]


def _save(
    key: ApiKey,
    run: Run,
    *,
    generation: Generation | None = None,
    enhancement: EnhancementRequest | None = None,
    **drawn: object,
) -> Prediction:
    target = generation or enhancement
    assert target is not None
    return Prediction.objects.create(
        public_id=target.public_id,
        team=key.member.team,
        key=key,
        model_id=run.entry.model_id,
        inputs={**_worth_keeping(run.inputs), **drawn},
        generation=generation,
        enhancement=enhancement,
        wants_base64=run.wants_base64,
        webhook_url=run.webhook_url,
        idempotency_key=run.idempotency_key,
        body_sha256=run.body_sha256,
    )


def _worth_keeping(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs without a picture that came inside the request: it is kept as a file."""
    image = inputs.get("image")
    return {**inputs, "image": f"{image[:32]}…"} if image and image.startswith("data:") else dict(inputs)


def _require_new(key: ApiKey, run: Run) -> None:
    """Raise _Repeated for what counts once; the key's row is locked, so that of two at once one is first.

    Asked before the key's limits: a repetition needs no room.
    """
    if key.joins_repeats or run.idempotency_key is not None:
        ApiKey.objects.select_for_update().get(pk=key.pk)
        if earlier := placed_before(key, run):
            raise _Repeated(earlier)


def _same_key(key: ApiKey, run: Run) -> Prediction | None:
    """Return what was placed under the same idempotency key; raises ReusedKey when that was another request."""
    if run.idempotency_key is None:
        return None
    earlier = Prediction.objects.with_outcome().filter(key=key, idempotency_key=run.idempotency_key).first()
    if earlier is not None and earlier.body_sha256 != run.body_sha256:
        raise ReusedKey
    return earlier


def _recent(key: ApiKey, run: Run) -> Prediction | None:
    """Return the same request of the last two minutes; not one that ended without a result, which is worth another try."""
    lately = Prediction.objects.filter(key=key, created_at__gt=Now() - REPEATED_WITHIN, deleted_at=None)
    in_vain = Q(generation__state__in=IN_VAIN) | Q(enhancement__state__in=IN_VAIN)
    return lately.filter(body_sha256=run.body_sha256).exclude(in_vain).with_outcome().order_by("-id").first()


def _entry(model_id: str) -> Entry:
    for slug in catalog.slugs():
        if (entry := catalog.load(slug)).model_id == model_id:
            return entry
    raise Http404(NO_MODEL.format(model_id=model_id[:100]))


def _body(request: HttpRequest) -> dict[str, Any]:
    content = request.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RequestDataTooBig
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise InvalidInputs({"body": NOT_JSON})
    return raw


def _flag(raw: Mapping[str, object], name: str) -> bool:
    value = raw.get(name, False)
    if value in (None, False, "", "false", "False", 0):
        return False
    if value in (True, "true", "True", 1):
        return True
    raise InvalidInputs({name: f"{name} can be true or false."})


def _prompt(entry: Entry, raw: Mapping[str, object]) -> tuple[None, dict[str, Any]]:
    kept, refused = entry.clean_some(raw)
    if "text" not in kept:
        refused.setdefault("text", "Give the prompt to improve as text.")
    if refused:
        raise InvalidInputs(refused)
    if kept.get("mode") == "video":
        raise InvalidInputs({"mode": NO_VIDEO})
    return None, {"mode": "image", "style": Style.DEFAULT.value, **kept}


def _picture(entry: Entry, raw: Mapping[str, object]) -> tuple[Inputs, dict[str, Any]]:
    """Check the inputs of a run that makes a picture, by the one schema that the form has, too."""
    known = {name: raw[name] for name in entry.properties if name in raw}
    if "size" in entry.properties:
        known["size"] = _size(raw)
    image = entry.clean_some({"image": known.pop("image", None)})[0].get("image")
    cleaned = FORM.clean(known)
    inputs = {name: getattr(cleaned, name) for name in entry.properties if name not in ("size", "image")}
    if "size" in entry.properties:
        return cleaned, {**inputs, "size": f"{cleaned.width}*{cleaned.height}"}
    if image is None:
        raise InvalidInputs({"image": NO_IMAGE})
    return cleaned, {**inputs, "image": image}


def _size(raw: Mapping[str, object]) -> object:
    """Return the size in any of the ways in which clients write it; None for the default."""
    if raw.get("size") not in (None, ""):
        return raw["size"]
    sides = [raw.get("width"), raw.get("height")]
    if all(side in (None, "") for side in sides):
        return None
    default = FORM.properties["size"]["default"].partition("*")[0]
    return "*".join(default if side in (None, "") else str(side) for side in sides)


def _idempotency_key(request: HttpRequest) -> str | None:
    value = request.headers.get("Idempotency-Key")
    if value is None:
        return None
    if not 1 <= len(value) <= LONGEST_KEY or not value.isascii() or not value.isprintable():
        raise InvalidInputs({"Idempotency-Key": LONG_KEY})
    return value


def _fingerprint(model_id: str, raw: Mapping[str, object], webhook_url: str) -> str:
    """Return the SHA-256 of what was asked for, whatever the order of its fields."""
    try:
        content = json.dumps([model_id, webhook_url, raw], sort_keys=True, separators=(",", ":"))
    except RecursionError:  # It was just not too deep to be read.
        raise InvalidInputs({"body": NOT_JSON}) from None
    return hashlib.sha256(content.encode()).hexdigest()
