"""Every error that the product raises on purpose.

PlaygroundError                 a sentence for the person, a detail for the log
├── InvalidInputs               something in the request cannot be used; one sentence a field
│   └── ListedWord              the prompt has a word that the team put on its list
├── NotAllowed                  this person may not do this
├── OverBudget                  some budget does not cover it; nothing was charged
│   ├── OverKeyBudget           that of the API key
│   └── OverMonthBudget         that of the team, or of the person in it, for this month
├── TooManyRuns                 a key asks for more runs a minute than it may; see `retry_after_s`
├── BackendError                an engine did not deliver
│   ├── BackendUnavailable      it is missing or switched off
│   ├── BackendRefused          it will not make this picture, however often it is asked
│   └── VendorError             a vendor over the network; `why` names the cause
│       ├── SubmitRejected      proven: the vendor did not take the order, so it may be sent again
│       ├── SubmitUnknown       the vendor may have taken it: never send it again
│       └── ReadFailed          a question went unanswered; asking again costs nothing
├── EnhanceFailed               an enhancer brought no better prompt; nothing was charged
│   └── EnhanceUnknown          its vendor may have charged for it all the same
├── OutboundError               a request that brought no whole answer; `sent` says whether a byte of it may have left
│   ├── AddressRefused          it leads to a place that this product does not talk to
│   ├── Unreachable             no name, no connection or no TLS: nothing was sent
│   ├── DeadlinePassed          it took too long
│   ├── ConnectionBroken        cut off, or not HTTP
│   ├── AnswerTooLarge          more bytes than allowed
│   └── DownloadRefused         the file's address answered with another `status` than 200
├── UnusablePicture             bytes that are not a picture this product accepts
└── Cancelled                   the row moved on while this worker was at it: stop, keep nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


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


class ListedWord(InvalidInputs):
    """Name the word; with `may_agree` it is a question, and the person may go on all the same."""

    def __init__(self, sentence: str, *, may_agree: bool) -> None:
        self.may_agree = may_agree
        super().__init__({"prompt": sentence})


class NotAllowed(PlaygroundError):
    message = "You can look at this team's pictures, but not change anything. Ask an owner for the role of a member."


class OverBudget(PlaygroundError):
    message = "The budget does not cover the price. Nothing was charged; an owner of the team can raise it."


class OverKeyBudget(OverBudget):
    message = "The budget of this API key does not cover the price. Nothing was charged; raise it on the page API keys."


class OverMonthBudget(OverBudget):
    pass


class TooManyRuns(PlaygroundError):
    message = "This API key has used up its runs a minute. Nothing was charged; try again in a moment."

    def __init__(self, *, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class BackendError(PlaygroundError):
    message = "The picture could not be made. Nothing was charged; please try again."


class BackendUnavailable(BackendError):
    pass


class BackendRefused(BackendError):
    pass


class Why(StrEnum):
    """What kept a vendor from doing what it was asked; the value can be stored."""

    UNREACHABLE = "unreachable"
    """Proven: nothing was sent."""
    ADDRESS = "address"
    """The configured address leads to a place that must not be reached."""
    SILENT = "silent"
    """No whole answer: too late, cut off, or too large."""
    BROKEN = "broken"
    """An answer that makes no sense, or a fault of the vendor's own (5xx)."""
    KEY = "key"
    CREDIT = "credit"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    """There is no such model or address."""
    TOO_LARGE = "too_large"
    INPUTS = "inputs"
    BUSY = "busy"
    """Too many requests; see `retry_after_s`."""


VENDOR_SENTENCES: Mapping[Why, str] = {
    Why.UNREACHABLE: "WaveSpeed could not be reached. Check this server's connection, then try again.",
    Why.ADDRESS: "The address set for WaveSpeed leads to a place this server does not talk to. Check WAVESPEED_BASE_URL.",
    Why.SILENT: "WaveSpeed did not answer in time. Please try again in a moment.",
    Why.BROKEN: "WaveSpeed has a fault of its own at the moment. Please try again later.",
    Why.KEY: "WaveSpeed does not accept this key. Copy it again from wavespeed.ai and connect anew.",
    Why.CREDIT: "The WaveSpeed account has no credit left. Top it up at wavespeed.ai, then try again.",
    Why.FORBIDDEN: "This WaveSpeed key may not do that. Use a key of an account that may run this model.",
    Why.MISSING: "WaveSpeed does not offer this at the moment. Check WAVESPEED_BASE_URL, or try again later.",
    Why.TOO_LARGE: "This is too large for WaveSpeed. Use a smaller reference picture or a shorter prompt.",
    Why.INPUTS: "WaveSpeed could not use these settings. Change the prompt or the settings, then try again.",
    Why.BUSY: "WaveSpeed is getting too many requests from this account. It goes on by itself in a moment.",
}


class VendorError(BackendError):
    """Say why (`why`) and, where the vendor said so, after how many seconds to ask again (`retry_after_s`)."""

    def __init__(self, why: Why, *, detail: str = "", retry_after_s: float | None = None, message: str = "") -> None:
        self.why = why
        self.retry_after_s = retry_after_s
        super().__init__(message or VENDOR_SENTENCES[why], detail=detail)


class SubmitRejected(VendorError):
    pass


class SubmitUnknown(VendorError):
    def __init__(self, why: Why, *, detail: str = "") -> None:
        sentence = "WaveSpeed's answer was lost, so the picture may be under way. This is being checked; it is not ordered twice."
        super().__init__(why, detail=detail, message=sentence)


class ReadFailed(VendorError):
    pass


class EnhanceFailed(PlaygroundError):
    message = "The prompt could not be improved, and is as you wrote it. Nothing was charged; please try again."


class EnhanceUnknown(EnhanceFailed):
    message = "The answer was lost, so this may have been charged once. Your prompt is as you wrote it; it is not sent again."


class OutboundError(PlaygroundError):
    message = "The other side gave no usable answer. Please try again in a moment."

    def __init__(self, message: str = "", *, detail: str = "", sent: bool = False) -> None:
        self.sent = sent
        super().__init__(message, detail=detail)


class AddressRefused(OutboundError):
    message = "This address leads to a place that this server does not talk to. Use a public https address."


class Unreachable(OutboundError):
    message = "The other side could not be reached. Please try again in a moment."


class DeadlinePassed(OutboundError):
    message = "The other side took too long to answer. Please try again in a moment."


class ConnectionBroken(OutboundError):
    pass


class AnswerTooLarge(OutboundError):
    message = "The other side sent more than this server accepts."


class DownloadRefused(OutboundError):
    message = "The file is not there any more."

    def __init__(self, *, status: int, detail: str = "") -> None:
        self.status = status
        super().__init__(detail=detail, sent=True)


class UnusablePicture(PlaygroundError):
    message = "This file could not be read as a picture. Use a PNG, JPEG or WebP file."


class Cancelled(PlaygroundError):
    message = "Cancelled. Nothing was charged."
