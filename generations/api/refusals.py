"""Every refusal of the API: one shape, a sentence to act on, and the status that the vendor's clients understand."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from generations.contract import Code, refusal
from generations.errors import (
    BackendUnavailable,
    InvalidInputs,
    ListedWord,
    NotAllowed,
    OverBudget,
    PlaygroundError,
    TooManyRuns,
    UnusablePicture,
)
from generations.uploads import TooLarge

log = logging.getLogger(__name__)

NO_KEY = "There is no valid API key in the Authorization header. Make one on the page API keys of this server."
NOTHING_HERE = "There is nothing at this address of the API. See /api/docs for what there is."
BROKEN = "This server has a fault of its own. Nothing was charged for a run that has no id; please try again later."
NO_FORM = "This form cannot be read. Send the file as multipart/form-data, in a field named file."
UNREADABLE = "The body of this request cannot be read as what its Content-Type says. Send JSON."
TOO_LARGE = "This request is too large. Pictures have up to 20 MB, everything else 2 MB."


class ReusedKey(PlaygroundError):
    """The idempotency key stands for another request."""

    message = "This Idempotency-Key was used for another request. Use a new one for each new run."


MEANINGS: tuple[tuple[type[Exception], int, Code | None], ...] = (
    (AuthenticationError, 401, None),
    (OverBudget, 402, None),
    (NotAllowed, 403, None),
    (PermissionDenied, 403, None),
    (Http404, 404, None),
    (RequestDataTooBig, 413, None),
    (MultiPartParserError, 400, Code.MEDIA),
    (ReusedKey, 422, None),
    (TooManyRuns, 429, None),
    (TooLarge, 413, None),
    (ListedWord, 400, Code.MODERATED),
    (InvalidInputs, 400, Code.INPUTS),
    (ValidationError, 400, Code.INPUTS),
    (UnusablePicture, 400, Code.MEDIA),
    (BackendUnavailable, 400, Code.UNAVAILABLE),
    (HttpError, 400, None),
    (PlaygroundError, 400, None),
)
"""Error → HTTP status and task code; the first that fits counts."""


def respond(content: Mapping[str, object], status: int = 200, **headers: str) -> HttpResponse:
    """Return JSON; text stays readable."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Answer with what an error means to a client."""
    assert isinstance(error, Exception)
    status, sentence, code = _meaning(error)
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyRuns) else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return respond(refusal(status, sentence, code), status, **headers)


def _meaning(error: Exception) -> tuple[int, str, Code | None]:
    """Return status, sentence and task code."""
    for kind, status, code in MEANINGS:
        if isinstance(error, kind):
            return _status(error, status), _words(error), _code(error, code)
    log.error("the API broke", exc_info=error)
    return 500, BROKEN, Code.FAILED


def _status(error: Exception, status: int) -> int:
    return error.status_code if type(error) is HttpError else status


def _code(error: Exception, code: Code | None) -> Code | None:
    return Code.MEDIA if isinstance(error, InvalidInputs) and set(error.fields) == {"image"} else code


def _words(error: Exception) -> str:
    match error:
        case AuthenticationError():
            return NO_KEY
        case RequestDataTooBig():
            return TOO_LARGE
        case MultiPartParserError():
            return NO_FORM
        case ValidationError():
            return _sentence(error)
        case PlaygroundError():
            return error.message
        case HttpError():
            # django-ninja's own words for a broken body are for the developer of a view.
            return UNREADABLE if str(error).startswith("Cannot parse") else str(error)
        case _:
            return str(error) or NOTHING_HERE


def _sentence(error: ValidationError) -> str:
    """Say what is wrong with the first field that cannot be used."""
    first = error.errors[0]
    name = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "request")
    return f"{name}: {first['msg']}."
