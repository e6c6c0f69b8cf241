"""Is it still the same picture? Every verdict, from real second runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generations import checking, lifecycle, pipeline
from generations.backends.base import RenderedImage
from generations.errors import InvalidInputs
from generations.images import Picture, distance
from generations.models import Check, Generation, Member, State, Verdict
from generations.pipeline.store import store
from tests.conftest import finish

pytestmark = pytest.mark.django_db

Ask = Callable[..., Generation]


def painted(ask: Ask, **raw: object) -> Generation:
    generation = ask(**raw)
    pipeline.advance(generation.pk)
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    return generation


def run_again(check: Check, colour: tuple[int, int, int] | None = None) -> Check:
    """Have the second run made: by its real painter, or with plain pixels."""
    if colour is None:
        pipeline.advance(check.again.pk)
    else:
        finish(check.again, colour)
    return checking.settle(Check.objects.select_related("generation", "again").get(pk=check.pk))


def test_easel_paints_the_same_pixels_again(member: Member, ask: Ask):
    check = run_again(checking.check(member, painted(ask)))
    assert (check.verdict, check.distance, check.changes) == (Verdict.IDENTICAL, 0.0, [])
    assert check.decided_at is not None


def test_what_was_made_again_is_in_no_gallery_and_on_no_stage(member: Member, ask: Ask):
    check = run_again(checking.check(member, painted(ask)))
    assert check.again.is_check
    assert check.again not in Generation.objects.in_gallery()
    assert check.again not in Generation.objects.on_stage()


def test_another_picture_is_different_and_says_by_how_much(member: Member, ask: Ask):
    generation = ask()
    finish(generation, (10, 10, 10))
    check = run_again(checking.check(member, generation), (240, 240, 240))
    assert check.verdict == Verdict.DIFFERENT
    assert check.distance == pytest.approx(230 / 255, abs=0.01)


def test_a_picture_that_looks_the_same_is_told_from_an_identical_one(member: Member, ask: Ask):
    generation = ask(output_format="png")
    finish(generation, (100, 100, 100))
    check = run_again(checking.check(member, generation), (102, 100, 100))
    assert check.verdict == Verdict.ALIKE
    assert check.distance is not None and 0 < check.distance <= checking.ALIKE_UP_TO


def test_a_changed_version_is_named(member: Member, ask: Ask):
    generation = painted(ask)
    Generation.objects.filter(pk=generation.pk).update(versions={**generation.versions, "easel": "0", "brush": "9"})
    check = run_again(checking.check(member, Generation.objects.get(pk=generation.pk)))
    assert ["easel", "0", str(generation.versions["easel"])] in check.changes
    assert ["brush", "9", "not recorded"] in check.changes


def test_a_second_run_that_fails_is_no_verdict_on_the_picture(member: Member, ask: Ask):
    check = checking.check(member, painted(ask))
    claimed = lifecycle.claim(check.again.pk)
    assert claimed is not None and lifecycle.move("fail", claimed, error="The brush broke.")
    check = checking.settle(Check.objects.select_related("generation", "again").get(pk=check.pk))
    assert (check.verdict, check.distance) == (Verdict.FAILED, None)


def test_a_check_waits_until_the_second_run_has_ended(member: Member, ask: Ask):
    check = checking.check(member, painted(ask))
    assert checking.settle(check).verdict == Verdict.WAITING


def test_a_picture_is_checked_once_at_a_time(member: Member, ask: Ask):
    generation = painted(ask)
    checking.check(member, generation)
    with pytest.raises(InvalidInputs, match="being checked already"):
        checking.check(member, generation)


def test_what_is_not_finished_cannot_be_checked(member: Member, ask: Ask):
    with pytest.raises(InvalidInputs, match="no finished picture"):
        checking.check(member, ask())


def test_distance_counts_another_shape_as_another_picture():
    tall, wide = (Picture(width=w, height=h, pixels=bytes(3 * w * h)) for w, h in ((64, 128), (128, 64)))
    assert distance(tall, wide) == 1.0


def test_distance_goes_from_nothing_to_black_and_white():
    black, white = (Picture(width=80, height=80, pixels=bytes([level]) * (3 * 80 * 80)) for level in (0, 255))
    assert distance(black, black) == 0.0
    assert distance(black, white) == pytest.approx(1.0)


def test_the_second_run_is_stored_like_any_other(member: Member, ask: Ask):
    check = checking.check(member, painted(ask))
    claimed = lifecycle.claim(check.again.pk)
    assert claimed is not None and lifecycle.move("rendered", claimed)
    store(claimed, [RenderedImage(width=256, height=256, pixels=bytes(3 * 256 * 256))])
    assert check.again.images.count() == 1
