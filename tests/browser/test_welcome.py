"""The first page of all: it needs an installation in which nobody is yet, and so a module of its own."""

from __future__ import annotations

from tests.browser.conftest import Watch
from tests.browser.test_pages import SCHEMES, Opening, expect_to_fit, serious_violations


def test_the_welcome_page_fits_and_is_open_to_assistive_technology(address: str, open_tab: Opening, watch: Watch):
    watch.expect("status of 422")
    tab = open_tab(address, reduced_motion="reduce")
    tab.goto("/")
    for press in ("load", "with mistakes"):
        if press == "with mistakes":
            tab.locator("form").first.evaluate("form => { form.noValidate = true; form.requestSubmit() }")
            tab.locator(".field-error").first.wait_for()
        assert tab.url.endswith("/welcome/")
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert serious_violations(tab) == [], (press, scheme)
        expect_to_fit(tab)
