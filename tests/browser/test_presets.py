"""Presets beside the form: saved, renamed, shared, deleted, carried elsewhere, with scripts and without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from generations import presets
from generations.models import Generation, Preset, Role, User
from tests.browser.conftest import Studio, Watch
from tests.conftest import person

Opening = Callable[..., Page]
Keeping = Callable[..., Preset]

PROMPT = "A red fox in the snow"
FORM = {"prompt": PROMPT, "width": "1344", "height": "768", "seed": "42", "num_inference_steps": "28", "backend": "easel"}
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis and the s"
WIDTHS = [360, 768, 1440]


@pytest.fixture
def user(studio: Studio) -> User:
    return studio.newcomer()


@pytest.fixture
def keep(studio: Studio, user: User) -> Keeping:
    def save(name: str, whose: User | None = None, *, is_shared: bool = False) -> Preset:
        return presets.save(studio.member(whose or user), name, FORM, is_shared=is_shared).preset

    return save


@pytest.fixture(params=["with scripts", "without scripts"])
def tab(request: pytest.FixtureRequest, open_tab: Opening, studio: Studio, user: User) -> Page:
    scripts = request.param == "with scripts"
    return open_tab(studio.address, user, java_script_enabled=scripts, viewport={"width": 1440, "height": 1000})


def panel(tab: Page) -> Locator:
    """Return the panel, unfolded."""
    found = tab.locator(".presets")
    if found.get_attribute("open") is None:
        found.locator(".presets-summary").click()
    return found


def menu(tab: Page, name: str) -> Locator:
    panel(tab).get_by_role("button", name=f"Change “{name}”").click()
    found = tab.locator(".preset-menu:popover-open")
    expect(found).to_be_visible()
    return found


def said(tab: Page, sentence: str) -> None:
    expect(tab.locator("[role=status]", has_text=sentence)).to_be_visible()


def test_the_forms_settings_are_saved_under_a_name(tab: Page, user: User):
    tab.goto("/")
    tab.get_by_label("Prompt").fill(PROMPT)
    tab.get_by_label("Seed").fill("42")
    panel(tab).get_by_label("Save these settings as").fill("Night")
    panel(tab).get_by_label("Share it with the team").check()
    panel(tab).get_by_role("button", name="Save").click()
    said(tab, "Saved as “Night”.")
    preset = Preset.objects.get(author=user)
    assert (preset.name, preset.is_shared, preset.settings["prompt"], preset.settings["seed"]) == ("Night", True, PROMPT, 42)
    expect(panel(tab).get_by_role("link", name="Night")).to_contain_text("shared · prompt · 1:1 · 28 steps · seed 42")


def test_a_bad_name_is_told_beside_the_field_and_nothing_is_lost(tab: Page, user: User, keep: Keeping, watch: Watch):
    watch.expect("status of 422|Code 422")
    keep("Night")
    tab.goto("/")
    tab.get_by_label("Prompt").fill("Another prompt\nin two lines")
    panel(tab).get_by_label("Save these settings as").fill("Night")
    panel(tab).get_by_role("button", name="Save").click()
    expect(tab.locator(".preset-save .field-error")).to_have_text(presets.YOURS.format(name="Night"))
    tab.get_by_role("button", name="Replace it").click()
    said(tab, "Saved as “Night”.")
    assert Preset.objects.get(author=user).settings["prompt"].split() == ["Another", "prompt", "in", "two", "lines"]


def test_it_is_renamed_shared_and_deleted(tab: Page, user: User, keep: Keeping):
    keep("Night")
    tab.goto("/")
    opened = menu(tab, "Night")
    opened.get_by_label("Name").fill("Day")
    opened.get_by_role("button", name="Rename").click()
    said(tab, "It is called “Day” now.")
    menu(tab, "Day").get_by_role("button", name="Share with the team").click()
    said(tab, "Everybody in your team can use “Day” now.")
    assert Preset.objects.get(author=user).is_shared
    menu(tab, "Day").get_by_role("button", name="Stop sharing").click()
    said(tab, "Only you can use “Day” now.")
    opened = menu(tab, "Day")
    expect(opened.get_by_text("Delete it for good?")).not_to_be_visible()
    opened.locator("summary").click()
    opened.get_by_role("button", name="Delete").click()
    said(tab, "“Day” is deleted.")
    assert not Preset.objects.filter(author=user).exists()


def test_a_refused_name_can_be_mended_where_it_was_written(tab: Page, user: User, keep: Keeping, watch: Watch):
    watch.expect("status of 422|Code 422")
    keep("Day")
    keep("Night")
    tab.goto("/")
    opened = menu(tab, "Night")
    opened.get_by_label("Name").fill("Day")
    opened.get_by_role("button", name="Rename").click()
    mended = tab.locator(".preset-mend")
    expect(mended.locator(".field-error")).to_have_text(presets.TAKEN.format(name="Day"))
    mended.get_by_label("Name").fill("Dusk")
    mended.get_by_role("button", name="Rename").click()
    said(tab, "It is called “Dusk” now.")
    assert set(Preset.objects.filter(author=user).values_list("name", flat=True)) == {"Day", "Dusk"}


def test_all_are_exported_as_one_file_and_imported_again(tab: Page, user: User, keep: Keeping, tmp_path: Path):
    keep("Night")
    keep("Day")
    tab.goto("/")
    with tab.expect_download() as download:
        panel(tab).get_by_role("link", name="Export yours").click()
    assert download.value.suggested_filename == "presets.json"
    file = tmp_path / "presets.json"
    download.value.save_as(file)
    assert [each["name"] for each in json.loads(file.read_text())["presets"]] == ["Day", "Night"]
    panel(tab).get_by_text("Import a file").click()
    panel(tab).locator("input[type=file]").set_input_files(file)
    panel(tab).get_by_role("button", name="Import").click()
    said(tab, "Added 2 presets.")
    assert set(Preset.objects.filter(author=user).values_list("name", flat=True)) == {"Day", "Day 2", "Night", "Night 2"}


def test_enter_in_the_name_saves_and_makes_no_picture(open_tab: Opening, studio: Studio, user: User):
    tab = open_tab(studio.address, user)
    tab.goto("/")
    tab.get_by_label("Prompt").fill(PROMPT)
    panel(tab).get_by_label("Save these settings as").fill("Night")
    tab.keyboard.press("Enter")
    said(tab, "Saved as “Night”.")
    expect(tab.get_by_label("Prompt")).to_have_value(PROMPT)
    expect(panel(tab).get_by_role("link", name="Night")).to_be_focused()
    assert not Generation.objects.filter(author=user).exists()


def test_enter_in_the_name_makes_no_picture_without_scripts_either(open_tab: Opening, studio: Studio, user: User):
    tab = open_tab(studio.address, user, java_script_enabled=False)
    tab.goto("/")
    tab.get_by_label("Prompt").fill(PROMPT)
    panel(tab).get_by_label("Save these settings as").fill("Night")
    tab.keyboard.press("Enter")
    panel(tab).get_by_role("button", name="Save").click()
    said(tab, "Saved as “Night”.")
    assert not Generation.objects.filter(author=user).exists()


def test_the_focus_stays_with_the_preset_that_was_changed(open_tab: Opening, studio: Studio, user: User, keep: Keeping):
    keep("Night")
    tab = open_tab(studio.address, user)
    tab.goto("/")
    menu(tab, "Night").get_by_role("button", name="Share with the team").click()
    said(tab, "Everybody in your team")
    expect(tab.get_by_role("button", name="Change “Night”")).to_be_focused()
    tab.keyboard.press("Enter")
    opened = tab.locator(".preset-menu:popover-open")
    opened.locator("summary").click()
    opened.get_by_role("button", name="Delete").click()
    said(tab, "“Night” is deleted.")
    expect(tab.locator(".presets-summary")).to_be_focused()


def test_on_the_page_of_presets_alone_there_is_nothing_to_save(tab: Page, keep: Keeping):
    keep("Night")
    tab.goto("/presets/")
    expect(tab.get_by_role("link", name="Night")).to_be_visible()
    expect(tab.get_by_label("Save these settings as")).not_to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_fits_every_screen_and_is_open_to_assistive_technology(
    open_tab: Opening, studio: Studio, user: User, keep: Keeping, watch: Watch, scheme: str
):
    watch.expect("status of 422|Code 422")
    teammate = person(f"mate-of-{user.pk}-{scheme}@example.org", studio.member(user).team, Role.MEMBER)
    keep(f"{LONG}ong")
    keep(f"{LONG}hort", teammate, is_shared=True)
    tab = open_tab(studio.address, user, color_scheme=scheme, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    for path in ("/", "/presets/"):
        tab.goto(path)
        panel(tab)
        if path == "/":
            panel(tab).get_by_role("button", name="Save").click()
            tab.locator(".preset-save .field-error").wait_for()
        tab.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true })")
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert_all_inside(panel(tab))
            opened = menu(tab, f"{LONG}ong")
            box = opened.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= 900
            violations = Axe().run(tab).response["violations"]
            serious = [each for each in violations if each["impact"] in {"serious", "critical"}]
            assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in serious] == []
            tab.keyboard.press("Escape")


def assert_all_inside(found: Locator) -> None:
    """Check that nothing in the panel stands out over its right edge."""
    edge = "panel.querySelector('.presets-inside').getBoundingClientRect().right + 9"  # a row's ground stands out by 8
    each = "(each) => each.getBoundingClientRect().right"
    every = "[...panel.querySelectorAll(':scope :not([popover], [popover] *)')]"
    assert found.evaluate(f"(panel) => Math.max(...{every}.map({each})) <= {edge}")
