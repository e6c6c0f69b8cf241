"""The page of the team's collections."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import keeping
from generations.models import Collection, Generation, Member, User
from tests.conftest import finish
from tests.pages import page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
PAGE = "/gallery/collections/"


@pytest.fixture
def filled(ask: Callable[..., Generation], member: Member) -> Collection:
    collection = keeping.make(member, "Foxes")
    rows = [ask(str(number)) for number in range(5)]
    for row in rows:
        finish(row)
    keeping.add(member, collection, [row.public_id for row in rows])
    return collection


def test_each_shows_its_newest_pictures_and_how_many_there_are(client_of_owner: Client, filled: Collection, member: Member):
    keeping.make(member, "Empty")
    shelves = page(client_of_owner.get(PAGE)).all("li", class_="shelf")
    assert [shelf.one(class_="shelf-words").text for shelf in shelves] == ["Empty 0 pictures", "Foxes 5 pictures"]
    assert [len(shelf.all(class_="shelf-cover")) for shelf in shelves] == [0, 4]
    link = shelves[1].one("a", class_="shelf-link")
    assert link.attributes["href"] == f"/gallery/?collection={filled.public_id}"


def test_what_is_in_the_trash_is_not_counted(client_of_owner: Client, filled: Collection, member: Member):
    keeping.trash(member, list(Generation.objects.values_list("public_id", flat=True))[:3])
    shelf = page(client_of_owner.get(PAGE)).one("li", class_="shelf")
    assert shelf.one(class_="shelf-words").text == "Foxes 2 pictures"
    assert len(shelf.all(class_="shelf-cover")) == 2


def test_one_is_made_renamed_and_deleted(client_of_owner: Client):
    shown = page(client_of_owner.post(PAGE, {"name": "Foxes"}, follow=True))
    assert "“Foxes” is there." in shown.one("ul", class_="messages").text
    collection = Collection.objects.get()
    address = reverse("gallery:rename_collection", args=[collection.public_id])
    assert "It is called “Owls” now." in page(client_of_owner.post(address, {"name": "Owls"}, follow=True)).text
    address = reverse("gallery:delete_collection", args=[collection.public_id])
    assert "“Owls” is deleted." in page(client_of_owner.post(address, follow=True)).text
    assert not Collection.objects.exists()


def test_a_refused_name_stands_in_its_field_with_a_sentence(client_of_owner: Client, filled: Collection):
    answer = client_of_owner.post(PAGE, {"name": "FOXES"})
    assert answer.status_code == 422
    field = page(answer).one(id="shelf-name")
    assert (field.attributes["value"], field.attributes["aria-describedby"]) == ("FOXES", "shelf-problem")
    assert "already" in page(answer).one(id="shelf-problem").text
    address = reverse("gallery:rename_collection", args=[filled.public_id])
    shown = page(client_of_owner.post(address, {"name": ""}))
    assert shown.one(id="shelf-problem").text == "Write a name for the collection."
    assert "open" in shown.one("details", class_="shelf-more").attributes


def test_members_rename_what_others_made_but_do_not_delete_it(signed_in: SigningIn, teammate: User, filled: Collection):
    client = signed_in(teammate)
    assert client.post(reverse("gallery:rename_collection", args=[filled.public_id]), {"name": "Owls"}).status_code == 302
    assert client.post(reverse("gallery:delete_collection", args=[filled.public_id])).status_code == 403
    shown = page(client.get(PAGE))
    assert "Rename" in shown.text and "Deleting it" not in shown.text


def test_a_viewer_looks_only(signed_in: SigningIn, viewer: User, filled: Collection):
    assert page(signed_in(viewer).get(PAGE)).all("form", class_="field") == []
    assert signed_in(viewer).post(PAGE, {"name": "x"}).status_code == 403


def test_an_outsider_sees_none_of_them(signed_in: SigningIn, outsider: User, filled: Collection):
    assert "No collections yet" in page(signed_in(outsider).get(PAGE)).text
    for name in ("rename_collection", "delete_collection"):
        address = reverse(f"gallery:{name}", args=[filled.public_id])
        assert signed_in(outsider).post(address, {"name": "x"}).status_code == 404


def test_it_takes_as_many_queries_for_fifty(
    client_of_owner: Client, filled: Collection, member: Member, django_assert_num_queries
):
    client_of_owner.get(PAGE)
    ids = list(Generation.objects.values_list("public_id", flat=True))
    for number in range(50):
        keeping.add(member, keeping.make(member, f"More {number}"), ids)
    # session, person, membership twice (the view's and the header's), collections, covers, their pictures
    with django_assert_num_queries(7):
        client_of_owner.get(PAGE)
