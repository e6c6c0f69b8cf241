"""Two pictures over and beside each other: by mouse, by keys, without scripts, on every screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from generations.models import Generation, User
from generations.submission import submit
from tests.browser.conftest import Studio
from tests.browser.test_pages import LONG, expect_to_fit, serious_violations
from tests.conftest import finish, order

Opening = Callable[..., Page]
CUT = "element => getComputedStyle(element).clipPath"


@pytest.fixture
def two(studio: Studio, user: User) -> tuple[Generation, Generation]:
    member = studio.member(user)
    one = submit(member, order("A red boat at sea", seed=1, size="512*384"), hint=False)
    other = submit(member, order("A blue boat at sea, " + LONG, seed=2, size="384*512"), hint=False)
    finish(one, (200, 60, 50))
    finish(other, (40, 70, 200))
    return one, other


@pytest.fixture
def compare(tab: Page, two: tuple[Generation, Generation]) -> Page:
    tab.emulate_media(reduced_motion="reduce")
    tab.goto(address(two))
    return tab


def address(two: tuple[Generation, Generation]) -> str:
    return f"/gallery/compare/?a={two[0].public_id}&b={two[1].public_id}"


def slider(tab: Page) -> Locator:
    return tab.get_by_role("slider", name="How much of picture A is shown")


def seeds(tab: Page) -> str:
    return tab.locator(".compare-rows tr", has_text="Seed").inner_text()


class TestTheSlider:
    def test_it_is_what_scripts_begin_with(self, compare: Page):
        expect(slider(compare)).to_be_visible()
        expect(compare.get_by_role("button", name="Slider", exact=True)).to_have_attribute("aria-pressed", "true")
        assert "50%" in compare.locator(".compare-one .compare-frame").evaluate(CUT)

    def test_it_moves_by_keys(self, compare: Page):
        slider(compare).press("End")
        assert "0%" in compare.locator(".compare-one .compare-frame").evaluate(CUT)
        assert "100%" in compare.locator(".compare-other .compare-frame").evaluate(CUT)
        slider(compare).press("ArrowLeft")
        expect(slider(compare)).to_have_value("99")

    def test_it_moves_by_mouse_to_where_the_pointer_is(self, compare: Page):
        frame = compare.locator(".compare-one .compare-frame").bounding_box()
        assert frame is not None
        compare.mouse.click(frame["x"] + frame["width"] / 4, frame["y"] + frame["height"] / 2)
        expect(slider(compare)).to_have_value(re.compile("^2[456]$"))

    def test_it_moves_by_finger(self, open_tab: Opening, studio: Studio, user: User, two: tuple[Generation, Generation]):
        page = open_tab(studio.address, user, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
        page.goto(address(two))
        frame = page.locator(".compare-one .compare-frame").bounding_box()
        assert frame is not None
        page.touchscreen.tap(frame["x"] + frame["width"] * 0.75, frame["y"] + frame["height"] / 2)
        expect(slider(page)).to_have_value(re.compile("^7[3-7]$"))

    def test_both_pictures_fill_the_same_frame(self, compare: Page):
        frames = [each.bounding_box() for each in compare.locator(".compare-frame").all()]
        assert frames[0] == frames[1]
        expect(compare.get_by_text("They differ in size: A is 512 × 384, B is 384 × 512.")).to_be_visible()


class TestTheOtherWay:
    def test_m_changes_and_the_choice_is_kept(self, compare: Page):
        compare.keyboard.press("m")
        expect(slider(compare)).to_be_hidden()
        boxes = [each.bounding_box() for each in compare.locator(".compare-frame").all()]
        assert boxes[0] is not None and boxes[1] is not None
        assert boxes[1]["x"] >= boxes[0]["x"] + boxes[0]["width"]
        compare.reload()
        expect(compare.get_by_role("button", name="Side by side", exact=True)).to_have_attribute("aria-pressed", "true")
        compare.keyboard.press("M")
        slider(compare).press("Home")
        compare.keyboard.press("m")
        expect(slider(compare)).to_be_hidden()

    def test_c_swaps_without_leaving_the_page(self, compare: Page, two: tuple[Generation, Generation]):
        compare.evaluate("window.stayed = true")
        assert re.sub(r"\s+", " ", seeds(compare)) == "Seed 1 2"
        compare.keyboard.press("c")
        expect(compare.locator(".compare-rows tr", has_text="Seed")).to_have_text(re.compile(r"Seed\s*2\s*1"))
        expect(compare).to_have_url(re.compile(f"a={two[1].public_id}&b={two[0].public_id}$"))
        assert compare.evaluate("window.stayed")
        compare.keyboard.press("m")
        expect(slider(compare)).to_be_hidden()

    def test_without_scripts_they_stand_side_by_side_and_swap(
        self, open_tab: Opening, studio: Studio, user: User, two: tuple[Generation, Generation]
    ):
        page = open_tab(studio.address, user, java_script_enabled=False)
        page.goto(address(two))
        expect(slider(page)).to_be_hidden()
        expect(page.get_by_role("button", name="Slider")).to_have_count(0)
        boxes = [each.bounding_box() for each in page.locator(".compare-frame").all()]
        assert boxes[0] is not None and boxes[1] is not None and boxes[0]["x"] < boxes[1]["x"]
        page.get_by_role("link", name="Swap").click()
        assert re.sub(r"\s+", " ", seeds(page)) == "Seed 2 1"


class TestTheWayHere:
    def test_from_a_picture_by_choosing_the_other(self, tab: Page, two: tuple[Generation, Generation]):
        tab.goto(two[0].get_absolute_url())
        tab.get_by_role("link", name="Compare", exact=True).click()
        expect(tab.get_by_role("heading", name="Compare with which one?")).to_be_visible()
        tab.locator(".picture-link").first.click()
        expect(tab).to_have_url(re.compile(f"a={two[0].public_id}&b={two[1].public_id}$"))
        expect(slider(tab)).to_be_visible()


class TestEverybody:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("mode", ["slider", "beside", "choose"])
    def test_nothing_serious_stands_in_the_way_of_assistive_technology(
        self, compare: Page, two: tuple[Generation, Generation], scheme: str, mode: str
    ):
        compare.emulate_media(color_scheme=scheme)
        if mode == "choose":
            compare.goto(f"/gallery/compare/?a={two[0].public_id}")
        if mode == "beside":
            compare.keyboard.press("m")
            expect(slider(compare)).to_be_hidden()
        compare.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true })")
        assert serious_violations(compare) == []

    @pytest.mark.parametrize("mode", ["slider", "beside", "choose"])
    def test_it_fits_every_screen(self, compare: Page, two: tuple[Generation, Generation], mode: str):
        if mode == "choose":
            compare.goto(f"/gallery/compare/?a={two[0].public_id}")
        if mode == "beside":
            compare.keyboard.press("m")
        expect_to_fit(compare)
