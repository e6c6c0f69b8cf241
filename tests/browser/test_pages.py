"""Every page, on every kind of screen: it fits, complains of nothing, and assistive technology can use it.

The lightbox and the comparison are looked at in the same way beside their own tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from generations import keeping, lifecycle, presets
from generations.keys import Limits, issue, revoke
from generations.models import Generation, Member, User
from generations.submission import submit, withdraw
from tests.browser.conftest import Studio, Watch
from tests.conftest import PASSWORD, finish, order

Opening = Callable[..., Page]

PAGES = [
    "sign in",
    "sign in refused",
    "playground empty",
    "playground",
    "playground finished",
    "playground failed",
    "playground refused",
    "playground stack",
    "playground offer",
    "playground presets",
    "playground code",
    "gallery empty",
    "gallery",
    "picture",
    "picture waiting",
    "picture failed",
    "sheet",
    "collections",
    "collections empty",
    "trash",
    "trash to be emptied",
    "import",
    "change password",
    "keys empty",
    "keys",
    "keys refused",
    "key made",
    "tools",
    "account",
    "members",
    "spending",
    "safety",
    "log",
    "403",
    "404",
]
SCHEMES = ["light", "dark"]
WIDTHS = [360, 768, 1440]
TOO_WIDE = """[...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1).map((each) => String(each.className)).slice(0, 5)"""
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 4 + " in the snow, " + "a very long prompt " * 20


class People:
    """Somebody with pictures in every state, some whose newest one has ended, somebody without any, somebody in no team."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.painter, self.newcomer = studio.newcomer(), studio.newcomer()
        self.lucky, self.unlucky = studio.newcomer(), studio.newcomer()
        self.collector, self.keeper = studio.newcomer(), studio.newcomer()
        self.loner = User.objects.create_user("loner@example.org", PASSWORD, name="Loner")
        self.keyholder = studio.newcomer()
        self.make_keys(studio.member(self.keyholder))
        finish(self.ask("A lucky boat", self.lucky))
        self.sheet = self.stack(self.collector)
        self.keep()
        self.failed = self.ask(LONG, self.unlucky)
        fail(self.failed)
        self.finished = self.ask("A red fox in the snow", size="1024*768")
        self.wide = self.ask(LONG, size="1536*256")
        self.tall = self.ask("A lighthouse", size="256*1536")
        for generation in (self.tall, self.wide, self.finished):
            finish(generation)
        withdraw(self.ask("A cancelled boat"))
        self.waiting = self.ask(LONG)

    def stack(self, by: User) -> str:
        """Ask for four at once: one is finished, one failed, one was cancelled, one waits. Return the sheet's address."""
        member = self.studio.member(by)
        first = submit(member, replace(order(LONG, size="512*256"), count=4), hint=False)
        done, failed, withdrawn, _ = Generation.objects.filter(stack=first.stack).order_by("pk")
        finish(done)
        fail(failed)
        withdraw(withdrawn)
        presets.save(member, "Wide", {"size": "1344*768", "count": "4"}, is_shared=True)
        presets.save(member, "P" * 60, {"prompt": LONG, "seed": "7"})
        return f"/gallery/sheets/{first.stack}/"

    def keep(self) -> None:
        """Collect and throw away, under names too long for a line; one of the pictures is too narrow for any word."""
        member = self.studio.member(self.keeper)
        rows = [self.ask("A boat", self.keeper, size=size) for size in ("512*512", "768*256", "256*1536")]
        for row in rows:
            finish(row)
        ids = [row.public_id for row in rows]
        keeping.add(member, keeping.make(member, f"Pneumonoultramicroscopic{'o' * 40}"), ids)
        keeping.make(member, "Nothing yet")
        keeping.trash(member, ids[1:])

    def make_keys(self, member: Member) -> None:
        """Make one with every limit and a word too long for a line, a plain one, and one that is revoked."""
        limits = Limits(backend="gone", budget_microusd=10**10, runs_per_minute=100_000, joins_repeats=True)
        issue(member, "K" * 60, replace(limits, expires_at=timezone.now() + timedelta(days=6)))
        issue(member, "Plain", Limits())
        revoke(issue(member, "R" * 60, Limits())[0])

    def ask(self, prompt: str, by: User | None = None, **raw: object) -> Generation:
        return submit(self.studio.member(by or self.painter), order(prompt, **raw), hint=False)


def fail(generation: Generation) -> None:
    claimed = lifecycle.claim(generation.pk)
    assert claimed is not None and lifecycle.move("fail", claimed, error="The brush broke. Nothing was charged. Try again.")


def serious_violations(tab: Page) -> list[tuple[str, list[str]]]:
    """Return what axe-core finds serious or critical: each rule, with the elements that break it."""
    violations = Axe().run(tab).response["violations"]
    serious = [each for each in violations if each["impact"] in {"serious", "critical"}]
    return [(each["id"], [node["html"][:150] for node in each["nodes"]]) for each in serious]


def hold_time(tab: Page) -> None:
    """Let nothing on the page go by itself any more, so that a slow machine sees it as well."""
    tab.clock.install()
    tab.clock.pause_at(timezone.now() + timedelta(days=1))


def expect_to_fit(tab: Page) -> None:
    """Fail when a screen must be moved sideways, and name what sticks out."""
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), (width, tab.evaluate(TOO_WIDE))


def sign_in_wrongly(tab: Page) -> None:
    tab.get_by_label("Email").fill("nobody@example.org")
    tab.get_by_label("Password").fill("not this one")
    tab.get_by_role("button", name="Sign in").click()


def ask_wrongly(tab: Page) -> None:
    tab.get_by_label("Width", exact=True).fill("9")
    tab.get_by_role("button", name="Generate").click()
    tab.locator(".field-error").first.wait_for()


def open_every_fold(tab: Page) -> None:
    for summary in tab.locator("main summary").all():
        summary.click()


def ask_wrongly_for_a_key(tab: Page) -> None:
    tab.locator("summary", has_text="Limits").click()
    tab.get_by_label("Budget a month").fill("0")
    tab.get_by_role("button", name="Make the key").click()
    tab.locator(".field-error").first.wait_for()


def make_a_key(tab: Page) -> None:
    tab.get_by_label("Name").fill("W" * 60)
    tab.get_by_role("button", name="Make the key").click()
    tab.locator(".key-made").wait_for()


PRESSES: dict[str, Callable[[Page], None]] = {
    "sign in refused": sign_in_wrongly,
    "playground refused": ask_wrongly,
    "playground presets": lambda tab: tab.locator(".presets-summary").click(),
    "playground code": lambda tab: tab.get_by_role("tab", name="API").click(),
    "collections": lambda tab: tab.locator(".shelf-summary").first.click(),
    "picture": open_every_fold,
    "keys": open_every_fold,
    "keys refused": ask_wrongly_for_a_key,
    "key made": make_a_key,
}
"""What leads from a page to the state that is meant."""


@pytest.fixture(scope="module")
def people(studio: Studio) -> People:
    return People(studio)


@pytest.fixture
def show(open_tab: Opening, studio: Studio, people: People, watch: Watch) -> Callable[..., Page]:
    """Open one of the PAGES on a screen."""

    def visit(name: str, scheme: str, width: int = 1440) -> Page:
        users: dict[str, User | None] = {"sign in": None, "sign in refused": None, "playground empty": people.newcomer}
        users |= {"gallery empty": people.newcomer, "playground finished": people.lucky, "403": people.loner}
        users |= {"keys": people.keyholder, "keys empty": people.newcomer, "keys refused": people.keyholder}
        users |= {"playground stack": people.collector, "playground presets": people.collector}
        users |= {"sheet": people.collector, "collections empty": people.newcomer}
        users |= dict.fromkeys(("collections", "trash", "trash to be emptied"), people.keeper)
        users |= {"playground failed": people.unlucky, "picture failed": people.unlucky}
        options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
        tab = open_tab(studio.address, users.get(name, people.painter), **options)
        paths = {
            "gallery": "/gallery/",
            "gallery empty": "/gallery/",
            "picture": people.finished.get_absolute_url(),
            "picture waiting": people.waiting.get_absolute_url(),
            "picture failed": people.failed.get_absolute_url(),
            "sheet": people.sheet,
            "collections": "/gallery/collections/",
            "collections empty": "/gallery/collections/",
            "trash": "/gallery/trash/",
            "trash to be emptied": "/gallery/trash/empty/",
            "import": "/gallery/import/",
            "change password": "/account/password/",
            "keys": "/api-keys/",
            "keys empty": "/api-keys/",
            "keys refused": "/api-keys/",
            "key made": "/api-keys/",
            "tools": "/api-keys/tools/",
            "account": "/account/",
            "members": "/team/members/",
            "spending": "/team/spending/",
            "safety": "/team/safety/",
            "log": "/team/log/",
            "playground offer": f"/?{urlencode({'prompt': LONG, 'size': '512*768', 'seed': 7, 'guidance_scale': 99})}",
            "404": "/no/such/page",
        }
        if name in {"403", "404"}:
            watch.expect(f"status of {name}")
        tab.goto(paths.get(name, "/"))
        if name in PRESSES:
            if name.endswith("refused"):
                watch.expect("status of 422|Code 422")
            PRESSES[name](tab)
        tab.wait_for_load_state("load")
        return tab

    return visit


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_screen_and_nothing_serious_stands_in_the_way_of_assistive_technology(
    show: Callable[..., Page], name: str
):
    tab = show(name, "light")
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert serious_violations(tab) == [], scheme
    expect_to_fit(tab)  # a theme moves nothing


def test_every_picture_on_a_page_is_loaded(show: Callable[..., Page]):
    for name in ("playground empty", "playground", "gallery", "picture"):
        tab = show(name, "light")
        tab.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager' })")
        tab.wait_for_function("() => [...document.images].filter((image) => image.src).every((image) => image.complete)")
        broken = "[...document.images].filter((image) => image.src && !image.naturalWidth).map((image) => image.src)"
        assert tab.evaluate(broken) == []
