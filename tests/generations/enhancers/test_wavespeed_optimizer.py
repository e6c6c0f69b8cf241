"""WaveSpeed's optimizer as an enhancer, against the fake vendor over real HTTP; its counts say what was really ordered."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from PIL import Image

from generations.enhancers.base import Enhancement, Kind, Style
from generations.enhancers.differences import ANEW
from generations.enhancers.wavespeed import MODEL, Optimizer
from generations.errors import EnhanceFailed, EnhanceUnknown
from tests.vendor.process import KEY, Vendor

FOX = "a red fox"
SOON_S = 1.0
"""A deadline that faults run into; they go on for minutes."""


@pytest.fixture(scope="module")
def running() -> Iterator[Vendor]:
    with Vendor(per_minute=0, duration_s=0.02, key=KEY) as vendor:
        yield vendor


@pytest.fixture
def vendor(running: Vendor) -> Vendor:
    running.reset()
    return running


@contextmanager
def optimizer(vendor: Vendor, **options: object) -> Iterator[Optimizer]:
    optimizer = Optimizer(**{"base_url": vendor.url, "api_key": KEY, "pause_s": 0.01, **options})  # type: ignore[arg-type]
    yield optimizer
    optimizer.close()


def enhanced(vendor: Vendor, prompt: str = FOX, *, style: Style = Style.DEFAULT, image: bytes | None = None) -> Enhancement:
    with optimizer(vendor) as opened:
        return opened.enhance(prompt, style=style, seed=1, image=image)


def outcome(vendor: Vendor, *, image: bytes | None = None, **options: object) -> EnhanceFailed:
    with optimizer(vendor, **options) as opened, pytest.raises(EnhanceFailed) as failed:
        opened.enhance(FOX, style=Style.DEFAULT, seed=1, image=image)
    return failed.value


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (180, 90, 40)).save(out, "PNG")
    return out.getvalue()


def test_a_prompt_comes_back_with_additions_that_can_be_switched_and_is_paid_once(vendor: Vendor) -> None:
    enhancement = enhanced(vendor, style=Style.ANIME)
    assert enhancement.text == "a red fox, anime, in soft evening light, finely detailed, balanced composition"
    assert [(addition.kind, enhancement.text[addition.start : addition.end]) for addition in enhancement.additions] == [
        (Kind.MEDIUM, ", anime"),
        (Kind.LIGHT, ", in soft evening light"),
        (Kind.DETAIL, ", finely detailed"),
        (Kind.COMPOSITION, ", balanced composition"),
    ]
    assert enhancement.with_only(()) == FOX
    counts = vendor.counts()
    assert counts.accepted == {(MODEL, FOX, None): 1}
    assert counts.charged_microusd == 2_000


def test_a_reference_picture_is_handed_over_first(vendor: Vendor) -> None:
    enhanced(vendor, image=png())
    requests = vendor.counts().requests
    assert (requests["put"], requests["submit"]) == (1, 1)


def test_a_picture_that_cannot_be_handed_over_orders_nothing(vendor: Vendor) -> None:
    vendor.fault("put", "413")
    failed = outcome(vendor, image=png())
    assert type(failed) is EnhanceFailed
    assert "smaller reference picture" in failed.message
    assert vendor.counts().charges == 0


def test_the_price_is_said_before_anything_is_ordered(vendor: Vendor) -> None:
    with optimizer(vendor) as opened:
        assert opened.price(FOX, style=Style.DEFAULT) == 2_000
    counts = vendor.counts()
    assert (counts.requests["pricing"], counts.charges) == (1, 0)


@pytest.mark.parametrize(("fault", "part"), [("401", "key"), ("404", "does not offer this"), ("garbage", "fault")])
def test_a_price_that_cannot_be_read_is_a_sentence(vendor: Vendor, fault: str, part: str) -> None:
    vendor.fault("pricing", fault, times=0)
    with optimizer(vendor) as opened, pytest.raises(EnhanceFailed, match=part):
        opened.price(FOX, style=Style.DEFAULT)


@pytest.mark.parametrize(
    ("status", "part"),
    [
        ("400", "could not use this prompt"),
        ("401", "does not accept this key"),
        ("402", "no credit left"),
        ("403", "may not do that"),
        ("404", "does not offer this"),
        ("429", "too many requests"),
    ],
)
def test_a_proven_refusal_fails_with_its_own_sentence_and_is_not_sent_again(vendor: Vendor, status: str, part: str) -> None:
    vendor.fault("submit", status, message="you fool", times=0)
    failed = outcome(vendor)
    assert type(failed) is EnhanceFailed
    assert part in failed.message
    assert "picture" not in failed.message
    assert "fool" not in failed.message
    assert failed.message.endswith("Your prompt is as you wrote it.")
    counts = vendor.counts()
    assert (counts.requests["submit"], counts.charges) == (1, 0)


@pytest.mark.parametrize(
    "fault", ["500", "502_after", "reset", "accept_then_reset", "accept_then_hang", "cut", "html", "garbage", "no_id", "huge"]
)
def test_a_lost_answer_is_unknown_and_the_order_is_not_sent_again(vendor: Vendor, fault: str) -> None:
    vendor.fault("submit", fault, times=0)
    failed = outcome(vendor, submit_within_s=SOON_S if fault == "accept_then_hang" else 10)
    assert type(failed) is EnhanceUnknown
    assert vendor.counts().requests["submit"] == 1


def test_a_vendor_that_is_not_there_fails_and_nothing_was_sent(vendor: Vendor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    failed = outcome(vendor, base_url=f"http://127.0.0.1:{port}")
    assert type(failed) is EnhanceFailed
    assert "could not be reached" in failed.message


def test_a_run_that_goes_on_beyond_the_deadline_is_unknown(vendor: Vendor) -> None:
    vendor.fault("task", "stuck")
    failed = outcome(vendor, within_s=SOON_S)
    assert type(failed) is EnhanceUnknown
    assert "not finished in time" in failed.message
    assert vendor.counts().charges == 1


def test_a_run_that_is_gone_is_unknown(vendor: Vendor) -> None:
    vendor.fault("task", "gone")
    assert type(outcome(vendor)) is EnhanceUnknown
    assert vendor.counts().charges == 1


def test_a_run_that_can_no_longer_be_asked_for_is_unknown(vendor: Vendor) -> None:
    vendor.fault("result", "401", times=0)
    assert type(outcome(vendor)) is EnhanceUnknown


@pytest.mark.parametrize("options", [{"fault": "fails", "code": 1200, "error": "you fool"}, {"fault": "word", "word": "timeout"}])
def test_a_failed_run_fails_plainly_and_the_vendor_gives_it_back(vendor: Vendor, options: dict[str, object]) -> None:
    vendor.fault("task", **options)  # type: ignore[arg-type]
    failed = outcome(vendor)
    assert type(failed) is EnhanceFailed
    assert failed.message == "WaveSpeed could not improve this prompt."
    counts = vendor.counts()
    assert (counts.charged_microusd, counts.refunded_microusd) == (2_000, 2_000)


def test_a_run_without_a_text_is_unknown_because_it_was_paid_for(vendor: Vendor) -> None:
    vendor.fault("task", "no_outputs")
    failed = outcome(vendor)
    assert type(failed) is EnhanceUnknown
    assert "not usable" in failed.message


def test_faults_while_waiting_do_not_lose_the_text(vendor: Vendor) -> None:
    vendor.fault("result", "500", times=7)
    vendor.fault("result", "429", times=2)
    vendor.fault("result", "unknown_word", times=2)
    assert enhanced(vendor).with_only(()) == FOX
    assert vendor.counts().charges == 1


def test_a_prompt_of_emoji_survives(vendor: Vendor) -> None:
    enhancement = enhanced(vendor, "🦊🌲")
    assert enhancement.with_only(()) == "🦊🌲"
    assert enhancement.notes != (ANEW,)


def test_another_key_is_another_account(vendor: Vendor) -> None:
    with optimizer(vendor, api_key="") as without:
        assert "No WaveSpeed key" in without.unavailable_because()
        assert "No WaveSpeed key" not in without.for_key(KEY).unavailable_because()
        assert without.for_key(KEY).enhance(FOX, style=Style.DEFAULT, seed=1).additions
        with pytest.raises(EnhanceFailed, match="does not accept this key"):
            without.enhance(FOX, style=Style.DEFAULT, seed=1)
        assert without.is_paid
