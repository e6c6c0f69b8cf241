"""Signing in as a browser does it: by a passkey of a device that Chromium plays, by a link from a mail, by another server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from generations.models import User
from tests.browser.conftest import Studio, Watch
from tests.conftest import PASSWORD
from tests.oidc.server import CLIENT, SECRET, Issuer, issuer
from tests.playground.mail import MailServer, mail_server

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


NEW = "another good phrase"


@pytest.fixture(scope="module")
def company() -> Iterator[Issuer]:
    with issuer() as server:
        yield server


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def variables(company: Issuer, mail: MailServer) -> dict[str, str]:
    single = {"OIDC_ISSUER": company.url, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Example Inc."}
    return {**single, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail.port), "EMAIL_USE_TLS": "no"}


@pytest.fixture(autouse=True)
def _passwords_as_the_server_reads_them(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


def with_device(page: Page) -> None:
    """Give the tab a device that says yes to everything."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def by_password(page: Page, user: User, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_signs_in_by_itself_and_as_the_second_step(open_tab: Callable[..., Page], studio: Studio):
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
    page.goto("/account/")
    page.get_by_role("link", name="Rename Passkey").click()
    page.get_by_label("Name").fill("The red laptop")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("The red laptop", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_label("Prompt").first).to_be_visible()
    sign_out(page)
    by_password(page, user)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_label("Prompt").first).to_be_visible()


def link_in(mail: MailServer) -> str:
    """Return the link for a new password, past the mails about what somebody has changed."""
    message = mail.next_mail()
    while message["Subject"] != "A new password for the SRPO Playground":
        message = mail.next_mail()
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    found = re.search(r"http://\S+", payload.decode())
    assert found is not None
    return found[0]


def test_a_lost_password_is_made_anew_by_mail_and_the_company_vouches_for_its_people_alone(
    open_tab: Callable[..., Page], studio: Studio, company: Issuer, mail: MailServer, watch: Watch
):
    watch.expect("status of 403")
    user = studio.newcomer()
    page, elsewhere, stranger = open_tab(studio.address), open_tab(studio.address, user), open_tab(studio.address)
    elsewhere.goto("/")
    page.goto("/account/login/")
    page.get_by_role("link", name="The password is lost").click()
    page.get_by_label("Email").fill(user.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(link_in(mail))
    for field in page.locator("input[type=password]").all():
        field.fill(NEW)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Your new password is saved")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    by_password(page, user, NEW)
    expect(page.get_by_label("Prompt").first).to_be_visible()

    company.person = {"sub": "4711", "email": user.email, "email_verified": True}
    elsewhere.get_by_role("button", name="Sign in with Example Inc.").click()
    expect(elsewhere.get_by_label("Prompt").first).to_be_visible()
    elsewhere.goto("/account/")
    expect(elsewhere.get_by_role("main").get_by_text(user.email)).to_be_visible()
    company.person = {"sub": "0815", "email": "stranger@example.org", "email_verified": True}
    stranger.goto("/account/login/")
    stranger.get_by_role("button", name="Sign in with Example Inc.").click()
    expect(stranger.get_by_role("heading", name="You have no account here")).to_be_visible()
    stranger.goto("/gallery/")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
