"""Webhooks out, to a real receiver on this machine."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from threading import Thread

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from generations import lifecycle
from generations.deliveries import send_again
from generations.enhancement_lifecycle import move
from generations.models import Delivery, DeliveryState, EnhancementRequest, Generation, Lease, Member, Prediction, Team
from generations.pipeline import deliver
from generations.webhook_secret import secret_of_team
from tests.conftest import finish
from tests.installation import wait_until
from tests.receivers import Receiver, receiving, through_the_api

pytestmark = pytest.mark.django_db

Ended = Callable[..., Prediction]
WAITS_S = [10, 60, 300, 1800, 7200, 21600, 54000]


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    with receiving() as receiver:
        settings.LOOPBACK_ORIGIN = receiver.origin
        yield receiver


@pytest.fixture
def ended(ask: Callable[..., Generation]) -> Ended:
    """Return a run that was asked for through the API and has ended."""

    def run(url: str, end: str = "finish") -> Prediction:
        generation = ask()
        prediction = through_the_api(generation, url)
        _end(generation, end)
        return prediction

    return run


def _end(generation: Generation, how: str) -> None:
    if how == "finish":
        finish(generation)
    elif how == "cancel":
        assert lifecycle.move("cancel", generation)
    elif how == "fail":
        claimed = lifecycle.claim(generation.pk)
        assert claimed is not None and lifecycle.move("fail", claimed, error="It could not be painted. Please try again.")


def of(prediction: Prediction) -> Delivery:
    return Delivery.objects.get(prediction=prediction)


def make_due() -> None:
    """Let the wait for the next try be over."""
    Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=Now() - timedelta(seconds=1))


def statuses(delivery: Delivery) -> list[int]:
    return [status for _, status, _ in delivery.answers]


class TestWhatIsSent:
    def test_an_end_is_told_once_signed_with_the_teams_secret(self, ended: Ended, receiver: Receiver, team: Team):
        prediction = ended(f"{receiver.origin}/hook?token=abc")
        deliver()
        deliver()
        [(path, headers, _)] = receiver.got
        assert path == "/hook?token=abc"
        assert receiver.are_true(secret_of_team(team)) == [True]
        assert headers["content-type"] == "application/json"
        assert headers["user-agent"] == "flux-srpo-playground"
        delivery = of(prediction)
        assert headers["webhook-id"] == str(delivery.public_id)
        assert (delivery.state, delivery.tries, statuses(delivery)) == (DeliveryState.DELIVERED, 1, [204])
        assert delivery.ended_at is not None

    @pytest.mark.parametrize(("end", "status"), [("finish", "completed"), ("fail", "failed"), ("cancel", "cancelled")])
    def test_the_body_is_the_run_and_what_was_asked_for(self, ended: Ended, receiver: Receiver, end: str, status: str):
        prediction = ended(receiver.origin, end)
        deliver()
        [(_, _, body)] = receiver.got
        said = json.loads(body)
        assert (said["id"], said["status"]) == (prediction.public_id.hex, status)
        assert said["input"] == {"prompt": "a red fox", "size": "256*256"}
        assert "data" not in said

    def test_a_prompt_is_told_of_like_a_picture(self, member: Member, receiver: Receiver):
        request = EnhancementRequest.objects.create(
            team=member.team, author=member.user, enhancer="local", seed=1, original="a fox"
        )
        Prediction.objects.create(
            public_id=request.public_id,
            team=member.team,
            enhancement=request,
            model_id="wavespeed-ai/prompt-optimizer",
            webhook_url=receiver.origin,
        )
        deliver()
        assert receiver.got == []
        assert move("claim", request) and move("finish", request, text="a red fox at dawn")
        deliver()
        [(_, _, body)] = receiver.got
        assert json.loads(body)["id"] == request.public_id.hex

    def test_nothing_is_told_before_the_end_or_without_an_address(self, ended: Ended, receiver: Receiver):
        ended(receiver.origin, "")
        ended("")
        deliver()
        assert receiver.got == []
        assert not Delivery.objects.exists()

    def test_what_the_receiver_writes_is_not_kept(self, ended: Ended, receiver: Receiver):
        receiver.status, receiver.words = 500, b"Traceback: the password is hunter2"
        prediction = ended(receiver.origin)
        deliver()
        delivery = of(prediction)
        assert statuses(delivery) == [500]
        assert "hunter2" not in json.dumps(delivery.answers)


class TestTryingAgain:
    def test_eight_tries_in_a_day_and_then_it_is_given_up(self, ended: Ended, receiver: Receiver):
        receiver.status = 503
        prediction = ended(receiver.origin)
        for number, wait_s in enumerate(WAITS_S, 1):
            deliver()
            deliver()  # before it is due again
            delivery = of(prediction)
            assert (delivery.state, delivery.tries, len(receiver.got)) == (DeliveryState.WAITING, number, number)
            left_s = (delivery.due_at - timezone.now()).total_seconds()
            assert wait_s - 5 < left_s <= wait_s * 1.1
            make_due()
        deliver()
        make_due()
        deliver()
        delivery = of(prediction)
        assert (delivery.state, statuses(delivery)) == (DeliveryState.GIVEN_UP, [503] * 8)
        assert set(receiver.ids) == {str(delivery.public_id)}
        assert 23 * 3600 < sum(WAITS_S) < 25 * 3600

    def test_a_receiver_that_comes_back_gets_it(self, ended: Ended, receiver: Receiver):
        receiver.status = 500
        prediction = ended(receiver.origin)
        deliver()
        receiver.status = 200
        make_due()
        deliver()
        delivery = of(prediction)
        assert (delivery.state, statuses(delivery)) == (DeliveryState.DELIVERED, [500, 200])

    def test_a_redirect_is_not_followed(self, ended: Ended, receiver: Receiver):
        receiver.status, receiver.headers = 302, {"Location": "/elsewhere"}
        prediction = ended(f"{receiver.origin}/hook")
        deliver()
        assert receiver.paths == ["/hook"]
        delivery = of(prediction)
        assert (delivery.state, statuses(delivery)) == (DeliveryState.WAITING, [302])
        assert "redirect" in delivery.answers[0][2]

    @pytest.mark.parametrize("url", ["https://10.0.0.1/hook", "https://169.254.169.254/latest", "http://example.org/hook"])
    def test_an_address_that_must_not_be_reached_is_not(self, ended: Ended, url: str):
        prediction = ended(url)
        deliver()
        delivery = of(prediction)
        assert (delivery.state, statuses(delivery)) == (DeliveryState.WAITING, [0])
        assert "does not talk to" in delivery.answers[0][2]

    def test_this_machine_is_reached_only_where_the_operator_allows_it(self, ended: Ended, receiver: Receiver, settings):
        settings.LOOPBACK_ORIGIN = ""
        prediction = ended(receiver.origin)
        deliver()
        assert receiver.got == []
        assert statuses(of(prediction)) == [0]

    def test_a_receiver_that_takes_too_long_has_not_taken_it(self, ended: Ended, receiver: Receiver, monkeypatch):
        monkeypatch.setattr(import_module("generations.pipeline.deliver"), "TRY_S", 1.0)
        prediction = ended(f"{receiver.origin}/slow")
        deliver()
        delivery = of(prediction)
        assert (delivery.state, statuses(delivery)) == (DeliveryState.WAITING, [0])
        assert "did not answer within 10 seconds" in delivery.answers[0][2]

    def test_nobody_there_is_a_try_without_an_answer(self, ended: Ended, settings):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # and does not listen
            settings.LOOPBACK_ORIGIN = f"http://127.0.0.1:{taken.getsockname()[1]}"
            prediction = ended(settings.LOOPBACK_ORIGIN)
            deliver()
        assert statuses(of(prediction)) == [0]
        assert "no connection" in of(prediction).answers[0][2]


class TestAnAddressThatIsGone:
    def test_after_410_nothing_more_goes_there(self, ended: Ended, receiver: Receiver):
        receiver.status = 500
        waiting = ended(receiver.origin)
        deliver()
        receiver.status = 410
        gone = ended(receiver.origin)
        deliver()
        receiver.status = 204
        later = ended(receiver.origin)
        make_due()
        deliver()
        assert len(receiver.got) == 2
        assert {of(each).state for each in (waiting, gone, later)} == {DeliveryState.DISABLED}
        assert [of(each).tries for each in (waiting, gone, later)] == [1, 1, 0]

    def test_other_addresses_and_other_teams_are_told_all_the_same(self, ended: Ended, receiver: Receiver, outsider):
        receiver.status = 410
        gone = ended(f"{receiver.origin}/a")
        deliver()
        receiver.status = 204
        elsewhere, theirs = ended(f"{receiver.origin}/b"), ended(f"{receiver.origin}/a")
        Prediction.objects.filter(pk=theirs.pk).update(team=outsider.memberships.get().team)
        deliver()
        assert [of(each).state for each in (gone, elsewhere, theirs)] == ["disabled", "delivered", "delivered"]

    def test_sending_again_lifts_it_once_it_is_delivered(self, ended: Ended, receiver: Receiver):
        receiver.status = 410
        gone = ended(receiver.origin)
        deliver()
        refused = ended(receiver.origin)
        deliver()
        receiver.status = 204
        assert send_again(of(gone))
        deliver()
        later = ended(receiver.origin)
        deliver()
        assert [of(each).state for each in (gone, refused, later)] == ["delivered", "disabled", "delivered"]


class TestSendingAgain:
    def test_it_starts_anew_with_the_same_id_and_a_fresh_body(self, ended: Ended, receiver: Receiver):
        prediction = ended(receiver.origin)
        deliver()
        Prediction.objects.filter(pk=prediction.pk).update(inputs={"prompt": "another"})
        assert send_again(of(prediction))
        delivery = of(prediction)
        assert (delivery.state, delivery.tries, delivery.ended_at) == (DeliveryState.WAITING, 0, None)
        deliver()
        assert len(set(receiver.ids)) == 1
        assert json.loads(receiver.got[1][2])["input"] == {"prompt": "another"}
        assert statuses(of(prediction)) == [204, 204]

    def test_what_waits_already_keeps_its_place(self, ended: Ended, receiver: Receiver):
        receiver.status = 500
        prediction = ended(receiver.origin)
        deliver()
        assert not send_again(of(prediction))
        assert of(prediction).tries == 1


@pytest.mark.django_db(transaction=True)
class TestSlowReceivers:
    @pytest.fixture
    def sweep(self, receiver: Receiver) -> Iterator[Thread]:
        """A sweep beside the test, as another worker makes it."""

        def run() -> None:
            try:
                deliver()
            finally:
                connections.close_all()

        thread = Thread(target=run)
        yield thread
        receiver.released.set()
        thread.join(60)
        assert not thread.is_alive()

    def test_others_are_told_while_a_slow_one_thinks(self, ended: Ended, receiver: Receiver, sweep: Thread):
        slow, quick = ended(f"{receiver.origin}/slow"), ended(f"{receiver.origin}/quick")
        sweep.start()
        wait_until(lambda: of_state(quick) == "delivered", "the quick one is told")
        later = ended(f"{receiver.origin}/later")
        wait_until(lambda: of_state(later) == "delivered", "one that ended meanwhile is told")
        assert of_state(slow) == "waiting"
        receiver.released.set()
        wait_until(lambda: of_state(slow) == "delivered", "the slow one is told")

    def test_one_receiver_never_has_all_the_places(self, ended: Ended, receiver: Receiver, sweep: Thread):
        for _ in range(8):
            ended(f"{receiver.origin}/slow")
        sweep.start()
        wait_until(lambda: len(receiver.got) == 5, "five are under way")
        assert Delivery.objects.filter(tries=0).count() == 3
        receiver.released.set()
        wait_until(lambda: Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == 8, "all are told")

    def test_two_workers_tell_it_once(self, ended: Ended, receiver: Receiver, sweep: Thread):
        prediction = ended(f"{receiver.origin}/slow")
        sweep.start()
        assert receiver.arrived.wait(60)
        deliver()  # the lease is held
        Lease.objects.update(until=None)
        deliver()  # the try is held
        assert len(receiver.got) == 1
        receiver.released.set()
        wait_until(lambda: of_state(prediction) == "delivered", "it is told")

    def test_a_word_that_comes_too_late_changes_nothing(self, ended: Ended, receiver: Receiver, sweep: Thread):
        prediction = ended(f"{receiver.origin}/slow")
        sweep.start()
        assert receiver.arrived.wait(60)
        Delivery.objects.update(tries=F("tries") + 1, answers=[["2026-01-01T00:00:00+00:00", 500, "Another worker's."]])
        receiver.released.set()
        sweep.join(60)
        assert (of_state(prediction), statuses(of(prediction))) == ("waiting", [500])


def of_state(prediction: Prediction) -> str:
    return str(Delivery.objects.filter(prediction=prediction).values_list("state", flat=True).first())
