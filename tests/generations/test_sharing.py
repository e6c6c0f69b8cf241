"""Share links as rows: who may make and end them, what makes them show nothing, and who sees what is kept private."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from generations import keeping
from generations.models import (
    AuditEntry,
    AuditKind,
    Collection,
    CollectionItem,
    Generation,
    Image,
    Member,
    PicturesPolicy,
    ShareKind,
    ShareLink,
    Team,
    User,
)
from generations.sharing import count_view, live_link, pictures_of, revoke, share
from generations.submission import submit
from tests.conftest import finish, order

pytestmark = pytest.mark.django_db

Change = Callable[[Generation], object]


@pytest.fixture
def picture(ask: Callable[..., Generation]) -> Generation:
    """A finished picture of the owner's."""
    generation = ask("a lighthouse in fog")
    finish(generation)
    return generation


@pytest.fixture
def theirs(teammate: User) -> Generation:
    """A finished picture of the teammate's."""
    generation = submit(Member.objects.get(user=teammate), order("a paper boat"), hint=False)
    finish(generation)
    return generation


def test_a_link_is_kept_as_a_fingerprint_alone(member: Member, picture: Generation):
    link, token = share(member, ShareKind.PICTURE, picture, password="open sesame")
    assert live_link(token) == link and live_link(token + "x") is None
    kept = " ".join(map(str, ShareLink.objects.values_list().get()))
    assert token not in kept and "open sesame" not in kept
    assert abs(link.expires_at - link.created_at - timedelta(days=7)) < timedelta(minutes=1)
    entry = AuditEntry.objects.get(kind=AuditKind.SHARED)
    assert (entry.actor, entry.subject) == (member.user, f"Picture {picture.public_id.hex[:8]} for 7 days")


ENDINGS: dict[str, Change] = {
    "expired": lambda picture: ShareLink.objects.update(expires_at=Now() - timedelta(seconds=1)),
    "in the trash": lambda picture: keeping.trash(Member.objects.get(user=picture.author), [picture.public_id]),
    "deleted": lambda picture: Generation.objects.filter(pk=picture.pk).update(trashed_at=Now(), purged_at=Now(), prompt=""),
    "private": lambda picture: keeping.set_private(Member.objects.get(user=picture.author), [picture.public_id], True),
    "unsafe": lambda picture: Image.objects.update(is_flagged=True),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_link_shows_nothing_once_its_picture_is_not_to_be_seen(member: Member, picture: Generation, ending: str):
    _, token = share(member, ShareKind.PICTURE, picture, days=None)
    assert live_link(token)
    ENDINGS[ending](picture)
    assert live_link(token) is None


def test_a_revoked_link_stays_revoked_and_a_new_one_is_another(member: Member, picture: Generation):
    link, token = share(member, ShareKind.PICTURE, picture)
    revoke(link, member.user)
    revoke(link, member.user)
    assert live_link(token) is None
    assert AuditEntry.objects.filter(kind=AuditKind.SHARE_ENDED).count() == 1
    _, other = share(member, ShareKind.PICTURE, picture)
    assert other != token and live_link(other) and live_link(token) is None


def test_what_is_taken_out_of_the_trash_is_shown_again(member: Member, picture: Generation):
    _, token = share(member, ShareKind.PICTURE, picture)
    keeping.trash(member, [picture.public_id])
    keeping.restore(member, [picture.public_id])
    assert live_link(token)


def test_viewers_share_nothing_and_others_nothing_that_is_private(
    member: Member, viewer: User, picture: Generation, theirs: Generation, teammate: User
):
    with pytest.raises(PermissionDenied):
        share(Member.objects.get(user=viewer), ShareKind.PICTURE, picture)
    author = Member.objects.get(user=teammate)
    keeping.set_private(author, [theirs.public_id], True)
    theirs.refresh_from_db()
    with pytest.raises(PermissionDenied):
        share(member, ShareKind.PICTURE, theirs)
    _, token = share(author, ShareKind.PICTURE, theirs)
    assert live_link(token)  # whoever keeps it private may still show it to somebody outside


def test_an_unsafe_picture_is_shared_after_a_look_or_where_everything_is_shown(member: Member, picture: Generation):
    Image.objects.update(is_flagged=True)
    with pytest.raises(PermissionDenied):
        share(member, ShareKind.PICTURE, picture)
    Image.objects.update(cleared_at=Now())
    _, token = share(member, ShareKind.PICTURE, picture)
    assert live_link(token)
    Image.objects.update(cleared_at=None)
    Team.objects.update(pictures_policy=PicturesPolicy.SHOW)
    assert live_link(token)


def test_a_collection_shows_what_the_team_sees_of_it(member: Member, picture: Generation, theirs: Generation, teammate: User):
    collection = Collection.objects.create(team=member.team, author=member.user, name="Sea")
    CollectionItem.objects.bulk_create([CollectionItem(collection=collection, generation=each) for each in (picture, theirs)])
    _, token = share(member, ShareKind.COLLECTION, collection)
    assert set(pictures_of(live_link(token))) == {picture, theirs}
    keeping.set_private(Member.objects.get(user=teammate), [theirs.public_id], True)
    assert set(pictures_of(live_link(token))) == {picture}
    assert keeping.set_collection_private(member, collection, True) == 1
    assert live_link(token) is None
    with pytest.raises(PermissionDenied):
        keeping.set_collection_private(Member.objects.get(user=teammate), collection, False)


def test_making_a_picture_private_ends_its_links_and_tells_the_log(member: Member, teammate: User, theirs: Generation):
    author = Member.objects.get(user=teammate)
    _, token = share(member, ShareKind.PICTURE, theirs)
    assert keeping.set_private(member, [theirs.public_id], True).found == {}  # not even an owner
    assert keeping.set_private(author, [theirs.public_id], True).links_ended == 1
    assert keeping.set_private(author, [theirs.public_id], True).links_ended == 0
    assert keeping.set_private(author, [theirs.public_id], False).links_ended == 0
    assert live_link(token) is None
    kinds = list(AuditEntry.objects.filter(actor=teammate).order_by("pk").values_list("kind", flat=True))
    assert kinds == [AuditKind.VISIBILITY, AuditKind.SHARE_ENDED, AuditKind.VISIBILITY]
    assert not AuditEntry.objects.filter(subject__contains="boat").exists()


def test_views_are_counted_where_they_are_kept(member: Member, picture: Generation):
    link, _ = share(member, ShareKind.PICTURE, picture)
    for _ in range(3):
        count_view(link)
    link.refresh_from_db()
    assert link.views == 3 and link.last_viewed_at is not None


def test_its_author_hides_and_shows_a_picture(
    theirs: Generation, teammate: User, owner: User, signed_in: Callable[[User], Client]
):
    author, other = signed_in(teammate), signed_in(owner)
    address = reverse("gallery:visibility", args=[theirs.public_id])
    assert "Who sees it" in author.get(theirs.get_absolute_url()).content.decode()
    assert "Who sees it" not in other.get(theirs.get_absolute_url()).content.decode()
    assert other.post(address, {"who": "me"}).status_code == 403
    said = author.post(address, {"who": "me"}, headers={"HX-Request": "true"}).content.decode()
    assert "Only you see it now." in said and 'value="me" aria-pressed="true"' in said
    assert "private-mark" in author.get(reverse("gallery:index")).content.decode()
    assert other.get(theirs.get_absolute_url()).status_code == 404
    found = other.get(reverse("gallery:index") + "?q=paper").content.decode()
    assert str(theirs.public_id) not in found and "0 pictures" in found  # the index does not count it either
    page = author.post(address, {"who": "team"}, follow=True).content.decode()
    assert "Your team sees it now." in page
    assert str(theirs.public_id) in other.get(reverse("gallery:index") + "?q=paper").content.decode()


def test_a_selection_is_hidden_as_far_as_it_is_ones_own(
    picture: Generation, theirs: Generation, owner: User, signed_in: Callable[[User], Client]
):
    client, address = signed_in(owner), reverse("gallery:selection")
    chosen = {"picture": [str(picture.public_id), str(theirs.public_id)]}
    said = client.post(address, {**chosen, "what": "hide"}, follow=True).content.decode()
    assert "Only you see it now. 1 of other people stayed as they were." in said
    assert list(Generation.objects.filter(is_private=True)) == [picture]
    said = client.post(address, {"picture": str(theirs.public_id), "what": "hide"}, follow=True).content.decode()
    assert "Nothing was changed" in said


def test_its_author_hides_a_collection(member: Member, picture: Generation, teammate: User, signed_in: Callable[[User], Client]):
    mine = Collection.objects.create(team=member.team, author=member.user, name="Garden")
    CollectionItem.objects.create(collection=mine, generation=picture)
    client, address = signed_in(member.user), reverse("gallery:show_collection", args=[mine.public_id])
    assert "Only you see it now." in client.post(address, {"who": "me"}, follow=True).content.decode()
    assert "Garden" not in signed_in(teammate).get(reverse("gallery:collections")).content.decode()
    archive = reverse("gallery:archive_of_collection", args=[mine.public_id])
    assert [signed_in(person).get(archive).status_code for person in (teammate, member.user)] == [404, 200]
    client.post(address, {"who": "team"})
    assert "Garden" in signed_in(teammate).get(reverse("gallery:collections")).content.decode()
