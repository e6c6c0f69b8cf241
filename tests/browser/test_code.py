"""The API tab: code that follows the form, and buttons that copy it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from generations.models import User
from tests.browser.conftest import Studio, Watch
from tests.browser.test_pages import hold_time

Opening = Callable[..., Page]

NASTY = 'it\'s a "fox" \\ ${1 + 1} `x` \u2028 \u202e 狐 </script>'
# The code as a function of the vendor's client, whose place a list of what it was called with takes.
RUN_JAVASCRIPT = """async (code) => {
    const asked = [];
    class Client {
        constructor(key, options) { asked.push([key, options]); }
        async run(model, inputs) { asked.push([model, inputs]); return { outputs: ["address"] }; }
    }
    const AsyncFunction = (async () => {}).constructor;
    await new AsyncFunction("Client", "process", "console", code.replace(/^import .*$/m, ""))(
        Client, { env: { WAVESPEED_API_KEY: "key" } }, { log() {} });
    return asked;
}"""

FORBID_COPYING = """() => {
    document.execCommand = () => false;
    navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
}"""


@pytest.fixture
def user(studio: Studio) -> User:
    return studio.newcomer()


@pytest.fixture
def tab(open_tab: Opening, studio: Studio, user: User) -> Page:
    page = open_tab(studio.address, user, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/")
    return page


def open_api(tab: Page) -> None:
    tab.get_by_role("tab", name="API").click()


def test_the_form_is_shown_first_and_asks_for_no_code(tab: Page):
    asked: list[Request] = []
    tab.on("request", lambda request: asked.append(request) if request.url.endswith("/code/") else None)
    tab.get_by_label("Prompt").fill("a red fox")
    # The first request for code is that of the tab that is opened after the time in which the form's would have left.
    tab.wait_for_timeout(500)
    expect(tab.locator("#panel-api")).to_be_hidden()
    open_api(tab)
    expect(tab.locator("#code-curl")).to_contain_text("a red fox")
    expect(tab.locator("#panel-form")).to_be_hidden()
    assert len(asked) == 1


def test_the_code_follows_the_form_while_the_tab_is_open(tab: Page):
    open_api(tab)
    expect(tab.locator("#code-curl")).to_contain_text('"seed": -1')
    # As a button that fills the form in place does it.
    tab.locator("[name=seed]").evaluate(
        "field => { field.value = '77'; field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    expect(tab.locator("#code-curl")).to_contain_text('"seed": 77')


def test_a_form_that_was_refused_is_followed_too(tab: Page, watch: Watch):
    watch.expect("status of 422")
    tab.get_by_label("Prompt").fill("a red fox")
    tab.locator("[name=width]").fill("9")
    tab.get_by_role("button", name="Generate").click()
    expect(tab.locator(".size .field-error")).to_be_visible()
    open_api(tab)
    expect(tab.locator(".code-left-out")).to_contain_text("Width and height must")
    tab.locator("[name=width]").evaluate(
        "field => { field.value = '512'; field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    expect(tab.locator("#code-curl")).to_contain_text("512*1024")
    expect(tab.locator(".code-left-out")).to_have_count(0)


def test_a_picture_changes_the_model_and_stays_here(tab: Page):
    content = b"\x89PNG\r\n\x1a\n" + bytes(100_000)
    tab.locator("[name=image]").set_input_files({"name": "fox.png", "mimeType": "image/png", "buffer": content})
    with tab.expect_request("**/code/") as asked:
        open_api(tab)
    assert len(asked.value.post_data_buffer or b"") < 2_000
    expect(tab.locator("#code-curl")).to_contain_text("flux-srpo/image-to-image")


def test_javascript_calls_the_client_with_the_forms_settings(tab: Page, studio: Studio):
    tab.get_by_label("Prompt").fill(NASTY)
    tab.locator("[name=seed]").fill("7")
    open_api(tab)
    tab.get_by_role("tab", name="JavaScript").click()
    code = tab.locator("#code-javascript")
    expect(code).to_contain_text("seed: 7")
    client, call = tab.evaluate(RUN_JAVASCRIPT, code.text_content())
    assert client == ["key", {"baseUrl": studio.address}]
    assert call == ["wavespeed-ai/flux-srpo", {"prompt": NASTY, "size": "1024*1024", "seed": 7}]


def test_the_button_copies_the_code_and_says_so(tab: Page):
    open_api(tab)
    tab.get_by_role("tab", name="Python").click()
    hold_time(tab)
    tab.get_by_role("button", name="Copy : Python").click()
    expect(tab.locator("#panel-python").get_by_role("status")).to_have_text("Copied")
    expect(tab.get_by_role("button", name="Copied : Python")).to_be_visible()
    assert tab.evaluate("navigator.clipboard.readText()") == tab.locator("#code-python").text_content()


def test_where_copying_is_forbidden_the_code_is_selected(tab: Page, studio: Studio):
    open_api(tab)
    tab.evaluate(FORBID_COPYING)
    tab.get_by_role("button", name="Copy : curl").click()
    expect(tab.locator("#panel-curl").get_by_role("status")).to_contain_text("The text is selected. Press Ctrl C")
    assert tab.evaluate("getSelection().toString()").startswith(f"curl '{studio.address}/")


def test_the_language_stays_chosen_when_the_code_changes_and_on_the_next_visit(tab: Page):
    open_api(tab)
    tab.get_by_role("tab", name="Python").click()
    with tab.expect_response("**/code/"):
        tab.get_by_role("tab", name="Form").click()
        tab.get_by_label("Prompt").fill("a lighthouse")
        open_api(tab)
    expect(tab.locator("#code-python")).to_contain_text("a lighthouse")
    expect(tab.locator("#code-python")).to_be_visible()
    tab.reload()
    open_api(tab)
    expect(tab.get_by_role("tab", name="Python")).to_have_attribute("aria-selected", "true")
    expect(tab.locator("#code-python")).to_be_visible()


def test_tabs_are_walked_with_the_arrow_keys(tab: Page):
    tab.get_by_role("tab", name="Form").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_role("tab", name="API")).to_be_focused()
    expect(tab.locator("#panel-api")).to_be_visible()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("tab", name="curl")).to_be_focused()
    tab.keyboard.press("End")
    expect(tab.get_by_role("tab", name="JavaScript")).to_be_focused()
    expect(tab.locator("#code-javascript")).to_be_visible()
    expect(tab.locator("#code-curl")).to_be_hidden()


def test_without_scripts_form_and_code_stand_one_after_the_other(open_tab: Opening, studio: Studio, user: User):
    page = open_tab(studio.address, user, java_script_enabled=False)
    page.goto("/?prompt=a+red+fox&use=all")
    expect(page.get_by_label("Prompt")).to_be_visible()
    for language in ("curl", "python", "javascript"):
        expect(page.locator(f"#code-{language}")).to_be_visible()
        expect(page.locator(f"#code-{language}")).to_contain_text("a red fox")
    expect(page.get_by_role("tab")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_assistive_technology_can_use_the_tab(open_tab: Opening, studio: Studio, user: User, scheme: str):
    page = open_tab(studio.address, user, color_scheme=scheme, reduced_motion="reduce", viewport={"width": 360, "height": 800})
    page.goto("/")
    open_api(page)
    expect(page.locator("#code-curl")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
