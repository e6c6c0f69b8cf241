"""Two pictures compared: which settings differ, which words of the prompts, and the page that shows it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from generations.gallery.compare import CHOICE
from generations.gallery.comparison import Comparison, compared, words_of
from generations.models import Generation, Member, User
from generations.submission import submit
from tests.conftest import finish, order
from tests.pages import Element, page

Asking = Callable[..., Generation]
SigningIn = Callable[[User], Client]

ADDRESS = "/gallery/compare/"


def marked(one: str, other: str) -> str:
    """Return both texts laid over each other: [-only in the first-], {+only in the second+}."""
    marks = {"": "{}", "one": "[-{}-]", "other": "{{+{}+}}"}
    return "".join(marks[run.only_in].format(run.text) for run in words_of(one, other))


class TestWords:
    @pytest.mark.parametrize(
        ("one", "other", "shown"),
        [
            ("a red fox", "a red fox", "a red fox"),
            ("a red fox", "a blue fox", "a [-red-] {+blue+} fox"),
            ("a fox", "a fox in the snow", "a fox {+in the snow+}"),
            ("a fox in the snow", "a fox", "a fox [-in the snow-]"),
            ("a fox, oil", "a fox; oil", "a fox[-,-]{+;+} oil"),
            ("", "a fox", "{+a fox+}"),
            ("one two", "three", "[-one two-]{+three+}"),
            ("a fox's tail", "a fox's ear", "a fox's [-tail-] {+ear+}"),
            ("雪の狐", "雪の狸", "雪の[-狐-]{+狸+}"),
            ("a 🦊 here", "a 🐺 here", "a [-🦊-] {+🐺+} here"),
            ("line one\nline two", "line one\nline three", "line one\nline [-two-] {+three+}"),
        ],
    )
    def test_only_what_differs_is_marked(self, one: str, other: str, shown: str):
        assert marked(one, other) == shown

    def test_another_number_of_blanks_is_no_difference(self):
        assert not any(run.only_in for run in words_of("a  fox ", "a fox"))

    @pytest.mark.parametrize(("one", "other"), [("a b c d", "a x c y"), ("x", ""), ("one, two", "two, one")])
    def test_without_the_marks_of_the_other_each_text_can_be_read_whole(self, one: str, other: str):
        runs = words_of(one, other)
        for text, hidden in ((one, "other"), (other, "one")):
            assert " ".join("".join(run.text for run in runs if run.only_in != hidden).split()) == text

    @pytest.mark.timeout(60)
    def test_the_longest_prompts_take_no_time_to_speak_of(self):
        words_of("a b " * 1250, "b a " * 1250)


@pytest.mark.django_db
class TestSettings:
    def compare(self, *generations: Generation) -> Comparison:
        return compared(*(Generation.objects.with_card().get(pk=each.pk) for each in generations))

    def test_what_differs_is_told_from_what_is_the_same(self, ask: Asking):
        one, other = ask(seed="1", num_inference_steps="3"), ask(seed="2", num_inference_steps="3")
        found = self.compare(one, other)
        assert [(each.name, each.one, each.other) for each in found.differing] == [("Seed", "1", "2")]
        assert ("Steps", "3") in [(each.name, each.one) for each in found.same]

    def test_a_version_that_only_one_knows_counts(self, ask: Asking):
        one, other = ask(), ask()
        Generation.objects.filter(pk=one.pk).update(versions={"brush": "1", "paint": "7"})
        Generation.objects.filter(pk=other.pk).update(versions={"paint": "7", "canvas": "2"})
        found = {each.name: (each.one, each.other) for each in self.compare(one, other).differing}
        assert found == {"brush": ("1", "none"), "canvas": ("none", "2")}

    def test_time_and_cost_are_compared(self, ask: Asking):
        one, other = ask(), ask()
        for generation, ms, price in ((one, 1000, 25_000), (other, 2500, 0)):
            finish(generation)
            Generation.objects.filter(pk=generation.pk).update(render_ms=ms, price_microusd=price)
        found = {each.name: (each.one, each.other) for each in self.compare(one, other).differing}
        assert (found["Time"], found["Cost"]) == (("1.0 s", "2.5 s"), ("$0.025", "free"))

    def test_identical_pixels_are_said_whatever_the_settings(self, ask: Asking):
        one, other, third = ask(seed="1"), ask(seed="2"), ask(seed="3")
        finish(one, (5, 5, 5))
        finish(other, (5, 5, 5))
        finish(third, (6, 6, 6))
        assert self.compare(one, other).same_pixels
        assert not self.compare(one, third).same_pixels

    def test_pictures_that_are_not_finished_have_no_pixels_in_common(self, ask: Asking):
        assert not self.compare(ask(), ask()).same_pixels


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def two(self, ask: Asking) -> tuple[Generation, Generation]:
        one, other = ask("a red fox", seed="1"), ask("a blue fox", seed="2", size="256*512")
        finish(one)
        finish(other, (1, 2, 3))
        return one, other

    def test_it_shows_both_with_what_differs(self, client_of_owner: Client, two: tuple[Generation, Generation]):
        shown = page(client_of_owner.get(ADDRESS, ids(*two)))
        pictures = [each.attributes["src"] for each in shown.all("figure") for each in each.all("img")]
        assert pictures == [f"/gallery/{each.public_id}/large/" for each in two]
        assert rows(shown)["Seed"] == ["1", "2"]
        assert "Steps" not in rows(shown)
        assert "Steps" in shown.one("details").text
        assert "They differ in size: A is 256 × 256, B is 256 × 512." in shown.text

    def test_screen_readers_hear_which_words_are_whose(self, client_of_owner: Client, two: tuple[Generation, Generation]):
        words = page(client_of_owner.get(ADDRESS, ids(*two))).one(class_="compare-prompt")
        assert words.one("del").text == "[only in A: red ]"
        assert words.one("ins").text == "[only in B: blue ]"

    def test_they_change_places_by_a_link(self, client_of_owner: Client, two: tuple[Generation, Generation]):
        swap = page(client_of_owner.get(ADDRESS, ids(*two))).one("a", id="compare-swap").attributes
        assert swap["href"] == swap["hx-get"] == f"{ADDRESS}?a={two[1].public_id}&b={two[0].public_id}"
        assert rows(page(client_of_owner.get(swap["href"])))["Seed"] == ["2", "1"]

    def test_a_picture_that_is_not_finished_says_so(self, client_of_owner: Client, ask: Asking):
        one = ask()
        finish(one)
        shown = page(client_of_owner.get(ADDRESS, ids(one, ask())))
        assert "This picture is not finished." in shown.text
        assert shown.all("input", type="range") == []

    def test_with_one_of_them_the_other_is_chosen(self, client_of_owner: Client, two: tuple[Generation, Generation]):
        shown = page(client_of_owner.get(ADDRESS, {"a": str(two[0].public_id)}))
        assert [link.attributes["href"] for link in shown.all("a", class_="picture-link")] == [
            f"{ADDRESS}?a={two[0].public_id}&b={two[1].public_id}"
        ]

    def test_with_none_the_first_is_chosen(self, client_of_owner: Client, two: tuple[Generation, Generation]):
        shown = page(client_of_owner.get(ADDRESS))
        assert [link.attributes["href"] for link in shown.all("a", class_="picture-link")] == [
            f"{ADDRESS}?a={each.public_id}" for each in reversed(two)
        ]

    def test_the_choice_leaves_out_what_is_in_no_gallery(
        self, client_of_owner: Client, two: tuple[Generation, Generation], ask: Asking
    ):
        ask()
        Generation.objects.filter(pk=two[1].pk).update(trashed_at=timezone.now())
        assert "There is no other picture yet" in page(client_of_owner.get(ADDRESS, {"a": str(two[0].public_id)})).text

    def test_the_choice_has_an_end(self, client_of_owner: Client, two: tuple[Generation, Generation]):
        assert CHOICE == 60  # the page says so in words
        assert "newest 60" not in page(client_of_owner.get(ADDRESS)).text

    @pytest.mark.parametrize("name", ["nonsense", str(uuid.uuid4())])
    @pytest.mark.parametrize("side", ["a", "b"])
    def test_a_picture_that_there_is_not_is_404(
        self, client_of_owner: Client, two: tuple[Generation, Generation], side: str, name: str
    ):
        assert client_of_owner.get(ADDRESS, {**ids(*two), side: name}).status_code == 404

    def test_another_teams_picture_is_404(self, client_of_owner: Client, outsider: User, two: tuple[Generation, Generation]):
        theirs = submit(Member.objects.get(user=outsider), order(), hint=False)
        finish(theirs)
        assert client_of_owner.get(ADDRESS, ids(two[0], theirs)).status_code == 404
        assert client_of_owner.get(ADDRESS, {"a": str(theirs.public_id)}).status_code == 404

    def test_an_outsider_is_offered_nothing_of_this_team(
        self, signed_in: SigningIn, outsider: User, two: tuple[Generation, Generation]
    ):
        client = signed_in(outsider)
        assert client.get(ADDRESS, ids(*two)).status_code == 404
        assert page(client.get(ADDRESS)).all("a", class_="picture-link") == []

    def test_it_needs_a_session(self, owner: User):
        assert Client().get(ADDRESS).headers["Location"].startswith("/account/login/?next=")

    def test_it_takes_eight_queries(self, client_of_owner: Client, two: tuple[Generation, Generation], django_assert_num_queries):
        # session, person, membership twice (the view's and the header's), each generation with its pictures
        with django_assert_num_queries(8):
            client_of_owner.get(ADDRESS, ids(*two))

    def test_the_choice_takes_eight_queries(
        self, client_of_owner: Client, two: tuple[Generation, Generation], django_assert_num_queries
    ):
        # session, person, membership twice, the chosen one with its pictures, the others with theirs
        with django_assert_num_queries(8):
            client_of_owner.get(ADDRESS, {"a": str(two[0].public_id)})


def ids(one: Generation, other: Generation) -> dict[str, str]:
    return {"a": str(one.public_id), "b": str(other.public_id)}


def rows(shown: Element) -> dict[str, list[str]]:
    """Return what differs: name → both values."""
    found = shown.one(class_="compare-rows").one("tbody").all("tr")
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in found}
