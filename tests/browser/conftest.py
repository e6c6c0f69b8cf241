"""A real Chromium against a real server.

Playwright's loop runs in the thread of the test, so it is started and stopped a module at a time: no loop is left for the
tests of other folders. Meanwhile Django is told that its ORM may be used; it then keeps a database connection apart.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from generations.models import Generation, Member, Role, State, Team, User
from tests.conftest import person
from tests.installation import ROOT, Broker, Installation, running

PATIENCE_MS = 30_000
# What the server's own processes must not inherit.
SAFE_AGAIN = {"DJANGO_ALLOW_ASYNC_UNSAFE": ""}

expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str | None:
    """Return the Chromium of this machine: $CHROMIUM, or the one on the path; without a window it needs half of the time."""
    return shutil.which(os.environ.get("CHROMIUM") or "chromium-headless-shell") or shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and skip it where there is no Chromium."""
    skip = pytest.mark.skip(reason="no Chromium found: install the package chromium-headless-shell, or set CHROMIUM to its path")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.processes)
            if chromium() is None:
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def db() -> None:
    """Stand in for pytest-django's fixture, whose name makes it set the database up: servers see nothing of a transaction."""


@pytest.fixture(autouse=True)
def _files_where_the_server_looks(_own_files: None, settings) -> None:
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    options = {"location": settings.MEDIA_ROOT}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}


@pytest.fixture(scope="module")
def browser(django_db_setup: None, browser_type_launch_args: dict[str, object]) -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = {**browser_type_launch_args, "executable_path": chromium(), "args": arguments}
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(**options)
        yield started
        started.close()
        connections.close_all()


class Watch:
    """Listens to a page: what it complains of fails the test, unless the test said that it must."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        # A press goes before the card's own question, which may be on its way: htmx writes that it gave that one up.
        self.expected = ["htmx:(afterRequest|sendAbort)"]

    def attach(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def expect(self, pattern: str) -> None:
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in self.expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fail at the end when a page wrote an error or a warning, such as a breach of its security policy."""
    watching = Watch()
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def open_tab(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Give a way to open a tab in a browser profile of its own; options are Playwright's, such as java_script_enabled."""
    contexts: list[BrowserContext] = []

    def tab(address: str, user: User | None = None, **options: object) -> Page:
        context = browser.new_context(base_url=address, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": address}])
        page = context.new_page()
        watch.attach(page)
        return page

    yield tab
    for context in contexts:
        context.close()


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


@pytest.fixture(scope="session")
def static_files() -> None:
    """Collect the static files as an installation does, once, where the servers of all tests look for them."""
    environment = {**os.environ, "PLAYGROUND_DATA": str(django_settings.DATA_DIR), **SAFE_AGAIN}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)


@pytest.fixture
def address(browser: Browser, static_files: None, installation: Installation) -> str:
    """Start a web server on an empty database."""
    return installation.web(**SAFE_AGAIN)


class Studio:
    """A server without workers that a module's tests share; each brings people and a team of its own."""

    numbers = itertools.count(1)

    def __init__(self, address: str, installation: Installation) -> None:
        self.address = address
        self.installation = installation

    def newcomer(self) -> User:
        number = next(self.numbers)
        return person(f"newcomer{number}@example.org", Team.objects.create(name=f"Team {number}"), Role.OWNER)

    def member(self, user: User) -> Member:
        return Member.objects.get(user=user)


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """Return what the environment of a module's server holds beside the rest; modules have fixtures of this name of their own."""
    return {}


@pytest.fixture(scope="module")
def studio(
    browser: Browser, static_files: None, broker: Broker, variables: dict[str, str], django_db_blocker: DjangoDbBlocker
) -> Iterator[Studio]:
    with django_db_blocker.unblock(), running(broker) as installation:
        installation.variables |= variables
        broker.client.flushall()
        shutil.rmtree(django_settings.DATA_DIR / "media", ignore_errors=True)
        studio = Studio("", installation)
        studio.newcomer()  # before the first visit, which else leads to the welcome page
        studio.address = installation.web(**SAFE_AGAIN)
        yield studio
        installation.stop()
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def user(studio: Studio) -> User:
    """Return somebody new, with nobody before them in the line."""
    Generation.objects.filter(state=State.QUEUED).update(state=State.CANCELLED)
    return studio.newcomer()


@pytest.fixture
def tab(open_tab: Callable[..., Page], studio: Studio, user: User) -> Page:
    """Open the playground's page as that person."""
    page = open_tab(studio.address, user)
    page.goto("/")
    return page
