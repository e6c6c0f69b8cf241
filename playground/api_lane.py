"""Requests under /api/ take a lane of their own: a short chain, and a few threads that keep their database connections.

Programs ask often and bring no session. What the ordinary chain does for a page (a thread and a connection for each
request, a dozen changes of threads) would cost more than their answers; see docs/decisions/0014.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.sync import SyncToAsync
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import set_script_prefix

from generations.api.cors import PREFIX, open_to_all_origins
from generations.api.shape import one_shape_of_refusals
from playground.api_threads import shared_context
from playground.body_limit import Application, Receive, Scope, Send
from playground.middleware import POLICY

GetResponse = Callable[[HttpRequest], Any]


def with_api_lane(ordinary: Application) -> Application:
    """Wrap an ASGI application: what is under /api/ is answered by the lane."""
    lane = ApiLane()

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (lane if is_api else ordinary)(scope, receive, send)

    return either


class ApiLane(ASGIHandler):
    """Django's handler without settings.MIDDLEWARE; all requests share a few threads for what is not async."""

    def __init__(self) -> None:
        self.shared = shared_context()
        super().__init__()

    def load_middleware(self, is_async: bool = True) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        inner = convert_exception_to_response(self._view)
        self._middleware_chain = open_to_all_origins(finish(one_shape_of_refusals(inner)))

    async def _view(self, request: HttpRequest) -> HttpResponse:
        request.get_host()  # refuses hosts that are not this one
        response: HttpResponse = await self._get_response_async(request)  # type: ignore[attr-defined]
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = SyncToAsync.thread_sensitive_context.set(self.shared)
        try:
            await self.handle(scope, receive, send)
        finally:
            SyncToAsync.thread_sensitive_context.reset(before)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and leave off as soon as its client has left.

        Django's signals change threads twice a request to tend the connections of a thread that is then thrown away.
        Here the threads that stay tend their connections by themselves.
        """
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            request, refusal = self.create_request(scope, body)
            if request is None:
                assert refusal is not None
                return await self.send_response(refusal, send)
            # After the body, the only message there can be says that the client has left.
            tasks = [asyncio.create_task(self._answer(request, send)), asyncio.ensure_future(receive())]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
            if not tasks[0].cancelled():
                tasks[0].result()

    async def _answer(self, request: HttpRequest, send: Send) -> None:
        response = await self.run_get_response(request)
        try:
            await self.send_response(response, send)
        finally:
            response.close()


def finish(get_response: GetResponse) -> GetResponse:
    """Do what is left of the ordinary chain: the headers and the length."""
    security, framing = SecurityMiddleware(get_response), XFrameOptionsMiddleware(get_response)

    async def chain(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = await get_response(request)
        security.process_response(request, response)
        framing.process_response(request, response)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return chain
