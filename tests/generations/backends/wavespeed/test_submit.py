"""An order: taken, proven not taken, or unknown, and sent once in every case."""

from __future__ import annotations

import pytest

from generations.backends.base import RemoteState
from generations.backends.wavespeed import MODEL, MODEL_WITH_IMAGE, WaveSpeed
from generations.errors import SubmitRejected, SubmitUnknown, Why
from generations.images import open_picture
from generations.outbound import download
from tests.generations.backends.wavespeed.conftest import SOON_S, ended, png, request
from tests.vendor.process import KEY, Vendor


def test_an_order_says_exactly_what_the_model_takes(vendor: Vendor, engine: WaveSpeed) -> None:
    submission = engine.submit(request())
    assert submission.model == MODEL
    assert submission.inputs == {
        "prompt": "a red fox",
        "size": "256*320",
        "num_inference_steps": 4,
        "guidance_scale": 3.5,
        "seed": 7,
        "output_format": "png",
        "enable_sync_mode": False,
        "enable_base64_output": False,
    }
    assert submission.upstream_id == submission.status.id
    assert submission.status.state is RemoteState.RUNNING
    assert submission.status.created_at is not None
    assert vendor.counts().accepted == {(MODEL, "a red fox", 7): 1}


def test_an_order_with_a_picture_hands_it_over_first(vendor: Vendor, engine: WaveSpeed) -> None:
    reference = png()
    submission = engine.submit(request(image=reference, strength=0.3))
    assert submission.model == MODEL_WITH_IMAGE
    assert submission.inputs["strength"] == 0.3
    assert "size" not in submission.inputs
    assert download(str(submission.inputs["image"]), loopback_origin=engine.loopback_origin).body == reference
    status = ended(engine, submission.upstream_id)
    picture = open_picture(download(status.outputs[0], loopback_origin=engine.loopback_origin).body)
    assert (picture.width, picture.height) == (64, 48)


def test_a_picture_that_lies_at_the_vendor_already_is_not_handed_over_again(vendor: Vendor, engine: WaveSpeed) -> None:
    url = engine.upload(png())
    submission = engine.submit(request(image=png()), image_url=url)
    assert submission.inputs["image"] == url
    assert submission.inputs["strength"] == 0.8
    assert vendor.counts().requests["put"] == 1


@pytest.mark.parametrize(
    ("fault", "why", "taken"),
    [
        ("500", Why.BROKEN, 0),
        ("503", Why.BROKEN, 0),
        ("408", Why.BROKEN, 0),
        ("502_after", Why.BROKEN, 1),
        ("302_after", Why.BROKEN, 1),
        ("reset", Why.BROKEN, 0),
        ("accept_then_reset", Why.BROKEN, 1),
        ("hang", Why.SILENT, 0),
        ("accept_then_hang", Why.SILENT, 1),
        ("drip", Why.SILENT, 1),
        ("drip_body", Why.SILENT, 1),
        ("cut", Why.BROKEN, 1),
        ("html", Why.BROKEN, 1),
        ("garbage", Why.BROKEN, 1),
        ("deep", Why.BROKEN, 1),
        ("no_id", Why.BROKEN, 1),
        ("huge", Why.SILENT, 1),
        ("gzip_bomb", Why.SILENT, 1),
    ],
)
def test_an_unclear_answer_is_unknown_and_the_order_is_not_sent_again(vendor: Vendor, fault: str, why: Why, taken: int) -> None:
    within_s = SOON_S if fault in ("hang", "accept_then_hang", "drip", "drip_body") else 10
    engine = WaveSpeed(api_key=KEY, base_url=vendor.url, submit_within_s=within_s)
    vendor.fault("submit", fault)
    with pytest.raises(SubmitUnknown) as unknown:
        engine.submit(request())
    engine.close()
    assert unknown.value.why is why
    counts = vendor.counts()
    assert counts.requests["submit"] == 1
    assert counts.charges == taken


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (400, Why.INPUTS),
        (401, Why.KEY),
        (402, Why.CREDIT),
        (403, Why.FORBIDDEN),
        (404, Why.MISSING),
        (413, Why.TOO_LARGE),
        (422, Why.INPUTS),
        (429, Why.BUSY),
        (308, Why.MISSING),
    ],
)
def test_a_refusal_is_proven_and_says_why(vendor: Vendor, engine: WaveSpeed, status: int, why: Why) -> None:
    vendor.fault("submit", str(status), message=f"the vendor's own words about {KEY}")
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request())
    assert rejected.value.why is why
    assert "own words" not in rejected.value.message
    assert "own words" in rejected.value.detail
    assert KEY not in rejected.value.detail
    counts = vendor.counts()
    assert (counts.requests["submit"], counts.charges) == (1, 0)


@pytest.mark.parametrize(("said", "heard"), [("7", 7.0), ("999999", 3600.0), ("soon", None), ("-5", None)])
def test_a_busy_vendor_says_when_to_come_again(vendor: Vendor, engine: WaveSpeed, said: str, heard: float | None) -> None:
    vendor.fault("submit", "429", retry_after=said)
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request())
    assert rejected.value.retry_after_s == heard


def test_the_vendors_own_check_of_the_inputs_is_a_refusal(vendor: Vendor, engine: WaveSpeed) -> None:
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request(width=100))
    assert rejected.value.why is Why.INPUTS
    assert "256-1536" in rejected.value.detail


@pytest.mark.parametrize(
    ("base_url", "why"),
    [
        ("http://127.0.0.1:9", Why.UNREACHABLE),
        ("https://127.0.0.1:9", Why.UNREACHABLE),
        ("https://nowhere.invalid", Why.UNREACHABLE),
        ("http://api.wavespeed.ai", Why.ADDRESS),
        ("https://10.0.0.1", Why.ADDRESS),
        ("nonsense", Why.ADDRESS),
    ],
)
def test_what_never_left_is_a_refusal(base_url: str, why: Why) -> None:
    engine = WaveSpeed(api_key=KEY, base_url=base_url, submit_within_s=3)
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request())
    engine.close()
    assert rejected.value.why is why


def test_a_vendor_without_tls_behind_an_https_address_gets_no_order(vendor: Vendor) -> None:
    engine = WaveSpeed(api_key=KEY, base_url=vendor.url.replace("http:", "https:"), submit_within_s=SOON_S)
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request())
    engine.close()
    assert rejected.value.why is Why.UNREACHABLE
    assert vendor.counts().requests == {}


@pytest.mark.parametrize("key", ["", "short", "with space in it", "line\r\nX-Injected: 1", "schlüssel-mit-umlaut"])
def test_a_key_that_no_vendor_gives_out_is_refused_here(vendor: Vendor, key: str) -> None:
    engine = WaveSpeed(api_key=key, base_url=vendor.url)
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request())
    engine.close()
    assert rejected.value.why is Why.KEY
    assert engine.unavailable_because()
    assert vendor.counts().requests == {}


def test_another_accounts_key_is_refused_by_the_vendor(vendor: Vendor, engine: WaveSpeed) -> None:
    with pytest.raises(SubmitRejected) as rejected:
        engine.for_key("another-key-of-forty-characters-01234567").submit(request())
    assert rejected.value.why is Why.KEY
    assert engine.submit(request()).upstream_id, "the first account is untouched"


@pytest.mark.parametrize(("endpoint", "fault", "tries"), [("ticket", "402", 1), ("ticket", "500", 3), ("put", "500", 3)])
def test_a_picture_that_cannot_be_handed_over_is_no_order(
    vendor: Vendor, engine: WaveSpeed, endpoint: str, fault: str, tries: int
) -> None:
    vendor.fault(endpoint, fault, times=0)
    with pytest.raises(SubmitRejected):
        engine.submit(request(image=png()))
    counts = vendor.counts()
    assert counts.requests[endpoint] == tries
    assert "submit" not in counts.requests


def test_each_order_has_a_connection_of_its_own(vendor: Vendor, engine: WaveSpeed) -> None:
    """So that a kept connection which died in the meantime never makes an order unknown."""
    for seed in range(5):
        engine.submit(request(seed=seed))
    assert engine._once._pool.connections == []


def test_an_account_without_credit_is_refused(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.set(balance_microusd=25_000)
    engine.submit(request())
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request(seed=8))
    assert rejected.value.why is Why.CREDIT
