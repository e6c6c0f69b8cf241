"""Two canaries: a server on this machine that nobody may make us ask, and secrets that must be in no log."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from generations import keys
from generations.errors import OutboundError
from generations.keys import Limits
from generations.models import Generation, Member, Prediction, User
from generations.outbound import open_client
from tests.conftest import PASSWORD
from tests.installation import Installation

RUN = "/api/v3/wavespeed-ai/flux-srpo"
# How one may write this machine, a neighbour, a cloud's own service, and names and ways that lead there.
HOSTS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.000.000.001", "0127.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433",
    "017700000001", "127.8.9.10", "0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain",
    "ip6-localhost", "ip6-loopback", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]",
    "[fc00::1]", "[fd00::1]", "[ff02::1]", "[fec0::1]", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254",
    "192.168.0.1", "192.168.255.1", "169.254.169.254", "169.254.1.1", "100.64.0.1", "100.100.100.200", "192.0.0.1",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "①②⑦.⓪.⓪.①", "127。0。0。1", "user@127.0.0.1", "example.org@127.0.0.1", "example.org:80@127.0.0.1",
    "127.0.0.1%23.example.org", "127.0.0.1%2f.example.org", "metadata.google.internal", "127.0.0.1\\@example.org",
]  # fmt: skip
OTHER_WAYS = [
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "data:text/html,x",
    "//127.0.0.1/",
    "dict://127.0.0.1/",
]


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine: its port, and what it was asked."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


@pytest.mark.django_db
def test_nobody_makes_us_ask_a_private_address_however_it_is_written(
    canary: tuple[int, list[str]], owner: User, settings, member: Member
):
    settings.LOOPBACK_ORIGIN = ""
    port, asked = canary
    assert len(HOSTS) + len(OTHER_WAYS) >= 60
    headers = {"Authorization": f"Bearer {keys.issue(member, 'Blog', Limits())[1]}"}
    client = Client()
    addresses = [f"{scheme}://{host}:{port}/hit.png" for host in HOSTS for scheme in ("http", "https")] + OTHER_WAYS
    for address in addresses:
        body = json.dumps({"prompt": "a fox", "image": address, "strength": 0.5})
        answer = client.post(f"{RUN}/image-to-image", body, "application/json", headers=headers)
        assert answer.status_code == 400, address
        with open_client() as door, pytest.raises(OutboundError):
            door.send("POST", address, within_s=5)
    assert asked == []


@pytest.mark.processes
def test_no_secret_is_in_any_log(installation: Installation, owner: User, transactional_db: None):
    member = Member.objects.get(user=owner)
    key = keys.issue(member, "Blog", Limits())[1]
    wrong = "srpo_" + "wrongcanary" * 4
    web = installation.web(LOG_LEVEL="DEBUG")
    posted = {"prompt": "a fox", "size": "256*256", "num_inference_steps": 2}
    _post(f"{web}{RUN}", posted, key)
    _post(f"{web}{RUN}?webhook=https://hooks.invalid/?token=hookcanary", posted, key)
    _post(f"{web}{RUN}", {"prompt": 3}, key)
    _post(f"{web}{RUN}", posted, wrong)
    _get(f"{web}/hooks/wavespeed/01234567-89ab-4cde-8f01-23456789abcd/?secret=querycanary")
    _form(f"{web}/account/login/", {"login": owner.email, "password": PASSWORD})
    _form(f"{web}/account/login/", {"login": owner.email, "password": "passwordcanary"})
    assert Prediction.objects.count() == Generation.objects.count() == 2
    installation.stop()
    logged = "".join(
        path.read_text(errors="replace") for path in [*installation.logs, *Path(django_settings.LOG_DIR).glob("*.log")]
    )
    secrets = (key, wrong, PASSWORD, "passwordcanary", "hookcanary", "querycanary", django_settings.SECRET_KEY)
    assert [each for each in secrets if each in logged] == []


def _post(address: str, body: object, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    _open(urllib.request.Request(address, json.dumps(body).encode(), headers))


def _form(address: str, fields: dict[str, str]) -> None:
    _open(urllib.request.Request(address, urllib.parse.urlencode(fields).encode()))


def _get(address: str) -> None:
    _open(urllib.request.Request(address))


def _open(request: urllib.request.Request) -> None:
    with contextlib.suppress(urllib.error.HTTPError):  # what is refused may be logged, too
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()
