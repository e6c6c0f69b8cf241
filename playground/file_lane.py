"""Pictures' files take a lane of their own, too: a page of the gallery asks for sixty of them at once.

Who asks is read from the session, as for every page; what else the ordinary chain does is of no use to a file. A share link's
files come this way, too, and need no session.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils.cache import patch_vary_headers

from playground.api_lane import ApiLane, finish
from playground.body_limit import Application, Receive, Scope, Send

_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What strangers take along is made for them, which takes too long for the lane's few threads.
FILES = re.compile(rf"/gallery/{_ID}/(small|large|original)/|/s/[\w-]+/{_ID}/(small|large)/", re.ASCII)


def with_file_lane(ordinary: Application) -> Application:
    """Wrap an ASGI application: the files of pictures are answered by the lane."""
    lane = FileLane()

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and scope["method"] == "GET" and FILES.fullmatch(scope["path"]) is not None
        await (lane if is_file else ordinary)(scope, receive, send)

    return either


class FileLane(ApiLane):
    """The API's lane with a look at the session."""

    def load_middleware(self, is_async: bool = True) -> None:
        super().load_middleware(is_async)
        self._middleware_chain = finish(convert_exception_to_response(self._view))

    async def _view(self, request: HttpRequest) -> HttpResponse:
        request.get_host()  # refuses hosts that are not this one
        return await sync_to_async(_answer)(request)


def _read_session(request: HttpRequest) -> HttpResponse:
    raise AssertionError("the session middleware is only asked to read")


_sessions: Callable[[HttpRequest], None] = SessionMiddleware(_read_session).process_request


def _answer(request: HttpRequest) -> HttpResponse:
    """Serve a file to whoever is signed in or has a share link; the view says whether they may see it."""
    _sessions(request)
    request.user = get_user(request)
    match = resolve(request.path_info)
    if getattr(match.func, "login_required", True) and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Http404 as error:  # A page would be of no use where a picture is shown.
        response = HttpResponse(str(error), status=404, content_type="text/plain")
    patch_vary_headers(response, ["Cookie"])
    return response
