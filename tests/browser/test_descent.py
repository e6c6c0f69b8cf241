"""Which picture a new one descends from: the form knows it as long as it holds that picture's prompt."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from generations.models import Generation, User
from generations.submission import submit
from tests.browser.conftest import Studio
from tests.conftest import finish, order


@pytest.fixture
def parent(studio: Studio, user: User) -> Generation:
    generation = submit(studio.member(user), order("a blue boat", seed=42), hint=False)
    finish(generation)
    return generation


@pytest.fixture
def made(tab: Page, parent: Generation) -> Page:
    tab.goto("/")
    return tab


def field(tab: Page) -> Locator:
    return tab.locator("#generate [name=parent]")


def use(tab: Page) -> None:
    tab.get_by_role("link", name="Use these settings").click()
    expect(tab.get_by_label("Prompt")).to_have_value("a blue boat")


def test_a_picture_made_with_the_settings_of_another_descends_from_it(made: Page, parent: Generation):
    use(made)
    made.get_by_label("Prompt").fill("a blue boat at night")
    made.get_by_role("button", name="Generate").click()
    expect(made.locator(".stage .card-prompt")).to_have_text("a blue boat at night")
    assert Generation.objects.get(prompt="a blue boat at night").parent == parent


def test_undo_takes_it_back(made: Page, parent: Generation):
    use(made)
    expect(field(made)).to_have_value(str(parent.public_id))
    made.get_by_role("button", name="Undo").click()
    expect(field(made)).to_have_value("")


def test_an_emptied_prompt_is_the_end_of_it(made: Page):
    use(made)
    made.get_by_label("Prompt").fill("")
    made.get_by_label("Prompt").fill("a red boat")
    expect(field(made)).to_have_value("")


def test_the_settings_of_something_else_replace_it(made: Page):
    use(made)
    made.goto("/?prompt=a+green+boat")
    expect(made.get_by_label("Prompt")).to_have_value("a blue boat")
    made.get_by_role("region", name="Offered settings").get_by_role("link", name="Use these settings").click()
    expect(made.get_by_label("Prompt")).to_have_value("a green boat")
    expect(field(made)).to_have_value("")


def test_it_is_kept_with_the_draft(made: Page, parent: Generation):
    use(made)
    made.reload()
    expect(made.get_by_label("Prompt")).to_have_value("a blue boat")
    expect(field(made)).to_have_value(str(parent.public_id))


def test_nobody_sees_the_field(made: Page):
    expect(field(made)).to_be_hidden()
