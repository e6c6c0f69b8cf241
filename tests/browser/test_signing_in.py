"""Signing in with what only a browser has: a passkey, kept by a device that Chromium plays."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from generations.models import User
from tests.browser.conftest import Studio
from tests.conftest import PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_device(page: Page) -> None:
    """Give the tab a device that says yes to everything."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def by_password(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_signs_in_by_itself_and_as_the_second_step(open_tab: Callable[..., Page], studio: Studio, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # what the server reads
    user = studio.newcomer()
    # Browsers allow passkeys at names only.
    pretending = {"X-Forwarded-For": "203.0.113.9"}
    address = studio.address.replace("127.0.0.1", "localhost")
    page = open_tab(address, viewport={"width": 360, "height": 740}, extra_http_headers=pretending)
    with_device(page)
    by_password(page, user)
    page.goto("/account/")
    expect(page.get_by_text("127.0.0.1 · this browser")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("a[href='/account/passkeys/add/']").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_label("Prompt").first).to_be_visible()
    sign_out(page)
    by_password(page, user)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_label("Prompt").first).to_be_visible()
