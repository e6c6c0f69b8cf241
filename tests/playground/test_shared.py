"""What strangers get behind a share link, and what never gets out through one."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.db.models.functions import Now
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from generations import metadata
from generations.models import Collection, CollectionItem, Generation, Member, ShareKind, ShareLink, User
from generations.sharing import share
from playground import shared_page
from tests.conftest import finish

pytestmark = pytest.mark.django_db

PROMPT = "a zeppelin above Marrakesh at twilight"
SECRETS = (b"zeppelin", b"marrakesh", b"twilight", b"90817263", b"owner@example.org", b"steps", b"guidance")


@pytest.fixture
def picture(ask: Callable[..., Generation]) -> Generation:
    generation = ask(PROMPT, seed=90817263, output_format="png")
    finish(generation)
    return generation


@pytest.fixture
def collection(member: Member, picture: Generation) -> Collection:
    kept = Collection.objects.create(team=member.team, author=member.user, name="Balloons")
    CollectionItem.objects.create(collection=kept, generation=picture)
    return kept


def test_a_stranger_sees_the_picture_and_gets_no_cookie(
    member: Member, picture: Generation, django_assert_num_queries: DjangoAssertNumQueries
):
    link, token = share(member, ShareKind.PICTURE, picture)
    address = reverse("shared", args=[token])
    Client().head(address)  # counts nothing
    with django_assert_num_queries(5):
        response = Client().get(address)
    shown = response.content.decode()
    assert response.status_code == 200 and not response.cookies
    assert "Atelier" in shown and "Made with AI" in shown
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Cache-Control"] == "private, no-store"
    large = reverse("shared_file", args=[token, picture.public_id, "large"])
    assert f'<meta property="og:image" content="http://127.0.0.1:8000{large}">' in shown
    assert '<meta property="og:title" content="A picture from Atelier">' in shown
    file = Client().get(large)
    assert file.headers["Content-Type"] == "image/webp" and file.content[8:12] == b"WEBP"
    assert file.headers["Cache-Control"] == "private, no-store" and "sandbox" in file.headers["Content-Security-Policy"]
    link.refresh_from_db()
    assert link.views == 1 and link.last_viewed_at is not None


def everything_behind(address: str) -> Iterator[tuple[str, HttpResponseBase]]:
    """Walk like a thorough stranger: the page and all of this server that it leads to, files included."""
    seen, waiting = set(), [address]
    while waiting:
        at = waiting.pop()
        if at in seen or not at.startswith("/s/"):
            continue
        seen.add(at)
        response = Client().get(at)
        yield at, response
        if response.headers["Content-Type"].startswith("text/html"):
            found = re.findall(r'(?:href|src|content|hx-get|action)="([^"]*)"', response.content.decode())
            waiting += [each.removeprefix("http://127.0.0.1:8000").replace("&amp;", "&") for each in found]


async def all_of(response: HttpResponseBase) -> bytes:
    return b"".join([piece async for piece in response])


def content_of(response: HttpResponseBase) -> bytes:
    """Return all that an answer says, headers and what is packed in it included."""
    content = async_to_sync(all_of)(response) if response.streaming else response.content
    said = content + repr(list(response.headers.items())).encode()
    if content.startswith(b"PK"):
        packed = zipfile.ZipFile(io.BytesIO(content))
        said += b"".join(packed.read(name) + name.encode() for name in packed.namelist())
    return said


@pytest.mark.parametrize("kind", [ShareKind.PICTURE, ShareKind.COLLECTION])
def test_not_a_word_of_the_settings_gets_out(member: Member, picture: Generation, collection: Collection, kind: ShareKind):
    target = collection if kind == ShareKind.COLLECTION else picture
    _, token = share(member, kind, target, allows_downloads=True)
    small = reverse("shared_file", args=[token, picture.public_id, "small"])
    answers = {at: content_of(response) for at, response in everything_behind(reverse("shared", args=[token]))}
    answers |= {at: content_of(response) for at, response in everything_behind(small)}
    assert len(answers) >= (6 if kind == ShareKind.COLLECTION else 4)
    assert any(b"\x89PNG" in said for said in answers.values())
    leaks = [(at, secret) for at, said in answers.items() for secret in SECRETS if secret in said.lower()]
    assert leaks == []


def test_with_settings_they_are_on_the_page_and_in_the_file(member: Member, picture: Generation, outsider: User):
    _, token = share(member, ShareKind.RECIPE, picture, allows_downloads=True)
    address = reverse("shared", args=[token])
    page = Client().get(address).content.decode()
    assert PROMPT in page and "90817263" in page and "Open in the form" not in page
    head = page.partition("</head>")[0]
    assert "zeppelin" not in head and "90817263" not in head  # a preview in a chat shows the picture alone
    file = Client().get(reverse("shared_file", args=[token, picture.public_id, "original"]))
    found = metadata.read(file.content)
    assert found is not None and found.prompt == PROMPT
    person = Client()
    person.force_login(outsider, backend="allauth.account.auth_backends.AuthenticationBackend")
    way = re.search(r'href="(/\?recipe=[^"]+)">', person.get(address).content.decode())
    assert way is not None and PROMPT in person.get(way[1]).content.decode()


def test_nothing_comes_along_that_the_link_does_not_allow(member: Member, picture: Generation, ask: Callable[..., Generation]):
    _, token = share(member, ShareKind.PICTURE, picture)
    other = ask("another")
    addresses = [
        reverse("shared_file", args=[token, picture.public_id, "original"]),
        reverse("shared_file", args=[token, picture.public_id, "file"]),
        reverse("shared_file", args=[token, other.public_id, "small"]),
        reverse("shared_picture", args=[token, other.public_id]),
        reverse("shared_archive", args=[token]),
    ]
    assert {Client().get(address).status_code for address in addresses} == {404}


def test_a_wrong_an_ended_and_a_revoked_link_look_the_same(member: Member, picture: Generation):
    _, expired = share(member, ShareKind.PICTURE, picture)
    ShareLink.objects.update(expires_at=Now() - timedelta(days=1))
    link, revoked = share(member, ShareKind.PICTURE, picture)
    ShareLink.objects.filter(pk=link.pk).update(revoked_at=Now())
    tokens = [expired, revoked, "A" * 43, "nothing", "%2e%2e"]
    answers = [Client().get(f"/s/{token}/") for token in tokens]
    answers += [Client().post(f"/s/{expired}/", {"password": "x"}), Client().get(f"/s/{expired}/{picture.public_id}/small/")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


def test_a_password_opens_one_link_in_one_browser(member: Member, picture: Generation):
    _, token = share(member, ShareKind.PICTURE, picture, password="open sesame")
    _, other = share(member, ShareKind.PICTURE, picture, password="open sesame")
    address, client = reverse("shared", args=[token]), Client(enforce_csrf_checks=True)
    small = reverse("shared_file", args=[token, picture.public_id, "small"])
    asked = client.get(address)
    assert "Password" in asked.content.decode() and "og:image" not in asked.content.decode() and not asked.cookies
    assert client.get(small).status_code == 404
    assert client.post(address, {"password": "guess"}).status_code == 422
    assert client.post(address, {"password": "open sesame"}).status_code == 302
    cookie = client.cookies["share"]
    assert cookie["path"] == address and cookie["httponly"] and "sesame" not in cookie.value
    assert client.get(small).status_code == 200
    assert "share-picture" in client.get(address).content.decode()
    assert ShareLink.objects.get(views=1)
    client.cookies["share"]["path"] = "/"
    assert client.get(reverse("shared_file", args=[other, picture.public_id, "small"])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_guessing_a_password_is_slow_however_many_guess_at_once(member: Member, picture: Generation):
    link, token = share(member, ShareKind.PICTURE, picture, password="open sesame")
    address = reverse("shared", args=[token])
    assert Client().post(address, {"password": "open sesame"}).status_code == 302  # counts for nothing
    said: list[str] = []
    together = threading.Barrier(24)

    def guess() -> None:
        together.wait(30)
        said.append(Client().post(address, {"password": "guess"}).content.decode())
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("not the password" in each for each in said) == 10
    assert sum("too many" in each for each in said) == 14
    assert "too many" in Client().post(address, {"password": "open sesame"}).content.decode()
    ShareLink.objects.filter(pk=link.pk).update(wrong_since=Now() - timedelta(seconds=61))
    assert Client().post(address, {"password": "open sesame"}).status_code == 302


def test_a_collection_is_shown_a_page_at_a_time(
    member: Member, picture: Generation, collection: Collection, ask: Callable[..., Generation], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shared_page, "PAGE", 1)
    later = ask("a kite")
    finish(later)
    CollectionItem.objects.create(collection=collection, generation=later)
    _, token = share(member, ShareKind.COLLECTION, collection, with_settings=True)
    address = reverse("shared", args=[token])
    first = Client().get(address).content.decode()
    assert "Balloons" in first and "2 pictures" in first and str(later.public_id) in first
    assert str(picture.public_id) not in first and "archive" not in first
    more = re.search(r'hx-get="([^"]+)"', first)
    second = Client().get(more[1], headers={"HX-Request": "true"}).content.decode()
    assert str(picture.public_id) in second and "<html" not in second and "Load more" not in second
    part = Client().get(reverse("shared_picture", args=[token, picture.public_id])).content.decode()
    assert PROMPT in part and "All pictures" in part
    assert ShareLink.objects.get().views == 1


class TestMakingAndEndingThem:
    def test_a_link_is_made_and_its_address_shown_once(self, client_of_owner: Client, picture: Generation):
        address = reverse("team:share_picture", args=[picture.public_id])
        assert address in client_of_owner.get(picture.get_absolute_url()).content.decode()
        assert client_of_owner.get(address).status_code == 200
        wrong = client_of_owner.post(address, {"shows": "alone", "ends": "7", "password": "short"})
        assert wrong.status_code == 422 and "at least 6 characters" in wrong.content.decode()
        made = client_of_owner.post(address, {"shows": "recipe", "ends": "never", "allows_downloads": "on"}).content.decode()
        token = re.search(r"http://127\.0\.0\.1:8000/s/([\w-]{43})/", made)
        assert token is not None and Client().get(f"/s/{token[1]}/").status_code == 200
        link = ShareLink.objects.get()
        assert (link.kind, link.with_settings, link.allows_downloads, link.expires_at) == ("recipe", True, True, None)
        listed = client_of_owner.get(reverse("team:links")).content.decode()
        assert PROMPT in listed and "never ends" in listed and token[1] not in listed

    def test_a_link_is_revoked_on_the_list(self, client_of_owner: Client, member: Member, collection: Collection):
        link, token = share(member, ShareKind.COLLECTION, collection)
        listed = client_of_owner.get(reverse("team:links")).content.decode()
        assert "Balloons" in listed and "seen 0 times" in listed
        client_of_owner.post(reverse("team:revoke_link", args=[link.public_id]))
        listed = client_of_owner.get(reverse("team:links")).content.decode()
        assert "Revoked " in listed and "Revoke the link" not in listed
        assert Client().get(f"/s/{token}/").status_code == 404

    def test_a_member_sees_and_ends_their_own_alone(
        self, member: Member, teammate: User, picture: Generation, signed_in: Callable[[User], Client]
    ):
        share(member, ShareKind.PICTURE, picture)
        own, _ = share(Member.objects.get(user=teammate), ShareKind.PICTURE, picture)
        theirs = ShareLink.objects.exclude(pk=own.pk).get()
        client = signed_in(teammate)
        listed = client.get(reverse("team:links")).content.decode()
        assert str(own.public_id) in listed and str(theirs.public_id) not in listed
        assert client.post(reverse("team:revoke_link", args=[theirs.public_id])).status_code == 404
        both = signed_in(member.user).get(reverse("team:links")).content.decode()
        assert str(own.public_id) in both and str(theirs.public_id) in both and "Teammate" in both

    def test_the_list_names_nothing_that_somebody_else_keeps_private(
        self, client_of_owner: Client, teammate: User, picture: Generation
    ):
        Generation.objects.filter(pk=picture.pk).update(author=teammate, is_private=True)
        picture.refresh_from_db()
        share(Member.objects.get(user=teammate), ShareKind.PICTURE, picture)
        listed = client_of_owner.get(reverse("team:links")).content.decode()
        assert "Something that its author keeps private" in listed and "Revoke the link" in listed
        assert "zeppelin" not in listed and str(picture.public_id) not in listed

    def test_the_list_takes_as_many_queries_however_long_it_is(
        self, client_of_owner: Client, member: Member, picture: Generation, django_assert_num_queries: DjangoAssertNumQueries
    ):
        for _ in range(3):
            share(member, ShareKind.PICTURE, picture)
        with django_assert_num_queries(7):
            client_of_owner.get(reverse("team:links"))
