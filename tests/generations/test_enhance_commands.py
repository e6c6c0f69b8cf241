"""The command line: enhance, and generate --enhance."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from generations import metadata
from generations.accounts import connect
from generations.enhancers import enhancer_for
from generations.errors import EnhanceFailed
from generations.models import EnhancementRequest, Generation, Member, User
from tests.enhancers import SORRY, wise
from tests.generations.test_commands import SMALL, assert_one_sentence, generate, refusal

pytestmark = pytest.mark.django_db

Putting = Callable[..., Any]

FOX = "a red fox"
PRICE = 1_000


@pytest.fixture(autouse=True)
def _of_the_tests(enhancers: Putting) -> None:
    """Use no enhancer but those of the tests."""


@pytest.fixture
def paid(enhancers: Putting, member: Member) -> Any:
    connect(member.team, "wavespeed", "key-1234")
    return enhancers("wavespeed", "Paid", price_microusd=PRICE)


def enhance(*arguments: str) -> tuple[str, str]:
    """Run the command in this process and return what it prints and what it says aside."""
    out, err = StringIO(), StringIO()
    call_command("enhance", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


class TestEnhance:
    def test_it_prints_the_text_and_nothing_else(self, owner: User):
        assert enhance(FOX) == (f"{wise(FOX)}\n", "")
        assert EnhancementRequest.objects.get().author == owner

    def test_style_and_seed_are_passed_on_and_the_same_gives_the_same(self, owner: User):
        asked = (FOX, "--style", "anime", "--seed", "7")
        assert enhance(*asked) == enhance(*asked) == (f"{wise(FOX, 'anime', 7)}\n", "")

    def test_notes_are_told_aside(self, owner: User, enhancers: Putting):
        enhancers("local", "Wise", notes=("The model is not here.",))
        assert enhance(FOX) == (f"{wise(FOX)}\n", "The model is not here.\n")

    def test_json_tells_the_additions_too(self, owner: User):
        found = json.loads(enhance(FOX, "--style", "anime", "--json")[0])
        assert found["text"] == wise(FOX, "anime")
        assert (found["original"], found["style"], found["seed"], found["notes"]) == (FOX, "anime", 1, [])
        assert [(kind, found["text"][start:end]) for kind, start, end in found["additions"]] == [
            ("light", ", anime light 1"),
            ("mood", ", quiet mood 1"),
            ("palette", ", warm hues 1"),
        ]

    def test_another_provider_can_be_named(self, owner: User, enhancers: Putting):
        enhancers("anew", "Anew")
        assert enhance(FOX, "--provider", "anew")[0] == "Imagine number 1: A RED FOX\n"

    def test_it_can_be_asked_for_somebody_else(self, owner: User, teammate: User):
        enhance(FOX, "--as", "teammate@example.org")
        assert EnhancementRequest.objects.get().author == teammate

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("",), "Write a few words first"),
            ((" \n ",), "Write a few words first"),
            (("x" * 5001,), "The prompt is too long."),
            ((FOX, "--style", "shouting"), "There is no style of this name. Choose one of: default, artistic,"),
            ((FOX, "--seed", "-1"), "The seed can be 0 to 2147483647."),
            ((FOX, "--seed", "2147483648"), "The seed can be 0 to 2147483647."),
            ((FOX, "--provider", "dalle"), "There is no enhancer of this name."),
            ((FOX, "--most", "nan"), "The most to pay can be 0 to 1000 dollars."),
            ((FOX, "--most", "inf"), "The most to pay can be 0 to 1000 dollars."),
            ((FOX, "--most", "-1"), "The most to pay can be 0 to 1000 dollars."),
            ((FOX, "--as", "nobody@example.org"), "Nobody with the address nobody@example.org"),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_bad_input_ends_with_status_2_and_a_sentence(self, owner: User, arguments: tuple[str, ...], sentence: str):
        said = refusal("enhance", *arguments)
        assert said.startswith(sentence)
        assert_one_sentence(said)
        assert not EnhancementRequest.objects.exists()

    @pytest.mark.parametrize(("name", "sentence"), [("Sorry", SORRY), ("Broken", EnhanceFailed.message)])
    def test_a_failure_ends_with_status_2_and_its_sentence(self, owner: User, enhancers: Putting, name: str, sentence: str):
        enhancers("local", name)
        assert refusal("enhance", FOX) == sentence

    def test_a_viewer_gets_none(self, owner: User, viewer: User):
        assert refusal("enhance", FOX, "--as", "viewer@example.org").startswith("Nobody with the address")

    def test_a_price_is_told_and_nothing_is_sent(self, paid: Any):
        said = refusal("enhance", FOX, "--provider", "wavespeed")
        assert said == "The vendor asks $0.001 for this prompt. Nothing was sent. Agree with --most 0.001."
        assert paid.asked == []

    def test_a_price_up_to_the_most_is_paid_once(self, paid: Any):
        assert enhance(FOX, "--provider", "wavespeed", "--most", "0.001")[0] == f"{wise(FOX)}\n"
        assert (len(paid.asked), EnhancementRequest.objects.get().charged_microusd) == (1, PRICE)


class TestGenerate:
    def test_the_picture_is_of_the_improved_prompt(self, owner: User):
        path = json.loads(generate(FOX, *SMALL, "--json", "--enhance"))["file"]
        generation = Generation.objects.get()
        assert (generation.prompt, generation.enhancement) == (wise(FOX), EnhancementRequest.objects.get())
        found = metadata.read(Path(path).read_bytes())
        assert found is not None
        assert (found.original_prompt, found.enhancer, found.enhancer_style, found.enhancer_seed) == (FOX, "Wise", "default", 1)

    def test_a_style_can_be_named(self, owner: User):
        result = json.loads(generate(FOX, *SMALL, "--enhance", "--style", "anime", "--json"))
        assert Generation.objects.get(public_id=result["id"]).prompt == wise(FOX, "anime")

    def test_without_it_nothing_is_improved(self, owner: User):
        generate(FOX, *SMALL)
        assert Generation.objects.get().prompt == FOX
        assert enhancer_for("local").asked == []

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((FOX, *SMALL, "--enhance", "--style", "shouting"), "There is no style of this name."),
            (("", *SMALL, "--enhance"), "Write a few words first"),
            ((FOX, "--size", "9*9", "--enhance"), "Width and height must each be from 256 to 1536 pixels."),
        ],
        ids=["style", "prompt", "size"],
    )
    def test_bad_input_ends_with_status_2_and_makes_nothing(self, owner: User, arguments: tuple[str, ...], sentence: str):
        assert refusal("generate", *arguments).startswith(sentence)
        assert not Generation.objects.exists()

    def test_a_failure_makes_no_picture_of_the_bare_prompt(self, owner: User, enhancers: Putting):
        enhancers("local", "Sorry")
        with pytest.raises(CommandError) as caught:
            generate(FOX, *SMALL, "--enhance")
        assert (caught.value.returncode, str(caught.value)) == (2, SORRY)
        assert not Generation.objects.exists()
