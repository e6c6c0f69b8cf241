"""A picture large over the gallery: by keys, by mouse, by finger, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from generations.gallery.feed import PAGE
from generations.models import Generation, Image, User
from generations.submission import submit
from tests.browser.conftest import Studio
from tests.browser.test_pages import expect_to_fit, hold_time, serious_violations
from tests.conftest import finish, order

Opening = Callable[..., Page]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SWIPE = """async (across) => {
    const area = document.querySelector("swipe-keys img");
    const touch = (x, y) => new Touch({ identifier: 1, target: area, clientX: x, clientY: y });
    const fire = (type, touches, changedTouches) =>
        area.dispatchEvent(new TouchEvent(type, { touches, changedTouches, bubbles: true, cancelable: true }));
    fire("touchstart", [touch(180, 200)], [touch(180, 200)]);
    fire("touchend", [], [touch(180 + across, 204)]);
}"""


@pytest.fixture
def three(studio: Studio, user: User) -> list[Generation]:
    """Finish three pictures; the newest, which stands first in the gallery, is the last."""
    prompts = ("A lighthouse", "A sailing boat", "A red fox")
    made = [submit(studio.member(user), order(prompt, seed=7 + at), hint=False) for at, prompt in enumerate(prompts)]
    for at, generation in enumerate(made):
        finish(generation, (60 * at, 90, 40))
    return made


@pytest.fixture
def gallery(tab: Page, three: list[Generation]) -> Page:
    tab.emulate_media(reduced_motion="reduce")
    tab.goto("/gallery/")
    return tab


def light(tab: Page) -> Locator:
    return tab.get_by_role("dialog", name="Picture")


def tile(tab: Page, prompt: str) -> Locator:
    return tab.locator(".picture-link", has=tab.get_by_alt_text(prompt))


def expect_shown(tab: Page, prompt: str) -> None:
    expect(light(tab).get_by_role("heading", level=1)).to_have_text(prompt)


def opened(tab: Page, prompt: str = "A sailing boat") -> Page:
    tile(tab, prompt).click()
    expect_shown(tab, prompt)
    return tab


class TestOpening:
    def test_a_click_shows_the_picture_with_its_recipe(self, gallery: Page, three: list[Generation]):
        opened(gallery)
        expect(light(gallery).locator("dd", has_text=re.compile(r"^8"))).to_be_visible()
        expect(gallery).to_have_url(re.compile(f"{three[1].get_absolute_url()}$"))
        loaded = "image => image.complete && image.naturalWidth > 0"
        gallery.wait_for_function(f"() => [...document.querySelectorAll('.light-picture')].every({loaded})")

    def test_so_does_enter_on_a_tile(self, gallery: Page):
        tile(gallery, "A red fox").press("Enter")
        expect_shown(gallery, "A red fox")

    def test_a_reload_shows_the_pictures_own_page_and_back_the_gallery(self, gallery: Page):
        opened(gallery).reload()
        expect(gallery.locator(".detail h1")).to_have_text("A sailing boat")
        expect(light(gallery)).to_have_count(0)
        gallery.go_back()
        expect(tile(gallery, "A red fox")).to_be_visible()

    def test_with_ctrl_it_is_selected_instead(self, gallery: Page, three: list[Generation]):
        tile(gallery, "A red fox").click(modifiers=["ControlOrMeta"])
        expect(gallery.get_by_text("1 selected").first).to_be_visible()
        expect(light(gallery)).to_be_hidden()

    def test_with_the_middle_button_it_opens_a_tab_of_its_own(self, gallery: Page):
        with gallery.context.expect_page() as other:
            tile(gallery, "A red fox").click(button="middle")
        expect(other.value.locator(".detail h1")).to_have_text("A red fox")

    def test_without_scripts_a_tile_leads_to_the_page(
        self, open_tab: Opening, studio: Studio, user: User, three: list[Generation]
    ):
        page = open_tab(studio.address, user, java_script_enabled=False)
        page.goto("/gallery/")
        tile(page, "A red fox").click()
        expect(page.locator(".detail h1")).to_have_text("A red fox")
        expect(page.get_by_role("button", name="Copy")).to_have_count(0)

    def test_what_cannot_be_loaded_is_looked_for_on_its_page(self, gallery: Page, three: list[Generation], watch):
        watch.expect("status of 404|Code 404|Error Status Code")
        Image.objects.filter(generation=three[2]).delete()
        Generation.objects.filter(pk=three[2].pk).delete()
        tile(gallery, "A red fox").click()
        expect(gallery.get_by_role("heading", name="Nothing here")).to_be_visible()


class TestGoingOn:
    def test_arrows_lead_to_the_neighbours_and_stop_at_the_ends(self, gallery: Page, three: list[Generation]):
        opened(gallery)
        gallery.keyboard.press("ArrowRight")
        expect_shown(gallery, "A lighthouse")
        expect(gallery).to_have_url(re.compile(f"{three[0].get_absolute_url()}$"))
        gallery.keyboard.press("ArrowRight")
        expect_shown(gallery, "A lighthouse")
        expect(gallery.get_by_role("button", name="Next picture")).to_have_attribute("aria-disabled", "true")
        gallery.keyboard.press("ArrowLeft")
        expect_shown(gallery, "A sailing boat")
        gallery.get_by_role("button", name="Previous picture").click()
        expect_shown(gallery, "A red fox")

    def test_arrows_in_a_field_stay_there(self, gallery: Page):
        opened(gallery)
        gallery.evaluate(
            "document.querySelector('.light-side').append(Object.assign(document.createElement('input'), {value: 'x'}))"
        )
        light(gallery).get_by_role("textbox").press("ArrowRight")
        expect_shown(gallery, "A sailing boat")

    def test_the_neighbours_large_files_are_there_before_they_are_needed(self, gallery: Page, three: list[Generation]):
        with (
            gallery.expect_request(f"**{three[0].get_absolute_url()}large/"),
            gallery.expect_request(f"**{three[2].get_absolute_url()}large/"),
        ):
            opened(gallery)

    def test_at_the_end_of_what_is_loaded_more_is_loaded(self, gallery: Page, three: list[Generation]):
        pad(three[0], PAGE - 2)
        gallery.goto("/gallery/")
        expect(gallery.locator(".picture-link")).to_have_count(PAGE)
        opened(gallery)
        gallery.keyboard.press("ArrowRight")
        expect_shown(gallery, "A lighthouse")
        expect(gallery.locator(".picture-link")).to_have_count(PAGE + 1)

    def test_a_finger_does_it_too(self, open_tab: Opening, studio: Studio, user: User, three: list[Generation]):
        page = open_tab(studio.address, user, **PHONE)
        page.goto("/gallery/")
        tile(page, "A sailing boat").tap()
        expect_shown(page, "A sailing boat")
        page.evaluate(SWIPE, -120)
        expect_shown(page, "A lighthouse")
        page.evaluate(SWIPE, 120)
        expect_shown(page, "A sailing boat")
        page.evaluate(SWIPE, 20)
        expect_shown(page, "A sailing boat")


class TestClosing:
    @pytest.mark.parametrize("way", ["Escape", "Close", "Back"])
    def test_it_leads_back_to_the_gallery_and_the_tile(self, gallery: Page, way: str):
        opened(gallery)
        gallery.keyboard.press("ArrowRight")
        expect_shown(gallery, "A lighthouse")
        if way == "Escape":
            gallery.keyboard.press(way)
        elif way == "Close":
            gallery.get_by_role("button", name=way).click()
        else:
            gallery.go_back()
        expect(light(gallery)).to_be_hidden()
        expect(gallery).to_have_url(re.compile("/gallery/$"))
        expect(tile(gallery, "A lighthouse")).to_be_focused()

    def test_forward_opens_it_again(self, gallery: Page):
        opened(gallery)
        gallery.keyboard.press("Escape")
        expect(gallery).to_have_url(re.compile("/gallery/$"))
        gallery.go_forward()
        expect_shown(gallery, "A sailing boat")

    def test_back_after_closing_leaves_the_gallery(self, gallery: Page):
        opened(gallery)
        gallery.keyboard.press("Escape")
        expect(gallery).to_have_url(re.compile("/gallery/$"))
        gallery.go_back()
        expect(gallery.get_by_label("Prompt")).to_be_visible()

    def test_it_cancels_nothing(self, gallery: Page, studio: Studio, user: User):
        waiting = submit(studio.member(user), order("A slow boat"), hint=False)
        opened(gallery)
        gallery.keyboard.press("Escape")
        expect(light(gallery)).to_be_hidden()
        waiting.refresh_from_db()
        assert waiting.state == "queued"


class TestOtherKeys:
    def test_d_downloads(self, gallery: Page):
        opened(gallery)
        with gallery.expect_download() as download:
            gallery.keyboard.press("d")
        assert download.value.suggested_filename.startswith("a-sailing-boat-8-")

    def test_f_marks_a_favourite(self, gallery: Page):
        opened(gallery)
        star = light(gallery).get_by_role("button", name="Favourite")
        expect(star).to_have_attribute("aria-pressed", "false")
        gallery.keyboard.press("f")
        expect(star).to_have_attribute("aria-pressed", "true")

    def test_delete_moves_it_to_the_trash(self, gallery: Page):
        opened(gallery)
        gallery.keyboard.press("Delete")
        expect(gallery.get_by_text("Moved 1 picture to the trash.").first).to_be_visible()

    def test_a_question_mark_lists_them_and_escape_closes_the_list_first(self, gallery: Page):
        opened(gallery)
        gallery.keyboard.press("?")
        expect(gallery.get_by_role("heading", name="Keys")).to_be_visible()
        gallery.keyboard.press("Escape")
        expect(gallery.get_by_role("heading", name="Keys")).to_be_hidden()
        expect(light(gallery)).to_be_visible()

    def test_c_compares_with_the_next_chosen_one(self, gallery: Page, three: list[Generation]):
        opened(gallery)
        gallery.keyboard.press("c")
        expect(gallery.get_by_text("Chosen to compare.")).to_be_visible()
        gallery.keyboard.press("ArrowRight")
        expect_shown(gallery, "A lighthouse")
        gallery.keyboard.press("c")
        expect(gallery).to_have_url(re.compile(f"/gallery/compare/.a={three[1].public_id}&b={three[0].public_id}$"))

    def test_pressed_twice_it_leads_to_the_choice(self, gallery: Page, three: list[Generation]):
        opened(gallery)
        gallery.keyboard.press("c")
        gallery.keyboard.press("c")
        expect(gallery).to_have_url(re.compile(f"/gallery/compare/.a={three[1].public_id}$"))

    def test_values_can_be_copied(self, gallery: Page):
        gallery.context.grant_permissions(["clipboard-read", "clipboard-write"])
        opened(gallery)
        hold_time(gallery)
        light(gallery).get_by_role("button", name="Copy: Seed").click()
        expect(light(gallery).get_by_role("status").filter(has_text="Copied")).to_have_count(1)
        assert gallery.evaluate("navigator.clipboard.readText()") == "8"


class TestEverybody:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_nothing_serious_stands_in_the_way_of_assistive_technology(self, gallery: Page, scheme: str):
        gallery.emulate_media(color_scheme=scheme)
        opened(gallery)
        assert serious_violations(gallery) == []

    def test_it_fits_every_screen(self, gallery: Page):
        expect_to_fit(opened(gallery))
        wide = "() => { const box = document.querySelector('.light'); return box.scrollWidth - box.clientWidth }"
        for width in (360, 768, 1440):
            gallery.set_viewport_size({"width": width, "height": 800})
            assert gallery.evaluate(wide) <= 0, width

    def test_on_a_phone_the_recipe_is_under_the_picture_and_targets_are_large(
        self, open_tab: Opening, studio: Studio, user: User, three: list[Generation]
    ):
        page = open_tab(studio.address, user, **PHONE)
        page.goto("/gallery/")
        tile(page, "A sailing boat").tap()
        expect_shown(page, "A sailing boat")
        picture, recipe = (page.locator(each).bounding_box() for each in (".light-ground", ".light-side"))
        assert picture is not None and recipe is not None
        assert recipe["y"] >= picture["y"] + picture["height"]
        for button in light(page).locator("button:visible").all():
            box = button.bounding_box()
            assert box is not None and min(box["width"], box["height"]) >= 44, button.get_attribute("aria-label")


def pad(pattern: Generation, count: int) -> None:
    """Put so many pictures before all that is there, with the files of one."""
    image = pattern.images.get()
    for _ in range(count):
        row = Generation.objects.get(pk=pattern.pk)
        row.pk, row.public_id, row.stack, row.prompt = None, None, None, "A filler"
        for name in ("public_id", "stack"):
            setattr(row, name, Generation._meta.get_field(name).get_default())
        row.save()
        copy = Image.objects.get(pk=image.pk)
        copy.pk, copy.generation = None, row
        copy.save()
