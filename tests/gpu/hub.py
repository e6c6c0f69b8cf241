"""A hub of models on this machine: it serves one folder as a repository, and refuses as the real one does."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REFUSALS = {"gated": (403, "GatedRepo"), "unknown": (401, "RepoNotFound"), "broken": (500, "")}
"""Names of owners, and what their repositories answer: a status and the hub's own word for why."""


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder under every owner that does not refuse."""
    hub = Server(folder)
    thread = threading.Thread(target=hub.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


class Server(ThreadingHTTPServer):
    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder = folder
        self.tokens: set[str] = set()
        self.fetched: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, *, with_body: bool) -> None:
        self.server.tokens.add(self.headers.get("Authorization", ""))
        path = self.path.partition("?")[0].removeprefix("/api/models").strip("/")
        owner, _, rest = path.partition("/")
        if owner in REFUSALS:
            status, why = REFUSALS[owner]
            self._send(status, b"", with_body=with_body, **({"X-Error-Code": why} if why else {}))
        elif self.path.startswith("/api/models"):
            self._send(200, json.dumps(self._listed(rest)).encode(), with_body=with_body)
        else:
            self._file(re.sub(".*/resolve/[^/]+/", "", path), with_body=with_body)

    def _listed(self, rest: str) -> Any:
        """Return what the repository holds: as a list of entries, or inside its description."""
        files = [file for file in sorted(self.server.folder.rglob("*")) if file.is_file()]
        names = [str(file.relative_to(self.server.folder)) for file in files]
        if "/tree/" in rest:
            return [
                {"type": "file", "path": name, "size": file.stat().st_size, "oid": _sha(file)}
                for name, file in zip(names, files, strict=True)
            ]
        return {"id": rest, "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}

    def _file(self, name: str, *, with_body: bool) -> None:
        file = self.server.folder / name
        if not name or not file.is_file():
            self._send(404, b"", with_body=with_body, **{"X-Error-Code": "EntryNotFound"})
            return
        if with_body:
            self.server.fetched.append(name)
        self._send(200, file.read_bytes(), with_body=with_body, **{"ETag": f'"{_sha(file)}"', "X-Repo-Commit": COMMIT})

    def _send(self, status: int, body: bytes, *, with_body: bool, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _sha(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
