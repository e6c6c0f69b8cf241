"""Finished pictures are copied from the vendor: hostile, broken or expired ones are asked for again, never ordered again."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from django.conf import settings as django_settings

from generations import lifecycle, pipeline
from generations.backends.base import RenderedImage
from generations.errors import Cancelled
from generations.models import Generation, Member, State
from generations.pipeline.store import store
from generations.submission import repeat
from tests.generations.remote.conftest import (
    Buying,
    advanced,
    entries,
    fresh,
    made,
    paid_once,
    pass_time,
    polled,
    running_at_the_vendor,
    succeeded,
)
from tests.installation import assert_made_exactly_once
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(vendor: Vendor, buy: Buying) -> Generation:
    """A row whose picture is done at the vendor and not copied yet."""
    generation = polled(running_at_the_vendor(buy()))
    assert generation.state == State.FETCHING
    return generation


def assert_ordered_once(vendor: Vendor, generation: Generation) -> None:
    assert (vendor.counts().requests["submit"], vendor.counts().charges) == (1, 1)
    assert entries(generation) == paid_once()
    assert_made_exactly_once(generation, Path(django_settings.MEDIA_ROOT))


class TestACopyThatFails:
    @pytest.mark.parametrize(
        ("fault", "options"),
        [
            ("short", {}),
            ("cut", {}),
            ("oversized", {}),
            ("svg", {}),
            ("html_picture", {}),
            ("bomb", {}),
            ("redirect", {"to": "http://169.254.169.254/latest/meta-data"}),
            ("redirect", {"to": "https://127.0.0.1:6379/"}),
            ("loop", {}),
            ("403", {}),
            ("500", {}),
            ("reset", {}),
        ],
    )
    def test_it_is_tried_again_later_and_not_ordered_again(
        self, vendor: Vendor, done: Generation, fault: str, options: dict[str, object]
    ):
        vendor.fault("output", fault, times=4 if fault == "loop" else 1, **options)
        found = advanced(done)
        assert found.state == State.FETCHING
        assert found.error.startswith("The picture is done but could not be copied yet: ")
        assert not found.images.exists()
        assert advanced(found).fence == found.fence, "it was tried again before its time"
        pass_time(10)
        assert_ordered_once(vendor, succeeded(found))

    def test_a_page_behind_a_picture_is_not_kept(self, vendor: Vendor, done: Generation):
        vendor.fault("output", "polyglot")
        image = succeeded(done).images.get()
        assert b"<script>" not in Path(image.file.path).read_bytes()

    def test_an_expired_address_is_asked_for_anew(self, vendor: Vendor, buy: Buying):
        vendor.set(url_ttl_s=-1)
        generation = advanced(polled(running_at_the_vendor(buy())))
        assert generation.state == State.FETCHING
        vendor.set(url_ttl_s=3600)
        asked = vendor.counts().requests["result"]
        pass_time(10)
        assert_ordered_once(vendor, succeeded(generation))
        assert vendor.counts().requests["result"] == asked + 1

    def test_a_vendor_that_is_away_when_asked_anew_is_asked_later(self, vendor: Vendor, done: Generation):
        vendor.fault("output", "403")
        advanced(done)
        vendor.fault("result", "500", times=3)
        pass_time(10)
        assert advanced(done).state == State.FETCHING
        pass_time(20)
        assert_ordered_once(vendor, succeeded(done))

    def test_a_picture_that_the_vendor_has_deleted_is_no_success(self, vendor: Vendor, done: Generation):
        vendor.fault("output", "403")
        advanced(done)
        named = {"ids": [done.attempts.get().upstream_id]}
        headers = {"Authorization": f"Bearer {vendor.key}"}
        httpx.post(f"{vendor.url}/api/v3/predictions/delete", json=named, headers=headers).raise_for_status()
        for _ in range(5):
            pass_time(100)
            found = advanced(done)
        assert (found.state, found.images.count()) == (State.NEEDS_REVIEW, 0)
        assert found.error.endswith("WaveSpeed does not have it any more. Its pictures are deleted after seven days.")

    def test_after_five_times_a_person_is_asked_and_can_have_it_copied_again(
        self, vendor: Vendor, done: Generation, member: Member
    ):
        vendor.fault("output", "short", times=5)
        for count in range(1, 6):
            found = advanced(done)
            assert found.state == (State.FETCHING if count < 5 else State.NEEDS_REVIEW)
            pass_time(5 * 2**count)
        assert repeat(member, found).pk == done.pk
        assert_ordered_once(vendor, succeeded(done))

    def test_a_full_disk_is_told_and_the_picture_is_copied_when_there_is_room(
        self, vendor: Vendor, done: Generation, settings, tmp_path: Path
    ):
        good = settings.STORAGES
        options = {"location": tmp_path / "full", "room": 1}
        settings.STORAGES = {**good, "default": {"BACKEND": "tests.painters.FullDisk", "OPTIONS": options}}
        found = advanced(done)
        assert found.state == State.FETCHING
        assert "this server is out of disk or memory" in found.error
        assert [path for path in (tmp_path / "full").rglob("*") if path.is_file()] == []
        settings.STORAGES = good
        pass_time(10)
        assert_ordered_once(vendor, succeeded(done))

    def test_of_two_pictures_none_is_kept_while_one_is_missing(self, vendor: Vendor, buy: Buying):
        vendor.fault("task", "two_outputs")
        generation = polled(running_at_the_vendor(buy()))
        vendor.fault("output", "short", after=1)
        found = advanced(generation)
        assert (found.state, found.images.count()) == (State.FETCHING, 0)
        pass_time(10)
        assert succeeded(found).images.count() == 2


class TestTwoWorkersAtOnePicture:
    def test_the_second_finds_nothing_to_do(self, vendor: Vendor, done: Generation):
        succeeded(done)
        assert pipeline.advance(done.pk) == []
        assert vendor.counts().requests["output"] == 1

    def test_one_that_slept_past_its_lease_neither_keeps_nor_deletes_anything(self, vendor: Vendor, done: Generation):
        lifecycle.move("fetch", done)
        sleeper = fresh(done)
        pass_time(121)
        pipeline.sweep()
        succeeded(done)
        pixels = bytes((1, 2, 3)) * (256 * 256)
        with pytest.raises(Cancelled):
            store(sleeper, [RenderedImage(width=256, height=256, pixels=pixels)])
        assert not lifecycle.hold(sleeper)
        assert_ordered_once(vendor, done)

    def test_one_that_is_at_it_can_lengthen_its_lease(self, vendor: Vendor, done: Generation):
        lifecycle.move("fetch", done)
        pass_time(100)
        assert lifecycle.hold(fresh(done))
        pass_time(100)
        assert done.pk not in pipeline.sweep()
        assert fresh(done).state == State.STORING

    def test_what_a_dead_one_left_is_cleared_away(self, vendor: Vendor, done: Generation):
        lifecycle.move("fetch", done)
        folder = Path(django_settings.MEDIA_ROOT) / "pictures" / done.public_id.hex[:2] / done.public_id.hex
        folder.mkdir(parents=True)
        (folder / "1-0.jpeg").write_bytes(b"whole")
        (folder / ".1-0-small.webp.abcd.tmp").write_bytes(b"half")
        pass_time(121)
        assert done.pk in pipeline.sweep()
        assert_ordered_once(vendor, succeeded(done))

    def test_five_lost_workers_leave_the_decision_to_a_person(self, vendor: Vendor, done: Generation, member: Member):
        for _ in range(5):
            assert fresh(done).state == State.FETCHING
            lifecycle.move("fetch", done)
            pass_time(121)
            pipeline.sweep()
        found = fresh(done)
        assert found.state == State.NEEDS_REVIEW
        assert found.error.startswith("The picture is done, but copying it was interrupted 5 times.")
        repeat(member, found)
        assert_ordered_once(vendor, succeeded(done))

    def test_a_made_picture_is_made_again_by_nobody(self, vendor: Vendor, buy: Buying):
        generation = made(buy())
        for step in (pipeline.sweep, pipeline.poll, lambda: pipeline.advance(generation.pk)):
            pass_time(1000)
            assert step() == []
        assert_ordered_once(vendor, generation)
