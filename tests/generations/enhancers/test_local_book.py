"""The phrase book itself."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product

import pytest

from generations.enhancers.base import Kind, Style
from generations.enhancers.local.book import Phrase, phrase_book
from generations.enhancers.local.choice import BRINGS
from generations.enhancers.local.subjects import subjects_of, tags_known, with_implied

PHRASES = [phrase for phrases in phrase_book().values() for phrase in phrases]
SUBJECTS = """a man; a cat; an owl; a trout; a bee; a rose; an oak; ramen; a cake; coffee; a valley; a forest; the sea;
 a coral reef; a street; a church; a kitchen; a car; a train; a sailboat; an engine; a robot; a galaxy; a dragon; a teapot;
 a logo; jazz; an abstract shape; a castle at night in the snow; a stormy sea at night; a foggy street at dawn; a desert at night;
 a battle; a birthday party; loneliness"""
SHORT = [subject.strip() for subject in SUBJECTS.replace("\n", "").split(";")]
BANNED = re.compile(
    r"masterpiece|\b[48]k\b|trending|award|best quality|hyper|stunning|beautiful, |style of|leica|kodak|canon|nikon|fuji"
)


def test_every_phrase_stands_once() -> None:
    assert [words for words, times in Counter(phrase.words for phrase in PHRASES).items() if times > 1] == []


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_thirty_phrases_or_more(kind: Kind) -> None:
    assert len(phrase_book()[kind]) >= 30


def test_phrases_are_short_plain_and_without_cliches() -> None:
    for phrase in PHRASES:
        assert 2 <= len(phrase.words.split()) <= 9, phrase
        assert phrase.words == phrase.words.strip(" .,"), phrase
        assert phrase.words[0].islower() or phrase.words[0].isdigit(), phrase
        assert not BANNED.search(phrase.words), phrase


def test_groups_speak_only_of_tags_that_the_lexicon_knows() -> None:
    known = tags_known() | {"any", "blueprint", "oil", "watery", "drawn", "cel"}
    used = {tag for phrase in PHRASES for tag in _tags(phrase)}
    assert used - known == set()


def test_every_phrase_can_be_reached() -> None:
    assert [phrase.words for phrase in PHRASES if not _reachable(phrase)] == []


@pytest.mark.parametrize("style", Style)
def test_every_subject_has_a_choice_of_every_kind(style: Style) -> None:
    kinds = [kind for kind in Kind if not (kind == Kind.MEDIUM and style == Style.DEFAULT)]
    poor = [(subject, kind.value) for subject, kind in product(SHORT, kinds) if _choices(subject, style, kind) < 2]
    assert poor == []


@pytest.mark.parametrize("style", Style)
def test_every_style_has_phrases_for_what_is_not_known(style: Style) -> None:
    kinds = {phrase.kind for phrase in PHRASES if phrase.group.suits_anything(style)}
    assert len(kinds) >= 4


def _reachable(phrase: Phrase) -> bool:
    group = phrase.group
    styles = group.styles or {Style.DEFAULT, Style.ARTISTIC, Style.PHOTOGRAPHIC}
    fits = [set() if fit == "any" else set(fit.split("+")) for fit in group.fits]
    return any(group.suits(with_implied(fit | BRINGS.get(style, frozenset())), style) for fit, style in product(fits, styles))


def _choices(subject: str, style: Style, kind: Kind) -> int:
    tags = subjects_of(subject) | BRINGS.get(style, frozenset())
    return sum(phrase.group.suits(tags, style) for phrase in phrase_book()[kind])


def _tags(phrase: Phrase) -> set[str]:
    group = phrase.group
    return {tag for fit in group.fits for tag in fit.split("+")} | group.clashes | group.brings
