"""The one door to the network: a checked address, one deadline for everything, a cap on bytes, no proxy.

It stands on httpcore, httpx's own engine, because only that takes a network backend, and because httpx writes whole
addresses, signatures included, into the log.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any

import httpcore
import httpx

from generations.errors import (
    AddressRefused,
    AnswerTooLarge,
    ConnectionBroken,
    DeadlinePassed,
    DownloadRefused,
    OutboundError,
    Unreachable,
)
from generations.outbound.addresses import Door, Resolver, addresses_of, is_public, loopback_origin_of, origin_of, shown
from generations.outbound.wire import AsyncNetwork, Exchange, Network, current

__all__ = [
    "Answer",
    "AsyncClient",
    "Client",
    "Resolver",
    "addresses_of",
    "adownload",
    "download",
    "is_public",
    "loopback_origin_of",
    "open_async_client",
    "open_client",
    "origin_of",
]

JSON_BYTES = 8_000_000
"""A page of 100 predictions with the longest prompts stays below it."""
FILE_BYTES = 50_000_000
MOST_REDIRECTS = 3
MOST_CONNECTIONS = 20
KEEP_ALIVE_S = 15.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of several with one name, the last."""
    body: bytes


class Client:
    """Asks one question at a time per thread; many threads may share it."""

    def __init__(self, door: Door, keep_alive: bool, tls: ssl.SSLContext | None) -> None:
        self._door = door
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or _tls(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_CONNECTIONS if keep_alive else 0,
            keepalive_expiry=KEEP_ALIVE_S,
            network_backend=Network(door),
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        within_s: float,
        most_bytes: int = JSON_BYTES,
    ) -> Answer:
        """Send one request exactly once and return the whole answer, whatever its status; a redirect is not followed.

        `within_s` counts for everything: name, connection, request and the last byte of the answer. Only the headers
        given go out, beside Host, Accept-Encoding and Content-Length. Raises OutboundError; its `sent` says whether a byte
        of the request may have left.
        """
        target = self._door.admit(url)
        exchange = Exchange(time.monotonic() + within_s)
        options = _options(target, headers, content, within_s)
        with _translated(exchange, method, target), self._pool.stream(method, _url(target), **options) as response:
            gathered = _Gathered(response, most_bytes)
            for chunk in response.iter_stream():
                gathered.add(chunk)
            return gathered.answer()

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncClient:
    """The same for asyncio; it belongs to the loop that first used it."""

    def __init__(self, door: Door, keep_alive: bool, tls: ssl.SSLContext | None) -> None:
        self._door = door
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or _tls(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_CONNECTIONS if keep_alive else 0,
            keepalive_expiry=KEEP_ALIVE_S,
            network_backend=AsyncNetwork(door),
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        within_s: float,
        most_bytes: int = JSON_BYTES,
    ) -> Answer:
        """Do what `Client.send` does."""
        target = self._door.admit(url)
        exchange = Exchange(time.monotonic() + within_s)
        options = _options(target, headers, content, within_s)
        with _translated(exchange, method, target):
            async with self._pool.stream(method, _url(target), **options) as response:
                gathered = _Gathered(response, most_bytes)
                async for chunk in response.aiter_stream():
                    gathered.add(chunk)
                return gathered.answer()

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()


def open_client(
    *,
    loopback_origin: str = "",
    trusted_origin: str = "",
    keep_alive: bool = True,
    resolve: Resolver = addresses_of,
    tls: ssl.SSLContext | None = None,
) -> Client:
    """Return a client; without `keep_alive` each request has a connection of its own.

    A request on a kept connection can die because the other side closed it a moment before. What must not be sent twice
    takes a fresh one, so that such a death is the rare truth and not the habit. `tls` says whom to trust; by default the
    authorities that certifi lists. `trusted_origin` is for an operator's own setting alone; see `origin_of`.
    """
    return Client(Door(loopback_origin=loopback_origin, trusted_origin=trusted_origin, resolve=resolve), keep_alive, tls)


def open_async_client(
    *,
    loopback_origin: str = "",
    keep_alive: bool = True,
    resolve: Resolver = addresses_of,
    tls: ssl.SSLContext | None = None,
) -> AsyncClient:
    """Return a client for asyncio."""
    return AsyncClient(Door(loopback_origin=loopback_origin, resolve=resolve), keep_alive, tls)


def download(
    url: str,
    *,
    loopback_origin: str = "",
    within_s: float = 60.0,
    most_bytes: int = FILE_BYTES,
    resolve: Resolver = addresses_of,
) -> Answer:
    """Return a file; at most 3 redirects, each checked like the first address, all under one deadline.

    Raises OutboundError; DownloadRefused, with the status, when the answer is not 200.
    """
    ends_at = time.monotonic() + within_s
    with open_client(loopback_origin=loopback_origin, keep_alive=False, resolve=resolve) as client:
        for _ in range(MOST_REDIRECTS + 1):
            answer = client.send("GET", url, within_s=ends_at - time.monotonic(), most_bytes=most_bytes)
            if answer.status not in _REDIRECTS:
                return _delivered(url, answer)
            url = _next_address(url, answer)
    raise DownloadRefused(status=answer.status, detail="too many redirects")


async def adownload(
    url: str,
    *,
    loopback_origin: str = "",
    within_s: float = 60.0,
    most_bytes: int = FILE_BYTES,
    resolve: Resolver = addresses_of,
) -> Answer:
    """Do what `download` does."""
    ends_at = time.monotonic() + within_s
    async with open_async_client(loopback_origin=loopback_origin, keep_alive=False, resolve=resolve) as client:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await client.send("GET", url, within_s=ends_at - time.monotonic(), most_bytes=most_bytes)
            if answer.status not in _REDIRECTS:
                return _delivered(url, answer)
            url = _next_address(url, answer)
    raise DownloadRefused(status=answer.status, detail="too many redirects")


class _Gathered:
    """An answer as it comes in; AnswerTooLarge as soon as that is certain."""

    def __init__(self, response: httpcore.Response, most_bytes: int) -> None:
        self._status = response.status
        self._headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        self._most_bytes = most_bytes
        self._body = bytearray()
        announced = self._headers.get("content-length", "")
        self._refuse_beyond(int(announced) if announced.isdecimal() else 0)

    def add(self, chunk: bytes) -> None:
        self._refuse_beyond(len(self._body) + len(chunk))
        self._body += chunk

    def answer(self) -> Answer:
        body = bytes(self._body)
        if self._headers.get("content-encoding", "").lower() == "gzip":  # although none was asked for
            try:
                body = zlib.decompressobj(wbits=31).decompress(body, self._most_bytes + 1)
            except zlib.error as error:
                raise ConnectionBroken(sent=True, detail="damaged gzip") from error
            self._refuse_beyond(len(body))
        return Answer(status=self._status, headers=self._headers, body=body)

    def _refuse_beyond(self, size: int) -> None:
        if size > self._most_bytes:
            raise AnswerTooLarge(sent=True, detail=f"more than {self._most_bytes} bytes")


@contextmanager
def _translated(exchange: Exchange, method: str, target: httpx.URL) -> Iterator[None]:
    """Make this the current exchange, and what goes wrong in it one of our own errors."""
    token = current.set(exchange)
    try:
        yield
    except OutboundError:
        raise
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        detail = f"{method} {shown(target)}: {type(error).__name__} {error}"[:300]
        if not exchange.sent:
            raise Unreachable(detail=detail) from error
        if isinstance(error, httpcore.TimeoutException):
            raise DeadlinePassed(sent=True, detail=detail) from error
        raise ConnectionBroken(sent=True, detail=detail) from error
    finally:
        current.reset(token)


def _options(target: httpx.URL, headers: Mapping[str, str] | None, content: bytes, within_s: float) -> dict[str, Any]:
    sent = {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity", **(headers or {})}
    return {"headers": sent, "content": content or None, "extensions": {"timeout": {"pool": within_s}}}


def _url(target: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)


def _delivered(url: str, answer: Answer) -> Answer:
    if answer.status != 200:
        raise DownloadRefused(status=answer.status, detail=f"{shown(httpx.URL(url))} answered {answer.status}")
    return answer


def _next_address(url: str, answer: Answer) -> str:
    try:
        return str(httpx.URL(url).join(answer.headers.get("location", "")))
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused(detail="the redirect leads to no address") from error


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
