"""What docs/webhooks.md promises: its example, its receiver, its table."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import httpx
import pytest

from generations.backends.wavespeed import sign_webhook
from generations.models import Delivery, DeliveryState, Generation, Team
from generations.pipeline import deliver
from generations.webhook_secret import secret_of_team
from tests.conftest import finish
from tests.installation import ROOT, wait_until
from tests.ports import free_port
from tests.receivers import through_the_api

pytestmark = pytest.mark.django_db


@contextmanager
def documented_receiver(text: str, secret: str) -> Iterator[str]:
    """Run the receiver that the docs show, and return its origin."""
    [program] = re.findall(r"```python\n(.+?)```", text, re.DOTALL)
    port = free_port()
    variables = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-c", program], env=variables, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(port), "the receiver listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class TestTheDocs:
    TEXT = (ROOT / "docs" / "webhooks.md").read_text()

    @property
    def vector(self) -> dict[str, str]:
        return dict(re.findall(r"^\| (secret|webhook-\w+|body) \| `(.+)` \|$", self.TEXT, re.MULTILINE))

    def test_the_example_of_a_signature_is_right(self):
        told = self.vector
        signed = f"{told['webhook-id']}.{told['webhook-timestamp']}.{told['body']}".encode()
        by_hand = hmac.new(told["secret"].removeprefix("whsec_").encode(), signed, hashlib.sha256).hexdigest()
        ours = sign_webhook(told["secret"], told["webhook-id"], told["webhook-timestamp"], told["body"].encode())
        assert told["webhook-signature"] == ours == f"v3,{by_hand}"

    def test_openssl_says_the_same(self):
        [command] = re.findall(r"```sh\n(.+?)```", self.TEXT, re.DOTALL)
        said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
        assert f"v3,{said.split()[-1]}" == self.vector["webhook-signature"]

    def test_the_receiver_takes_what_is_sent_and_refuses_what_is_forged(
        self, ask: Callable[..., Generation], team: Team, settings
    ):
        with documented_receiver(self.TEXT, secret_of_team(team)) as origin:
            settings.LOOPBACK_ORIGIN = origin
            generation = ask()
            through_the_api(generation, f"{origin}/hook")
            finish(generation)
            deliver()
            assert Delivery.objects.get().state == DeliveryState.DELIVERED
            stamp = str(int(time.time()))
            true = {"webhook-id": "1", "webhook-timestamp": stamp}
            true["webhook-signature"] = sign_webhook(secret_of_team(team), "1", stamp, b"{}")
            late = str(int(time.time()) - 400)
            old = {**true, "webhook-timestamp": late}
            old["webhook-signature"] = sign_webhook(secret_of_team(team), "1", late, b"{}")
            sent = ((b"{}", true), (b"{ }", true), (b"{}", old), (b"{}", {"webhook-id": "1"}))
            answers = [httpx.post(origin, content=body, headers=headers, trust_env=False) for body, headers in sent]
            assert [answer.status_code for answer in answers] == [204, 403, 403, 403]

    def test_the_table_of_tries_is_the_one_that_is_kept(self):
        seconds = {"second": 1, "minute": 60, "hour": 3600}
        rows = re.findall(r"^\| \d \| (\d+) (\w+?)s? \|$", self.TEXT, re.MULTILINE)
        kept = [wait.total_seconds() for wait in import_module("generations.pipeline.deliver").WAITS]
        assert [int(count) * seconds[unit] for count, unit in rows] == kept
