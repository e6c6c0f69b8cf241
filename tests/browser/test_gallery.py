"""Finding pictures in a real browser: search, filters, loading more and coming back, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from generations import search
from generations.models import Generation, Image, User
from generations.submission import submit
from tests.browser.conftest import Studio
from tests.browser.test_pages import SCHEMES, expect_to_fit, serious_violations
from tests.conftest import finish, order

Opening = Callable[..., Page]

SIZES = ("512*256", "256*256", "256*512")
MANY = 150
COPIED = (
    "team_id",
    "author_id",
    "model",
    "backend",
    "num_inference_steps",
    "guidance_scale",
    "output_format",
    "state",
    "finished_at",
)
FILES = ("file", "small", "large", "size_bytes", "output_format", "sha256", "pixels_sha256", "placeholder")


@pytest.fixture(scope="module")
def collector(studio: Studio) -> User:
    """Somebody with many pictures: number 1 is the oldest; every third one is wide, square, high; each tenth shows a fox."""
    user = studio.newcomer()
    patterns = [submit(studio.member(user), order("a boat", size=size), hint=False) for size in SIZES]
    images = [finish(pattern) for pattern in patterns]
    rows = [copy_of(patterns[number % 3], number) for number in range(1, MANY + 1)]
    Generation.objects.bulk_create(rows)
    kept = [{name: getattr(image, name) for name in (*FILES, "width", "height")} for image in images]
    Image.objects.bulk_create(Image(generation=row, **kept[row.seed % 3]) for row in rows)
    Generation.objects.filter(pk__in=[pattern.pk for pattern in patterns]).update(is_check=True)
    search.index([row.pk for row in (*rows, *patterns)])
    return user


def copy_of(pattern: Generation, number: int) -> Generation:
    kept = {name: getattr(pattern, name) for name in (*COPIED, "width", "height")}
    return Generation(
        prompt=f"a red fox, number {number}" if number % 10 == 0 else f"a boat, number {number}", seed=number, **kept
    )


@pytest.fixture
def gallery(open_tab: Opening, studio: Studio, collector: User) -> Callable[..., Page]:
    def visit(path: str = "/gallery/", **options: object) -> Page:
        tab = open_tab(studio.address, collector, **options)
        tab.goto(path)
        return tab

    return visit


class TestSearching:
    def test_a_word_is_looked_for_and_taken_back(self, gallery: Callable[..., Page]):
        tab = gallery()
        expect(tab.get_by_text("150 pictures")).to_be_visible()
        tab.get_by_role("searchbox").fill("fox")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text("15 pictures")).to_be_visible()
        expect(tab).to_have_url(re.compile(r"/gallery/\?q=fox$"))
        expect(tab.locator(".picture")).to_have_count(15)
        tab.get_by_role("link", name="Without the filter “fox”").click()
        expect(tab.get_by_text("150 pictures")).to_be_visible()

    def test_a_slash_leads_to_the_search(self, gallery: Callable[..., Page]):
        tab = gallery()
        tab.keyboard.press("/")
        expect(tab.get_by_role("searchbox")).to_be_focused()
        tab.keyboard.type("a/b")
        expect(tab.get_by_role("searchbox")).to_have_value("a/b")

    def test_when_nothing_matches_there_is_a_way_out(self, gallery: Callable[..., Page]):
        tab = gallery("/gallery/?q=zeppelin&shape=square")
        expect(tab.get_by_role("heading", name="Nothing matches")).to_be_visible()
        tab.get_by_role("link", name="Show all pictures").click()
        expect(tab.get_by_text("150 pictures")).to_be_visible()


class TestFilters:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
    def test_several_at_once(self, gallery: Callable[..., Page], scripts: bool):
        tab = gallery(java_script_enabled=scripts)
        tab.locator("summary", has_text="Filters").click()
        tab.get_by_text("Landscape", exact=True).click()
        tab.get_by_label("Made by").select_option("Easel")
        tab.get_by_role("searchbox").fill("fox")
        tab.get_by_role("button", name="Show pictures").click()
        expect(tab.get_by_text("5 pictures", exact=True)).to_be_visible()
        expect(tab.locator(".chip-words")).to_have_text(["“fox”", "Easel", "Landscape"])
        if scripts:
            expect(tab).to_have_url(re.compile(r"/gallery/\?q=fox&shape=landscape&made_by=easel$"))
        tab.get_by_role("link", name="Clear all").click()
        expect(tab.get_by_text("150 pictures")).to_be_visible()

    def test_by_keyboard_alone(self, gallery: Callable[..., Page]):
        tab = gallery()
        tab.keyboard.press("/")
        for key in ("Tab", "Tab", "Enter", "Tab", "ArrowRight", "Enter"):
            tab.keyboard.press(key)
        expect(tab.locator(".chip-words")).to_have_text(["Mine"])


class TestLoadingMore:
    def test_somebody_who_comes_back_finds_their_place(self, gallery: Callable[..., Page]):
        tab = gallery()
        tab.get_by_role("link", name="Load more").click()
        expect(tab.locator(".picture")).to_have_count(120)
        seventieth = tab.locator(".picture").nth(69)
        seventieth.scroll_into_view_if_needed()
        name, before = seventieth.get_attribute("data-generation"), seventieth.bounding_box()
        seventieth.locator(".picture-link").click()
        tab.wait_for_url(f"**/{name}/")
        tab.go_back()
        expect(tab.locator(".picture")).to_have_count(120)
        again = tab.locator(f'.picture[data-generation="{name}"]')
        expect(again).to_be_in_viewport()
        tab.wait_for_function("() => scrollY > 0")
        after = again.bounding_box()
        assert before and after and abs(before["y"] - after["y"]) < 2

    def test_the_address_shows_the_same_to_a_teammate(self, gallery: Callable[..., Page]):
        tab = gallery("/gallery/?q=boat")
        tab.get_by_role("link", name="Load more").click()
        expect(tab.locator(".picture")).to_have_count(120)
        tab.wait_for_url("**/gallery/?q=boat&until=*")
        tab.reload()
        expect(tab.locator(".picture")).to_have_count(120)
        tab.get_by_role("link", name="Load more").click()
        expect(tab.locator(".picture")).to_have_count(135)
        expect(tab.get_by_role("link", name="Load more")).to_have_count(0)

    def test_one_step_back_leaves_the_gallery(self, gallery: Callable[..., Page]):
        tab = gallery("/")
        tab.get_by_role("link", name="Gallery").click()
        tab.get_by_role("link", name="Load more").click()
        expect(tab.locator(".picture")).to_have_count(120)
        tab.go_back()
        expect(tab.get_by_label("Prompt", exact=True)).to_be_visible()

    def test_the_keyboard_goes_on_with_the_first_of_the_new_ones(self, gallery: Callable[..., Page]):
        tab = gallery()
        tab.get_by_role("link", name="Load more").focus()
        tab.keyboard.press("Enter")
        expect(tab.locator(".picture").nth(60).locator(".picture-link")).to_be_focused()

    def test_without_scripts_it_is_the_next_page_and_there_is_a_way_back(self, gallery: Callable[..., Page]):
        tab = gallery(java_script_enabled=False)
        seen = []
        for count in (60, 60, 30):
            expect(tab.locator(".picture")).to_have_count(count)
            seen += [each.get_attribute("data-generation") for each in tab.locator(".picture").all()]
            if count == 60:
                tab.get_by_role("link", name="Load more").click()
        assert len(set(seen)) == MANY
        tab.go_back()
        expect(tab.locator(".picture")).to_have_count(60)
        tab.get_by_role("link", name="To the newest pictures").click()
        expect(tab.locator(".picture").first).to_have_attribute("data-generation", seen[0] or "")


class TestOnEveryScreen:
    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize(
        "path", ["/gallery/?q=fox&mine=1&seed=x", "/gallery/?q=nothing", "/gallery/?before=100&shape=square"]
    )
    def test_it_fits_and_is_open_to_assistive_technology(self, gallery: Callable[..., Page], path: str, scheme: str):
        tab = gallery(path, color_scheme=scheme, reduced_motion="reduce", viewport={"width": 360, "height": 780})
        assert serious_violations(tab) == []
        tab.locator("summary", has_text="Filters").click()
        assert serious_violations(tab) == []
        expect_to_fit(tab)
