"""What a card shows of a generation to one person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generations import lifecycle
from generations.cards import Card, card_for, cards_for
from generations.models import Generation, Member, State, User
from tests.conftest import finish

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]


def card(member: Member | None, generation: Generation, size: str = "tile") -> Card:
    return card_for(member, Generation.objects.with_card().get(pk=generation.pk), size)


class TestThePlaceInLine:
    def test_the_first_is_next_and_the_others_follow(self, ask: Asking, member: Member):
        rows = [ask() for _ in range(3)]
        assert [card(member, row).place for row in rows] == [1, 2, 3]

    def test_everybody_moves_up_when_the_first_is_claimed_or_cancelled(self, ask: Asking, member: Member):
        first, second, third = ask(), ask(), ask()
        lifecycle.claim(first.pk)
        assert [card(member, row).place for row in (second, third)] == [1, 2]
        lifecycle.move("cancel", second)
        assert card(member, third).place == 1

    def test_another_backends_line_does_not_count(self, ask: Asking, member: Member):
        first, second = ask(), ask()
        Generation.objects.filter(pk=first.pk).update(backend="bygone")
        assert card(member, second).place == 1

    @pytest.mark.parametrize("state", sorted(set(State) - {State.QUEUED}))
    def test_what_does_not_wait_has_none(self, ask: Asking, member: Member, state: State):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(state=state)
        assert card(member, generation).place == 0


class TestTheButtons:
    @pytest.mark.parametrize("state", list(State))
    def test_what_waits_or_is_painted_can_be_cancelled(self, ask: Asking, member: Member, state: State):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(state=state)
        assert card(member, generation).may_cancel is (state in {State.PENDING, State.QUEUED, State.RENDERING})

    def test_a_teammate_and_a_viewer_have_none(self, ask: Asking, teammate: User, viewer: User):
        generation = ask()
        for user in (teammate, viewer):
            shown = card(Member.objects.get(user=user), generation)
            assert (shown.may_change, shown.may_cancel) == (False, False)

    def test_an_outsider_and_nobody_have_none(self, ask: Asking, outsider: User):
        generation = ask()
        for member in (Member.objects.get(user=outsider), None):
            assert not card(member, generation).may_change


class TestThePicture:
    def test_it_is_there_once_it_is_finished(self, ask: Asking, member: Member):
        generation = ask()
        assert card(member, generation).image is None
        image = finish(generation)
        assert card(member, generation).image == image

    @pytest.mark.parametrize(("size", "shape"), [("1024*1024", 20), ("1536*256", 120), ("256*1536", 3), ("1216*832", 29)])
    def test_its_shape_is_width_over_height_in_twentieths(self, ask: Asking, member: Member, size: str, shape: int):
        assert card(member, ask(size=size)).shape == shape

    def test_every_shape_that_can_be_asked_for_has_a_class_in_the_stylesheet(self, settings):
        styles = (settings.BASE_DIR / "static" / "css" / "shapes.css").read_text()
        shapes = {round(20 * width / height) for width in range(256, 1537, 16) for height in range(256, 1537, 16)}
        assert {shape for shape in shapes if f".shape-{shape} " not in styles and f".shape-{shape}{{" not in styles} == set()

    def test_an_engine_that_is_no_longer_set_up_keeps_its_name(self, ask: Asking, member: Member):
        generation = ask()
        Generation.objects.filter(pk=generation.pk).update(backend="bygone", render_ms=1249)
        shown = card(member, generation)
        assert (shown.made_by, shown.seconds) == ("bygone", "1.2")

    def test_an_unknown_size_is_a_tile(self, ask: Asking, member: Member):
        generation = ask()
        assert [card(member, generation, size).size for size in ("hero", "tile", "poster", "")] == [
            "hero",
            "tile",
            "tile",
            "tile",
        ]


def test_cards_come_in_the_order_of_their_rows(ask: Asking, member: Member):
    rows = [ask(), ask()]
    assert [each.generation for each in cards_for(member, Generation.objects.with_card().newest_first())] == rows[::-1]
