"""Where a picture's prompt came from: on its page, and in its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from generations import enhancing, metadata, pipeline
from generations.enhancers import enhancer_for
from generations.gallery.origin import origin_of
from generations.models import EnhancementRequest, Generation, Member, State
from generations.submission import submit
from tests.conftest import finish, order
from tests.enhancers import wise
from tests.pages import Element, page

pytestmark = pytest.mark.django_db

Putting = Callable[..., Any]
Making = Callable[..., Generation]

FOX = "a red fox"
HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{ 7|add:7 }}"""


@pytest.fixture(autouse=True)
def _of_the_tests(enhancers: Putting) -> None:
    """Use no enhancer but those of the tests."""


@pytest.fixture
def improve(member: Member) -> Callable[..., EnhancementRequest]:
    def run(prompt: str = FOX, enhancer: str = "local", style: str = "anime", seed: int = 3) -> EnhancementRequest:
        request = enhancing.ask(member, prompt, enhancer=enhancer, style=style, seed=seed, hint=False)
        pipeline.enhance(request.pk)
        request.refresh_from_db()
        return request

    return run


@pytest.fixture
def improved(member: Member, improve: Callable[..., EnhancementRequest]) -> Making:
    """Order a picture of an improved prompt, perhaps edited since."""

    def make(*args: Any, prompt: str = "", **options: Any) -> Generation:
        request = improve(*args, **options)
        return submit(member, replace(order(prompt or request.text), enhancement=request), hint=False)

    return make


def pieces(generation: Generation) -> list[tuple[str, str]]:
    origin = origin_of(generation)
    assert origin is not None
    assert "".join(piece.text for piece in origin.pieces) == generation.prompt
    return [(piece.kind, piece.text) for piece in origin.added]


def facts(shown: Element) -> dict[str, str]:
    box = shown.one("details", class_="origin")
    return dict(zip([dt.text for dt in box.all("dt")], [dd.text for dd in box.all("dd")], strict=True))


class TestThePage:
    def test_it_shows_the_persons_words_and_the_additions_apart(self, client_of_owner: Client, improved: Making):
        generation = improved()
        shown = page(client_of_owner.get(generation.get_absolute_url()))
        assert shown.one("summary").text == "Improved by Wise, anime style, seed 3"
        assert facts(shown) == {"Written": FOX, "Light": "anime light 3", "Mood": "quiet mood 3", "Palette": "warm hues 3"}

    def test_the_prompt_is_whole_and_the_additions_in_it_are_marked(self, client_of_owner: Client, improved: Making):
        heading = page(client_of_owner.get(improved().get_absolute_url())).one("h1")
        assert plain(heading) == wise(FOX, "anime", 3)
        assert [mark.text for mark in heading.all("mark")] == ["anime light 3", "quiet mood 3", "warm hues 3"]

    def test_a_prompt_of_a_person_alone_says_nothing_of_it(self, client_of_owner: Client, ask: Callable[..., Generation]):
        shown = page(client_of_owner.get(ask().get_absolute_url()))
        assert shown.all(class_="origin") == shown.all("mark") == []

    def test_a_text_written_anew_shows_the_persons_words(self, client_of_owner: Client, improved: Making, enhancers: Putting):
        enhancers("anew", "Anew")
        shown = page(client_of_owner.get(improved(enhancer="anew").get_absolute_url()))
        assert facts(shown) == {"Written": FOX}
        assert (shown.one("h1").text, shown.all("mark")) == ("Imagine number 3: A RED FOX", [])

    def test_an_enhancer_that_is_no_longer_set_up_is_told_by_its_name(self, client_of_owner: Client, improved: Making, settings):
        generation = improved()
        settings.PROMPT_ENHANCERS = {}
        enhancer_for.cache_clear()
        response = client_of_owner.get(generation.get_absolute_url())
        assert response.status_code == 200
        assert page(response).one("summary").text == "Improved by local, anime style, seed 3"

    def test_markup_stays_text(self, client_of_owner: Client, improved: Making):
        response = client_of_owner.get(improved(HOSTILE).get_absolute_url())
        assert "<script>alert" not in response.content.decode()
        assert plain(page(response).one("h1")) == wise(HOSTILE, "anime", 3)
        assert facts(page(response))["Written"] == HOSTILE

    def test_markup_in_an_addition_stays_text(self, client_of_owner: Client, improved: Making):
        generation, text = improved(prompt=f"{FOX}, {HOSTILE}"), f"{FOX}, {HOSTILE}"
        kept = {"text": text, "additions": [["light", len(FOX), len(text)]]}
        EnhancementRequest.objects.filter(pk=generation.enhancement_id).update(**kept)
        response = client_of_owner.get(generation.get_absolute_url())
        assert "<script>alert" not in response.content.decode()
        assert [plain(mark) for mark in page(response).all("mark")] == [HOSTILE]

    def test_it_takes_one_query_more(self, client_of_owner: Client, improved: Making, django_assert_num_queries):
        generation = improved()
        finish(generation)
        # session, person, generation, its pictures, the request, membership twice (the card's and the header's), checks;
        # what is kept with it: favourite, tags, collections; descendants by settings and by pixels
        with django_assert_num_queries(13):
            client_of_owner.get(generation.get_absolute_url())


class TestWhatWasAdded:
    def test_only_what_is_still_there_counts(self, improved: Making):
        generation = improved(prompt=f"{FOX}, anime light 3, warm hues 3 and more")
        assert pieces(generation) == [("light", "anime light 3"), ("palette", "warm hues 3")]

    def test_words_that_a_person_wrote_too_are_theirs(self, improved: Making):
        generation = improved("quiet mood 3 of a fox")
        origin = origin_of(generation)
        assert origin is not None
        assert origin.pieces[0].text.startswith("quiet mood 3 of a fox")
        assert [piece.text for piece in origin.added] == ["anime light 3", "quiet mood 3", "warm hues 3"]

    def test_words_that_stand_before_an_addition_of_the_same_words_are_not_marked(self, improved: Making):
        generation = improved("anime light 3 on a fox")
        origin = origin_of(generation)
        assert origin is not None
        assert origin.pieces[0].text == "anime light 3 on a fox, "


class TestTheFile:
    @pytest.mark.parametrize("output_format", ["png", "jpeg"])
    def test_it_says_what_was_written_and_who_improved_it(
        self, member: Member, improve: Callable[..., EnhancementRequest], output_format: str
    ):
        request = improve()
        wanted = replace(order(request.text, output_format=output_format), enhancement=request)
        found = metadata.read(painted(submit(member, wanted, hint=False)))
        assert found is not None
        assert (found.prompt, found.original_prompt) == (request.text, FOX)
        assert (found.enhancer, found.enhancer_style, found.enhancer_seed) == ("Wise", "anime", 3)

    def test_a_prompt_of_a_person_alone_leaves_that_out(self, ask: Callable[..., Generation]):
        found = metadata.read(painted(ask()))
        assert found is not None
        assert (found.original_prompt, found.enhancer, found.enhancer_style, found.enhancer_seed) == (None, None, None, None)

    def test_an_enhancer_that_is_gone_meanwhile_stops_no_picture(self, improved: Making, settings):
        generation = improved()
        settings.PROMPT_ENHANCERS = {}
        enhancer_for.cache_clear()
        found = metadata.read(painted(generation))
        assert found is not None
        assert (found.enhancer, found.original_prompt) == ("local", FOX)


def painted(generation: Generation) -> bytes:
    """Let the real pipeline make the picture and return its file."""
    pipeline.advance(generation.pk)
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    return Path(generation.images.get().file.path).read_bytes()


def plain(element: Element) -> str:
    """Return the text just as it stands, with no blank between the pieces."""
    return "".join(child if isinstance(child, str) else plain(child) for child in element.children)
