"""The API's own page in a real browser: everything comes from this server, under its policy, and can be tried out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from generations import keys
from generations.keys import Limits
from generations.models import User
from tests.browser.conftest import Studio, Watch

Opening = Callable[..., Page]


@pytest.fixture
def docs(open_tab: Opening, studio: Studio) -> Page:
    """Open the page as somebody who is not signed in."""
    page = open_tab(studio.address)
    page.goto("/api/docs")
    return page


def test_it_shows_every_operation(docs: Page):
    expect(docs.get_by_text("Run FLUX SRPO", exact=True)).to_be_visible()
    expect(docs.locator(".opblock")).to_have_count(
        sum(len(methods) for methods in docs.request.get("/api/openapi.json").json()["paths"].values())
    )


def test_it_asks_nobody_but_this_server(open_tab: Opening, studio: Studio):
    page = open_tab(studio.address)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto("/api/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    outside = [each.url for each in asked if not each.url.startswith((studio.address, "data:", "blob:"))]
    assert asked
    assert outside == []


def test_an_operation_is_opened_and_tried_with_a_key(docs: Page, studio: Studio, user: User):
    _, key = keys.issue(studio.member(user), "Docs", Limits())
    docs.get_by_role("button", name="Authorize").first.click()
    docs.locator(".modal-ux input").fill(key)
    docs.locator(".modal-ux").get_by_role("button", name="Apply credentials").click()
    docs.locator(".modal-ux").get_by_role("button", name="Close", exact=True).click()
    block = docs.locator("#operations-default-balance")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table")).to_contain_text('"balance": 0')


def test_without_a_key_it_says_what_is_missing(docs: Page, watch: Watch):
    watch.expect("status of 401")
    block = docs.locator("#operations-default-balance")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table")).to_contain_text("There is no valid API key")
