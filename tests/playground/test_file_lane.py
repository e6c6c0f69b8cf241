"""The lane of pictures' files: a real server, asked with and without a session."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.test import Client

from generations.models import Generation, Member, ShareKind, User
from generations.sharing import share
from tests.conftest import finish
from tests.installation import Installation

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def server(installation: Installation) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=installation.web(), trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def generation(ask: Callable[..., Generation]) -> Generation:
    generation = ask()
    finish(generation)
    return generation


def session(client: Client) -> dict[str, str]:
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def test_a_file_comes_whole_with_the_headers_of_a_picture(
    server: httpx.Client, signed_in: Callable[[User], Client], owner: User, generation: Generation
):
    for kind in ("small", "large", "original"):
        answer = server.get(f"/gallery/{generation.public_id}/{kind}/", headers=session(signed_in(owner)))
        image = generation.images.get()
        stored = {"small": image.small, "large": image.large, "original": image.file}[kind]
        with stored.open("rb") as file:
            assert answer.content == file.read()
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"].startswith("private")
        assert "Cookie" in answer.headers["vary"]
        assert "set-cookie" not in answer.headers


def test_who_has_it_already_is_told_so(
    server: httpx.Client, signed_in: Callable[[User], Client], owner: User, generation: Generation
):
    address, cookies = f"/gallery/{generation.public_id}/small/", session(signed_in(owner))
    tag = server.get(address, headers=cookies).headers["etag"]
    answer = server.get(address, headers={**cookies, "If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_nobody_without_a_session_gets_a_file(server: httpx.Client, owner: User, generation: Generation):
    answer = server.get(f"/gallery/{generation.public_id}/small/")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/account/login/?next=")
    assert server.get(f"/gallery/{generation.public_id}/small/", headers={"Cookie": "sessionid=made-up"}).status_code == 302


def test_who_has_a_share_link_gets_its_files(server: httpx.Client, owner: User, generation: Generation):
    _, token = share(Member.objects.get(user=owner), ShareKind.PICTURE, generation)
    answer = server.get(f"/s/{token}/{generation.public_id}/small/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"] == "private, no-store" and answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


def test_an_outsider_gets_404(server: httpx.Client, signed_in: Callable[[User], Client], outsider: User, generation: Generation):
    assert server.get(f"/gallery/{generation.public_id}/small/", headers=session(signed_in(outsider))).status_code == 404
    assert server.get(f"/gallery/{uuid.uuid4()}/small/", headers=session(signed_in(outsider))).status_code == 404


def test_a_person_who_was_shut_out_gets_nothing(
    server: httpx.Client, signed_in: Callable[[User], Client], owner: User, generation: Generation
):
    cookies = session(signed_in(owner))
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert server.get(f"/gallery/{generation.public_id}/small/", headers=cookies).status_code == 302
