"""Refusals that come from Django or from the server's own limits, in the shape of all the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from generations.api.cors import PREFIX
from generations.api.refusals import BROKEN, NOTHING_HERE, TOO_LARGE, respond
from generations.contract import refusal

UNUSABLE = "This request cannot be used. See /api/docs for what there is."
SENTENCES: Mapping[int, str] = {
    404: NOTHING_HERE,
    405: "This address takes another method: the header Allow says which.",
    413: TOO_LARGE,
    500: BROKEN,
}
FRAMING = ("Content-Type", "Content-Length")


@sync_and_async_middleware
def one_shape_of_refusals(
    get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Put what is refused under /api/ into JSON with a sentence, whoever refused it."""
    if iscoroutinefunction(get_response):

        async def over_asgi(request: HttpRequest) -> HttpResponseBase:
            return _shaped(request, await get_response(request))

        return over_asgi

    def over_wsgi(request: HttpRequest) -> HttpResponseBase:
        return _shaped(request, get_response(request))  # type: ignore[arg-type]

    return over_wsgi


def _shaped(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_refusal = response.status_code >= 400 and request.path.startswith(PREFIX)
    if not is_refusal or response.headers.get("Content-Type") == "application/json":
        return response
    kept = {name: value for name, value in response.headers.items() if name not in FRAMING}
    sentence = SENTENCES.get(response.status_code, UNUSABLE)
    return respond(refusal(response.status_code, sentence), response.status_code, **kept)
