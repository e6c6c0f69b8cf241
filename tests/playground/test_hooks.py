"""Webhooks: hints from a vendor, checked and never trusted."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from generations import pipeline, tasks
from generations.backends import backend_for
from generations.backends.wavespeed import sign_webhook
from generations.models import Account, Attempt, Generation, LedgerEntry, Member, Outcome, State
from generations.models.ledger import EntryKind
from generations.pipeline.hook import hear, learn_secret, webhook_url
from generations.sealing import seal
from generations.submission import submit
from tests.conftest import order
from tests.installation import wait_until, wavespeed_at
from tests.vendor.process import KEY, Vendor

pytestmark = pytest.mark.django_db

Buying = Callable[..., Attempt]
Sent = list[tuple[str, tuple[object, ...]]]
SECRET = "whsec_a-test-secret-of-our-own"
ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, key=KEY, duration_s=0.02) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor, settings) -> Iterator[Vendor]:
    running.reset()
    settings.PUBLIC_URL = "http://127.0.0.1:9"  # nobody listens: tests post the webhooks themselves
    settings.WAVESPEED_MAX_CONCURRENT = settings.WAVESPEED_MAX_PER_MINUTE = 1000
    with wavespeed_at(running, settings, read_within_s=3.0, pause_s=0.01):
        yield running


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Note what would go to the workers."""
    found: Sent = []
    monkeypatch.setattr(tasks, "_send", lambda task, *arguments, queue: found.append((task.name.split(".")[-1], arguments)))
    return found


@pytest.fixture
def buy(vendor: Vendor, member: Member) -> Buying:
    """Order a picture and return its attempt as it stands after the answer, or after the answer was lost."""

    def place(prompt: str = "a red fox", fault: str = "", **raw: object) -> Attempt:
        if fault:
            vendor.fault("submit", fault)
        generation = submit(member, replace(order(prompt, **raw), backend=backend_for("wavespeed")), hint=False)
        pipeline.advance(generation.pk)
        return generation.attempts.select_related("account", "generation").get()

    return place


def later(attempt: Attempt) -> None:
    """Put the next question far off, so that only a webhook brings it near."""
    Attempt.objects.filter(pk=attempt.pk).update(poll_at=Now() + timedelta(hours=1))


def is_due(attempt: Attempt) -> bool:
    return Attempt.objects.filter(pk=attempt.pk, poll_at__lte=timezone.now()).exists()


def knows_secret(attempt: Attempt) -> None:
    Account.objects.filter(pk=attempt.account_id).update(sealed_webhook_secret=seal(SECRET))


def body(upstream_id: str | None = ID, **more: object) -> bytes:
    return json.dumps({"id": upstream_id, "status": "completed", "outputs": ["https://example.org/1.jpeg"], **more}).encode()


def post(nonce: uuid.UUID, content: bytes, secret: str = SECRET, now: float | None = None, **headers: str) -> HttpResponse:
    """Send a webhook as the vendor does, from outside and without a session."""
    stamp = str(int(now or time.time()))
    signed = {
        "webhook-id": "evt_1",
        "webhook-timestamp": stamp,
        "webhook-signature": sign_webhook(secret, "evt_1", stamp, content),
    }
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/hooks/wavespeed/{nonce}/", content, content_type="application/json", headers={**signed, **headers})


@pytest.fixture(autouse=True)
def _founded(owner) -> None:
    """Make somebody, or every address leads to the welcome page."""


class TestWhatIsAnswered:
    def test_an_unknown_address_is_404(self, sent: Sent):
        assert post(uuid.uuid4(), body()).status_code == 404
        assert sent == []

    def test_one_signed_by_the_vendor_is_204_and_has_it_asked_at_once(
        self, buy: Buying, sent: Sent, django_capture_on_commit_callbacks
    ):
        attempt = buy()
        knows_secret(attempt)
        later(attempt)
        with django_capture_on_commit_callbacks(execute=True):
            response = post(attempt.nonce, body(attempt.upstream_id))
        assert (response.status_code, response.content) == (204, b"")
        assert is_due(attempt)
        assert sent == [("poll_remote", ())]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"secret": "whsec_guessed"},
            {"secret": "whsec_"},
            {"now": time.time() - 3600},
            {"now": time.time() + 3600},
            {"webhook-signature": ""},
            {"webhook-signature": "v3," + "0" * 64},
            {"webhook-timestamp": "soon"},
            {"webhook-id": "evt_2"},
        ],
        ids=["another secret", "no secret", "replayed later", "from the future", "unsigned", "guessed", "no time", "other id"],
    )
    def test_a_forged_or_stale_one_is_403_and_does_nothing(self, buy: Buying, sent: Sent, wrong: dict[str, object]):
        attempt = buy()
        knows_secret(attempt)
        later(attempt)
        assert post(attempt.nonce, body(attempt.upstream_id), **wrong).status_code == 403  # type: ignore[arg-type]
        assert not is_due(attempt)
        assert sent == []

    def test_a_body_that_was_changed_on_its_way_is_403(self, buy: Buying):
        attempt = buy()
        knows_secret(attempt)
        signature = post(attempt.nonce, body("f" * 32)).request  # signed for another body
        headers = {
            name: signature[f"HTTP_{name.upper().replace('-', '_')}"]
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        }
        assert post(attempt.nonce, body(attempt.upstream_id), **headers).status_code == 403

    def test_a_huge_body_is_403(self, buy: Buying, sent: Sent):
        attempt = buy()
        assert post(attempt.nonce, b'{"id":"' + b"x" * 1_000_000 + b'"}').status_code == 403
        assert sent == []

    @pytest.mark.parametrize("content", [b"", b"\x00\xff", b"[]", b"[" * 100_000, b'{"id":17}', b'{"id":"../../x"}', b"null"])
    def test_nonsense_does_no_harm(self, buy: Buying, sent: Sent, content: bytes):
        attempt = buy()
        assert post(attempt.nonce, content).status_code == 204
        assert {name for name, _ in sent} <= {"poll_remote"}
        attempt.refresh_from_db()
        assert attempt.outcome == Outcome.ACCEPTED

    def test_it_takes_few_queries(self, buy: Buying, sent: Sent, django_assert_num_queries):
        attempt = buy()
        knows_secret(attempt)
        # whether anybody has an account (a client asks once), the attempt with its account, savepoint, the next question, release
        with django_assert_num_queries(5):
            post(attempt.nonce, body(attempt.upstream_id))

    def test_only_a_post_is_a_webhook(self, buy: Buying):
        assert Client().get(f"/hooks/wavespeed/{buy().nonce}/").status_code == 405

    def test_the_broker_may_be_away(self, buy: Buying, django_capture_on_commit_callbacks):
        attempt = buy(fault="accept_then_reset")
        with django_capture_on_commit_callbacks(execute=True):
            assert post(attempt.nonce, body()).status_code == 204


class TestWhatItIsWorth:
    def test_one_that_comes_fifty_times_makes_one_picture_and_one_charge(self, vendor: Vendor, buy: Buying, sent: Sent):
        attempt = buy()
        knows_secret(attempt)
        for _ in range(50):
            assert post(attempt.nonce, body(attempt.upstream_id)).status_code == 204
        wait_until(lambda: pipeline.poll() or not _running(attempt), "the vendor is done", within_s=60)
        pipeline.advance(attempt.generation_id)
        for _ in range(50):
            assert post(attempt.nonce, body(attempt.upstream_id)).status_code == 204
        attempt.refresh_from_db()
        assert (attempt.generation.state, attempt.poll_at) == (State.SUCCEEDED, None)
        assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == vendor.counts().charges == 1

    def test_its_word_that_the_picture_is_done_is_not_believed(self, vendor: Vendor, buy: Buying, sent: Sent):
        vendor.fault("task", "stuck")
        attempt = buy()
        post(attempt.nonce, body(attempt.upstream_id))
        pipeline.poll()
        attempt.refresh_from_db()
        assert (attempt.generation.state, attempt.outputs) == (State.RUNNING, [])

    def test_for_a_lost_order_a_worker_is_sent_to_look(self, buy: Buying, sent: Sent):
        attempt = buy(fault="accept_then_reset")
        knows_secret(attempt)
        inputs = {"prompt": "a red fox", "seed": 7}
        assert post(attempt.nonce, body(input=inputs)).status_code == 204
        assert sent == [("hear", (attempt.pk, ID, inputs))]

    def test_as_long_as_the_secret_is_not_known_what_it_says_of_the_order_counts_for_nothing(self, buy: Buying, sent: Sent):
        attempt = buy(fault="accept_then_reset")
        post(attempt.nonce, body(input={"prompt": "a red fox", "seed": 7}))
        assert sent == [("hear", (attempt.pk, ID, {}))]


class TestTheWorker:
    def upstream_id(self, attempt: Attempt) -> str:
        """Return the id of what the vendor took although its answer was lost."""
        engine = backend_for("wavespeed")
        since = timezone.now() - timedelta(minutes=5)
        return engine.candidates(since)[0].id  # type: ignore[attr-defined]

    def inputs(self, attempt: Attempt) -> dict[str, str | int | float | bool]:
        return dict(attempt.request["inputs"])

    def test_a_lost_order_is_taken_over_when_the_vendor_knows_it(self, vendor: Vendor, buy: Buying):
        attempt = buy(fault="accept_then_reset")
        assert attempt.outcome == Outcome.UNKNOWN
        upstream_id = self.upstream_id(attempt)
        for taken in (True, False, False):
            assert hear(attempt.pk, upstream_id, self.inputs(attempt)) is taken
        attempt.refresh_from_db()
        assert (attempt.outcome, attempt.upstream_id) == (Outcome.ACCEPTED, upstream_id)
        assert attempt.generation.state == State.RUNNING
        assert is_due(attempt)
        assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == vendor.counts().charges == 1

    def test_one_that_comes_before_the_answer_to_the_order_charges_once(self, vendor: Vendor, buy: Buying):
        attempt = buy(fault="accept_then_reset")
        Attempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.OPEN, lost_at=None)
        Generation.objects.filter(pk=attempt.generation_id).update(state=State.SUBMITTING)
        upstream_id = self.upstream_id(attempt)
        assert hear(attempt.pk, upstream_id, self.inputs(attempt))
        answer = backend_for("wavespeed").fetch(upstream_id)  # type: ignore[attr-defined]
        assert not pipeline.accept(Attempt.objects.get(pk=attempt.pk), answer)
        assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == 1

    def test_what_was_given_up_meanwhile_is_charged_and_stays_given_up(self, buy: Buying):
        attempt = buy(fault="accept_then_reset")
        upstream_id = self.upstream_id(attempt)
        Attempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.ABANDONED)
        Generation.objects.filter(pk=attempt.generation_id).update(state=State.CANCELLED)
        hear(attempt.pk, upstream_id, self.inputs(attempt))
        attempt.refresh_from_db()
        assert (attempt.outcome, attempt.generation.state) == (Outcome.ABANDONED, State.CANCELLED)
        assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == 1

    @pytest.mark.parametrize(
        "claimed",
        [{}, {"prompt": "a blue boat", "seed": 7}, {"prompt": "a red fox", "seed": 8}, {"prompt": "a red fox"}],
        ids=["nothing", "another prompt", "another seed", "no seed"],
    )
    def test_an_order_that_is_not_like_this_one_is_not_taken_over(
        self, buy: Buying, claimed: dict[str, str | int | float | bool]
    ):
        attempt = buy(fault="accept_then_reset")
        assert not hear(attempt.pk, self.upstream_id(attempt), claimed)
        attempt.refresh_from_db()
        assert attempt.outcome == Outcome.UNKNOWN

    def test_an_id_that_the_vendor_does_not_know_is_not_taken_over(self, buy: Buying):
        attempt = buy(fault="accept_then_reset")
        assert not hear(attempt.pk, ID, self.inputs(attempt))

    def test_another_pictures_order_is_not_taken_over(self, buy: Buying):
        first, second = buy(), buy(fault="accept_then_reset")
        assert first.upstream_id is not None
        assert not hear(second.pk, first.upstream_id, self.inputs(second))

    def test_a_vendor_that_does_not_answer_is_asked_by_the_sweep(self, vendor: Vendor, buy: Buying):
        attempt = buy(fault="accept_then_reset")
        vendor.fault("result", "500", times=0)
        assert not hear(attempt.pk, ID, self.inputs(attempt))
        attempt.refresh_from_db()
        assert attempt.outcome == Outcome.UNKNOWN

    def test_a_row_that_is_gone_is_no_error(self, db: None):
        assert not hear(999_999, ID, {})


class TestTheSecret:
    def test_it_is_asked_for_once_and_kept_encrypted(self, vendor: Vendor, buy: Buying):
        attempt = buy()
        for _ in range(3):
            learn_secret(Account.objects.get(pk=attempt.account_id))
        assert vendor.counts().requests["secret"] == 1
        kept = Account.objects.get(pk=attempt.account_id).sealed_webhook_secret
        assert kept
        assert "whsec_" not in kept

    def test_the_first_webhook_has_it_learned_and_from_then_on_forgeries_are_refused(self, buy: Buying):
        attempt = buy()
        hear(attempt.pk, ID, {})
        assert post(attempt.nonce, body(attempt.upstream_id), secret="whsec_guessed").status_code == 403

    def test_a_vendor_that_does_not_tell_it_can_still_send_hints(self, vendor: Vendor, buy: Buying, sent: Sent):
        vendor.fault("secret", "404", times=0)
        attempt = buy()
        later(attempt)
        hear(attempt.pk, ID, {})
        assert post(attempt.nonce, body(attempt.upstream_id)).status_code == 204
        assert is_due(attempt)

    def test_it_is_not_asked_for_where_no_webhook_can_come_from(self, vendor: Vendor, buy: Buying, settings):
        settings.PUBLIC_URL = "http://pictures.example.org"
        learn_secret(buy().account)
        assert "secret" not in vendor.counts().requests

    def test_one_that_cannot_be_read_any_more_is_asked_for_again(self, vendor: Vendor, buy: Buying):
        attempt = buy()
        Account.objects.filter(pk=attempt.account_id).update(sealed_webhook_secret="sealed with another SECRET_KEY")
        learn_secret(Account.objects.get(pk=attempt.account_id))
        assert vendor.counts().requests["secret"] == 1


class TestTheAddress:
    @pytest.mark.parametrize(
        ("public_url", "is_asked_for"),
        [
            ("https://pictures.example.org", True),
            ("http://127.0.0.1:8000", True),
            ("http://localhost:8000", True),
            ("http://pictures.example.org", False),
            ("http://0.0.0.0:8000", False),
        ],
    )
    def test_webhooks_come_over_https_or_within_this_machine(self, buy: Buying, settings, public_url: str, is_asked_for: bool):
        attempt = buy()
        settings.PUBLIC_URL = public_url
        assert webhook_url(attempt) == (f"{public_url}/hooks/wavespeed/{attempt.nonce}/" if is_asked_for else "")

    def test_a_vendor_elsewhere_is_never_given_an_address_of_this_machine(self, buy: Buying, settings):
        attempt = buy()
        settings.IMAGE_BACKENDS["wavespeed"]["OPTIONS"]["base_url"] = "https://api.wavespeed.ai"
        backend_for.cache_clear()
        settings.PUBLIC_URL = "http://127.0.0.1:8000"
        assert webhook_url(attempt) == ""
        settings.PUBLIC_URL = "https://pictures.example.org"
        assert webhook_url(attempt).startswith("https://pictures.example.org/hooks/")

    def test_the_vendor_is_given_it_with_the_order(self, vendor: Vendor, buy: Buying):
        buy()
        wait_until(lambda: vendor.counts().webhooks, "the vendor tried the address", within_s=60)
        assert set(vendor.counts().webhooks) == {"unreachable"}


def _running(attempt: Attempt) -> bool:
    return Generation.objects.filter(pk=attempt.generation_id, state=State.RUNNING).exists()
