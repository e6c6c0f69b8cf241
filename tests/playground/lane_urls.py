"""Addresses that say which thread and which connection serve them, under /api/ and elsewhere."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from playground.urls import urlpatterns as playground_patterns

left: list[str] = []
opened: list[str] = []
"""The thread of each connection that was opened."""
SLOW_S = 0.05


@login_not_required
def where(request: HttpRequest) -> HttpResponse:
    return JsonResponse(_where())


@login_not_required
async def often(request: HttpRequest) -> HttpResponse:
    """Ask the database many times at once."""
    places = await asyncio.gather(*(sync_to_async(_where)(SLOW_S) for _ in range(40)))
    return JsonResponse({"threads": sorted({place["thread"] for place in places})})


def _note_thread(**signal: object) -> None:
    opened.append(threading.current_thread().name)


connection_created.connect(_note_thread)


def _where(slow_s: float = 0.0) -> dict[str, Any]:
    connection.ensure_connection()
    time.sleep(slow_s)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"thread": threading.current_thread().name, "opened": opened.copy()}


@login_not_required
def breaks(request: HttpRequest) -> HttpResponse:
    """Lose the connection below Django's feet, as when the database was started again."""
    connection.ensure_connection()
    connection.connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("never reached")


@login_not_required
async def held(request: HttpRequest) -> HttpResponse:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        left.append(request.path)
        raise
    return HttpResponse("never reached")


@login_not_required
async def who_left(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"left": left})


@login_not_required
async def streamed(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(_parts(), content_type="text/event-stream")


async def _parts() -> AsyncIterator[str]:
    for number in range(3):
        yield f"data: {number}\n\n"


urlpatterns = [
    path("api/scratch/where", where),
    path("api/scratch/often", often),
    path("api/scratch/breaks", breaks),
    path("api/scratch/held", held),
    path("api/scratch/left", who_left),
    path("api/scratch/streamed", streamed),
    path("elsewhere/where", where),
    *playground_patterns,
]
