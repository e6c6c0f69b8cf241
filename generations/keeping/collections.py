"""Pictures kept together under a name; a picture can be in several collections."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from generations.access import pictures_for_keep
from generations.errors import InvalidInputs
from generations.keeping.selection import Found, hold_team, limited, one_line
from generations.models import Collection, CollectionItem, Member

MOST_NAME = 80
MOST_COLLECTIONS = 500
"""Of a team."""
NO_NAME = "Write a name for the collection."
LONG_NAME = f"Use at most {MOST_NAME} characters."
TAKEN = "There is a collection “{name}” already. Choose another name."
FULL = f"Your team has {MOST_COLLECTIONS} collections, which is the most. Delete one that nobody uses any more."


def make(member: Member, name: str) -> Collection:
    """Start a collection; raises InvalidInputs for `name`."""
    name = _named(name)
    with transaction.atomic():
        hold_team(member.team_id)
        if len(_free(member.team_id, name)) >= MOST_COLLECTIONS:
            raise InvalidInputs({"name": FULL})
        return Collection.objects.create(team_id=member.team_id, author_id=member.user_id, name=name)


def rename(collection: Collection, name: str) -> None:
    """Give it another name; raises InvalidInputs for `name`."""
    name = _named(name)
    with transaction.atomic():
        hold_team(collection.team_id)
        _free(collection.team_id, name, but=collection)
        collection.name = name
        collection.save(update_fields=["name"])


def delete(collection: Collection) -> None:
    """Delete a collection; its pictures stay in the gallery."""
    collection.delete()


def add(member: Member, collection: Collection, public_ids: Iterable[UUID]) -> Found:
    """Put pictures of the gallery into a collection of the member's team."""
    rows = pictures_for_keep(member, limited(public_ids)).in_gallery().filter(team=collection.team_id)
    found = dict(rows.values_list("pk", "public_id"))
    items = [CollectionItem(collection=collection, generation_id=each) for each in found]
    CollectionItem.objects.bulk_create(items, ignore_conflicts=True)
    return found


def remove(member: Member, collection: Collection, public_ids: Iterable[UUID]) -> Found:
    """Take pictures out of a collection; they stay in the gallery."""
    found = dict(pictures_for_keep(member, limited(public_ids)).values_list("pk", "public_id"))
    CollectionItem.objects.filter(collection=collection, generation__in=list(found)).delete()
    return found


def _named(name: str) -> str:
    line = one_line(name)
    if not line:
        raise InvalidInputs({"name": NO_NAME})
    if len(line) > MOST_NAME:
        raise InvalidInputs({"name": LONG_NAME})
    return line


def _free(team_id: int, name: str, but: Collection | None = None) -> dict[int, str]:
    """Return the names that the team uses; raises InvalidInputs when this is one of them.

    Compared here: SQLite knows upper and lower case of English letters alone.
    """
    names = dict(Collection.objects.filter(team=team_id).values_list("pk", "name"))
    if any(name.casefold() == taken.casefold() for key, taken in names.items() if but is None or key != but.pk):
        raise InvalidInputs({"name": TAKEN.format(name=name)})
    return names
