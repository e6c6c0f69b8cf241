"""The main job, from an empty installation to a picture in the gallery, as different people do it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from generations.models import Generation, State
from tests.browser.conftest import SAFE_AGAIN
from tests.installation import Installation

Opening = Callable[..., Page]

PROMPT = "A red fox in the snow under a full moon"


def found(tab: Page) -> None:
    """Fill in the welcome page."""
    expect(tab).to_have_url(re.compile("/welcome/$"))
    tab.get_by_label("Name of your team").fill("Atelier")
    tab.get_by_label("Your name").fill("Ada")
    tab.get_by_label("Email").fill("ada@example.org")
    tab.get_by_label("Password").fill("a long enough phrase")
    tab.get_by_role("button", name="Make the first picture").click()


def settings(tab: Page, *, side: int, steps: int) -> None:
    tab.get_by_label("Width", exact=True).fill(str(side))
    tab.get_by_label("Height", exact=True).fill(str(side))
    tab.locator("summary", has_text="More settings").click()
    tab.get_by_label("Steps", exact=True).fill(str(steps))


def expect_step(tab: Page) -> None:
    """Wait until the card says a step; looks at each frame, as the steps are soon over."""
    tab.wait_for_function("() => /Step \\d+ of \\d+/.test(document.querySelector('.stage .card-hero')?.textContent ?? '')")


def expect_seen(picture: Locator) -> None:
    """Wait until an image is loaded and has pixels."""
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def test_a_first_visitor_gets_a_picture_even_when_reloading_amid_the_painting(
    installation: Installation, address: str, open_tab: Opening
):
    installation.worker(**SAFE_AGAIN)
    tab = open_tab(address)
    tab.goto("/gallery/")
    found(tab)
    expect(tab.get_by_role("heading", name="Write what you want to see")).to_be_visible()
    tab.get_by_label("Prompt").fill(PROMPT)
    settings(tab, side=512, steps=50)
    tab.get_by_role("button", name="Generate").click()
    hero = tab.locator(".stage .card-hero")
    expect_step(tab)
    expect_seen(hero.locator(".frame-picture img"))
    tab.reload()
    expect(hero).to_have_class(re.compile("is-succeeded"))
    expect_seen(hero.locator(".frame-picture img"))
    assert hero.locator(".frame-picture img").get_attribute("alt") == PROMPT
    assert Generation.objects.count() == 1

    tab.get_by_role("link", name="Gallery").click()
    picture = tab.get_by_role("link", name=PROMPT)
    expect_seen(picture.locator("img").last)
    picture.click()
    generation = Generation.objects.get()
    expect(tab).to_have_url(re.compile(f"/gallery/{generation.public_id}/$"))
    expect(tab.locator("dl").first).to_contain_text(re.compile(rf"Seed\s*{generation.seed}\s*Steps"))
    expect_seen(tab.get_by_role("dialog").locator("img.light-picture").last)


def test_without_scripts_the_first_picture_is_made_all_the_same(installation: Installation, address: str, open_tab: Opening):
    tab = open_tab(address, java_script_enabled=False)
    tab.goto("/")
    found(tab)
    tab.get_by_label("Prompt").fill(PROMPT)
    settings(tab, side=256, steps=2)
    tab.get_by_role("button", name="Generate").click()
    expect(tab).to_have_url(re.compile("/gallery/[0-9a-f-]{36}/$"))
    expect(tab.get_by_text("Next in line")).to_be_visible()
    installation.worker(**SAFE_AGAIN)
    expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
    expect(tab.locator(".card-hero .frame-picture img")).to_be_visible()
    expect(tab.locator("dl").first).to_contain_text(str(Generation.objects.get().seed))
    tab.get_by_role("link", name="Gallery").first.click()
    expect(tab.get_by_role("link", name=PROMPT)).to_be_visible()


def test_the_keyboard_alone_is_enough_for_the_first_picture(installation: Installation, address: str, open_tab: Opening):
    installation.worker(**SAFE_AGAIN)
    tab = open_tab(address)
    tab.goto("/")
    for label, text in (
        ("Name of your team", "Atelier"),
        ("Your name", "Ada"),
        ("Email", "ada@example.org"),
        ("Password", "a long enough phrase"),
    ):
        tab_to(tab, tab.get_by_label(label))
        tab.keyboard.type(text)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Write what you want to see")).to_be_visible()
    tab_to(tab, tab.get_by_label("Prompt"))
    tab.keyboard.type(PROMPT)
    for label in ("Width", "Height"):
        tab_to(tab, tab.get_by_label(label, exact=True))
        tab.keyboard.press("ControlOrMeta+a")
        tab.keyboard.type("256")
    tab_to(tab, tab.get_by_role("button", name="Generate"))
    tab.keyboard.press("Enter")
    expect(tab.locator(".stage .card-hero")).to_have_class(re.compile("is-succeeded"))
    assert Generation.objects.get().state == State.SUCCEEDED
    tab_to(tab, tab.get_by_role("link", name=f"Open: {PROMPT}"))
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("/gallery/[0-9a-f-]{36}/$"))


# How an element and what it stands in look where a focus is drawn.
LOOK = """element => {
    const styles = [];
    for (let each = element, level = 0; each && level < 4; each = each.parentElement, level += 1) {
        const { outlineStyle, boxShadow, borderColor, opacity } = getComputedStyle(each);
        styles.push(outlineStyle, boxShadow, borderColor, opacity);
    }
    return styles.join();
}"""


def tab_to(tab: Page, target: Locator, most: int = 60) -> None:
    """Press the tabulator until the target has the focus, and look differently."""
    before = target.evaluate(LOOK)
    for _ in range(most):
        tab.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            tab.wait_for_function(f"([element, before]) => ({LOOK})(element) !== before", arg=[target.element_handle(), before])
            return
    raise AssertionError(f"{target} cannot be reached with {most} presses of the tabulator")
