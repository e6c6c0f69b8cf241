"""Every page, on every kind of screen: it fits, complains of nothing, and assistive technology can use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from generations.models import Generation, User
from generations.submission import submit, withdraw
from tests.browser.conftest import Studio, Watch
from tests.conftest import finish, order

Opening = Callable[..., Page]

PAGES = [
    "sign in",
    "sign in refused",
    "playground empty",
    "playground",
    "playground refused",
    "gallery empty",
    "gallery",
    "picture",
    "picture waiting",
    "change password",
    "404",
]
SCHEMES = ["light", "dark"]
WIDTHS = [360, 768, 1440]
TOO_WIDE = """[...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.className).slice(0, 5)"""
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4 + " in the snow, " + "a very long prompt " * 20


class People:
    """Somebody with pictures in every state, and somebody without any."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.painter, self.newcomer = studio.newcomer(), studio.newcomer()
        self.finished = self.ask("A red fox in the snow", size="1024*768")
        self.wide = self.ask(LONG, size="1536*256")
        self.tall = self.ask("A lighthouse", size="256*1536")
        for generation in (self.tall, self.wide, self.finished):
            finish(generation)
        withdraw(self.ask("A cancelled boat"))
        self.waiting = self.ask(LONG)

    def ask(self, prompt: str, **raw: object) -> Generation:
        return submit(self.studio.member(self.painter), order(prompt, **raw), hint=False)


@pytest.fixture(scope="module")
def people(studio: Studio) -> People:
    return People(studio)


@pytest.fixture
def show(open_tab: Opening, studio: Studio, people: People, watch: Watch) -> Callable[..., Page]:
    """Open one of the PAGES on a screen."""

    def visit(name: str, scheme: str, width: int = 1440) -> Page:
        users: dict[str, User | None] = {"sign in": None, "sign in refused": None, "playground empty": people.newcomer}
        users |= {"gallery empty": people.newcomer}
        options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
        tab = open_tab(studio.address, users.get(name, people.painter), **options)
        paths = {
            "gallery": "/gallery/",
            "gallery empty": "/gallery/",
            "picture": people.finished.get_absolute_url(),
            "picture waiting": people.waiting.get_absolute_url(),
            "change password": "/account/password/",
            "404": "/no/such/page",
        }
        if name == "404":
            watch.expect("status of 404")
        tab.goto(paths.get(name, "/"))
        if name == "sign in refused":
            tab.get_by_label("Email").fill("nobody@example.org")
            tab.get_by_label("Password").fill("not this one")
            tab.get_by_role("button", name="Sign in").click()
        if name == "playground refused":
            watch.expect("status of 422|Code 422")
            tab.get_by_label("Width", exact=True).fill("9")
            tab.get_by_role("button", name="Generate").click()
            tab.locator(".field-error").first.wait_for()
        tab.wait_for_load_state("load")
        return tab

    return visit


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_stands_in_the_way_of_assistive_technology(show: Callable[..., Page], name: str, scheme: str):
    violations = Axe().run(show(name, scheme)).response["violations"]
    serious = [each for each in violations if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in serious] == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_screen(show: Callable[..., Page], name: str, scheme: str):
    tab = show(name, scheme)
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        too_wide = (
            "[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1)"
        )
        names = tab.evaluate(f"{too_wide}.map((each) => each.className).slice(0, 5)")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, (width, names)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_picture_on_a_page_is_loaded(show: Callable[..., Page], scheme: str):
    for name in ("playground empty", "playground", "gallery", "picture"):
        tab = show(name, scheme)
        tab.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager' })")
        tab.wait_for_function("() => [...document.images].filter((image) => image.src).every((image) => image.complete)")
        broken = "[...document.images].filter((image) => image.src && !image.naturalWidth).map((image) => image.src)"
        assert tab.evaluate(broken) == []
