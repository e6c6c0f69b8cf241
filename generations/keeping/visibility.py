"""Who sees a picture or a collection: its team, or only the person who made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from generations import search, sharing
from generations.access import pictures_for_keep
from generations.announce import announce
from generations.audit_log import record
from generations.keeping.selection import Found, held, limited
from generations.models import AuditKind, Collection, Generation, Member, ShareLink

NOT_YOUR_COLLECTION = "Only the person who made this collection can choose who sees it."
WORDS = {True: "only its author sees it", False: "the team sees it"}
WORDS_OF_MANY = {True: "only their author sees them", False: "the team sees them"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    found: Found
    links_ended: int


def set_private(member: Member, public_ids: Iterable[UUID], is_private: bool) -> Shown:
    """Keep the member's own pictures of the gallery to themselves, or show them to the team again.

    Share links of what becomes private end, whoever made them: a link says that it is not. Its author may share it anew.
    """
    with transaction.atomic():
        found = held(pictures_for_keep(member, limited(public_ids)).in_gallery().filter(author=member.user_id))
        rows = Generation.objects.filter(pk__in=found).exclude(is_private=is_private)
        changed = dict(rows.values_list("pk", "public_id"))
        if not changed:
            return Shown(found=found, links_ended=0)
        Generation.objects.filter(pk__in=changed).update(is_private=is_private)
        search.index(changed)
        record(AuditKind.VISIBILITY, _named(changed, is_private), team=member.team_id, actor=member.user_id)
        transaction.on_commit(lambda: announce(member.team_id, str(next(iter(changed.values())))))
        links = ShareLink.objects.filter(generation__in=changed)
        return Shown(found=found, links_ended=_ended(member, links, is_private))


def set_collection_private(member: Member, collection: Collection, is_private: bool) -> int:
    """Do the same with a collection, for its author; return how many links ended. Its pictures stay as they are."""
    if collection.author_id != member.user_id:
        raise PermissionDenied(NOT_YOUR_COLLECTION)
    with transaction.atomic():
        if not Collection.objects.filter(pk=collection.pk).exclude(is_private=is_private).update(is_private=is_private):
            return 0
        name = "A collection" if is_private else f"Collection “{collection.name}”"
        record(AuditKind.VISIBILITY, f"{name}: {WORDS[is_private]}", team=member.team_id, actor=member.user_id)
        return _ended(member, ShareLink.objects.filter(collection=collection), is_private)


def _ended(member: Member, links: QuerySet[ShareLink], is_private: bool) -> int:
    return sharing.end(links, member, "what they showed is private now") if is_private else 0


def _named(changed: Found, is_private: bool) -> str:
    if len(changed) == 1:
        return f"Picture {next(iter(changed.values())).hex[:8]}: {WORDS[is_private]}"
    return f"{len(changed)} pictures: {WORDS_OF_MANY[is_private]}"
