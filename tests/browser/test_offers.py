"""Settings on their way into the form: from links, pictures and dropped files; and several pictures at once."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Locator, Page, expect

from generations.models import Generation, User
from generations.recipes import Recipe
from generations.submission import submit
from tests.browser.conftest import Studio
from tests.conftest import finish, order

Opening = Callable[..., Page]
A1111 = "a boat\nNegative prompt: rain\nSteps: 20, CFG scale: 1, Distilled CFG Scale: 4.5, Seed: 11, Size: 512x768"
# What a browser does with a picture from another window: no test can take one from there.
HAND_OVER = """async ([way, data]) => {
    const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "boat.png", { type: "image/png" }));
    const event = way === "drop" ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
        : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
    document.querySelector(way === "drop" ? ".drop" : "body").dispatchEvent(event);
}"""


def offer(tab: Page) -> Locator:
    return tab.get_by_role("region", name="Offered settings")


def shown_rows(tab: Page) -> list[str]:
    return [row.inner_text().split("\t")[0] for row in offer(tab).locator("tbody tr").all() if row.is_visible()]


def link(**values: object) -> str:
    return f"/?recipe={Recipe(values=values).text()}"


def picture(text: str) -> bytes:
    """Return a small PNG, with a record of settings if there is text."""
    record, out = PngInfo(), BytesIO()
    if text:
        record.add_text("parameters", text)
    Picture.new("RGB", (300, 300), (90, 120, 180)).save(out, "PNG", pnginfo=record)
    return out.getvalue()


def drop(tab: Page, text: str = "") -> None:
    """Attach it."""
    file = {"name": "boat.png", "mimeType": "image/png", "buffer": picture(text)}
    tab.get_by_label("Reference picture").set_input_files(file)


class TestALink:
    def test_it_shows_only_what_would_change_and_waits(self, tab: Page):
        tab.goto(link(prompt="a boat", size="1024*1024", seed=7, num_inference_steps=28, backend="easel"))
        expect(offer(tab)).to_contain_text("Settings from a link")
        assert shown_rows(tab) == ["Prompt", "Seed"]
        expect(tab.get_by_label("Prompt")).to_have_value("")

    def test_the_comparison_follows_the_form(self, tab: Page):
        tab.goto(link(prompt="a boat", seed=7))
        tab.get_by_label("Prompt").fill("a boat")
        assert shown_rows(tab) == ["Seed"]
        tab.get_by_label("Seed", exact=True).fill("7")
        expect(offer(tab)).to_contain_text("The form holds these settings already.")

    def test_a_press_uses_them_in_place_and_can_be_undone(self, tab: Page):
        tab.get_by_label("Prompt").fill("my own words")
        tab.goto(link(prompt="a boat", size="512*768"))
        expect(tab.get_by_label("Prompt")).to_have_value("my own words")
        offer(tab).get_by_role("link", name="Use these settings").click()
        expect(tab.get_by_label("Prompt")).to_have_value("a boat")
        expect(tab.get_by_label("Height", exact=True)).to_have_value("768")
        expect(offer(tab)).to_have_count(0)
        tab.get_by_role("button", name="Undo").click()
        expect(tab.get_by_label("Prompt")).to_have_value("my own words")
        expect(tab.get_by_label("Height", exact=True)).to_have_value("1024")

    @pytest.mark.parametrize("width", [360, 768, 1440])
    def test_it_fits_every_screen(self, tab: Page, width: int):
        tab.set_viewport_size({"width": width, "height": 800})
        tab.goto(link(prompt="a boat " * 40 + "x" * 200, size="512*768", seed=2_147_483_647))
        expect(offer(tab)).to_be_visible()
        assert tab.evaluate("document.scrollingElement.scrollWidth - window.innerWidth") <= 0

    def test_leaving_it_changes_nothing_and_a_reload_does_not_ask_again(self, tab: Page):
        tab.goto(link(prompt="a boat"))
        offer(tab).get_by_role("link", name="Leave as it is").click()
        expect(offer(tab)).to_have_count(0)
        tab.reload()
        expect(offer(tab)).to_have_count(0)
        expect(tab.get_by_label("Prompt")).to_have_value("")

    def test_without_scripts_a_press_fills_the_form(self, open_tab: Opening, studio: Studio, user: User):
        page = open_tab(studio.address, user, java_script_enabled=False)
        page.goto(link(prompt="a boat", size="512*768"))
        offer(page).get_by_role("link", name="Use these settings").click()
        expect(page.get_by_label("Prompt")).to_have_value("a boat")
        expect(page.get_by_label("Height", exact=True)).to_have_value("768")


class TestAPicturesSettings:
    @pytest.fixture
    def made(self, tab: Page, user: User, studio: Studio) -> Page:
        finish(submit(studio.member(user), order("a blue boat", seed=42, size="512*256"), hint=False))
        tab.goto("/")
        return tab

    def test_all_of_them_in_one_press(self, made: Page):
        made.get_by_role("link", name="Use these settings").click()
        expect(made.get_by_label("Prompt")).to_have_value("a blue boat")
        expect(made.get_by_label("Seed", exact=True)).to_have_value("42")
        expect(made.get_by_label("Width", exact=True)).to_have_value("512")

    @pytest.mark.parametrize(
        ("way", "prompt", "seed", "width"),
        [
            ("With a new seed", "a blue boat", "", "512"),
            ("Only the prompt", "a blue boat", "", "1024"),
            ("Only the seed", "", "42", "1024"),
            ("Only the size", "", "", "512"),
        ],
    )
    def test_or_a_part(self, made: Page, way: str, prompt: str, seed: str, width: str):
        made.get_by_role("button", name="More ways to use these settings").click()
        made.get_by_role("link", name=way).click()
        expect(made.get_by_label("Width", exact=True)).to_have_value(width)
        expect(made.get_by_label("Prompt")).to_have_value(prompt)
        expect(made.get_by_label("Seed", exact=True)).to_have_value(seed)

    def test_from_its_own_page_as_well(self, made: Page):
        made.locator(".frame-link").first.click()
        made.get_by_role("complementary", name="How it was made").get_by_role("link", name="Use these settings").click()
        expect(made.get_by_label("Prompt")).to_have_value("a blue boat")


class TestADroppedPicture:
    def test_settings_inside_are_offered_and_restored_without_the_picture(self, tab: Page):
        drop(tab, A1111)
        expect(offer(tab)).to_contain_text("Settings from AUTOMATIC1111")
        expect(offer(tab)).to_contain_text("Negative prompt: this model has none.")
        expect(tab.get_by_label("Prompt")).to_have_value("")
        offer(tab).get_by_role("link", name="Restore settings").click()
        expect(tab.get_by_label("Prompt")).to_have_value("a boat")
        expect(tab.get_by_label("Seed", exact=True)).to_have_value("11")
        expect(tab.get_by_alt_text("The attached picture")).to_be_hidden()

    @pytest.mark.parametrize("way", ["drop", "paste"])
    def test_it_may_be_dropped_on_the_form_or_pasted_anywhere(self, tab: Page, way: str):
        tab.evaluate(HAND_OVER, [way, base64.b64encode(picture(A1111)).decode()])
        expect(tab.get_by_alt_text("The attached picture")).to_be_visible()
        expect(offer(tab)).to_contain_text("Settings from AUTOMATIC1111")

    def test_or_it_stays_as_a_reference(self, tab: Page):
        drop(tab, A1111)
        offer(tab).get_by_role("link", name="Use as reference").click()
        expect(offer(tab)).to_have_count(0)
        expect(tab.get_by_alt_text("The attached picture")).to_be_visible()
        expect(tab.get_by_role("spinbutton", name="Strength")).to_be_visible()
        expect(tab.get_by_label("Prompt")).to_have_value("")

    def test_one_without_settings_is_a_reference_at_once(self, tab: Page):
        with tab.expect_response("**/settings/read/") as answered:
            drop(tab)
        assert answered.value.status == 204
        expect(tab.get_by_alt_text("The attached picture")).to_be_visible()
        expect(offer(tab)).to_have_count(0)

    def test_removing_it_takes_the_offer_along(self, tab: Page):
        drop(tab, A1111)
        expect(offer(tab)).to_be_visible()
        tab.get_by_role("button", name="Remove the picture").click()
        expect(offer(tab)).to_have_count(0)


class TestSeveralAtOnce:
    def test_one_press_makes_one_stack(self, tab: Page, user: User):
        tab.get_by_label("Prompt").fill("four boats")
        tab.get_by_label("4", exact=True).check()
        expect(tab.get_by_role("button", name="Generate 4")).to_be_visible()
        tab.get_by_role("button", name="Generate 4").click()
        expect(tab.locator(".stack .card")).to_have_count(4)
        seeds = list(Generation.objects.filter(author=user).order_by("pk").values_list("seed", flat=True))
        assert seeds == list(range(seeds[0], seeds[0] + 4))

    def test_fifty_fast_presses_make_one(self, tab: Page, user: User):
        tab.get_by_label("Prompt").fill("boats")
        tab.get_by_label("2", exact=True).check()
        tab.get_by_role("button", name="Generate 2").click(click_count=50)
        expect(tab.locator(".stack .card")).to_have_count(2)
        tab.wait_for_load_state("networkidle")
        assert Generation.objects.filter(author=user).count() == 2

    def test_one_of_them_can_be_cancelled_alone(self, tab: Page, user: User, studio: Studio):
        submit(studio.member(user), replace(order(), count=4), hint=False)
        tab.goto("/")
        tab.locator(".stack .card").nth(2).get_by_role("button", name="Cancel").click()
        expect(tab.locator(".stack .is-cancelled")).to_have_count(1)
        expect(tab.locator(".stack .is-queued")).to_have_count(3)

    def test_without_scripts_the_page_shows_them_all(self, open_tab: Opening, studio: Studio, user: User):
        page = open_tab(studio.address, user, java_script_enabled=False)
        page.goto("/")
        page.get_by_label("Prompt").fill("two boats")
        page.get_by_label("2", exact=True).check()
        page.get_by_role("button", name="Generate").click()
        expect(page.locator(".stack .card")).to_have_count(2)
