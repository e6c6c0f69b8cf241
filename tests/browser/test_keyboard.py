"""A first picture and the way back from it, without a hand on the mouse."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from generations.models import Generation
from tests.browser.conftest import SAFE_AGAIN
from tests.browser.test_first_picture import PROMPT, expect_seen, tab_to
from tests.installation import Installation

Opening = Callable[..., Page]


def test_ctrl_and_enter_makes_the_first_picture_and_the_tabulator_leads_to_it_and_back(
    installation: Installation, address: str, open_tab: Opening
):
    installation.worker(**SAFE_AGAIN)
    tab = open_tab(address)
    tab.goto("/")
    write(tab, "Name of your team", "Atelier")
    write(tab, "Your name", "Ada")
    write(tab, "Email", "ada@example.org")
    write(tab, "Password", "a long enough phrase")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(f"{address}/")
    write(tab, "Prompt", PROMPT)
    write(tab, "Width", "256")
    write(tab, "Height", "256")
    back_to(tab, tab.get_by_label("Prompt"))
    tab.keyboard.press("Control+Enter")
    hero = tab.locator(".stage .card-hero")
    expect(hero).to_have_class(re.compile("is-succeeded"))
    assert Generation.objects.get().prompt == PROMPT

    follow(tab, f"Open: {PROMPT}")
    expect(tab).to_have_url(re.compile("/gallery/[0-9a-f-]{36}/$"))
    expect_seen(tab.locator(".card-hero .frame-picture img"))
    tab_to(tab, tab.locator(".detail-back"))
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("/gallery/$"))
    follow(tab, "Create")
    expect_seen(hero.locator(".frame-picture img"))


def write(tab: Page, label: str, text: str) -> None:
    """Go to a field and write into it, over what is there."""
    tab_to(tab, tab.get_by_label(label, exact=True))
    tab.keyboard.press("ControlOrMeta+a")
    tab.keyboard.type(text)


def back_to(tab: Page, target: Locator, most: int = 30) -> None:
    for _ in range(most):
        tab.keyboard.press("Shift+Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"there is no way back to {target}")


def follow(tab: Page, link: str) -> None:
    tab_to(tab, tab.get_by_role("link", name=link, exact=True))
    tab.keyboard.press("Enter")
