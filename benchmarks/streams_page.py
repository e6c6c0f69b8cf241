"""One real page in Chromium: when its card changes, when its stream opens, and how soon it can be used."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright

WITHIN_MS = 30_000
INTERACTIVE = """document.addEventListener("DOMContentLoaded", async () => {
    const names = [...document.querySelectorAll(":not(:defined)")].map((each) => each.localName);
    await Promise.all(names.map((name) => customElements.whenDefined(name)));
    window.usableAfterMs = performance.now();
});"""
WATCH_CARD = """() => {
    const state = () => document.querySelector(".stage .card-hero").className.match(/\\bis-(\\w+)/)[1];
    let last = state();
    window.changes = [];
    new MutationObserver(() => {
        if (state() === last) return;
        last = state();
        window.changes.push([Date.now() / 1000, last]);
    }).observe(document.querySelector(".stage"), { childList: true, subtree: true, attributes: true });
}"""


class Watched:
    """A page whose changes are written down."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tuned_at: list[float] = []
        page.on("response", self._note)

    async def open(self) -> None:
        await self.page.goto("/", wait_until="domcontentloaded")
        await self.page.evaluate(WATCH_CARD)

    async def changes(self) -> list[tuple[float, str]]:
        """Return when the card changed since this was last asked, and to which state."""
        found: list[tuple[float, str]] = await self.page.evaluate("window.changes.splice(0)")
        return found

    def _note(self, response: Response) -> None:
        if response.url.endswith("/events/") and response.ok:
            self.tuned_at.append(time.time())


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser | None]:
    """Start the Chromium of this machine; None where there is none."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if named is None or not Path(named).is_file():
        yield None
        return
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=named, args=arguments)
        yield browser
        await browser.close()


async def visitor(browser: Browser, url: str, session: str) -> BrowserContext:
    """Return a fresh browser profile that is signed in."""
    context = await browser.new_context(base_url=url)
    context.set_default_timeout(WITHIN_MS)
    await context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    return context


async def usable_after_ms(browser: Browser, url: str, session: str) -> float:
    """Load the page with nothing in the cache; return when its DOM stood and all its elements were defined."""
    context = await visitor(browser, url, session)
    page = await context.new_page()
    await page.add_init_script(INTERACTIVE)
    await page.goto("/")
    await page.wait_for_function("window.usableAfterMs > 0")
    measured = float(await page.evaluate("window.usableAfterMs"))
    await context.close()
    return measured
