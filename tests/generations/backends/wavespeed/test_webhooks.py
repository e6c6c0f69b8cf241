"""Webhooks as they really arrive, and the check of their signature."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from generations.backends.base import RemoteState
from generations.backends.wavespeed import WaveSpeed, sign_webhook, verify_webhook, webhook_status
from generations.errors import SubmitUnknown
from tests.generations.backends.wavespeed.conftest import ended, request
from tests.installation import wait_until
from tests.vendor.process import Vendor


class Receiver:
    """Takes webhooks and keeps them as they came."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.refusals = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((dict(self.headers.items()), body))
                refused = len(receiver.got) <= receiver.refusals
                self.send_response(503 if refused else 204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/wavespeed/a-nonce/?x=1&y=2"
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def are_true(self, secret: str, now: float | None = None) -> list[bool]:
        return [verify_webhook(secret, headers, body, now or time.time()) for headers, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.thread.join(5)
    receiver.server.server_close()


def test_an_end_is_told_signed_and_with_its_inputs(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    submission = engine.submit(request(), receiver.url)
    wait_until(lambda: receiver.got, "the webhook")
    assert receiver.are_true(engine.webhook_secret()) == [True]
    status = webhook_status(receiver.got[0][1])
    assert (status.id, status.state) == (submission.upstream_id, RemoteState.COMPLETED)
    assert engine.resembles(request(), status)


def test_a_lost_webhook_changes_nothing_for_who_asks(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    vendor.fault("webhook", "lost")
    assert ended(engine, engine.submit(request(), receiver.url).upstream_id).state is RemoteState.COMPLETED
    assert receiver.got == []


def test_a_webhook_may_come_fifty_times(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    vendor.fault("webhook", "doubled")
    engine.submit(request(), receiver.url)
    wait_until(lambda: len(receiver.got) >= 50, "50 webhooks")
    assert len({body for _, body in receiver.got}) == 1


def test_a_webhook_may_come_before_the_orders_own_answer(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    vendor.faults([{"on": "webhook", "fault": "early"}, {"on": "submit", "fault": "accept_then_reset"}])
    with pytest.raises(SubmitUnknown):
        engine.submit(request(), receiver.url)
    assert receiver.are_true(engine.webhook_secret()) == [True]
    assert engine.fetch(webhook_status(receiver.got[0][1]).id).state is RemoteState.COMPLETED


def test_a_forged_webhook_is_known_by_its_signature(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    vendor.fault("webhook", "forged")
    engine.submit(request(), receiver.url)
    wait_until(lambda: len(receiver.got) == 2, "the forged and the true webhook")
    assert receiver.are_true(engine.webhook_secret()) == [False, True]


def test_a_replay_is_refused_once_it_is_old(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    vendor.fault("webhook", "replayed")
    engine.submit(request(), receiver.url)
    wait_until(lambda: len(receiver.got) == 3, "the webhook, the same again, and one of an hour ago")
    assert receiver.are_true(engine.webhook_secret()) == [True, True, False]
    assert receiver.are_true(engine.webhook_secret(), time.time() + 3600) == [False, False, False]


def test_a_receiver_that_is_away_is_told_again(vendor: Vendor, engine: WaveSpeed, receiver: Receiver) -> None:
    vendor.set(webhook_retry_s=0.01)
    receiver.refusals = 2
    engine.submit(request(), receiver.url)
    wait_until(lambda: len(receiver.got) == 3, "the third try")
    wait_until(lambda: vendor.counts().webhooks == {"503": 2, "204": 1}, "the answers are counted")


VECTOR_SECRET = "whsec_a-test-secret-of-our-own"
VECTOR_BODY = b'{"id":"0123456789abcdef0123456789abcdef","status":"completed"}'
VECTOR = {
    "webhook-id": "evt_0001",
    "webhook-timestamp": "1763200000",
    "webhook-signature": "v3,38a3f12eca570a637bf01a1f52dcebf6293b579b41198255d74d4f36dd31ff28",
}
VECTOR_NOW = 1_763_200_000


def test_the_published_vector_of_a_signature_holds() -> None:
    assert sign_webhook(VECTOR_SECRET, "evt_0001", "1763200000", VECTOR_BODY) == VECTOR["webhook-signature"]
    assert verify_webhook(VECTOR_SECRET, VECTOR, VECTOR_BODY, VECTOR_NOW)
    assert verify_webhook(VECTOR_SECRET, {name.title(): value for name, value in VECTOR.items()}, VECTOR_BODY, VECTOR_NOW)


@pytest.mark.parametrize(
    ("secret", "changes", "body", "late_s"),
    [
        (VECTOR_SECRET, {}, VECTOR_BODY + b" ", 0),
        ("whsec_another", {}, VECTOR_BODY, 0),
        ("", {}, VECTOR_BODY, 0),
        ("whsec_", {}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {}, VECTOR_BODY, 301),
        (VECTOR_SECRET, {}, VECTOR_BODY, -301),
        (VECTOR_SECRET, {"webhook-id": "evt_0002"}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-timestamp": "1763200001"}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-timestamp": "soon"}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-timestamp": "٣"}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-timestamp": "9" * 5000}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-signature": VECTOR["webhook-signature"].removeprefix("v3,")}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-signature": ""}, VECTOR_BODY, 0),
        (VECTOR_SECRET, {"webhook-signature": "v3,é"}, VECTOR_BODY, 0),
    ],
)
def test_a_webhook_with_anything_changed_is_refused(secret: str, changes: dict[str, str], body: bytes, late_s: int) -> None:
    assert not verify_webhook(secret, {**VECTOR, **changes}, body, VECTOR_NOW + late_s)


def test_a_webhook_without_headers_is_refused() -> None:
    assert not verify_webhook(VECTOR_SECRET, {}, VECTOR_BODY, VECTOR_NOW)
