"""The cast: owner and teammate share a team, viewer only looks, outsider has a team of their own."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from django.test import Client

from generations import catalog, lifecycle
from generations.backends import backend_for
from generations.backends.base import RenderedImage
from generations.enhancers import enhancer_for
from generations.models import Generation, Image, Member, Role, Team, User
from generations.pipeline.store import store
from generations.submission import Order, submit
from tests.installation import Broker, Installation, running

pytest_plugins: list[str] = []

# A file, so that real worker processes can open the tests' database too.
if django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(django_settings.DATA_DIR / "tests.sqlite3")

# How long an example takes says something of the machine, and nothing of the code. New examples are looked for where somebody
# works on the code; a check of a commit tries the same ones each time.
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("patient")

PASSWORD = "correct horse battery"


def pytest_collection_finish() -> None:
    """Leave what stays until the end out of the search for garbage, which else takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Empty the database without naming all permissions anew, which nobody asks for and takes 19 of 20 parts of the time."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    """Give each test a media folder of its own and static files without a manifest."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        "default": {"BACKEND": "generations.storage.DurableFileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.CHECK_PICTURES = False  # 20 ms for every picture; tests that are about it switch it on
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(email: str, team: Team, role: Role) -> User:
    user = User.objects.create_user(email, PASSWORD, name=email.partition("@")[0].title())
    Member.objects.create(team=team, user=user, role=role)
    return user


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Atelier")


@pytest.fixture
def owner(team: Team) -> User:
    return person("owner@example.org", team, Role.OWNER)


@pytest.fixture
def teammate(team: Team, owner: User) -> User:
    return person("teammate@example.org", team, Role.MEMBER)


@pytest.fixture
def viewer(team: Team, owner: User) -> User:
    return person("viewer@example.org", team, Role.VIEWER)


@pytest.fixture
def outsider(db: None) -> User:
    return person("outsider@example.org", Team.objects.create(name="Elsewhere"), Role.OWNER)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def client_of_owner(signed_in: Callable[[User], Client], owner: User) -> Client:
    client = signed_in(owner)
    client.get("/account/password/")  # the first request of a process asks whether anybody has an account
    return client


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """A real broker, the one that the settings name."""
    broker = Broker()
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def installation(broker: Broker, transactional_db: None, settings) -> Iterator[Installation]:
    """Real processes beside the test, on the same database; they end before the database is emptied."""
    broker.client.flushall()
    media = settings.DATA_DIR / "media"
    shutil.rmtree(media, ignore_errors=True)
    settings.MEDIA_ROOT = media
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": {"location": media}}}
    with running(broker) as started:
        yield started


def order(prompt: str = "a red fox", *, key: str | None = None, **raw: object) -> Order:
    """An order of a small quick picture."""
    inputs = catalog.load().clean({"prompt": prompt, "size": "256*256", "num_inference_steps": 2, "seed": 7, **raw})
    return Order(inputs=inputs, backend=backend_for("easel"), idempotency_key=key)


@pytest.fixture
def member(owner: User) -> Member:
    return Member.objects.get(user=owner)


@pytest.fixture
def ask(member: Member) -> Callable[..., Generation]:
    """Place an order for the owner, without a hint."""
    return lambda *args, **kwargs: submit(member, order(*args, **kwargs), hint=False)


def finish(generation: Generation, colour: tuple[int, int, int] = (180, 90, 40)) -> Image:
    """Take a queued generation through the real store, with plain pixels in place of a painting."""
    claimed = lifecycle.claim(generation.pk)
    assert claimed is not None and lifecycle.move("rendered", claimed)
    pixels = bytes(colour) * (claimed.width * claimed.height)
    store(claimed, [RenderedImage(width=claimed.width, height=claimed.height, pixels=pixels)])
    generation.refresh_from_db()
    return generation.images.get()


@pytest.fixture
def enhancers(settings) -> Iterator[Callable[..., Any]]:
    """Put enhancers of tests/enhancers.py beside `Wise`, which stands in for the local one; each call makes all of them new."""
    settings.PROMPT_ENHANCERS = {"local": {"BACKEND": "tests.enhancers.Wise", "OPTIONS": {}}}
    enhancer_for.cache_clear()

    def put(alias: str, name: str, **options: object) -> Any:
        settings.PROMPT_ENHANCERS = {
            **settings.PROMPT_ENHANCERS,
            alias: {"BACKEND": f"tests.enhancers.{name}", "OPTIONS": options},
        }
        enhancer_for.cache_clear()
        return enhancer_for(alias)

    yield put
    enhancer_for.cache_clear()
