"""How bytes travel: to addresses that were checked, under one deadline, noting when a request begins to leave.

A name is resolved here, once, and the connection goes to exactly the addresses that were checked: a name that changes its
mind between check and connection (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass

import httpcore

from generations.outbound.addresses import Door, Resolver

CONNECT_S = 10.0
"""The most that one address may take to accept a connection."""

_SLICE = 65_536


@dataclass(slots=True)
class Exchange:
    """One request under way: until when, and whether any of it may have left."""

    ends_at: float
    """time.monotonic(), seconds."""
    sent: bool = False

    def left_s(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left


current: ContextVar[Exchange] = ContextVar("exchange")


class Network(httpcore.NetworkBackend):
    """Connects to checked addresses alone."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        exchange = current.get()
        found = _looked_up(self._door.resolve, host, port).result(exchange.left_s())
        for address, share in _in_turn(self._door.checked(host, port, found), exchange):
            try:
                return _Stream(self._tcp.connect_tcp(address, port, timeout=share))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class AsyncNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, door: Door) -> None:
        self._door = door
        self._tcp = httpcore.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        exchange = current.get()
        found = await asyncio.wait_for(asyncio.wrap_future(_looked_up(self._door.resolve, host, port)), exchange.left_s())
        for address, share in _in_turn(self._door.checked(host, port, found), exchange):
            try:
                return _AsyncStream(await self._tcp.connect_tcp(address, port, timeout=share))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _Stream(httpcore.NetworkStream):
    """Gives every step what is left of the deadline, and notes the first byte of a request; a TLS greeting is not one."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, current.get().left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = current.get()
        for at in range(0, len(buffer), _SLICE):
            left_s = exchange.left_s()
            exchange.sent = True
            self._inner.write(buffer[at : at + _SLICE], left_s)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, current.get().left_s()))


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def aclose(self) -> None:
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, current.get().left_s())

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = current.get()
        for at in range(0, len(buffer), _SLICE):
            left_s = exchange.left_s()
            exchange.sent = True
            await self._inner.write(buffer[at : at + _SLICE], left_s)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, current.get().left_s()))


def _looked_up(resolve: Resolver, host: str, port: int) -> Future[Sequence[str]]:
    """Resolve on a thread of its own: a resolver cannot be told to stop, and nobody may have to wait for it."""
    found: Future[Sequence[str]] = Future()
    found.set_running_or_notify_cancel()

    def look() -> None:
        try:
            found.set_result(resolve(host, port))
        except (OSError, ValueError) as error:
            found.set_exception(error)

    threading.Thread(target=look, name=f"resolve {host}", daemon=True).start()
    return found


def _in_turn(addresses: Sequence[str], exchange: Exchange) -> Iterator[tuple[str, float]]:
    """Give each address its share of the time, so that one dead address does not use up all of it."""
    for number, address in enumerate(addresses):
        yield address, min(CONNECT_S, exchange.left_s() / (len(addresses) - number))
