"""What scripts add to the playground's page; nobody paints here."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from generations.models import Generation, State, User
from generations.submission import submit
from tests.browser.conftest import Studio, Watch
from tests.conftest import finish, order

Opening = Callable[..., Page]


def press_again(tab: Page) -> None:
    """Press Generate later than a double click does: presses within 0.7 s count as one."""
    tab.wait_for_timeout(800)
    tab.get_by_role("button", name="Generate").click()


def mine(user: User) -> list[Generation]:
    return list(Generation.objects.filter(author=user).order_by("pk"))


def test_ctrl_and_enter_sends_the_form(tab: Page, user: User):
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_label("Prompt").press("Control+Enter")
    expect(tab.locator(".card-hero")).to_contain_text("a red fox")
    assert [row.prompt for row in mine(user)] == ["a red fox"]


def test_a_double_click_asks_once(tab: Page, user: User):
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_role("button", name="Generate").dblclick()
    expect(tab.locator(".card-hero")).to_contain_text("a red fox")
    tab.wait_for_load_state("networkidle")
    assert len(mine(user)) == 1


def test_a_later_press_asks_again_and_the_earlier_picture_moves_into_the_strip(tab: Page, user: User):
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_role("button", name="Generate").click()
    expect(tab.locator(".card-hero")).to_contain_text("a red fox")
    tab.get_by_label("Prompt").fill("a blue boat")
    press_again(tab)
    expect(tab.locator(".card-hero")).to_contain_text("a blue boat")
    expect(tab.locator(".strip .card")).to_have_count(1)
    assert [row.prompt for row in mine(user)] == ["a red fox", "a blue boat"]
    assert tab.get_by_label("Prompt").input_value() == "a blue boat"


def test_a_bad_size_is_told_beside_the_field_and_the_prompt_stays(tab: Page, user: User, watch: Watch):
    watch.expect("status of 422|Code 422")
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_label("Width", exact=True).fill("9999")
    tab.get_by_role("button", name="Generate").click()
    sentence = tab.get_by_text("Width and height must each be from 256 to 1536 pixels.")
    expect(sentence).to_be_visible()
    field = tab.get_by_label("Width", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value("9999")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(tab.get_by_label("Prompt")).to_have_value("a red fox")
    assert mine(user) == []
    field.fill("256")
    press_again(tab)
    expect(tab.locator(".card-hero")).to_contain_text("a red fox")
    expect(sentence).to_be_hidden()
    assert [(row.width, row.height) for row in mine(user)] == [(256, 1024)]


def test_a_mistake_in_a_folded_setting_is_unfolded(tab: Page, watch: Watch):
    watch.expect("status of 422|Code 422")
    tab.get_by_label("Prompt").fill("a red fox")
    tab.locator("summary", has_text="More settings").click()
    tab.get_by_label("Steps", exact=True).fill("99")
    tab.locator("summary", has_text="More settings").click()
    tab.get_by_role("button", name="Generate").click()
    expect(tab.get_by_text("Steps must be a whole number from 1 to 50.")).to_be_visible()


def test_a_waiting_picture_can_be_cancelled_and_asked_for_again(tab: Page, user: User):
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_role("button", name="Generate").click()
    card = tab.locator(".card-hero")
    expect(card.get_by_text("Next in line")).to_be_visible()
    card.get_by_role("button", name="Cancel").click()
    expect(card.get_by_text("Cancelled")).to_be_visible()
    assert [row.state for row in mine(user)] == [State.CANCELLED]
    card.get_by_role("button", name="Try again").click()
    expect(card.get_by_text("Next in line")).to_be_visible()
    assert [row.state for row in mine(user)] == [State.CANCELLED, State.QUEUED]


def test_a_card_shows_news_by_itself(tab: Page, user: User, studio: Studio):
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_role("button", name="Generate").click()
    expect(tab.locator(".card-hero").get_by_text("Next in line")).to_be_visible()
    finish(mine(user)[0])
    expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
    expect(tab.get_by_role("link", name="Download")).to_be_visible()


def test_it_shows_news_also_after_the_broker_died(tab: Page, user: User, studio: Studio, watch: Watch):
    watch.expect("ERR_INCOMPLETE_CHUNKED_ENCODING|/events/")
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_role("button", name="Generate").click()
    expect(tab.locator(".card-hero").get_by_text("Next in line")).to_be_visible()
    studio.installation.broker.kill_and_wipe()
    finish(mine(user)[0])
    expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))


def test_a_lost_session_is_told_and_nothing_that_was_written_is_lost(tab: Page, watch: Watch):
    watch.expect("status of 401|Code 401")
    tab.get_by_label("Prompt").fill("a long and precious prompt")
    tab.context.clear_cookies(name="sessionid")
    tab.get_by_role("button", name="Generate").click()
    expect(tab.get_by_role("alert").filter(has_text="You have been signed out.")).to_be_visible()
    expect(tab.get_by_label("Prompt")).to_have_value("a long and precious prompt")


def test_a_seed_can_be_kept_and_let_go(tab: Page, user: User):
    tab.get_by_label("Prompt").fill("a red fox")
    tab.get_by_role("button", name="Generate").click()
    expect(tab.locator(".card-hero")).to_contain_text("a red fox")
    seed = str(mine(user)[0].seed)
    tab.get_by_role("button", name="Keep this seed").click()
    expect(tab.get_by_label("Seed")).to_have_value(seed)
    tab.get_by_role("button", name="New seed each time").click()
    expect(tab.get_by_label("Seed")).to_have_value("")


def test_a_shape_fills_both_sides_and_can_be_turned(tab: Page):
    tab.get_by_role("button", name="16:9").click()
    sides = [tab.get_by_label(side, exact=True) for side in ("Width", "Height")]
    assert [side.input_value() for side in sides] == ["1344", "768"]
    expect(tab.get_by_role("button", name="16:9")).to_have_attribute("aria-pressed", "true")
    tab.get_by_role("button", name="Swap width and height").click()
    assert [side.input_value() for side in sides] == ["768", "1344"]
    expect(tab.get_by_role("button", name="9:16")).to_have_attribute("aria-pressed", "true")


def test_the_settings_of_a_picture_come_back_into_the_form(tab: Page, user: User, studio: Studio):
    generation = submit(studio.member(user), order("a blue boat", seed=4711), hint=False)
    finish(generation)
    tab.goto(generation.get_absolute_url())
    tab.locator(".detail-actions").get_by_role("link", name="Use these settings").click()
    expect(tab.get_by_label("Prompt")).to_have_value("a blue boat")
    expect(tab.get_by_label("Seed")).to_have_value("4711")
    expect(tab.get_by_label("Width", exact=True)).to_have_value("256")


def test_an_example_is_one_press_away(tab: Page):
    tab.get_by_role("link", name="Harbour at sunset").click()
    expect(tab.get_by_label("Prompt")).to_have_value("Two sailing boats on a calm sea at sunset, a lighthouse")


def test_a_theme_is_remembered(tab: Page):
    tab.get_by_role("button", name="Account of").click()
    tab.get_by_role("button", name="Dark").click()
    assert tab.locator("html").get_attribute("data-theme") == "dark"
    tab.goto("/gallery/")
    assert tab.locator("html").get_attribute("data-theme") == "dark"


def test_signing_out_takes_two_presses(tab: Page):
    tab.get_by_role("button", name="Account of").click()
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.goto("/")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
