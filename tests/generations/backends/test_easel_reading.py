"""What Easel understands of a prompt."""

from __future__ import annotations

import pytest

from generations.backends.easel.raster import colour
from generations.backends.easel.reading import MOST_OF_A_KIND, MOST_SUBJECTS, MOST_THINGS, read
from generations.enhancers.local.book import phrase_book


def named(prompt: str) -> list[str]:
    return [subject.drawing.name for subject in read(prompt).subjects]


def counted(prompt: str) -> list[tuple[str, int]]:
    return [(subject.drawing.name, subject.count) for subject in read(prompt).subjects]


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a kitten", ["cat"]),
        ("mice and geese", ["mouse", "goose"]),
        ("two wolves", ["wolf"]),
        ("kids with a puppy", ["child", "dog"]),
        ("a mug of coffee", ["coffee"]),
        ("a polar bear", ["polar bear"]),
        ("a hot dog", ["hot dog"]),
        ("a hot air balloon", ["hot air balloon"]),
        ("piano, taxi, pizza", ["piano", "taxi", "pizza"]),
        ("a Café-Croissant, s'il vous plaît", ["croissant"]),
        ("🐙🎈", ["octopus", "balloon"]),
        ("a ca\u200bt", ["cat"]),
    ],
)
def test_things_are_known_by_name_alias_plural_synonym_and_emoji(prompt, names):
    assert [name for name in named(prompt) if name != "cafe"] == names


ADDED_THINGS = {
    *("sun", "moon", "candle", "fire", "ringed planet", "rose", "honey", "bubble", "coral", "potted plant", "fallen leaf"),
    *("rock", "dove", "helicopter", "stack of books", "tea", "lantern", "mushroom", "jar"),
}
"""What the enhancer's phrases may add to a picture: they say it, and a person who reads them expects it."""


def test_phrases_of_the_enhancer_add_no_palettes_eyes_and_aeroplanes():
    phrases = [phrase.words for kind in phrase_book().values() for phrase in kind]
    added = {words: set(named(f"a fox, {words}")) - {"fox"} - ADDED_THINGS for words in phrases}
    assert {words: names for words, names in added.items() if names} == {}


def test_a_colour_may_be_two_words():
    assert named("a bottle green car, teal and burnt orange") == ["car"]
    assert read("a bottle green car").subjects[0].colours == (colour("1f5a3a"),)
    assert named("a green bottle beside an orange") == ["champagne", "orange"]


def test_the_longest_name_wins():
    assert named("a fire engine") == ["fire engine"]
    assert named("a fire and an engine") == ["fire"]


@pytest.mark.parametrize(
    ("prompt", "counts"),
    [
        ("three balloons", [("balloon", 3)]),
        ("3 balloons", [("balloon", 3)]),
        ("a pair of swans", [("swan", 2)]),
        ("a dozen eggs", [("egg", 12)]),
        ("two dozen eggs", [("egg", 24)]),
        ("twenty one bees", [("bee", 21)]),
        ("a flock of five sheep", [("sheep", 5)]),
        ("one dog and two cats", [("dog", 1), ("cat", 2)]),
        ("a cat", [("cat", 1)]),
        ("cats", [("cat", 3)]),
        ("🐱🐱🐱", [("cat face", 3)]),
    ],
)
def test_numbers_count_the_next_noun(prompt, counts):
    assert counted(prompt) == counts


def test_colours_tint_their_noun_alone():
    balloon, cat = read("a light blue balloon and a cat").subjects
    assert balloon.colours[0][2] > balloon.colours[0][0]
    assert not cat.colours


def test_a_number_for_each_colour_makes_two_groups():
    red, blue = read("one red and two blue balloons").subjects
    assert (red.count, red.colours) == (1, (colour("d3202f"),))
    assert (blue.count, blue.colours) == (2, (colour("2f6fd0"),))


def test_an_orange_is_a_fruit_and_an_orange_cat_is_not():
    assert named("an orange") == ["orange"]
    [cat] = read("an orange cat").subjects
    assert cat.drawing.name == "cat"
    assert cat.colours


def test_what_is_ruled_out_is_not_shown():
    assert named("a street without cars, no people, a cat") == ["cat"]


@pytest.mark.parametrize(
    ("prompt", "part", "value"),
    [
        ("at sunset", "time", "sunset"),
        ("in the rain", "weather", "rain"),
        ("under the sea", "place", "underwater"),
        ("in autumn", "season", "autumn"),
        ("outer space", "place", "space"),
        ("northern lights", "weather", "aurora"),
        ("a cat, pixel art", "style", "pixel"),
        ("a cat, watercolour", "style", "watercolour"),
        ("a cat, pen and ink", "style", "ink"),
        ("cyberpunk city", "style", "neon"),
        ("a cat", "style", "oil"),
    ],
)
def test_place_time_weather_season_and_style_are_heard(prompt, part, value):
    assert getattr(read(prompt), part) == value


def test_relations_say_what_belongs_to_what():
    cat, hat, newspaper = read("a cat wearing a top hat reading a newspaper").subjects
    assert (hat.link, hat.to) == ("wears", 0)
    assert (newspaper.link, newspaper.to) == ("with", 0)
    assert cat.link is None


def test_words_that_nothing_was_made_of_are_kept_exactly():
    prompt = "A masterpiece, highly detailed, 8k: an octopus playing jazz at the velocity of two cats, jazz"
    assert read(prompt).undrawn == ("jazz", "velocity")


def test_ten_thousand_cats_are_capped_and_the_note_says_so():
    brief = read("ten thousand cats")
    assert brief.subjects[0].count == MOST_OF_A_KIND
    assert brief.notes == ("Painted 24 of the 10,000 (cat): more would not fit.",)


def test_too_many_subjects_are_capped_and_the_note_says_so():
    brief = read("cat dog fox bear wolf lion tiger horse cow pig goat duck swan owl")
    assert len(brief.subjects) == MOST_SUBJECTS
    assert brief.notes == ("Left out for want of room: 2 more things.",)
    assert sum(subject.count for subject in read("nine cats, nine dogs, nine pigs, nine cows").subjects) <= MOST_THINGS


def test_a_prompt_with_nothing_drawable_is_abstract():
    assert read("melancholy velocity in blue and gold").is_abstract
    assert not read("a beach").is_abstract
