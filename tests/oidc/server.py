"""A small OpenID Connect server on this machine: discovery, consent without a question, codes, signed tokens, who it is."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "playground", "between the two servers"


class Issuer(ThreadingHTTPServer):
    """`person` is who is signed in there; `asked` holds the questions of each code."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {}
        self.audience = CLIENT
        self.asked: dict[str, dict[str, str]] = {}


class Answers(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        url = self.server.url
        path, query = urlsplit(self.path).path, _flat(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            ends = {name: f"{url}/{end}" for name, end in ENDPOINTS.items()}
            self._json({"issuer": url, **ends, "token_endpoint_auth_methods_supported": ["client_secret_post"]})
        elif path == "/authorize":
            code = secrets.token_hex(8)
            self.server.asked[code] = query
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}")
            self.end_headers()
        elif path == "/userinfo" and self.headers["Authorization"] == "Bearer opens the door":
            self._json(self.server.person)
        else:
            self._json({"error": "not here"}, 404)

    def do_POST(self) -> None:
        form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.asked.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if asked is None or not known or challenge != asked["code_challenge"]:
            return self._json({"error": "invalid_grant"}, 400)
        claims = {"iss": self.server.url, "aud": self.server.audience, "iat": int(time.time()), "exp": int(time.time()) + 300}
        token = jwt.encode({**claims, **self.server.person}, self.server.key, algorithm="RS256", headers={"kid": "1"})
        self._json({"access_token": "opens the door", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "jwks_uri": "keys",
}


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
