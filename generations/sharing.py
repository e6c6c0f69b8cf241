"""Links that show a picture, a collection or a recipe to whoever has them: made and shown once, counted, ended.

A link shows what it is about as long as that is in the gallery and not kept private by somebody else than the link's maker;
what is thrown away is not shown until it is taken back. It belongs to the team: it goes on when its maker leaves, and an owner
sees and ends it. What was found unsafe to look at goes to no stranger before an owner has looked at it, unless the team
shows everything.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone

from generations.access import Right, may, member_for_look
from generations.audit_log import record
from generations.models import AuditKind, Collection, Generation, Image, Member, PicturesPolicy, ShareKind, ShareLink, State, User
from generations.models.generation import GenerationQuerySet
from generations.tokens import TOKEN, fingerprint

DAYS = (1, 7, 30)
USUAL_DAYS = 7
MAY_NOT_SHARE = "You can look at this team's pictures, but not share them. Ask an owner of the team for the role of a member."
NOT_YOURS = "Only the person who keeps this private can share it."
UNSAFE = "This picture may be unsafe to look at. It can be shared once an owner of the team has looked at it and found it fine."
NO_LINK = "There is no share link at this address."


def share(
    member: Member,
    kind: ShareKind,
    target: Generation | Collection,
    *,
    days: int | None = USUAL_DAYS,
    password: str = "",
    with_settings: bool = False,
    allows_downloads: bool = False,
) -> tuple[ShareLink, str]:
    """Make a link, for good without `days`; return it and its token, which is kept nowhere. Raises PermissionDenied."""
    require_may_share(member, target)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = ShareLink.objects.create(
            team_id=member.team_id,
            author_id=member.user_id,
            kind=kind,
            generation=target if isinstance(target, Generation) else None,
            collection=target if isinstance(target, Collection) else None,
            sha256=fingerprint(token),
            password=make_password(password) if password else "",
            with_settings=with_settings or kind == ShareKind.RECIPE,
            allows_downloads=allows_downloads,
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
        )
        for_how_long = "until it is revoked" if days is None else f"for {days} day{'' if days == 1 else 's'}"
        record(AuditKind.SHARED, f"{name_of(link)} {for_how_long}", team=member.team_id, actor=member.user_id)
    return link, token


def require_may_share(member: Member, target: Generation | Collection) -> None:
    """Refuse viewers, and everybody but the author where something is kept private or may be unsafe; PermissionDenied."""
    if not may(member, Right.MAKE) or target.team_id != member.team_id:
        raise PermissionDenied(MAY_NOT_SHARE)
    if target.is_private and target.author_id != member.user_id:
        raise PermissionDenied(NOT_YOURS)
    if isinstance(target, Generation) and _waits_for_a_look(member, target):
        raise PermissionDenied(UNSAFE)


def _waits_for_a_look(member: Member, generation: Generation) -> bool:
    if member.team.pictures_policy == PicturesPolicy.SHOW:
        return False
    return generation.images.filter(is_flagged=True, cleared_at__isnull=True).exists()


def live_link(token: str) -> ShareLink | None:
    """Return the link that this token is, with its team and what it shows; None when it shows nothing."""
    if not TOKEN.fullmatch(token):
        return None
    rows = open_links(ShareLink.objects.select_related("team", "generation", "collection"))
    return rows.filter(sha256=fingerprint(token)).first()


def open_links(rows: QuerySet[ShareLink]) -> QuerySet[ShareLink]:
    """Keep the links that show something now, by the database's clock."""
    return rows.filter(_shows(), _lasts())


def _lasts() -> Q:
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))


def _shows() -> Q:
    """Tell links whose picture or collection is there for a stranger to see."""
    of_collection = Q(collection__is_private=False) | Q(collection__author=F("author"))
    of_picture = Q(generation__is_private=False) | Q(generation__author=F("author"))
    there = Q(generation__state=State.SUCCEEDED, generation__trashed_at__isnull=True, generation__purged_at__isnull=True)
    fine = Q(team__pictures_policy=PicturesPolicy.SHOW) | ~Exists(_unsafe("generation"))
    return Q(of_collection, collection__isnull=False) | Q(there, of_picture, fine, generation__isnull=False)


def _unsafe(generation: str) -> QuerySet[Image]:
    return Image.objects.filter(generation=OuterRef(generation), is_flagged=True, cleared_at__isnull=True)


def pictures_of(link: ShareLink) -> GenerationQuerySet:
    """Return what a live link shows, in no order; of a collection nothing that somebody keeps private."""
    rows = Generation.objects.in_gallery().filter(team=link.team_id, purged_at__isnull=True)
    if link.generation_id is not None:
        rows = rows.filter(pk=link.generation_id)
    else:
        rows = rows.filter(collection_items__collection=link.collection_id, is_private=False)
    return rows if link.team.pictures_policy == PicturesPolicy.SHOW else rows.exclude(Exists(_unsafe("pk")))


def count_view(link: ShareLink) -> None:
    ShareLink.objects.filter(pk=link.pk).update(views=F("views") + 1, last_viewed_at=Now())


def links_for(member: Member) -> QuerySet[ShareLink]:
    """Return the links that a member may see and end: an owner all of the team's, others their own; PermissionDenied."""
    if not may(member, Right.MAKE):
        raise PermissionDenied(MAY_NOT_SHARE)
    links = ShareLink.objects.filter(team=member.team_id)
    return links if may(member, Right.MANAGE) else links.filter(author=member.user_id)


def link_for_change(user: User, public_id: UUID) -> ShareLink:
    """Return a link that this person may end; Http404 otherwise, and PermissionDenied for viewers."""
    link = links_for(member_for_look(user)).filter(public_id=public_id).select_related("generation", "collection").first()
    if link is None:
        raise Http404(NO_LINK)
    return link


def revoke(link: ShareLink, actor: User) -> None:
    """End a link for good; whoever opens it from now on finds nothing."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=Now()):
            record(AuditKind.SHARE_ENDED, name_of(link), team=link.team_id, actor=actor)


def end(links: QuerySet[ShareLink], member: Member, why: str) -> int:
    """End those of the links that are not ended yet and return how many; call it in the transaction of the reason."""
    ended = links.filter(_lasts(), team=member.team_id).update(revoked_at=Now())
    if ended:
        subject = f"{ended} link{'' if ended == 1 else 's'}: {why}"
        record(AuditKind.SHARE_ENDED, subject, team=member.team_id, actor=member.user_id)
    return ended


def name_of(link: ShareLink) -> str:
    """Name what a link is about, for the log: no prompt, and not the name of what somebody keeps to themselves."""
    if link.collection is not None:
        return "A private collection" if link.collection.is_private else f"Collection “{link.collection.name}”"
    return f"{link.get_kind_display()} {link.generation.public_id.hex[:8] if link.generation else ''}"
