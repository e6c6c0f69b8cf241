"""How one prediction stands, and what the account says of itself."""

from __future__ import annotations

import time

import pytest

from generations.backends.base import RemoteState
from generations.backends.wavespeed import WaveSpeed
from generations.backends.wavespeed.answers import prediction_or_gone
from generations.errors import ReadFailed, Why
from generations.images import open_picture
from generations.outbound import Answer, download
from tests.generations.backends.wavespeed.conftest import SOON_S, ended, png, request
from tests.vendor.pictures import seed_in
from tests.vendor.process import KEY, Vendor


def test_a_finished_picture_is_what_was_ordered(vendor: Vendor, engine: WaveSpeed) -> None:
    for output_format in ("png", "jpeg"):
        submission = engine.submit(request(seed=123_456, output_format=output_format))
        status = ended(engine, submission.upstream_id)
        assert (status.state, status.word, status.error) == (RemoteState.COMPLETED, "completed", "")
        assert status.inference_ms == 20
        data = download(status.outputs[0], loopback_origin=engine.loopback_origin).body
        picture = open_picture(data)
        assert (picture.width, picture.height) == (256, 320)
        assert seed_in(data) == 123_456


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (1200, "safety check"),
        (1400, "settings"),
        (1401, "settings"),
        (1402, "reference picture"),
        (5000, "fault"),
        (77, "fault"),
    ],
)
def test_a_failure_is_told_in_our_words(vendor: Vendor, engine: WaveSpeed, code: int, sentence: str) -> None:
    vendor.fault("task", "fails", code=code, error="CUDA error: <b>worker 7</b>")
    status = ended(engine, engine.submit(request()).upstream_id)
    assert status.state is RemoteState.FAILED
    assert status.task_code == code
    assert sentence in status.error
    assert "CUDA" not in status.error
    assert "CUDA" in status.detail


@pytest.mark.parametrize(("word", "sentence"), [("cancelled", "cancelled"), ("timeout", "too long"), ("deleted", "deleted")])
def test_every_final_word_but_completed_is_a_failure(vendor: Vendor, engine: WaveSpeed, word: str, sentence: str) -> None:
    vendor.fault("task", "word", word=word)
    status = ended(engine, engine.submit(request()).upstream_id)
    assert (status.state, status.word) == (RemoteState.FAILED, word)
    assert sentence in status.error


def test_an_unknown_word_counts_as_running_and_is_kept(vendor: Vendor, engine: WaveSpeed) -> None:
    upstream_id = engine.submit(request()).upstream_id
    vendor.fault("result", "unknown_word", word="Percolating")
    status = engine.fetch(upstream_id)
    assert (status.state, status.word) == (RemoteState.RUNNING, "percolating")
    assert ended(engine, upstream_id).state is RemoteState.COMPLETED


@pytest.mark.parametrize(("fault", "count"), [("no_outputs", 0), ("two_outputs", 2)])
def test_completed_may_come_with_no_picture_or_with_two(vendor: Vendor, engine: WaveSpeed, fault: str, count: int) -> None:
    vendor.fault("task", fault)
    status = ended(engine, engine.submit(request()).upstream_id)
    assert status.state is RemoteState.COMPLETED
    assert len(status.outputs) == count


def test_what_the_vendor_holds_unfit_is_marked(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.fault("task", "nsfw")
    assert ended(engine, engine.submit(request()).upstream_id).has_nsfw


def test_an_id_that_the_vendor_does_not_know_is_gone(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.fault("task", "gone")
    assert engine.fetch(engine.submit(request()).upstream_id).state is RemoteState.GONE
    assert vendor.counts().requests["result"] == 1


def test_a_proxys_own_404_does_not_count_as_gone() -> None:
    with pytest.raises(ReadFailed) as failed:
        prediction_or_gone(Answer(status=404, headers={}, body=b"<h1>404 Not Found</h1>"), "a" * 32)
    assert failed.value.why is Why.MISSING


def test_an_answer_about_another_prediction_is_not_believed(vendor: Vendor, engine: WaveSpeed) -> None:
    upstream_id = engine.submit(request()).upstream_id
    vendor.fault("result", "wrong_id", times=0)
    with pytest.raises(ReadFailed) as failed:
        engine.fetch(upstream_id)
    assert failed.value.why is Why.BROKEN


@pytest.mark.parametrize("fault", ["500", "503", "reset", "html", "garbage", "no_id", "cut", "huge", "deep"])
def test_a_question_is_asked_again(vendor: Vendor, engine: WaveSpeed, fault: str) -> None:
    upstream_id = engine.submit(request()).upstream_id
    vendor.fault("result", fault, times=2)
    assert engine.fetch(upstream_id).id == upstream_id
    assert vendor.counts().requests["result"] == 3


@pytest.mark.parametrize(("status", "why"), [(401, Why.KEY), (402, Why.CREDIT), (403, Why.FORBIDDEN), (429, Why.BUSY)])
def test_a_refused_question_is_not_asked_again(vendor: Vendor, engine: WaveSpeed, status: int, why: Why) -> None:
    upstream_id = engine.submit(request()).upstream_id
    vendor.fault("result", str(status), retry_after=9)
    with pytest.raises(ReadFailed) as failed:
        engine.fetch(upstream_id)
    assert failed.value.why is why
    assert failed.value.retry_after_s == (9 if status == 429 else None)
    assert vendor.counts().requests["result"] == 1


@pytest.mark.parametrize("upstream_id", ["", "../balance", "a/b", "x" * 200, "é" * 32, "a?b=cdefgh", "%2e%2e%2fxx"])
def test_an_id_that_is_none_never_becomes_an_address(vendor: Vendor, engine: WaveSpeed, upstream_id: str) -> None:
    with pytest.raises(ReadFailed):
        engine.fetch(upstream_id)
    assert vendor.counts().requests == {}


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_question_has_one_deadline_for_all_its_tries(vendor: Vendor, fault: str) -> None:
    engine = WaveSpeed(api_key=KEY, base_url=vendor.url, read_within_s=SOON_S)
    vendor.fault("balance", fault, times=0)
    begun = time.monotonic()
    with pytest.raises(ReadFailed) as failed:
        engine.balance()
    engine.close()
    assert failed.value.why is Why.SILENT
    assert time.monotonic() - begun < 3


def test_the_balance_falls_with_each_order(vendor: Vendor, engine: WaveSpeed) -> None:
    assert engine.balance() == 100_000_000
    engine.submit(request())
    assert engine.balance() == 99_975_000


@pytest.mark.parametrize(("status", "why"), [(401, Why.KEY), (402, Why.CREDIT)])
def test_the_test_of_a_key_says_what_is_wrong(vendor: Vendor, engine: WaveSpeed, status: int, why: Why) -> None:
    vendor.fault("balance", str(status))
    with pytest.raises(ReadFailed) as failed:
        engine.balance()
    assert failed.value.why is why
    assert failed.value.message


def test_an_unreachable_vendor_is_said_to_be_unreachable() -> None:
    engine = WaveSpeed(api_key=KEY, base_url="http://127.0.0.1:9", pause_s=0.01)
    with pytest.raises(ReadFailed) as failed:
        engine.balance()
    engine.close()
    assert failed.value.why is Why.UNREACHABLE


def test_a_price_is_asked_for_the_model_that_would_serve(vendor: Vendor, engine: WaveSpeed) -> None:
    assert engine.price(request()) == 25_000
    assert engine.price(request(image=png())) == 25_000


def test_the_secret_of_webhooks_is_given(vendor: Vendor, engine: WaveSpeed) -> None:
    assert engine.webhook_secret().startswith("whsec_")


def test_a_picture_is_handed_over_without_the_key(vendor: Vendor, engine: WaveSpeed) -> None:
    """The vendor refuses the PUT when it carries a key or lacks its ticket's headers."""
    url = engine.upload(png())
    assert url.endswith("/reference.png")
    assert vendor.counts().refused == {}


def test_a_hand_over_that_broke_is_tried_again(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.faults([{"on": "put", "fault": "reset"}, {"on": "ticket", "fault": "503"}])
    assert download(engine.upload(png()), loopback_origin=engine.loopback_origin).body == png()


def test_the_address_may_be_given_with_its_path(vendor: Vendor) -> None:
    engine = WaveSpeed(api_key=f" {KEY}\n", base_url=f"{vendor.url}/api/v3/")
    assert engine.balance() == 100_000_000
    engine.close()
