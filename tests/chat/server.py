"""The server: in this process, on a thread, so that a test can read what it was asked."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

PATH = "/v1/chat/completions"
MODEL = "parrot-1b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came in."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, object]

    @property
    def rules(self) -> str:
        return self._said("system")

    @property
    def prompt(self) -> str:
        return self._said("user")

    @property
    def parts(self) -> list[Any]:
        """What the user says where it is more than text."""
        return list(self._content("user"))

    def _said(self, role: str) -> str:
        return str(self._content(role))

    def _content(self, role: str) -> Any:
        messages = self.body["messages"]
        assert isinstance(messages, list)
        return next(message["content"] for message in messages if message["role"] == role)


@dataclass(slots=True)
class Chats:
    """A chat server for a test: `says` and its like lay down the next answers, `asked` lists what came in."""

    asked: list[Asked] = field(default_factory=list)
    _next: deque[Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=deque)
    _released: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def says(self, content: object, **choice: object) -> None:
        """Answer with this text, once."""
        message = {"role": "assistant", "content": content}
        self.answers({"choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}]})

    def answers(self, body: object, status: int = 200) -> None:
        self.sends(json.dumps(body).encode(), status)

    def sends(self, body: bytes, status: int = 200, **headers: str) -> None:
        self._next.append(lambda handler: _send(handler, body, status, headers))

    def breaks_off(self) -> None:
        """Announce more than is sent, then close."""
        self._next.append(lambda handler: _send(handler, b'{"choices": [', 200, {"Content-Length": "5000"}))

    def hangs(self) -> None:
        """Say nothing until the test is over."""
        self._next.append(lambda handler: self._wait(handler))

    def __enter__(self) -> Chats:
        chats = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                chats._answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._released.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.asked.append(Asked(path=handler.path, headers=dict(handler.headers), body=body))
        if handler.path != PATH or body["model"] != MODEL:
            _send(handler, b'{"error": {"message": "model not found, you fool"}}', 404, {})
        elif self._next:
            self._next.popleft()(handler)
        else:
            _send(handler, b'{"error": {"message": "nothing was laid down"}}', 500, {})

    def _wait(self, handler: BaseHTTPRequestHandler) -> None:
        self._released.wait(60)
        handler.close_connection = True


def _send(handler: BaseHTTPRequestHandler, body: bytes, status: int, headers: Mapping[str, str]) -> None:
    handler.close_connection = True
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    with contextlib.suppress(OSError):  # the other side had enough
        handler.wfile.write(body)
