"""What an engine is: a request in, pictures out. No Django here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture to make, in the field's own words."""

    prompt: str
    width: int
    """Pixels, 256–1536."""
    height: int
    """Pixels, 256–1536."""
    num_inference_steps: int
    """1–50; more is finer and slower."""
    guidance_scale: float
    """1–20; how closely the picture keeps to the prompt."""
    seed: int
    """0–2147483647, always a real number by now."""
    strength: float | None = None
    """0–1, how far the reference picture is changed; None without one."""
    image: bytes | None = None
    """The reference picture as the bytes of a PNG that `images.open_picture` has checked."""
    output_format: str = "jpeg"
    """jpeg or png."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedImage:
    """One finished picture, as plain pixels."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, row by row: width × height × 3 bytes."""
    notes: tuple[str, ...] = ()
    """Sentences for the person, such as "Not drawn: jazz"."""
    is_flagged: bool = False
    """Its vendor called it unsafe to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The picture as it stands halfway, small."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel."""


OnStep = Callable[[int, int, Callable[[], Preview]], None]
"""Called as `on_step(step, of, preview)`; `preview()` costs something and is called only when wanted.

`of` is 0 while the engine gets ready, and nothing is to be seen yet. May raise `errors.Cancelled`, which a backend lets pass.
"""


class Backend:
    """What every engine says of itself."""

    alias: str = ""
    """The name in IMAGE_BACKENDS, set by the registry."""
    title: str = ""
    """What people call it."""
    tagline: str = ""
    """One line under the title."""
    queue: str = "local"
    """The Celery queue whose workers serve it."""
    credits: str = ""
    """Whose work is in its pictures; written into every file."""
    price_microusd: int = 0
    """The price of one picture in millionths of a dollar; 0 is free."""
    runs_model: bool = True
    """Whether the model that was asked for makes the picture; False where something else follows its parameters."""
    is_harmless: bool = False
    """Whether nothing that it makes from words alone can be unsafe to look at."""

    @property
    def versions(self) -> dict[str, str]:
        """Name and version of everything that shapes the pixels; part of the receipt."""
        return {}

    def unavailable_because(self) -> str:
        """Say in a sentence why it cannot be used here, or "" when it can."""
        return ""


class LocalBackend(Backend, ABC):
    """An engine that paints in this process: the same request gives the same bytes."""

    quiet_for_s: float = 0.0
    """Seconds that may pass between two calls of `on_step`, where a step may outlast a lease; 0 where none does."""

    @abstractmethod
    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        """Make the picture; raises BackendError, or whatever `on_step` raises."""


class RemoteState(StrEnum):
    """How far a prediction is at its vendor."""

    RUNNING = "running"
    """Waiting or being made; also every status word that is not known here."""
    COMPLETED = "completed"
    FAILED = "failed"
    """It ends without a picture: failed, cancelled, timed out, or deleted there."""
    GONE = "gone"
    """The vendor knows no prediction of this id, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStatus:
    """What a vendor says of one prediction; every value is checked, none is trusted."""

    id: str
    state: RemoteState
    word: str = ""
    """The vendor's own status word, in lower case."""
    outputs: tuple[str, ...] = ()
    """Addresses of the pictures: none, one or several, in the vendor's order."""
    text: str = ""
    """What a model that writes has written."""
    error: str = ""
    """A sentence of ours for the person, when it failed."""
    detail: str = ""
    """The vendor's own text, for the log alone."""
    task_code: int = 0
    inference_ms: int | None = None
    created_at: datetime | None = None
    """By the vendor's clock."""
    has_nsfw: bool = False
    model: str = ""
    inputs: Mapping[str, str | int | float | bool] | None = None
    """What the vendor was asked for; only where it was asked to list that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An order that the vendor took."""

    upstream_id: str
    model: str
    inputs: Mapping[str, str | int | float | bool]
    """Exactly what was sent."""
    status: RemoteStatus
    """The vendor's answer; it may have failed or finished already."""


class RemoteReader(ABC):
    """Questions to a vendor for the poller: asked once each, without a retry of their own; all raise ReadFailed."""

    @abstractmethod
    async def fetch(self, upstream_id: str) -> RemoteStatus:
        """Return how one prediction stands."""

    @abstractmethod
    async def running(self, since: datetime | None = None) -> tuple[RemoteStatus, ...]:
        """Return all that wait or are being made, 100 a request; whole or not at all.

        Who is missing here has most likely ended: ask for it by `fetch`.
        """


class RemoteBackend(Backend, ABC):
    """An engine at a vendor's: an order is sent at most once, a question as often as needed."""

    queue = "remote"

    @property
    def loopback_origin(self) -> str:
        """What `outbound.download` needs to fetch this vendor's pictures; "" unless the vendor is on this machine."""
        return ""

    @abstractmethod
    def for_key(self, api_key: str) -> RemoteBackend:
        """Return the same engine for another account."""

    @abstractmethod
    def submit(self, request: ImageRequest, webhook_url: str = "", image_url: str = "") -> Submission:
        """Order one picture; never repeated, neither here nor below.

        Raises SubmitRejected when it is proven that the vendor did not take it, SubmitUnknown in every other case.
        `image_url` is where the reference picture has been uploaded; without it, that happens first.
        """

    @abstractmethod
    def model_for(self, request: ImageRequest) -> str:
        """Name the vendor's model that serves it."""

    @abstractmethod
    def inputs_for(self, request: ImageRequest, image_url: str = "") -> dict[str, str | int | float | bool]:
        """Return what `submit` would send, to be kept before it is sent."""

    @abstractmethod
    def upload(self, png: bytes) -> str:
        """Hand over a reference picture; return its address at the vendor. Raises ReadFailed."""

    @abstractmethod
    def fetch(self, upstream_id: str) -> RemoteStatus:
        """Return how one prediction stands; raises ReadFailed."""

    @abstractmethod
    def reader(self) -> AbstractAsyncContextManager[RemoteReader]:
        """Open connections for one event loop."""

    @abstractmethod
    def candidates(self, since: datetime) -> tuple[RemoteStatus, ...]:
        """Return every prediction made since then by the vendor's clock, in any state, with inputs, newest first.

        Raises ReadFailed; then nothing is known, least of all that an order is not there.
        """

    @abstractmethod
    def resembles(self, request: ImageRequest, candidate: RemoteStatus) -> bool:
        """Say whether a listed prediction can be the one that this request would have made."""

    @abstractmethod
    def balance(self) -> int:
        """Return the account's credit in millionths of a dollar; raises ReadFailed. It is also the test of a key."""

    @abstractmethod
    def price(self, request: ImageRequest) -> int:
        """Return the price in millionths of a dollar, before discounts; raises ReadFailed."""
