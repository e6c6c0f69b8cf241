"""A person orders a picture from their own card on the page, and sees it come."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from generations.backends.flux import Flux
from generations.models import Generation, User
from tests.browser.conftest import (  # noqa: F401 fixtures
    SAFE_AGAIN,
    Studio,
    _files_where_the_server_looks,
    browser,
    chromium,
    db,
    open_tab,
    static_files,
    studio,
    tab,
    user,
    watch,
)
from tests.browser.test_first_picture import expect_seen, expect_step
from tests.gpu.test_worker import gpu_worker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.skipif(chromium() is None, reason="no Chromium found: install the package chromium, or set CHROMIUM to its path"),
]

Opening = Callable[..., Page]


@pytest.fixture(scope="module")
def variables(tiny) -> dict[str, str]:
    return {"FLUX_MODEL": str(tiny)}


def test_a_picture_from_the_own_card_comes_on_the_page(studio: Studio, tab: Page, user: User):  # noqa: F811
    tab.get_by_label("Prompt").fill("A red fox in the snow")
    tab.get_by_role("radio", name=re.compile(Flux.title)).check()
    tab.get_by_label("Width", exact=True).fill("256")
    tab.get_by_label("Height", exact=True).fill("256")
    tab.get_by_role("button", name="Generate").click()
    hero = tab.locator(".stage .card-hero")
    expect(hero.get_by_text("Next in line")).to_be_visible()
    gpu_worker(studio.installation, **SAFE_AGAIN)
    expect(hero.get_by_text("Loading the model …")).to_be_visible()
    expect_step(tab)
    expect(hero).to_have_class(re.compile("is-succeeded"))
    expect_seen(hero.locator(".frame-picture img"))
    tab.goto(Generation.objects.get(author=user).get_absolute_url())
    expect(tab.get_by_text(f"FLUX SRPO, {Flux.title}")).to_be_visible()
    tab.locator("summary", has_text="Receipt").click()
    expect(tab.get_by_text("transformer weights")).to_be_visible()
