"""A key made at a browser: shown once, copied, revoked; with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from generations.keys import live_key
from generations.models import ApiKey, User
from tests.browser.conftest import Studio, Watch
from tests.browser.test_pages import hold_time

Opening = Callable[..., Page]


@pytest.fixture
def tab(open_tab: Opening, studio: Studio, user: User) -> Page:
    page = open_tab(studio.address, user, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/api-keys/")
    return page


def make(tab: Page, name: str = "Blog") -> None:
    tab.get_by_label("Name").fill(name)
    tab.get_by_role("button", name="Make the key").click()
    expect(tab.locator(".key-made")).to_be_visible()


def test_the_key_is_copied_and_gone_after_a_reload(tab: Page, user: User):
    make(tab)
    expect(tab.locator("#key-made")).to_be_focused()
    hold_time(tab)
    tab.get_by_role("button", name="Copy : the key").click()
    expect(tab.get_by_role("button", name="Copied : the key")).to_be_visible()
    secret = tab.evaluate("navigator.clipboard.readText()")
    key = live_key(secret)
    assert key is not None and key.member.user == user
    assert secret not in tab.url
    assert secret not in tab.evaluate("JSON.stringify([localStorage, sessionStorage, history.state])")
    tab.reload()
    expect(tab.locator(".key")).to_have_count(1)
    assert secret not in tab.content()
    assert ApiKey.objects.filter(member__user=user).count() == 1


def test_a_mistake_is_led_to_and_what_was_filled_in_stays(tab: Page, watch: Watch):
    watch.expect("status of 422|Code 422")
    tab.locator("summary", has_text="Limits").click()
    tab.get_by_label("Name").fill("Blog")
    tab.get_by_label("Pictures a minute").fill("0")
    tab.get_by_role("button", name="Make the key").click()
    expect(tab.get_by_label("Pictures a minute")).to_be_focused()
    expect(tab.get_by_label("Pictures a minute")).to_be_in_viewport()
    expect(tab.get_by_label("Name")).to_have_value("Blog")
    tab.get_by_label("Pictures a minute").fill("")
    tab.get_by_role("button", name="Make the key").click()
    expect(tab.locator(".key-made")).to_be_in_viewport()


def test_it_is_revoked_after_a_question(tab: Page, user: User):
    make(tab)
    tab.locator("summary", has_text="Revoke").click()
    assert ApiKey.objects.get(member__user=user).is_live
    tab.get_by_role("button", name="Revoke “Blog”").click()
    expect(tab.get_by_text("“Blog” is revoked.")).to_be_in_viewport()
    expect(tab.locator(".key")).to_have_count(0)
    assert not ApiKey.objects.get(member__user=user).is_live


def test_all_of_it_works_without_scripts(open_tab: Opening, studio: Studio, user: User):
    tab = open_tab(studio.address, user, java_script_enabled=False)
    tab.goto("/api-keys/")
    make(tab)
    assert live_key(tab.locator("#new-key").inner_text()) is not None
    expect(tab.get_by_role("button", name="Copy")).to_have_count(0)
    tab.locator("summary", has_text="Revoke").click()
    tab.get_by_role("button", name="Revoke “Blog”").click()
    expect(tab.get_by_text("“Blog” is revoked.")).to_be_visible()
    tab.get_by_role("radio", name="Easel").check()
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("Easel makes the pictures that programs ask for.")).to_be_visible()
