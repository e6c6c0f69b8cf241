"""Bringing pictures in, and taking one along, in a real browser: by choosing, by dropping, without scripts, at every width."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, Route, expect

from generations.models import Generation, User
from tests.browser.conftest import Studio, Watch
from tests.generations.reading.test_a1111 import SDXL
from tests.generations.transfer.conftest import foreign_png
from tests.generations.transfer.zips import packed

Opening = Callable[..., Page]

DROP = """
([selector, files]) => {
  const transfer = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  for (const kind of ["dragover", "drop"]) {
    const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer });
    document.querySelector(selector).dispatchEvent(event);
  }
}
"""


@pytest.fixture
def user(studio: Studio) -> User:
    return studio.newcomer()


@pytest.fixture(params=["with scripts", "without scripts"])
def tab(request: pytest.FixtureRequest, open_tab: Opening, studio: Studio, user: User) -> Page:
    tab = open_tab(studio.address, user, java_script_enabled=request.param == "with scripts")
    tab.goto("/gallery/import/")
    return tab


def png(name: str, seed: int, **texts: str) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": foreign_png(seed, **texts)}


def test_chosen_files_come_in_and_each_is_told(tab: Page, user: User):
    words: FilePayload = {"name": "words.png", "mimeType": "image/png", "buffer": b"no picture"}
    tab.get_by_label("Choose pictures or a ZIP").set_input_files([png("a.png", 21), png("b.png", 21), words])
    tab.get_by_role("button", name="Bring in").click()
    said = tab.locator(".arrivals[role=status]")
    expect(said).to_contain_text("1 picture brought in.")
    expect(said).to_contain_text("1 was here already")
    expect(said).to_contain_text("1 could not be brought in: words.png")
    generation = Generation.objects.get(author=user)
    tab.locator(".arrivals-new a").click()
    expect(tab).to_have_url(f"{tab.url.split('/gallery')[0]}{generation.get_absolute_url()}")


def test_settings_of_a_zip_are_on_the_pictures_page(tab: Page, user: User):
    data = packed(("pictures/fox.png", foreign_png(22, parameters=SDXL)), ("../out.png", foreign_png(23)))
    chosen: FilePayload = {"name": "a.zip", "mimeType": "application/zip", "buffer": data}
    tab.get_by_label("Choose pictures or a ZIP").set_input_files(chosen)
    tab.get_by_role("button", name="Bring in").click()
    expect(tab.locator(".arrivals[role=status]")).to_contain_text("../out.png Its name in the ZIP leads out of the ZIP")
    generation = Generation.objects.get(author=user)
    tab.locator(".arrivals-new a").click()
    expect(tab.locator(".detail-side")).to_contain_text(str(generation.seed))
    expect(tab.locator(".detail-notes")).to_contain_text("AUTOMATIC1111")


def test_files_are_dropped_anywhere_on_the_page(open_tab: Opening, studio: Studio, user: User):
    tab = open_tab(studio.address, user)
    tab.goto("/gallery/import/")
    files = [(f"{seed}.png", "image/png", base64.b64encode(foreign_png(seed)).decode()) for seed in (24, 25)]
    tab.evaluate(DROP, ["main", files])
    expect(tab.locator("[data-chosen]")).to_contain_text("2 files")
    tab.get_by_role("button", name="Bring in").click()
    expect(tab.locator(".arrivals[role=status]")).to_contain_text("2 pictures brought in.")
    assert Generation.objects.filter(author=user).count() == 2


def test_nothing_but_the_keyboard_is_needed(open_tab: Opening, studio: Studio, user: User):
    tab = open_tab(studio.address, user)
    tab.goto("/gallery/import/")
    field = tab.get_by_label("Choose pictures or a ZIP")
    field.focus()
    field.set_input_files([png("a.png", 26)])
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Bring in")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator(".arrivals")).to_contain_text("1 picture brought in.")
    expect(tab.locator(".arrivals")).to_be_focused()


def test_it_shows_that_it_is_at_work_and_takes_a_second_try(open_tab: Opening, studio: Studio, user: User, watch: Watch):
    watch.expect("ERR_FAILED")
    watch.expect("htmx:sendError")
    tab, held = open_tab(studio.address, user), list[Route]()
    tab.goto("/gallery/import/")
    tab.route("**/gallery/import/", lambda route: held.append(route))
    tab.get_by_label("Choose pictures or a ZIP").set_input_files([png("a.png", 28)])
    tab.get_by_role("button", name="Bring in").click()
    expect(tab.locator(".upload-progress")).to_contain_text("Sen")
    expect(tab.get_by_role("button", name="Bringing in …")).to_be_disabled()
    held[0].abort()
    expect(tab.get_by_role("alert")).to_contain_text("The server did not answer.")
    expect(tab.locator(".upload-progress")).to_be_hidden()
    tab.unroute("**/gallery/import/")
    tab.get_by_role("button", name="Bring in").click()
    expect(tab.locator(".arrivals")).to_contain_text("1 picture brought in.")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_it_fits_every_width_and_anybody_can_use_it(open_tab: Opening, studio: Studio, user: User, width: int, scheme: str):
    tab = open_tab(studio.address, user, viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab.goto("/gallery/import/")
    words: FilePayload = {"name": "w" * 120 + ".png", "mimeType": "image/png", "buffer": b"no picture"}
    tab.get_by_label("Choose pictures or a ZIP").set_input_files([png("a.png", 27), png("b.png", 27), words])
    tab.get_by_role("button", name="Bring in").click()
    expect(tab.locator(".arrivals[role=status]")).to_contain_text("1 could not be brought in")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(tab).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
