"""Photograph every page on every kind of screen: `python -m tests.browser.screenshots [FOLDER]`, or `make screenshots`.

A person's first hour in an installation of its own, with Easel and the vendor for tests, one small step after the other. Each
step leads to a state of a page and takes its pictures, at three widths in both themes. To photograph another state, write a
function that takes the Visit, and put its name into STEPS.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.installation import ROOT, Installation
from benchmarks.remote_site import Site
from tests.browser.screenshots_team import account, members, money_and_safety, sharing
from tests.vendor.process import KEY, Vendor

SCREENS = ((360, 780), (768, 1024), (1440, 900))
DESKTOP = 960
MOST_HEIGHT = 6000
SCHEMES = ("light", "dark")
PATIENCE_MS = 90_000
QUICK = {"width": "768", "height": "512", "steps": "12"}
# So large and slow that all pictures of the page are taken while it is painted.
SLOW = {"width": "1536", "height": "1536", "steps": "50"}
EMAIL, PASSWORD = "ada@example.org", "a long enough phrase"
PROMPTS = (
    "A lighthouse on a cliff at sunset, oil painting",
    "A sailing boat on a calm sea under the stars",
    "An owl on a branch in an autumn forest, watercolour",
)


class Visit:
    """Somebody at a browser."""

    def __init__(self, browser: Browser, site: Site, vendor: Vendor, folder: Path) -> None:
        self.browser, self.site, self.vendor, self.folder = browser, site, vendor, folder
        self.numbers = itertools.count(1)
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Open a page in a profile of its own, nobody signed in."""
        page = self.browser.new_context(base_url=self.site.url, reduced_motion="reduce").new_page()
        page.set_default_timeout(30_000)
        return page

    def shoot(self, name: str, page: Page | None = None, *, whole: bool = True) -> None:
        """Take the state as it is now on every screen: from top to bottom, or as much as the screen shows."""
        page, number = page or self.page, next(self.numbers)
        for (width, height), scheme in itertools.product(SCREENS, SCHEMES):
            page.emulate_media(color_scheme=scheme)
            _fit(page, width, height, whole=whole)
            page.wait_for_function("() => [...document.images].every((image) => image.complete || image.loading === 'lazy')")
            path = self.folder / f"{number:02}-{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=whole, animations="disabled")

    def ask(self, prompt: str, *, maker: str = "Easel", width: str, height: str, steps: str, count: str = "1") -> None:
        """Order a picture; it is not waited for. What was typed before is forgotten, as some of it was wrong on purpose."""
        self.page.evaluate("localStorage.clear()")
        self.page.goto("/")
        self.page.get_by_role("radio", name=maker).check()
        self.page.get_by_label("Prompt").fill(prompt)
        self.page.get_by_label(count, exact=True).check()
        self.page.get_by_label("Width", exact=True).fill(width)
        self.page.get_by_label("Height", exact=True).fill(height)
        self.page.locator("summary", has_text="More settings").click()
        self.page.get_by_label("Steps", exact=True).fill(steps)
        self.page.get_by_role("button", name="Generate").click()
        expect(self.page.locator(".stage .card-prompt").first).to_have_text(prompt)

    def wait_for(self, shown: Callable[[], object]) -> None:
        """Load the page again until it shows something."""
        ends_at = time.monotonic() + PATIENCE_MS / 1000
        while not shown():
            if time.monotonic() > ends_at:
                raise TimeoutError(f"not shown at {self.page.url}")
            self.page.wait_for_timeout(1000)
            self.page.reload()

    def wait_for_the_picture(self) -> None:
        expect(self.page.locator(".card-hero")).to_have_class(re.compile("is-succeeded"), timeout=PATIENCE_MS)
        expect(self.page.locator("[data-generation][hx-trigger=changed]")).to_have_count(0, timeout=PATIENCE_MS)


def _fit(page: Page, width: int, height: int, *, whole: bool) -> None:
    """Take a screen of that size; a small one is made as high as the page, or the button at its edge would cover the middle."""
    page.set_viewport_size({"width": width, "height": height})
    page.mouse.move(0, 0)
    page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('.playground-panel')].forEach((each) => each.scrollTo(0, 0))"
    )
    if whole and width < DESKTOP:
        high = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(high, MOST_HEIGHT)})


def welcome(visit: Visit) -> None:
    visit.page.goto("/")
    visit.shoot("welcome")
    for label, text in (("Name of your team", "Atelier"), ("Your name", "Ada"), ("Email", EMAIL), ("Password", PASSWORD)):
        visit.page.get_by_label(label).fill(text)
    visit.page.get_by_role("button", name="Make the first picture").click()
    expect(visit.page.get_by_label("Prompt")).to_be_visible()


def sign_in(visit: Visit) -> None:
    page = visit.new_page()
    page.goto("/account/login/")
    visit.shoot("sign-in", page)
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("[role=alert], .note-danger, .field-error").first).to_be_visible()
    visit.shoot("sign-in-refused", page)
    page.context.close()


def gallery_empty(visit: Visit) -> None:
    visit.page.goto("/gallery/")
    visit.shoot("gallery-empty")


def first_visit(visit: Visit) -> None:
    visit.page.goto("/")
    visit.shoot("playground-first-visit")


def more_settings(visit: Visit) -> None:
    visit.page.locator("summary", has_text="More settings").click()
    visit.shoot("playground-more-settings")


def code(visit: Visit) -> None:
    visit.page.goto("/?prompt=A+red+fox+in+the+snow&use=all")
    visit.page.get_by_role("tab", name="API").click()
    for language in ("curl", "Python", "JavaScript"):
        visit.page.get_by_role("tab", name=language).click()
        visit.shoot(f"playground-api-{language.lower()}")


def mistakes(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.get_by_label("Width", exact=True).fill("12")
    visit.page.get_by_label("Seed", exact=True).fill("-9")
    visit.page.get_by_role("button", name="Generate").click()
    expect(visit.page.locator(".field-error").first).to_be_visible()
    visit.shoot("playground-mistakes")


def painting_and_waiting(visit: Visit) -> None:
    visit.ask("A red fox in the snow under a full moon, oil painting", **SLOW)
    expect(visit.page.locator(".card-hero").get_by_text(re.compile(r"Step [12]\d of"))).to_be_visible(timeout=PATIENCE_MS)
    visit.shoot("playground-painting")
    visit.ask("A second fox, which waits", **QUICK)
    visit.shoot("playground-waiting")
    visit.wait_for_the_picture()


def done(visit: Visit) -> None:
    for prompt in PROMPTS:
        visit.ask(prompt, **QUICK)
        visit.wait_for_the_picture()
    visit.shoot("playground-done")


def four_at_once(visit: Visit) -> None:
    page = visit.page
    visit.ask(PROMPTS[1], **QUICK, count="4")
    expect(page.locator(".stack .is-succeeded")).to_have_count(4, timeout=PATIENCE_MS)
    visit.shoot("playground-four-at-once")


def offered_settings(visit: Visit) -> None:
    visit.page.goto("/?prompt=A+red+fox+in+the+snow&size=1216*832&num_inference_steps=20&seed=7")
    visit.shoot("playground-offered-settings")


def presets(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_text("Presets", exact=True).click()
    for name in ("Wide and calm", "Quick sketch"):
        page.get_by_label("Save these settings as").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("link", name=name).wait_for()
    visit.shoot("playground-presets")


def team(visit: Visit) -> None:
    visit.page.goto("/team/")
    visit.shoot("team")
    visit.page.get_by_label("API key").fill(KEY)
    visit.page.get_by_role("button", name="Connect").click()
    expect(visit.page.get_by_text("Connected. Balance:")).to_be_visible()
    visit.shoot("team-connected")


def api_keys(visit: Visit) -> None:
    page = visit.page
    page.goto("/api-keys/")
    visit.shoot("api-keys-empty")
    page.get_by_label("Name").fill("Blog illustrations")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator(".key-made")).to_be_visible()
    visit.shoot("api-keys-made")
    page.goto("/api-keys/")
    page.locator("summary", has_text="Limits").click()
    page.locator("summary", has_text="Revoke").click()
    visit.shoot("api-keys")


def tools(visit: Visit) -> None:
    visit.page.goto("/api-keys/tools/")
    visit.shoot("api-keys-tools")


def webhooks(visit: Visit) -> None:
    visit.page.goto("/deliveries/")
    visit.shoot("webhooks")


def remote(visit: Visit) -> None:
    visit.vendor.set(duration_s=20)
    visit.ask("A fox from the cloud", maker="WaveSpeed", **QUICK)
    expect(visit.page.locator(".card-hero")).to_have_class(re.compile("is-running"))
    visit.shoot("playground-at-the-vendor")
    visit.wait_for_the_picture()


def refused(visit: Visit) -> None:
    visit.vendor.fault("submit", "402", times=0)
    visit.ask("A fox that nobody paid for", maker="WaveSpeed", **QUICK)
    visit.wait_for(lambda: visit.page.locator(".banner").count())
    visit.shoot("playground-paused")
    visit.vendor.clear()


def gallery(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/")
    visit.shoot("gallery")
    page.locator(".picture").first.hover()
    page.locator(".tile-again").first.click()
    visit.shoot("gallery-make-again", whole=False)
    page.keyboard.press("Escape")
    for number in (0, 1):
        page.locator(".pick-box").nth(number).check()
    visit.shoot("gallery-selected", whole=False)
    page.get_by_role("button", name="Collect").click()
    expect(page.locator(".ask")).to_be_visible()
    visit.shoot("gallery-ask", whole=False)
    page.goto("/gallery/?q=nothing+of+the+kind")
    visit.shoot("gallery-nothing-matches")


def pictures(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/")
    page.get_by_role("link", name=PROMPTS[0]).first.click()
    expect(page.locator(".light .facts").first).to_be_visible()
    visit.shoot("lightbox", whole=False)
    page.goto(page.url.partition("?")[0])
    visit.shoot("picture")
    for summary in page.locator("main summary").all():
        summary.click()
    page.get_by_role("button", name="Check it").click()
    expect(page.locator(".check.is-identical")).to_be_visible(timeout=PATIENCE_MS)
    visit.shoot("picture-unfolded")


def sheet(visit: Visit) -> None:
    visit.page.goto("/gallery/")
    visit.page.locator(".picture-stack").first.click()
    expect(visit.page.locator(".sheet-cell").first).to_be_visible()
    visit.shoot("sheet")


def compare(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/compare/")
    visit.shoot("compare-choose")
    page.locator(".picture-link").nth(0).click()
    page.locator(".picture-link").nth(2).click()
    page.locator("[data-mode=slider]").click()
    visit.shoot("compare-slider")
    page.locator("[data-mode=beside]").click()
    visit.shoot("compare-side-by-side")


def collections(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/collections/")
    visit.shoot("collections-empty")
    for name, numbers in (("Seaside", (0, 1, 2, 3)), ("For the calendar", (2,))):
        page.goto("/gallery/")
        for number in numbers:
            page.locator(".pick-box").nth(number).check()
        page.get_by_role("button", name="Collect").click()
        page.locator(".ask [name=name]").fill(name)
        page.locator(".ask [name=name]").press("Enter")
        expect(page.locator("passing-note")).to_contain_text(name)
    page.goto("/gallery/collections/")
    page.locator(".shelf-summary").first.click()
    visit.shoot("collections")


def trash(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/trash/")
    visit.shoot("trash-empty")
    page.goto("/gallery/")
    for number in (1, 2):
        page.locator(".pick-box").nth(number).check()
    page.get_by_role("button", name="Trash").click()
    expect(page.locator("passing-note")).to_be_visible()
    visit.shoot("gallery-undo", whole=False)
    page.goto("/gallery/trash/")
    visit.shoot("trash")
    page.get_by_role("link", name="Empty trash").click()
    visit.shoot("trash-to-be-emptied")


def bring_in(visit: Visit) -> None:
    page = visit.page
    page.goto("/gallery/import/")
    visit.shoot("import")
    examples = sorted((ROOT / "static" / "img" / "examples").glob("*.webp"))[:4]
    page.locator("#files").set_input_files([*examples, examples[0], ROOT / "README.md"])
    visit.shoot("import-chosen")
    page.get_by_role("button", name="Bring in").click()
    expect(page.locator(".arrivals")).to_be_visible()
    visit.shoot("import-done")


def password(visit: Visit) -> None:
    visit.page.goto("/account/password/")
    visit.shoot("change-password")


def nothing_there(visit: Visit) -> None:
    visit.page.goto("/no/such/page")
    visit.shoot("404")


STEPS: tuple[Callable[[Visit], None], ...] = (
    welcome,
    sign_in,
    gallery_empty,
    first_visit,
    more_settings,
    code,
    mistakes,
    painting_and_waiting,
    done,
    four_at_once,
    offered_settings,
    presets,
    team,
    api_keys,
    tools,
    webhooks,
    remote,
    gallery,
    pictures,
    sheet,
    compare,
    collections,
    trash,
    bring_in,
    members,
    sharing,
    money_and_safety,
    account,
    password,
    nothing_there,
    refused,
)


def take(folder: Path) -> None:
    """Walk through all steps; what was in the folder before is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Vendor(key=KEY, duration_s=1, per_minute=0) as vendor, _site(vendor) as site, _browser() as browser:
        visit = Visit(browser, site, vendor, folder)
        for step in STEPS:
            sys.stdout.write(f"{step.__name__} …\n")
            sys.stdout.flush()
            step(visit)


@contextmanager
def _site(vendor: Vendor) -> Iterator[Site]:
    """Start an installation that nobody has visited yet, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="playground-screenshots-") as data:
        site = Site(Installation(Path(data)), vendor, {"WAVESPEED_API_KEY": ""})
        site.start()
        try:
            yield site
        except Exception:
            site.print_logs()
            raise
        finally:
            site.stop()


@contextmanager
def _browser() -> Iterator[Browser]:
    program = shutil.which(os.environ.get("CHROMIUM") or "chromium-headless-shell") or shutil.which("chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "screenshots")
