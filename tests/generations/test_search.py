"""Pictures are found by their words: in every script, whatever is typed, and as soon as the words change."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from generations import search
from generations.gallery.filters import Filters
from generations.gallery.lookup import lookup
from generations.models import EnhancementRequest, Generation, Member, Role, SearchText, Tag, Tagging, Team, User
from generations.submission import submit
from generations.words import words_of
from tests.conftest import finish, order

Asking = Callable[..., Generation]
Looking = Callable[[str], list[str]]


def found(member: Member, text: str) -> list[str]:
    """Return the prompts that a search finds."""
    keys = lookup(member, Filters(q=text)).below(None, 100)
    prompts = dict(Generation.objects.values_list("pk", "prompt"))
    return [prompts[key] for key in keys]


@pytest.fixture
def look(member: Member) -> Looking:
    return lambda text: found(member, text)


@pytest.fixture
def painted(ask: Asking) -> Callable[..., None]:
    def paint(*prompts: str) -> None:
        for prompt in prompts:
            finish(ask(prompt))

    return paint


@pytest.mark.django_db
class TestSearching:
    @pytest.mark.parametrize(
        ("text", "prompts"),
        [
            ("fox", ["a red fox in snow"]),
            ("FOX", ["a red fox in snow"]),
            ("fox snow", ["a red fox in snow"]),
            ("fox boat", []),
            ("fo", []),
            ("fo*", ["two foxes at night", "a blue boat in fog", "a red fox in snow"]),
            ("-snow a*t", []),
            ("in", ["a blue boat in fog", "a red fox in snow"]),
            ("in -snow", ["a blue boat in fog"]),
            ("-in", ["two foxes at night"]),
            ("-in -night", []),
            ('"red fox"', ["a red fox in snow"]),
            ('"fox red"', []),
            ('"red fo"*', ["a red fox in snow"]),
            ('in -"red fox"', ["a blue boat in fog"]),
            ("“red fox”", ["a red fox in snow"]),
            ("red-fox", ["a red fox in snow"]),
            ('"red fox', ["a red fox in snow"]),
            ("snow*", ["a red fox in snow"]),
            ("fox -blue*", ["a red fox in snow"]),
        ],
    )
    def test_words_prefixes_phrases_and_what_must_not_be_there(
        self, painted: Callable[..., None], look: Looking, text: str, prompts: list[str]
    ):
        painted("a red fox in snow", "a blue boat in fog", "two foxes at night")
        assert look(text) == prompts

    @pytest.mark.parametrize(
        ("prompt", "text"),
        [
            ("Café à la crème", "cafe creme"),
            ("a cafe", "café"),
            ("雪の中の赤い狐", "赤い狐"),
            ("雪の中の赤い狐", "狐"),
            ("Красный лис", "красныи ЛИС"),
            ("ein großer Fluß", "GROSSER"),
            ("ﬁre, 16:9, f/1.8", 'fire "16 9" 1.8'),
            ("snake_case", "case"),
            ("x" * 300, "x" * 100),
        ],
    )
    def test_every_script_is_found(self, painted: Callable[..., None], look: Looking, prompt: str, text: str):
        painted(prompt, "something else")
        assert look(text) == [prompt]

    @pytest.mark.parametrize("word", ["t1", "easel", "portrait", "landscape", "square", "=square", "y2026", "m202611"])
    def test_words_of_ours_are_not_found(self, painted: Callable[..., None], look: Looking, word: str):
        painted("a red fox")
        assert look(word) == []
        assert look(f"fox -{word}") == ["a red fox"]

    def test_newest_first_and_page_by_page(self, painted: Callable[..., None], member: Member):
        painted("fox 1", "boat 2", "fox 3", "fox 4")
        keys = list(Generation.objects.filter(prompt__contains="fox").newest_first().values_list("pk", flat=True))
        wanted = lookup(member, Filters(q="fox"))
        assert wanted.below(None, 2) == keys[:2]
        assert wanted.below(keys[1], 2) == keys[2:]
        assert wanted.down_to(keys[1], 10) == (keys[:2], True)
        assert wanted.down_to(keys[2], 10) == (keys, False)
        assert wanted.count(100) == 3
        assert wanted.count(2) == 2

    def test_another_teams_pictures_are_never_found(self, painted: Callable[..., None], look: Looking, outsider: User):
        painted("my fox")
        finish(submit(Member.objects.get(user=outsider), order("their fox"), hint=False))
        assert look("fox") == ["my fox"]
        assert found(Member.objects.get(user=outsider), "fox") == ["their fox"]


@pytest.mark.django_db
class TestTheIndex:
    def test_a_picture_is_found_once_it_is_finished(self, ask: Asking, look: Looking):
        generation = ask("a red fox")
        assert look("fox") == []
        finish(generation)
        assert look("fox") == ["a red fox"]

    def test_what_was_written_before_the_enhancer_is_found(self, ask: Asking, member: Member, look: Looking):
        generation = ask("a vixen, volumetric light")
        generation.enhancement = EnhancementRequest.objects.create(
            team=member.team, author=member.user, enhancer="local", original="a fox", style="photo", seed=1
        )
        generation.save()
        finish(generation)
        assert look("fox") == look("vixen") == ["a vixen, volumetric light"]

    def test_note_and_tags_are_found_while_they_are_there(self, ask: Asking, member: Member, look: Looking):
        generation = ask("a red fox")
        finish(generation)
        tagging = Tagging.objects.create(tag=Tag.objects.create(team=member.team, name="spring fair"), generation=generation)
        Generation.objects.filter(pk=generation.pk).update(note="For the poster")
        search.index([generation.pk])
        assert look("poster") == look('"spring fair"') == look("fox poster spring") == ["a red fox"]
        tagging.delete()
        Generation.objects.filter(pk=generation.pk).update(note="")
        search.index([generation.pk])
        assert look("poster") == look("spring") == []
        assert look("fox") == ["a red fox"]

    @pytest.mark.parametrize(
        "gone", [{"is_check": True}, {"trashed_at": "2026-01-01T00:00Z"}, {"purged_at": "2026-01-01T00:00Z"}]
    )
    def test_what_leaves_the_gallery_is_not_found_until_it_is_back(self, ask: Asking, look: Looking, gone: dict[str, object]):
        generation = ask("a red fox")
        finish(generation)
        Generation.objects.filter(pk=generation.pk).update(**gone)
        search.index([generation.pk])
        assert look("fox") == []
        assert not SearchText.objects.exists()
        Generation.objects.filter(pk=generation.pk).update(is_check=False, trashed_at=None, purged_at=None)
        search.index([generation.pk])
        assert look("fox") == ["a red fox"]

    def test_many_at_once_and_none_at_all(self, ask: Asking, look: Looking, django_assert_num_queries):
        rows = [ask(f"fox {number}") for number in range(3)]
        for row in rows:
            finish(row)
        SearchText.objects.all().delete()
        assert look("fox") == []
        with django_assert_num_queries(0):
            search.index([])
        with django_assert_num_queries(3):  # pictures, their tags, one write
            search.index(row.pk for row in rows)
        assert len(look("fox")) == 3

    def test_the_migration_writes_down_what_is_there_already(self, ask: Asking, member: Member, look: Looking):
        generation, trashed = ask("Ein großer Fuchs", size="512*256"), ask("a fox in the trash")
        finish(generation)
        finish(trashed)
        Generation.objects.filter(pk=trashed.pk).update(trashed_at=generation.created_at)
        Tagging.objects.create(tag=Tag.objects.create(team=member.team, name="tier"), generation=generation)
        search.index([generation.pk, trashed.pk])
        before = list(SearchText.objects.values())
        SearchText.objects.all().delete()
        importlib.import_module("generations.migrations.0009_search").fill(apps, None)
        assert list(SearchText.objects.values()) == before
        assert look("fuchs tier") == ["Ein großer Fuchs"]


class TestSentences:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [("a" * 201, search.TOO_LONG), ("!!!", search.NO_WORDS), ('""', search.NO_WORDS), ("f*", search.SHORT_PREFIX)],
    )
    def test_what_cannot_be_used_is_said(self, text: str, sentence: str):
        assert search.parse(text).problem == sentence

    @pytest.mark.parametrize("text", ["", "  ", "fox", "a" * 200, 'fo* "a b" -c'])
    def test_else_nothing_is_said(self, text: str):
        assert search.parse(text).problem == ""


@given(st.text(max_size=300))
def test_words_are_letters_and_digits_alone(text: str):
    assert all(word and not set(word) & set("\"'\\%_ *-&|!<>():=\0") for word in words_of(text))


SYNTAX = st.lists(
    st.sampled_from(
        [
            '"',
            "'",
            "-",
            "*",
            "(",
            ")",
            " ",
            ":",
            "AND",
            "OR",
            "NOT",
            "NEAR",
            "^",
            "&",
            "|",
            "!",
            "<->",
            "\\",
            "\0",
            "%",
            "fox",
            "狐",
        ]
    )
).map("".join)


class TestAnyInput(TestCase):
    """Whatever is typed, it is a search, and the database takes it."""

    def setUp(self) -> None:
        user = User.objects.create_user("owner@example.org", "x")
        self.member = Member.objects.create(team=Team.objects.create(name="A"), user=user, role=Role.OWNER)

    @settings(max_examples=150, deadline=None)
    @given(text=st.one_of(st.text(max_size=250), SYNTAX))
    def test_no_input_is_an_error(self, text: str) -> None:
        filters = Filters(q=text)
        assert lookup(self.member, filters).below(None, 10) == []
        assert lookup(self.member, Filters(q=text, favourites=True)).below(None, 10) == []
        assert lookup(self.member, filters).count(10) == 0


@pytest.mark.django_db
def test_the_database_has_the_index():
    names = connection.introspection.get_constraints(connection.cursor(), "generations_searchtext")
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    assert "generations_search" in tables or "generations_search" in names
