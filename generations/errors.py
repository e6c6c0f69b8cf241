"""Every error that the product raises on purpose.

    PlaygroundError                 a sentence for the person, a detail for the log
    ├── InvalidInputs               something in the request cannot be used; one sentence a field
    ├── NotAllowed                  this person may not do this
    ├── BackendError                an engine did not deliver
    │   ├── BackendUnavailable      it is missing or switched off
    │   └── BackendRefused          it will not make this picture, however often it is asked
    ├── UnusablePicture             bytes that are not a picture this product accepts
    └── Cancelled                   the row moved on while this worker was at it: stop, keep nothing
"""

from __future__ import annotations

from collections.abc import Mapping


class PlaygroundError(Exception):
    """Carry a full sentence for a person (`message`) and the facts for the log (`detail`)."""

    message = "Something went wrong. Nothing was charged; please try again."

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        self.message = message or self.message
        self.detail = detail
        super().__init__(f"{self.message} [{detail}]" if detail else self.message)


class InvalidInputs(PlaygroundError):
    """Name what is wrong with each field, in a sentence that stands beside it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(self.fields.values()))


class NotAllowed(PlaygroundError):
    message = "You can look at this team's pictures, but not change anything. Ask an owner for the role of a member."


class BackendError(PlaygroundError):
    message = "The picture could not be made. Nothing was charged; please try again."


class BackendUnavailable(BackendError):
    pass


class BackendRefused(BackendError):
    pass


class UnusablePicture(PlaygroundError):
    message = "This file could not be read as a picture. Use a PNG, JPEG or WebP file."


class Cancelled(PlaygroundError):
    message = "Cancelled. Nothing was charged."
