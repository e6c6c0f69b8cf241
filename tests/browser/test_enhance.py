"""The enhancer as people meet it: press, review, switch, take back; with scripts, without them, and by keyboard."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.db.models import F
from playwright.sync_api import Locator, Page, expect

from generations.enhancing import NO_PROMPT
from generations.models import EnhancementRequest, EnhancementState, Generation, State, User
from tests.browser.conftest import SAFE_AGAIN, Studio, Watch
from tests.enhancers import SORRY, wise
from tests.installation import wait_until

Opening = Callable[..., Page]

FOX = "A red fox in the snow"
LIGHT, MOOD, HUES = "default light 1", "quiet mood 1", "warm hues 1"


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "tests.enhancing_settings"}


@pytest.fixture(scope="module", autouse=True)
def worker(studio: Studio) -> Popen[bytes]:
    """Run a worker that improves prompts, and paints."""
    return studio.installation.worker("remote,poll,local,enhance", **SAFE_AGAIN)


@pytest.fixture
def pause(worker: Popen[bytes]) -> Iterator[Callable[[], None]]:
    """Stop the worker where it is, but not while it holds the lock on the database; return how it goes on."""
    with transaction.atomic():
        User.objects.update(name=F("name"))
        os.killpg(worker.pid, signal.SIGSTOP)
        wait_until(lambda: ") T " in Path(f"/proc/{worker.pid}/stat").read_text(), "the worker stands still")
    yield lambda: os.killpg(worker.pid, signal.SIGCONT)
    os.killpg(worker.pid, signal.SIGCONT)


def area(tab: Page) -> Locator:
    return tab.get_by_label("Prompt", exact=True)


def button(tab: Page, name: str) -> Locator:
    return tab.get_by_role("button", name=name, exact=True)


def enhance(tab: Page, prompt: str = FOX) -> None:
    area(tab).fill(prompt)
    button(tab, "Enhance").click()


def review(tab: Page, prompt: str = FOX) -> None:
    enhance(tab, prompt)
    expect(area(tab)).to_have_value(wise(prompt))


def marks(tab: Page) -> Locator:
    return tab.locator(".prompt-marks mark:not([hidden])")


def small(tab: Page) -> None:
    for side in ("Width", "Height"):
        tab.get_by_label(side, exact=True).fill("256")


def made_by(user: User) -> Generation:
    """Return a person's only picture."""
    return wait_until(lambda: Generation.objects.filter(author=user).first(), "the order is placed")


def test_a_prompt_is_improved_reviewed_and_taken_back(tab: Page):
    tab.get_by_label("Style to improve it in").select_option("anime")
    enhance(tab)
    expect(area(tab)).to_have_value(wise(FOX, "anime"))
    expect(marks(tab)).to_have_text([", anime light 1", ", quiet mood 1", ", warm hues 1"])
    expect(tab.get_by_role("checkbox", name=MOOD)).to_be_checked()
    button(tab, "Another").click()
    expect(area(tab)).to_have_value(wise(FOX, "anime", 2))
    button(tab, "Another").click()
    expect(area(tab)).to_have_value(wise(FOX, "anime", 3))
    button(tab, "Revert").click()
    expect(area(tab)).to_have_value(FOX)
    expect(tab.locator(".additions, .prompt-marks")).to_have_count(0)


def test_a_switch_takes_its_words_out_of_the_text_and_puts_them_back(tab: Page):
    review(tab)
    tab.get_by_role("checkbox", name=MOOD).uncheck()
    expect(area(tab)).to_have_value(f"{FOX}, {LIGHT}, {HUES}")
    expect(marks(tab)).to_have_text([f", {LIGHT}", f", {HUES}"])
    tab.get_by_role("checkbox", name=LIGHT).uncheck()
    tab.get_by_role("checkbox", name=HUES).uncheck()
    expect(area(tab)).to_have_value(FOX)
    tab.get_by_role("checkbox", name=MOOD).check()
    expect(area(tab)).to_have_value(f"{FOX}, {MOOD}")


def test_another_after_a_switch_begins_with_the_persons_words(tab: Page):
    review(tab, "A red fox\nin the snow")
    tab.get_by_role("checkbox", name=MOOD).uncheck()
    button(tab, "Another").click()
    expect(area(tab)).to_have_value(wise("A red fox\nin the snow", seed=2))


def test_the_picture_is_ordered_with_what_is_left_and_says_where_it_came_from(tab: Page, user: User):
    review(tab)
    small(tab)
    tab.get_by_role("checkbox", name=MOOD).uncheck()
    tab.get_by_role("button", name="Generate").click()
    generation = made_by(user)
    assert generation.prompt == f"{FOX}, {LIGHT}, {HUES}"
    assert generation.enhancement == EnhancementRequest.objects.get(author=user)
    expect(tab.get_by_role("checkbox", name=MOOD)).not_to_be_checked()
    tab.goto(f"/?from={generation.public_id}&use=all")
    expect(area(tab)).to_have_value(generation.prompt)
    expect(marks(tab)).to_have_text([f", {LIGHT}", f", {HUES}"])
    tab.get_by_role("checkbox", name=MOOD).check()
    expect(area(tab)).to_have_value(wise(FOX))
    button(tab, "Revert").click()
    expect(area(tab)).to_have_value(FOX)


def test_with_every_switch_off_the_persons_words_are_ordered(tab: Page, user: User):
    review(tab)
    small(tab)
    for words in (LIGHT, MOOD, HUES):
        tab.get_by_role("checkbox", name=words).uncheck()
    tab.get_by_role("button", name="Generate").click()
    generation = made_by(user)
    assert (generation.prompt, generation.enhancement) == (FOX, None)


def test_the_review_leaves_when_the_text_is_edited_by_hand(tab: Page, user: User):
    review(tab)
    area(tab).press("ControlOrMeta+End")
    area(tab).press_sequentially("!")
    expect(area(tab)).to_have_value(f"{wise(FOX)}!")
    expect(tab.locator(".additions, .prompt-marks")).to_have_count(0)
    small(tab)
    tab.get_by_role("button", name="Generate").click()
    assert made_by(user).enhancement == EnhancementRequest.objects.get(author=user)


def test_after_a_reload_the_text_is_there_and_still_says_where_it_came_from(tab: Page, user: User):
    review(tab)
    tab.reload()
    expect(area(tab)).to_have_value(wise(FOX))
    small(tab)
    tab.get_by_role("button", name="Generate").click()
    assert made_by(user).enhancement == EnhancementRequest.objects.get(author=user)


def test_cancelled_while_busy_the_prompt_stays_and_nothing_comes_later(tab: Page, user: User, pause: Callable[[], None]):
    enhance(tab)
    expect(area(tab)).to_have_js_property("readOnly", True)
    button(tab, "Cancel").click()
    expect(button(tab, "Enhance")).to_be_visible()
    pause()
    enhance(tab, f"{FOX} at night")
    expect(area(tab)).to_have_value(wise(f"{FOX} at night"))
    first = EnhancementRequest.objects.filter(author=user).earliest("pk")
    assert (first.state, first.text) == (EnhancementState.CANCELLED, "")


def test_it_can_be_done_by_keyboard_and_the_focus_stays(tab: Page, pause: Callable[[], None]):
    area(tab).fill(FOX)
    button(tab, "Enhance").focus()
    tab.keyboard.press("Enter")
    expect(button(tab, "Cancel")).to_be_focused()
    pause()
    expect(button(tab, "Enhance")).to_be_focused()
    expect(area(tab)).to_have_value(wise(FOX))
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("checkbox", name=LIGHT)).to_be_focused()
    tab.keyboard.press("Space")
    expect(area(tab)).to_have_value(f"{FOX}, {MOOD}, {HUES}")
    expect(tab.get_by_role("checkbox", name=LIGHT)).to_be_focused()


@pytest.mark.parametrize(("name", "seed"), [("Another", 2), ("Revert", None)])
def test_the_focus_is_not_lost_with_the_button_that_was_pressed(tab: Page, name: str, seed: int | None):
    review(tab)
    button(tab, name).focus()
    tab.keyboard.press("Enter")
    expect(area(tab)).to_have_value(wise(FOX, seed=seed) if seed else FOX)
    expect(button(tab, "Enhance")).to_be_visible()
    # Focus comes a moment after the words.
    tab.wait_for_function("() => document.activeElement?.closest('prompt-field')")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_enter_in_another_field_orders_the_picture_and_improves_nothing(
    open_tab: Opening, studio: Studio, user: User, scripts: bool
):
    tab = open_tab(studio.address, user, java_script_enabled=scripts)
    tab.goto("/")
    area(tab).fill(FOX)
    small(tab)
    tab.get_by_label("Seed", exact=True).press("Enter")
    assert made_by(user).prompt == FOX
    assert not EnhancementRequest.objects.filter(author=user).exists()


def test_while_an_order_is_sent_its_own_button_says_so(tab: Page):
    area(tab).fill(FOX)
    seen = """(() => new Promise((tell) => document.addEventListener("htmx:beforeSend", () => {
        tell([...document.querySelectorAll("#generate [aria-busy=true]")].map((each) => each.className).join());
    }, { once: true })))()"""
    tab.evaluate(f"window.seen = {seen}; undefined")
    tab.get_by_role("button", name="Generate").click()
    assert "generate-button" in tab.evaluate("window.seen")


def test_a_screen_reader_hears_how_it_goes(tab: Page, pause: Callable[[], None]):
    voice = tab.locator("#enhance-voice")
    enhance(tab)
    expect(voice).to_have_text("The prompt is being improved.")
    pause()
    expect(voice).to_have_text("The prompt is improved: 3 additions.")
    button(tab, "Revert").click()
    expect(voice).to_have_text("The prompt is as you wrote it.")


def test_a_failure_is_told_and_the_prompt_stays(tab: Page):
    tab.get_by_label("Who improves it").select_option("sorry")
    enhance(tab)
    expect(tab.get_by_role("alert")).to_have_text(SORRY)
    expect(area(tab)).to_have_value(FOX)
    expect(area(tab)).to_be_editable()
    expect(tab.get_by_label("Who improves it")).to_have_value("sorry")


def test_without_a_prompt_it_says_what_to_do(tab: Page, watch: Watch):
    watch.expect("status of 422|Code 422")
    button(tab, "Enhance").click()
    expect(tab.get_by_role("alert")).to_have_text(NO_PROMPT)


def test_the_marks_lie_exactly_behind_the_text_and_scroll_with_it(tab: Page):
    review(tab, "A red fox in the snow. " * 60 + "\n\nThe end")
    rectangle = "({ x, y, width, height }) => [x, y, width, height].map(Math.round).join()"
    box = f"(each) => ({rectangle})(each.getBoundingClientRect())"
    assert tab.locator(".prompt-marks").evaluate(box) == area(tab).evaluate(box)
    heights = [each.evaluate("(each) => each.scrollHeight") for each in (tab.locator(".prompt-marks"), area(tab))]
    assert heights[0] == heights[1]
    for style in ("fontFamily", "fontSize", "lineHeight", "letterSpacing", "paddingLeft", "paddingTop", "whiteSpace"):
        shown = [each.evaluate(f"(each) => getComputedStyle(each).{style}") for each in (tab.locator(".prompt-marks"), area(tab))]
        assert shown[0] == shown[1], style
    area(tab).evaluate("(each) => { each.scrollTop = 90 }")
    expect(tab.locator(".prompt-marks")).to_have_js_property("scrollTop", area(tab).evaluate("(each) => each.scrollTop"))


def test_without_scripts_it_is_a_form_like_any_other(open_tab: Opening, studio: Studio, user: User, pause: Callable[[], None]):
    tab = open_tab(studio.address, user, java_script_enabled=False)
    tab.goto("/")
    tab.get_by_label("Seed", exact=True).fill("42")
    small(tab)
    enhance(tab)
    button(tab, "Show it").click()
    expect(button(tab, "Cancel")).to_be_visible()
    pause()
    wait_until(lambda: EnhancementRequest.objects.filter(author=user, state=EnhancementState.READY).exists(), "it is improved")
    button(tab, "Show it").click()
    expect(area(tab)).to_have_value(wise(FOX))
    expect(tab.get_by_label("Seed", exact=True)).to_have_value("42")
    tab.get_by_role("checkbox", name=LIGHT).uncheck()
    tab.get_by_role("checkbox", name=HUES).uncheck()
    tab.get_by_role("button", name="Generate").click()
    expect(tab).to_have_url(re.compile("/gallery/[0-9a-f-]{36}/$"))
    generation = Generation.objects.get(author=user)
    wait_until(lambda: Generation.objects.get(pk=generation.pk).state == State.SUCCEEDED, "the picture is made")
    assert (generation.prompt, generation.seed) == (f"{FOX}, {MOOD}", 42)
    tab.reload()
    expect(tab.locator(".origin")).to_contain_text(FOX)
    expect(tab.locator("h1 mark")).to_have_text(MOOD)


def test_without_scripts_it_can_be_cancelled(open_tab: Opening, studio: Studio, user: User, pause: Callable[[], None]):
    tab = open_tab(studio.address, user, java_script_enabled=False)
    tab.goto("/")
    enhance(tab)
    button(tab, "Cancel").click()
    expect(area(tab)).to_have_value(FOX)
    assert EnhancementRequest.objects.get(author=user).state == EnhancementState.CANCELLED


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_open_to_assistive_technology_and_fits_a_phone(
    open_tab: Opening, studio: Studio, user: User, pause: Callable[[], None], scheme: str
):
    tab = open_tab(studio.address, user, color_scheme=scheme, viewport={"width": 360, "height": 900}, reduced_motion="reduce")
    tab.goto("/")
    long = f"{FOX}, Pneumonoultramicroscopicsilicovolcanoconiosis{'s' * 60}"
    enhance(tab, long)
    expect(button(tab, "Cancel")).to_be_visible()
    assert_fits_and_is_open(tab)
    pause()
    expect(area(tab)).to_have_value(wise(long))
    tab.get_by_role("checkbox", name=MOOD).uncheck()
    for width in (1440, 360):
        tab.set_viewport_size({"width": width, "height": 900})
        assert_fits_and_is_open(tab)
    tab.get_by_label("Who improves it").select_option("sorry")
    button(tab, "Another").click()
    expect(tab.get_by_role("alert")).to_be_visible()
    assert_fits_and_is_open(tab)


def assert_fits_and_is_open(tab: Page) -> None:
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    edge = "document.querySelector('prompt-field').getBoundingClientRect().right + 1"
    inside = "[...document.querySelectorAll('prompt-field :is(button, select, label, textarea)')]"
    assert tab.evaluate(f"{inside}.every((each) => each.getBoundingClientRect().right <= {edge})")
    violations = Axe().run(tab).response["violations"]
    serious = [each for each in violations if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in serious] == []
