"""The share links as their page shows them: what each shows, how often it was opened, and why one shows nothing any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from generations.access import Right, may
from generations.models import Generation, Member, ShareKind, ShareLink
from generations.sharing import links_for, open_links
from playground.connections import Said

SOON = timedelta(days=2)
KEPT_DAYS = 30
MOST_ENDED = 100
PRIVATE = "Something that its author keeps private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    link: ShareLink
    title: str
    """A name that the member may read."""
    url: str
    cover: Generation | None
    what: str
    ends_soon: bool
    why: str
    """Why it shows nothing any more; "" while it does."""
    may_revoke: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkList:
    live: list[Row]
    ended: list[Row]
    names_people: bool
    said: Said | None = None


def link_list_for(member: Member, said: Said | None = None) -> LinkList:
    """Return what the member may see, newest first, in four queries; raises PermissionDenied for viewers."""
    links = links_for(member).select_related("author", "generation", "collection").order_by("-pk")
    live = list(open_links(links).prefetch_related("generation__images"))
    return LinkList(
        live=[_row(member, link, "") for link in live],
        ended=[_row(member, link, _why(link)) for link in _ended(links, live)],
        names_people=may(member, Right.MANAGE),
        said=said,
    )


def _ended(links: QuerySet[ShareLink], live: Iterable[ShareLink]) -> list[ShareLink]:
    """Return those that ended in the last 30 days, and those whose picture is not there to be seen."""
    since = timezone.now() - timedelta(days=KEPT_DAYS)
    lately = Q(revoked_at__gte=since) | Q(revoked_at__isnull=True, expires_at__isnull=True)
    lately |= Q(revoked_at__isnull=True, expires_at__gte=since)
    rows = links.filter(lately).exclude(pk__in=[link.pk for link in live]).prefetch_related("generation__images")
    return list(rows[:MOST_ENDED])


def _row(member: Member, link: ShareLink, why: str) -> Row:
    shown = link.generation or link.collection
    assert shown is not None
    is_seen = not shown.is_private or shown.author_id == member.user_id
    generation = link.generation if is_seen and link.generation and not link.generation.purged_at else None
    return Row(
        link=link,
        title=_title(link) if is_seen else PRIVATE,
        url=shown.get_absolute_url() if is_seen and (generation or link.collection) else "",
        cover=generation,
        what=_what(link),
        ends_soon=not why and link.expires_at is not None and link.expires_at < timezone.now() + SOON,
        why=why,
        may_revoke=link.is_live,
    )


def _title(link: ShareLink) -> str:
    if link.collection is not None:
        return link.collection.name
    if link.generation is None or link.generation.purged_at:
        return "A picture that is deleted"
    return link.generation.title


def _what(link: ShareLink) -> str:
    if link.kind == ShareKind.RECIPE:
        return "Recipe"
    return f"{link.get_kind_display()}, {'with settings' if link.with_settings else 'without settings'}"


def _why(link: ShareLink) -> str:
    if link.revoked_at:
        return f"Revoked {link.revoked_at:%-d %b %Y}"
    if link.expires_at and link.expires_at <= timezone.now():
        return f"Ended {link.expires_at:%-d %b %Y}"
    if link.generation and link.generation.purged_at:
        return "Its picture is deleted"
    if link.generation and link.generation.trashed_at:
        return "Its picture is in the trash; it works again when that is restored"
    return "What it shows is private, or waits for an owner to look at it"
