"""Finished pictures, good and hostile, and the vendor's own rules."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from generations.backends.wavespeed import MODEL, WaveSpeed
from generations.errors import DownloadRefused, OutboundError, SubmitRejected, UnusablePicture, Why
from generations.images import open_picture
from generations.outbound import adownload, download
from tests.generations.backends.wavespeed.conftest import SOON_S, ended, png, request
from tests.vendor.process import KEY, Vendor


@pytest.mark.parametrize("fault", ["short", "svg", "html_picture", "bomb"])
def test_a_hostile_file_is_fetched_but_does_not_pass_the_door_for_pictures(vendor: Vendor, engine: WaveSpeed, fault: str) -> None:
    url = ended(engine, engine.submit(request()).upstream_id).outputs[0]
    vendor.fault("output", fault)
    data = download(url, loopback_origin=engine.loopback_origin).body
    with pytest.raises(UnusablePicture):
        open_picture(data)
    open_picture(download(url, loopback_origin=engine.loopback_origin).body)


def test_of_a_file_that_is_two_things_only_the_pixels_are_kept(vendor: Vendor, engine: WaveSpeed) -> None:
    url = ended(engine, engine.submit(request()).upstream_id).outputs[0]
    vendor.fault("output", "polyglot")
    data = download(url, loopback_origin=engine.loopback_origin).body
    assert b"<script>" in data
    assert b"<script>" not in open_picture(data).png()


@pytest.mark.parametrize("fault", ["cut", "reset", "hang", "drip_body", "oversized", "redirect", "500"])
def test_a_file_that_does_not_arrive_is_an_error_and_can_be_asked_for_again(
    vendor: Vendor, engine: WaveSpeed, fault: str
) -> None:
    url = ended(engine, engine.submit(request()).upstream_id).outputs[0]
    vendor.fault("output", fault)
    with pytest.raises(OutboundError):
        asyncio.run(adownload(url, loopback_origin=engine.loopback_origin, within_s=SOON_S, most_bytes=2_000_000))
    open_picture(download(url, loopback_origin=engine.loopback_origin).body)
    assert vendor.counts().charges == 1


def test_an_expired_address_is_renewed_by_asking_again(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.set(url_ttl_s=-1.0)
    upstream_id = engine.submit(request()).upstream_id
    with pytest.raises(DownloadRefused) as refused:
        download(ended(engine, upstream_id).outputs[0], loopback_origin=engine.loopback_origin)
    assert refused.value.status == 403
    vendor.set(url_ttl_s=60.0)
    assert download(engine.fetch(upstream_id).outputs[0], loopback_origin=engine.loopback_origin).status == 200


def test_above_three_at_once_orders_wait(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.set(duration_s=60)
    words = [engine.fetch(engine.submit(request(seed=seed)).upstream_id).word for seed in range(5)]
    assert words == ["processing"] * 3 + ["created"] * 2
    counts = vendor.counts()
    assert (counts.making, counts.waiting, counts.most_at_once) == (3, 2, 3)


def test_above_ten_a_minute_orders_are_refused(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.set(per_minute=10)
    for seed in range(10):
        engine.submit(request(seed=seed))
    with pytest.raises(SubmitRejected) as rejected:
        engine.submit(request(seed=10))
    assert rejected.value.why is Why.BUSY
    assert rejected.value.retry_after_s is not None
    assert 50 <= rejected.value.retry_after_s <= 60
    assert vendor.counts().charges == 10


def test_a_failure_is_refunded(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.fault("task", "fails", code=1200)
    ended(engine, engine.submit(request()).upstream_id)
    counts = vendor.counts()
    assert (counts.charged_microusd, counts.refunded_microusd) == (25_000, 25_000)


def test_the_vendor_answers_the_other_forms_that_sources_know(vendor: Vendor) -> None:
    """What the official clients use beside: list by GET, binary upload, sync and base64, the prompt optimizer, delete."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=vendor.url, headers=headers, trust_env=False) as client:
        sync = {"prompt": "fox", "size": "256*256", "enable_sync_mode": True, "enable_base64_output": True}
        made = client.post(f"/api/v3/{MODEL}", json=sync).json()["data"]
        assert made["status"] == "completed"
        assert not made["outputs"][0].startswith("data:")
        vendor.set(sync_wait_s=0.01, duration_s=60)
        assert client.post(f"/api/v3/{MODEL}", json=sync).json()["data"]["code"] == 5004
        assert client.get("/api/v3/predictions", params={"page_size": 1}).json()["data"]["total"] == 2
        with_hook = client.post(f"/api/v3/{MODEL}", params={"webhook": "http://127.0.0.1:9/"}, json=sync)
        assert with_hook.status_code == 400
        uploaded = client.post("/api/v3/media/upload/binary", files={"file": ("a b.png", png())}).json()["data"]
        assert client.get(uploaded["download_url"]).content == png()
        vendor.set(sync_wait_s=5, duration_s=0, concurrency=10)
        text = {"text": "a fox", "enable_sync_mode": True}
        better = client.post("/api/v3/wavespeed-ai/prompt-optimizer", json=text).json()["data"]
        assert better["outputs"][0].startswith("a fox")
        deleted = client.post("/api/v3/predictions/delete", json={"ids": [made["id"], "not-mine"]}).json()["data"]
        assert deleted == {"deleted_count": 1}
        assert MODEL in [model["model_id"] for model in client.get("/api/v3/models").json()["data"]]
