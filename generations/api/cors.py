"""Programs in any browser may call the API with a key of their own; cookies have no part in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

PREFIX = "/api/"
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, Content-Disposition",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}


@sync_and_async_middleware
def open_to_all_origins(
    get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Answer preflights under /api/ and mark every answer there as readable from any origin."""
    if iscoroutinefunction(get_response):

        async def over_asgi(request: HttpRequest) -> HttpResponseBase:
            return _preflight(request) or _marked(request, await get_response(request))

        return over_asgi

    def over_wsgi(request: HttpRequest) -> HttpResponseBase:
        return _preflight(request) or _marked(request, get_response(request))  # type: ignore[arg-type]

    return over_wsgi


def _preflight(request: HttpRequest) -> HttpResponse | None:
    is_one = request.method == "OPTIONS" and request.path.startswith(PREFIX)
    return HttpResponse(status=204, headers={**HEADERS, **PREFLIGHT}) if is_one else None


def _marked(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if request.path.startswith(PREFIX):
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
