"""What the gallery's address says: every filter, alone and together, and sentences for what cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from generations import search
from generations.gallery.feed import count, pictures
from generations.gallery.filters import BACKWARDS, NO_COLLECTION, NO_SEED, Filters, Names, names_of, read
from generations.models import Collection, CollectionItem, Favourite, Generation, Member, Tag, Tagging, User
from generations.submission import submit
from tests.conftest import finish, order
from tests.pages import Element, page

Asking = Callable[..., Generation]


@pytest.fixture
def shelf(member: Member, teammate: User, ask: Asking) -> dict[str, Generation]:
    """Pictures that differ in everything."""
    rows = {
        "fox": ask("a red fox", size="512*256", seed=1),
        "boat": ask("a blue boat", size="256*512", seed=2),
        "owl": submit(Member.objects.get(user=teammate), order("a grey owl", size="256*256", seed=2), hint=False),
        "hen": ask("a red hen", size="512*256", seed=3),
    }
    for row in rows.values():
        finish(row)
    made = {"fox": datetime(2024, 2, 29, 23, 59, tzinfo=UTC), "boat": datetime(2025, 7, 1, tzinfo=UTC)}
    for name, moment in made.items():
        Generation.objects.filter(pk=rows[name].pk).update(created_at=moment)
    Generation.objects.filter(pk=rows["hen"].pk).update(backend="wavespeed")
    trip = Collection.objects.create(team=member.team, author=member.user, name="Trip")
    spring = Tag.objects.create(team=member.team, name="spring")
    for name in ("fox", "owl"):
        CollectionItem.objects.create(collection=trip, generation=rows[name])
        Tagging.objects.create(tag=spring, generation=rows[name])
    Favourite.objects.create(user=member.user, generation=rows["boat"])
    Favourite.objects.create(user=teammate, generation=rows["fox"])
    Favourite.objects.create(user=member.user, generation=rows["fox"])
    search.index(row.pk for row in rows.values())
    return rows


def shown(member: Member, shelf: dict[str, Generation], raw: dict[str, str]) -> list[str]:
    raw = {name: str(Collection.objects.get().public_id) if text == "TRIP" else text for name, text in raw.items()}
    filters = read(raw, names_of(member))
    names = {row.pk: name for name, row in shelf.items()}
    found = [names[row.pk] for row in pictures(member, filters).generations]
    assert count(member, filters) == len(found)
    return found


@pytest.mark.django_db
class TestEachFilter:
    @pytest.mark.parametrize(
        ("raw", "names"),
        [
            ({}, ["hen", "owl", "boat", "fox"]),
            ({"mine": "1"}, ["hen", "boat", "fox"]),
            ({"mine": ""}, ["hen", "owl", "boat", "fox"]),
            ({"favourites": "1"}, ["boat", "fox"]),
            ({"made_by": "wavespeed"}, ["hen"]),
            ({"made_by": "easel"}, ["owl", "boat", "fox"]),
            ({"made_by": "never-heard-of"}, []),
            ({"shape": "landscape"}, ["hen", "fox"]),
            ({"shape": "portrait"}, ["boat"]),
            ({"shape": "square"}, ["owl"]),
            ({"from": "2025-07-01"}, ["hen", "owl", "boat"]),
            ({"from": "2025-07-02"}, ["hen", "owl"]),
            ({"to": "2025-07-01"}, ["boat", "fox"]),
            ({"to": "2025-06-30"}, ["fox"]),
            ({"to": "2024-02-28"}, []),
            ({"from": "2024-02-29", "to": "2024-02-29"}, ["fox"]),
            ({"from": "0001-01-01", "to": "9999-12-31"}, ["hen", "owl", "boat", "fox"]),
            ({"from": "9999-12-31"}, []),
            ({"to": "0001-01-01"}, []),
            ({"collection": "TRIP"}, ["owl", "fox"]),
            ({"tag": "spring"}, ["owl", "fox"]),
            ({"tag": " #Spring "}, ["owl", "fox"]),
            ({"seed": "2"}, ["owl", "boat"]),
            ({"q": "red"}, ["hen", "fox"]),
        ],
    )
    def test_alone(self, member: Member, shelf: dict[str, Generation], raw: dict[str, str], names: list[str]):
        assert shown(member, shelf, raw) == names

    @pytest.mark.parametrize(
        ("raw", "names"),
        [
            ({"mine": "1", "made_by": "easel"}, ["boat", "fox"]),
            ({"mine": "1", "q": "a -red"}, ["boat"]),
            ({"favourites": "1", "q": "red"}, ["fox"]),
            ({"favourites": "1", "q": "re*"}, ["fox"]),
            ({"favourites": "1", "q": '"blue boat"'}, ["boat"]),
            ({"favourites": "1", "q": "-blue"}, ["fox"]),
            ({"favourites": "1", "q": "re"}, []),
            ({"favourites": "1", "collection": "TRIP"}, ["fox"]),
            ({"favourites": "1", "collection": "TRIP", "seed": "1", "tag": "spring", "shape": "landscape", "mine": "1"}, ["fox"]),
            ({"collection": "TRIP", "from": "2025-01-01", "made_by": "easel"}, ["owl"]),
            ({"seed": "2", "mine": "1"}, ["boat"]),
            ({"tag": "spring", "shape": "square", "q": "owl", "from": "2024-01-01"}, ["owl"]),
            ({"q": "red", "to": "2024-12-31"}, ["fox"]),
        ],
    )
    def test_together(self, member: Member, shelf: dict[str, Generation], raw: dict[str, str], names: list[str]):
        assert shown(member, shelf, raw) == names

    def test_what_is_in_the_trash_passes_no_filter(self, member: Member, shelf: dict[str, Generation]):
        Generation.objects.filter(pk=shelf["fox"].pk).update(trashed_at=shelf["fox"].created_at)
        search.index([shelf["fox"].pk])
        for raw in (
            {},
            {"favourites": "1"},
            {"collection": "TRIP"},
            {"seed": "1"},
            {"tag": "spring"},
            {"q": "red"},
            {"mine": "1"},
        ):
            assert "fox" not in shown(member, shelf, raw)

    def test_a_filter_of_another_team_is_none(self, outsider: User, shelf: dict[str, Generation]):
        member = Member.objects.get(user=outsider)
        for raw in ({"tag": "spring"}, {"collection": str(Collection.objects.get().public_id)}):
            filters = read(raw, names_of(member))
            assert filters.values == {}
            assert len(filters.problems) == 1
            assert pictures(member, filters).generations == []


class TestReading:
    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            ({"from": "yesterday"}, "“yesterday” is not a date. Write one such as 2026-11-30."),
            ({"to": "2026-13-01"}, "“2026-13-01” is not a date. Write one such as 2026-11-30."),
            ({"shape": "round"}, "There is no shape “round”. Choose landscape, square or portrait."),
            ({"seed": "-1"}, NO_SEED),
            ({"seed": "99999999999"}, NO_SEED),
            ({"seed": "٣"}, NO_SEED),
            ({"tag": "spring"}, "Your team has no tag “spring”."),
            ({"collection": "x"}, NO_COLLECTION),
            ({"from": "2026-02-01", "to": "2026-01-01"}, BACKWARDS),
            ({"q": "?"}, search.NO_WORDS),
            ({"q": "fox " * 60}, search.TOO_LONG),
        ],
    )
    def test_what_cannot_be_used_is_said(self, raw: dict[str, str], sentence: str):
        assert read(raw, Names()).problems == (sentence,)

    def test_the_rest_counts(self):
        filters = read({"shape": "round", "seed": "7", "unknown": "x"}, Names())
        assert filters.values == {"seed": "7"}

    @given(
        st.dictionaries(st.sampled_from(["q", "mine", "made_by", "shape", "from", "to", "collection", "tag", "seed"]), st.text())
    )
    def test_any_address_can_be_read_and_says_the_same_again(self, raw: dict[str, str]):
        filters = read(raw, Names())
        again = dict(parse_qsl(urlsplit(filters.address()).query))
        assert read(again, Names()) == filters
        assert len(filters.chips) == len(filters.values)

    def test_each_chip_leads_to_the_address_without_it(self):
        filters = Filters(q="fox", mine=True, shape="portrait", since=date(2026, 1, 2))
        assert {chip.words: chip.away for chip in filters.chips} == {
            "“fox”": "/gallery/?mine=1&shape=portrait&from=2026-01-02",
            "Mine": "/gallery/?q=fox&shape=portrait&from=2026-01-02",
            "Portrait": "/gallery/?q=fox&mine=1&from=2026-01-02",
            "From 2026-01-02": "/gallery/?q=fox&mine=1&shape=portrait",
        }


@pytest.mark.django_db
class TestThePage:
    def addresses(self, shown: Element) -> list[str]:
        return [link.attributes["href"] for link in shown.all("a", class_="picture-link")]

    def test_the_form_shows_what_is_on(self, client_of_owner: Client, shelf: dict[str, Generation]):
        day = (datetime.now(tz=UTC) + timedelta(days=1)).date().isoformat()
        raw = {"q": "red", "mine": "1", "shape": "landscape", "made_by": "easel", "tag": "spring", "seed": "1", "to": day}
        shown = page(client_of_owner.get("/gallery/", raw))
        form = shown.one("form", class_="finder")
        assert form.attributes["method"] == "get"
        assert {name: form.value(name) for name in ("q", "mine", "shape", "seed", "to")} == {
            name: raw[name] for name in ("q", "mine", "shape", "seed", "to")
        }
        chosen = [each.attributes["value"] for each in form.all("option") if "selected" in each.attributes]
        assert chosen == ["easel", "spring"]
        assert self.addresses(shown) == [shelf["fox"].get_absolute_url()]
        assert shown.one(class_="finder-count").text == "1 picture"
        chips = [chip.text for chip in shown.all("a", class_="chip")]
        assert chips == ["“red”", "Mine", "Easel", "Landscape", f"Until {day}", "#spring", "Seed 1", "Clear all"]

    def test_when_nothing_matches_it_offers_all_pictures(self, client_of_owner: Client, shelf: dict[str, Generation]):
        shown = page(client_of_owner.get("/gallery/", {"q": "zeppelin"}))
        assert shown.one(class_="empty").one("h2").text == "Nothing matches"
        assert shown.one("a", class_="button-main").attributes["href"] == "/gallery/"
        assert shown.one(class_="finder-count").text == "0 pictures"
        assert shown.one("form", class_="finder").value("q") == "zeppelin"

    def test_a_sentence_stands_beside_the_pictures(self, client_of_owner: Client, shelf: dict[str, Generation]):
        shown = page(client_of_owner.get("/gallery/", {"seed": "many"}))
        assert shown.one(class_="note-warning").text == NO_SEED
        assert len(self.addresses(shown)) == 4

    def test_load_more_keeps_the_filters(self, client_of_owner: Client, ask: Asking, member: Member):
        first = ask("a red fox")
        finish(first)
        copies = Generation.objects.bulk_create(
            Generation(**{name: getattr(first, name) for name in COPIED}, state="succeeded") for _ in range(61)
        )
        search.index(copy.pk for copy in copies)
        shown = page(client_of_owner.get("/gallery/", {"q": "fox", "mine": "1"}))
        link = shown.one(class_="gallery-more").one("a").attributes["href"]
        assert dict(parse_qsl(urlsplit(link).query)).keys() == {"q", "mine", "before"}
        assert self.addresses(page(client_of_owner.get(link))) == [copies[0].get_absolute_url(), first.get_absolute_url()]

    @pytest.mark.parametrize(
        "raw",
        [
            {},
            {"q": "red"},
            {"q": "red", "favourites": "1", "tag": "spring", "from": "2020-01-01", "seed": "1"},
            {"until": "1"},
            {"until": "1", "shape": "square"},
        ],
    )
    def test_it_never_takes_more_than_nine_queries(
        self, client_of_owner: Client, shelf: dict[str, Generation], raw: dict[str, str], django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(9):
            client_of_owner.get("/gallery/", raw)


COPIED = (
    "team_id",
    "author_id",
    "model",
    "backend",
    "prompt",
    "width",
    "height",
    "num_inference_steps",
    "guidance_scale",
    "seed",
)
COPIED += ("output_format",)
