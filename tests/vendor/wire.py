"""HTTP/1.1 over asyncio, bare enough that an answer can be cut, dripped, reset or withheld."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

MOST_HEAD = 65_536
MOST_BODY = 64_000_000


class Delivery(Enum):
    """How an answer travels."""

    WHOLE = auto()
    CHUNKED = auto()
    """Without a length."""
    CUT = auto()
    """Half of the announced length, then the connection ends."""
    DRIP = auto()
    """One byte at a time, from the status line on."""
    DRIP_BODY = auto()
    RESET = auto()
    """Nothing, and the connection is reset."""
    HANG = auto()
    """Nothing, for as long as the other side waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> dict[str, object]:
        """Return the body's object; {} when it is none."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    drip_s: float = 1.0

    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        chunked = self.delivery is Delivery.CHUNKED
        lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


Application = Callable[[Request], Awaitable[Reply]]


async def serve(application: Application, port: int) -> asyncio.Server:
    """Listen on loopback; port 0 takes a free one."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            while (request := await _request(reader)) is not None:
                if not await _deliver(await application(request), reader, writer):
                    break
                if request.headers.get("connection", "").lower() == "close":
                    break
        writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", port, limit=MOST_HEAD, backlog=1024)


async def _request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    split = urlsplit(target)
    return Request(
        method=method,
        path=unquote(split.path),
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers=headers,
        body=await _body(reader, headers),
    )


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(min(int(headers.get("content-length", "0")), MOST_BODY))
    parts: list[bytes] = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


async def _deliver(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Send an answer; say whether the connection lives on."""
    if reply.delivery is Delivery.RESET:
        reset(writer)
        return False
    if reply.delivery is Delivery.HANG:
        await reader.read(1)
        return False
    if reply.delivery in (Delivery.DRIP, Delivery.DRIP_BODY):
        await _drip(reply, writer)
    elif reply.delivery is Delivery.CHUNKED:
        writer.write(reply.head())
        for at in range(0, len(reply.body), MOST_HEAD):
            chunk = reply.body[at : at + MOST_HEAD]
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    else:
        sent = reply.body[: len(reply.body) // 2] if reply.delivery is Delivery.CUT else reply.body
        writer.write(reply.head() + sent)
    await writer.drain()
    return reply.delivery in (Delivery.WHOLE, Delivery.CHUNKED)


async def _drip(reply: Reply, writer: asyncio.StreamWriter) -> None:
    head = reply.head()
    if reply.delivery is Delivery.DRIP_BODY:
        writer.write(head)
        head = b""
    for byte in head + reply.body:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(reply.drip_s)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection the hard way: the other side gets a TCP reset."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
