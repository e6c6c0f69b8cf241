"""What somebody keeps to themselves is nowhere for anybody else, owners included."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from generations import search
from generations.keys import Limits, issue
from generations.models import Collection, CollectionItem, Generation, Member, Prediction, Role, Team, User
from generations.submission import submit
from tests.conftest import finish, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(teammate: User) -> Generation:
    """A finished picture of the teammate's that only they see."""
    generation = submit(Member.objects.get(user=teammate), order("a secret orchid"), hint=False)
    finish(generation)
    Generation.objects.filter(pk=generation.pk).update(is_private=True)
    search.index([generation.pk])
    Prediction.objects.create(
        public_id=generation.public_id, team=generation.team, generation=generation, model_id="wavespeed-ai/flux-srpo"
    )
    return generation


def test_only_its_author_finds_it(private: Generation, teammate: User, owner: User, signed_in: Callable[[User], Client]):
    collection = Collection.objects.create(team=private.team, author=owner, name="Garden")
    CollectionItem.objects.create(collection=collection, generation=private)
    addresses = ["", "?q=orchid", "?q=orch*", "?seed=7", f"?collection={collection.public_id}", "?shape=square", "?made_by=easel"]
    for person, finds in ((teammate, True), (owner, False)):
        client = signed_in(person)
        for address in addresses:
            shown = client.get(reverse("gallery:index") + address).content.decode()
            assert (str(private.public_id) in shown) is finds, (person, address)
        assert (str(private.public_id) in client.get(reverse("gallery:collections")).content.decode()) is finds
        assert (str(private.public_id) in client.get(reverse("gallery:compare")).content.decode()) is finds


def test_its_addresses_are_nothing_to_others(
    private: Generation, teammate: User, owner: User, signed_in: Callable[[User], Client]
):
    one = [private.public_id]
    addresses = [reverse(f"gallery:{name}", args=one) for name in ("picture", "light", "download", "checks")]
    addresses += [reverse("gallery:file", args=[*one, kind]) for kind in ("small", "large", "original")]
    addresses += [reverse("card", args=one), reverse("gallery:sheet", args=[private.stack])]
    for address in addresses:
        assert signed_in(owner).get(address).status_code == 404, address
        assert signed_in(teammate).get(address, follow=True).status_code == 200, address


def test_others_cannot_move_it_by_its_id(private: Generation, owner: User, signed_in: Callable[[User], Client]):
    asked = {"action": "trash", "picture": str(private.public_id)}
    signed_in(owner).post(reverse("gallery:selection"), asked)
    private.refresh_from_db()
    assert private.trashed_at is None


def test_it_is_in_the_trash_of_its_author_alone(
    private: Generation, teammate: User, owner: User, signed_in: Callable[[User], Client]
):
    Generation.objects.filter(pk=private.pk).update(trashed_at=private.created_at, trashed_by=teammate)
    assert str(private.public_id) in signed_in(teammate).get(reverse("gallery:trash")).content.decode()
    assert str(private.public_id) not in signed_in(owner).get(reverse("gallery:trash")).content.decode()


def test_the_api_shows_it_to_its_authors_keys_alone(private: Generation, teammate: User, owner: User):
    for person, status, total in ((teammate, 200, 1), (owner, 404, 0)):
        secret = issue(Member.objects.get(user=person), "Blog", Limits())[1]
        headers = {"Authorization": f"Bearer {secret}"}
        address = f"/api/v3/predictions/{private.public_id.hex}"
        assert Client().get(f"{address}/result", headers=headers).status_code == status
        listed = Client().get("/api/v3/predictions", headers=headers).json()
        assert listed["data"]["total"] == total
        assert Client().post(f"{address}/cancel", headers=headers).status_code == status


def test_a_private_collection_is_its_authors_alone(owner: User, teammate: User, signed_in: Callable[[User], Client]):
    mine = Collection.objects.create(team=Team.objects.get(), author=teammate, name="Surprise", is_private=True)
    assert "Surprise" in signed_in(teammate).get(reverse("gallery:collections")).content.decode()
    theirs = signed_in(owner)
    assert "Surprise" not in theirs.get(reverse("gallery:collections")).content.decode()
    assert theirs.get(reverse("gallery:archive_of_collection", args=[mine.public_id])).status_code == 404
    assert theirs.post(reverse("gallery:delete_collection", args=[mine.public_id])).status_code == 404


def test_a_person_works_in_the_team_they_chose(teammate: User, signed_in: Callable[[User], Client]):
    other = Team.objects.create(name="Second studio")
    Member.objects.create(team=other, user=teammate, role=Role.VIEWER)
    User.objects.filter(pk=teammate.pk).update(current_team=other)
    page = signed_in(teammate).get("/").content.decode()
    assert "Second studio" in page
