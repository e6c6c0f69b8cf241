"""Receivers of webhooks: real servers on this machine that keep what comes, and answer as they are told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from generations.backends.wavespeed import verify_webhook
from generations.models import ApiKey, Generation, Prediction

PATIENCE_S = 30


def through_the_api(generation: Generation, url: str, key: ApiKey | None = None) -> Prediction:
    """Let a picture be one that a program asked for, with a webhook."""
    return Prediction.objects.create(
        public_id=generation.public_id,
        team=generation.team,
        key=key,
        generation=generation,
        model_id="wavespeed-ai/flux-srpo",
        inputs={"prompt": generation.prompt, "size": generation.size},
        webhook_url=url,
    )


class Receiver:
    """Answers at once; at /slow only once `release` is called."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        """Path, headers with names in lower case, body."""
        self.status = 204
        self.headers: dict[str, str] = {}
        self.words = b""
        self.arrived, self.released = Event(), Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.got]

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.got]

    def are_true(self, secret: str) -> list[bool]:
        return [verify_webhook(secret, headers, body, time.time()) for _, headers, body in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        receiver.server.shutdown()
        thread.join(5)
        receiver.server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if self.path.startswith("/slow"):
                receiver.arrived.set()
                receiver.released.wait(PATIENCE_S)
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.words)

        def do_GET(self) -> None:
            receiver.got.append((self.path, {"webhook-id": ""}, b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
