"""Programs that call the API: each test has a key of the owner's, and one way to call over each of Django's two clients."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import AsyncClient, Client

from generations import keys
from generations.api.waiting import lobby
from generations.backends import backend_for
from generations.keys import Limits
from generations.models import ApiKey, Generation, Member, Prediction, User
from generations.tokens import fingerprint

MODEL = "wavespeed-ai/flux-srpo"
WITH_PICTURE = f"{MODEL}/image-to-image"
OPTIMIZER = "wavespeed-ai/prompt-optimizer"
RUN = f"/api/v3/{MODEL}"
LIST = "/api/v3/predictions"
UNKNOWN = "0123456789abcdef0123456789abcdef"
NO_SUCH_RUN = "There is no run of this id, or it is not your team's."
NOT_YOURS = "Only the person who made this picture, or an owner of the team, can do that."
FOX = {"prompt": "a red fox", "size": "256*256", "num_inference_steps": 2, "seed": 7}

Calling = Callable[..., "Answer"]
CallingAsync = Callable[..., Awaitable["Answer"]]
Issuing = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, its headers and the JSON."""

    status: int
    headers: Any
    json: Any

    @property
    def data(self) -> Any:
        """Return what the envelope of a success holds."""
        assert (self.status, self.json["code"], self.json["message"]) == (200, 200, "success"), self.json
        assert "error" not in self.json  # clients take a 200 with it for a failure
        return self.json["data"]

    @property
    def sentence(self) -> str:
        """Return what a refusal says, once it has the shape of all refusals."""
        assert self.headers["Content-Type"] == "application/json"
        assert set(self.json) == {"code", "message", "error_code", "error"}
        assert self.json["code"] == self.status >= 400
        assert self.json["error"] == self.json["message"]
        assert self.json["message"].endswith((".", "!")), self.json["message"]
        return str(self.json["message"])

    @property
    def refusal(self) -> tuple[int, int, str]:
        """Return the status, the task code and the sentence."""
        return self.status, self.json["error_code"], self.sentence


@pytest.fixture
def issue() -> Issuing:
    """Make a key for somebody and return its secret."""

    def make(user: User, **limits: Any) -> str:
        return keys.issue(Member.objects.get(user=user), "Test", Limits(**limits))[1]

    return make


@pytest.fixture
def key(issue: Issuing, owner: User) -> str:
    return issue(owner)


@pytest.fixture
def paid(settings) -> Iterator[str]:
    """Name an engine whose pictures cost 25,000 millionths of a dollar each, and a key for it; nothing is sent anywhere."""
    entry = settings.IMAGE_BACKENDS["wavespeed"]
    options = {**entry["OPTIONS"], "api_key": "k" * 40}
    settings.IMAGE_BACKENDS = {**settings.IMAGE_BACKENDS, "wavespeed": {**entry, "OPTIONS": options}}
    backend_for.cache_clear()
    yield "wavespeed"
    backend_for.cache_clear()


def key_row(secret: str) -> ApiKey:
    return ApiKey.objects.get(sha256=fingerprint(secret))


@pytest.fixture
def call(key: str) -> Calling:
    """Call the API with the owner's key, or with another one; `raw` is a body as it is."""

    client = Client()  # one for all: a new one asks whether anybody has an account

    def ask(
        method: str, path: str, body: object = None, *, key: str | None = key, raw: bytes | None = None, **headers: str
    ) -> Answer:
        named = {"Content-Type": "application/json", **_headers(key, headers)}
        return answered(client.generic(method, path, _content(body, raw), named.pop("Content-Type"), headers=named))

    return ask


@pytest.fixture
def acall(key: str) -> CallingAsync:
    """The same from inside an event loop."""
    client = AsyncClient()

    async def ask(method: str, path: str, body: object = None, *, key: str | None = key, **headers: str) -> Answer:
        named = _headers(key, headers)
        return answered(await client.generic(method, path, _content(body, None), "application/json", headers=named))

    return ask


@pytest.fixture
def run(call: Calling) -> Callable[..., Any]:
    """Ask for a run of a picture and return the answer's data."""
    return lambda body=FOX, **options: call("POST", RUN, body, **options).data


def answered(response: HttpResponse) -> Answer:
    return Answer(status=response.status_code, headers=response.headers, json=json.loads(response.content))


def generation_of(told: dict[str, Any]) -> Generation:
    return Generation.objects.get(public_id=told["id"])


def file_of(told: dict[str, Any]) -> bytes:
    """Return the original of a run's picture, as it is kept."""
    with generation_of(told).images.get().file.open("rb") as file:
        return bytes(file.read())


def prediction_of(told: dict[str, Any]) -> Prediction:
    return Prediction.objects.get(public_id=told["id"])


def result(told: dict[str, Any]) -> str:
    """Return where a run's result is."""
    return f"{LIST}/{told['id']}/result"


def elsewhere(happening: Callable[[], object]) -> None:
    """Do something as another process would: on a connection of its own."""
    try:
        happening()
    finally:
        connections.close_all()


def waiting_now() -> int:
    """Return how many runs somebody waits for in this event loop."""
    return len(lobby().guests)


def _headers(key: str | None, headers: dict[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return named if key is None else {"Authorization": f"Bearer {key}", **named}


def _content(body: object, raw: bytes | None) -> bytes:
    if raw is not None:
        return raw
    return b"" if body is None else json.dumps(body).encode()
