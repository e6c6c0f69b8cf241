"""Selecting pictures and keeping them, in a real browser: mouse, keyboard, without scripts, on a phone, in both themes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from generations import keeping
from generations.models import Collection, Favourite, Generation, Tagging, User
from generations.submission import submit
from tests.browser.conftest import Studio, Watch
from tests.conftest import finish, order

Opening = Callable[..., Page]


@pytest.fixture
def pictures(studio: Studio, user: User) -> list[Generation]:
    """Return finished pictures, newest first, as the gallery shows them."""
    rows = [submit(studio.member(user), order(f"Picture {number}"), hint=False) for number in range(6)]
    for row in rows:
        finish(row)
    return rows[::-1]


@pytest.fixture
def gallery(open_tab: Opening, studio: Studio, user: User, pictures: list[Generation]) -> Page:
    tab = open_tab(studio.address, user, viewport={"width": 1440, "height": 900})
    tab.goto("/gallery/")
    return tab


def tiles(tab: Page) -> Locator:
    return tab.locator(".picture:visible")


def box(tab: Page, number: int) -> Locator:
    return tab.locator(".pick-box").nth(number)


def ticked(tab: Page) -> list[bool]:
    return [each.is_checked() for each in tab.locator(".pick-box").all()]


def bar(tab: Page) -> Locator:
    return tab.locator("#selection")


def test_the_bar_comes_with_the_first_picture_and_goes_with_the_last(gallery: Page):
    expect(bar(gallery)).to_be_hidden()
    tiles(gallery).nth(0).hover()
    box(gallery, 0).click()
    expect(bar(gallery)).to_be_visible()
    expect(bar(gallery).get_by_text("1 selected")).to_be_visible()
    gallery.get_by_role("button", name="Select all on this page").click()
    assert all(ticked(gallery))
    gallery.get_by_role("button", name="Clear").click()
    assert not any(ticked(gallery))
    expect(bar(gallery)).to_be_hidden()


def test_shift_selects_a_range_and_takes_it_back(gallery: Page):
    box(gallery, 1).click()
    box(gallery, 4).click(modifiers=["Shift"])
    assert ticked(gallery) == [False, True, True, True, True, False]
    box(gallery, 2).click(modifiers=["Shift"])
    assert ticked(gallery) == [False, True, False, False, False, False]


def test_control_and_shift_on_a_picture_select_and_a_click_alone_opens_it(gallery: Page, pictures: list[Generation]):
    tiles(gallery).nth(0).locator(".picture-link").click(modifiers=["ControlOrMeta"])
    tiles(gallery).nth(2).locator(".picture-link").click(modifiers=["ControlOrMeta"])
    tiles(gallery).nth(2).locator(".picture-link").click(modifiers=["ControlOrMeta"])
    tiles(gallery).nth(4).locator(".picture-link").click(modifiers=["ControlOrMeta"])
    assert ticked(gallery) == [True, False, False, False, True, False]
    tiles(gallery).nth(5).locator(".picture-link").click(modifiers=["Shift"])
    assert ticked(gallery) == [True, False, False, False, True, True]
    assert gallery.url.endswith("/gallery/") and len(gallery.context.pages) == 1
    gallery.keyboard.press("Escape")
    assert not any(ticked(gallery))
    tiles(gallery).nth(3).locator(".picture-link").click()
    expect(gallery).to_have_url(re.compile(str(pictures[3].public_id)))


def test_a_closed_stack_counts_as_all_its_pictures(gallery: Page, pictures: list[Generation]):
    Generation.objects.filter(pk__in=[each.pk for each in pictures[1:4]]).update(stack=pictures[1].stack)
    gallery.reload()
    box(gallery, 0).click()
    gallery.get_by_role("checkbox", name="Select all 3: Picture 4").click()
    expect(bar(gallery).get_by_text("4 selected")).to_be_visible()
    bar(gallery).get_by_role("button", name="Collect").click()
    expect(gallery.get_by_role("heading", name="Add 4 pictures to a collection")).to_be_visible()


def test_what_is_thrown_away_goes_at_once_and_undo_brings_it_back(gallery: Page, pictures: list[Generation]):
    for number in (0, 2):
        box(gallery, number).click()
    bar(gallery).get_by_role("button", name="Trash").click()
    note = gallery.locator("#selection-said[role=status] passing-note")
    expect(note).to_contain_text("Moved 2 pictures to the trash.")
    expect(tiles(gallery)).to_have_count(4)
    expect(bar(gallery)).to_be_hidden()
    expect(note.get_by_role("button", name="Undo")).to_be_focused()
    assert set(Generation.objects.in_trash().filter(pk__in=[each.pk for each in pictures])) == {pictures[0], pictures[2]}
    gallery.keyboard.press("Enter")
    expect(note).to_contain_text("2 pictures are back in the gallery.")
    expect(tiles(gallery)).to_have_count(6)
    assert not Generation.objects.in_trash().filter(pk__in=[each.pk for each in pictures]).exists()
    note.get_by_role("button", name="Close").click()
    expect(note).to_have_count(0)


def test_a_note_goes_by_itself_but_not_while_it_is_in_hand(gallery: Page):
    gallery.clock.install()
    gallery.reload()
    box(gallery, 0).click()
    bar(gallery).get_by_role("button", name="Trash").click()
    note = gallery.locator("passing-note")
    expect(note.get_by_role("button", name="Undo")).to_be_focused()
    gallery.clock.run_for(60_000)
    expect(note).to_be_visible()
    box(gallery, 1).focus()
    gallery.clock.run_for(9_000)
    expect(note).to_be_visible()
    gallery.clock.run_for(12_000)
    expect(note).to_have_count(0)


def test_pictures_are_collected_and_tagged_where_they_lie(gallery: Page, user: User):
    gallery.get_by_role("checkbox", name="Select: Picture 5").click()
    box(gallery, 1).click()
    bar(gallery).get_by_role("button", name="Collect").click()
    ask = gallery.locator(".ask")
    expect(ask.get_by_label("Name of your team's first collection")).to_be_focused()
    gallery.keyboard.type("Foxes")
    gallery.keyboard.press("Enter")
    expect(gallery.locator("passing-note")).to_contain_text("Added 2 pictures to “Foxes”.")
    expect(ask).to_have_count(0)
    box(gallery, 2).click()
    bar(gallery).get_by_role("button", name="Collect").click()
    ask.get_by_role("button", name="Foxes").click()
    expect(gallery.locator("passing-note")).to_contain_text("Added 1 picture to “Foxes”.")
    assert Collection.objects.get(author=user).items.count() == 3
    box(gallery, 3).click()
    bar(gallery).get_by_role("button", name="Tag").click()
    ask.get_by_label("Tags, separated by commas").fill("Night, owl")
    ask.get_by_role("button", name="Add").click()
    expect(gallery.locator("passing-note")).to_contain_text("Tagged 1 picture “night”, “owl”.")
    assert Tagging.objects.filter(generation__author=user).count() == 2


def test_a_question_goes_with_escape_and_the_selection_stays(gallery: Page):
    box(gallery, 0).click()
    bar(gallery).get_by_role("button", name="Tag").click()
    expect(gallery.locator(".ask")).to_be_visible()
    gallery.keyboard.press("Escape")
    expect(gallery.locator(".ask")).to_have_count(0)
    expect(bar(gallery).get_by_role("button", name="Tag")).to_be_focused()
    assert ticked(gallery)[0]
    gallery.keyboard.press("Escape")
    assert not any(ticked(gallery))
    expect(box(gallery, 0)).to_be_focused()


def test_stars_are_filled_one_by_one_and_many_at_once(gallery: Page, user: User):
    star = tiles(gallery).nth(0).get_by_role("button", name="Favourite")
    tiles(gallery).nth(0).hover()
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    box(gallery, 1).click()
    box(gallery, 2).click()
    bar(gallery).get_by_role("button", name="Favourite").click()
    expect(gallery.locator(".picture [aria-pressed=true]")).to_have_count(3)
    assert Favourite.objects.filter(user=user).count() == 3


def test_the_selection_survives_more_pictures(
    open_tab: Opening, studio: Studio, user: User, pictures: list[Generation], watch: Watch
):
    watch.expect("status of 404")  # rows without files
    pattern = Generation.objects.get(pk=pictures[0].pk)
    for _ in range(60):
        pattern.pk, pattern.stack = None, uuid.uuid4()
        pattern.public_id = Generation._meta.get_field("public_id").get_default()
        pattern.save(force_insert=True)
    tab = open_tab(studio.address, user)
    tab.goto("/gallery/")
    box(tab, 3).click()
    expect(tab.locator(".pick-box")).to_have_count(60)
    tab.get_by_role("link", name="Load more").click()
    expect(tab.locator(".pick-box")).to_have_count(66)
    box(tab, 64).click(modifiers=["Shift"])
    expect(bar(tab).get_by_text("62 selected")).to_be_visible()


def test_all_of_it_by_keyboard_alone(gallery: Page, pictures: list[Generation]):
    box(gallery, 0).focus()
    gallery.keyboard.press("Space")
    expect(gallery.locator("picture-selection > [role=status]").first).to_have_text("1 selected")
    for _ in range(60):
        gallery.keyboard.press("Shift+Tab")
        if gallery.evaluate("document.activeElement.value") == "trash":
            break
    gallery.keyboard.press("Enter")
    expect(gallery.get_by_role("button", name="Undo")).to_be_focused()
    gallery.keyboard.press("Escape")
    expect(tiles(gallery).nth(0).locator(".picture-link")).to_be_focused()
    assert Generation.objects.in_trash().filter(author=pictures[0].author).get() == pictures[0]


def test_without_scripts_the_bar_is_a_form(open_tab: Opening, studio: Studio, user: User, pictures: list[Generation]):
    tab = open_tab(studio.address, user, java_script_enabled=False, viewport={"width": 1440, "height": 900})
    tab.goto("/gallery/")
    expect(bar(tab)).to_be_visible()
    for number in range(3):
        expect(box(tab, number)).to_be_visible()
        box(tab, number).check()
    tab.get_by_role("button", name="Trash").click()
    said = tab.locator(".messages")
    expect(said).to_contain_text("Moved 3 pictures to the trash.")
    expect(tiles(tab)).to_have_count(3)
    said.get_by_role("button", name="Undo").click()
    expect(said).to_contain_text("3 pictures are back in the gallery.")
    expect(tiles(tab)).to_have_count(6)
    box(tab, 0).check()
    tab.get_by_role("button", name="Collect").click()
    tab.get_by_label("Name of your team's first collection").fill("Foxes")
    tab.get_by_role("button", name="Make it").click()
    expect(said).to_contain_text("Added 1 picture to “Foxes”.")
    tiles(tab).nth(1).get_by_role("button", name="Favourite").click()
    expect(tiles(tab).nth(1).get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_picture_is_kept_on_its_page(open_tab: Opening, studio: Studio, user: User, pictures: list[Generation], scripts: bool):
    tab = open_tab(studio.address, user, java_script_enabled=scripts, viewport={"width": 1440, "height": 1000})
    tab.goto(pictures[0].get_absolute_url())
    keep = tab.locator("#keep")
    keep.get_by_role("button", name="Favourite").click()
    expect(keep.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    keep.locator("summary").click()
    keep.get_by_label("Note").fill("For Grace")
    keep.get_by_label("Note").press("Enter")
    expect(keep.locator("summary")).to_contain_text("For Grace")
    keep.get_by_label("Add tags, separated by commas").fill("fox, owl")
    keep.get_by_label("Add tags, separated by commas").press("Enter")
    expect(keep.locator(".tag")).to_have_count(2)
    if scripts:
        expect(keep.get_by_label("Add tags, separated by commas")).to_be_focused()
    keep.get_by_role("button", name="Take off “fox”").click()
    expect(keep.locator(".tag")).to_have_text(["owl"])
    keep.get_by_role("button", name="Collect").click()
    keep.get_by_label("A new one").fill("Foxes")
    keep.get_by_role("button", name="Save").last.click()
    expect(tab.get_by_text("Collections saved.")).to_be_visible()
    keep.get_by_role("button", name="Collect").click()
    expect(keep.get_by_role("checkbox", name="Foxes")).to_be_checked()
    tab.keyboard.press("Escape")
    keep.get_by_role("button", name="Trash").click()
    expect(tab.locator(".messages")).to_contain_text("Moved 1 picture to the trash.")
    expect(tiles(tab)).to_have_count(5)
    tab.get_by_role("button", name="Undo").click()
    expect(tiles(tab)).to_have_count(6)


def test_the_trash_is_emptied_after_a_question(open_tab: Opening, studio: Studio, user: User, pictures: list[Generation]):
    keeping.trash(studio.member(user), [each.public_id for each in pictures[:4]])
    tab = open_tab(studio.address, user)
    tab.goto("/gallery/trash/")
    box(tab, 0).click()
    bar(tab).get_by_role("button", name="Restore").click()
    expect(tiles(tab)).to_have_count(3)
    box(tab, 1).click()
    bar(tab).get_by_role("button", name="Delete now").click()
    tab.get_by_role("button", name="Delete for good").click()
    expect(tiles(tab)).to_have_count(2)
    tab.get_by_role("link", name="Empty trash").click()
    expect(tab.get_by_role("heading", name="Delete 2 pictures for good?")).to_be_visible()
    tab.get_by_role("button", name="Delete for good").click()
    expect(tab.get_by_text("The trash is empty")).to_be_visible()
    assert Generation.objects.in_gallery().filter(author=user).count() == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_all_of_it_fits_every_screen_and_is_open_to_assistive_technology(
    open_tab: Opening, studio: Studio, user: User, pictures: list[Generation], scheme: str, width: int
):
    member = studio.member(user)
    keeping.add(member, keeping.make(member, f"Pneumonoultramicroscopic{'o' * 40}"), [each.public_id for each in pictures])
    keeping.tag(member, [pictures[0].public_id], f"fox,{'o' * 40}")
    keeping.note(member, [pictures[0].public_id], "o" * 300)
    keeping.trash(member, [pictures[5].public_id])
    size = {"width": width, "height": 800}
    tab = open_tab(studio.address, user, color_scheme=scheme, viewport=size, reduced_motion="reduce", has_touch=width < 500)

    def look() -> None:
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab.url
        assert [each["id"] for each in Axe().run(tab).response["violations"]] == [], tab.url

    for picture in (pictures[0], pictures[5]):
        tab.goto(picture.get_absolute_url())
        look()
    tab.goto("/gallery/")
    box(tab, 0).click()
    look()
    for word in ("Collect", "Tag"):
        bar(tab).get_by_role("button", name=word).click()
        expect(tab.locator(".ask")).to_be_visible()
        look()
        for button in tab.locator(".tools button:visible").all():
            bounds = button.bounding_box()
            assert bounds and bounds["x"] >= 0 and bounds["x"] + bounds["width"] <= width
        tab.keyboard.press("Escape")
    bar(tab).get_by_role("button", name="Trash").click()
    expect(tab.locator("passing-note")).to_be_visible()
    look()
