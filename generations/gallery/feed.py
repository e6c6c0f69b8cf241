"""The team's finished pictures in pages that stay right while new ones arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generations.access import membership
from generations.gallery.filters import Filters
from generations.gallery.lookup import lookup
from generations.keeping import with_favourites
from generations.models import Generation, Member, User

PAGE = 60
MOST_AGAIN = 10 * PAGE
"""Pictures on a page that somebody comes back to after loading more."""
MOST_COUNTED = 1_000
"""Ten times as many would take PostgreSQL up to 80 ms."""
MOST_NEWS = 99
CHANGED = "There are other pictures now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    generations: list[Generation]
    next_before: int | None
    """The key that the next page starts below; None on the last one."""
    is_cut: bool = False
    """There are newer ones than these, and they are wanted, too."""


def page_of(user: User, before: int | None = None) -> Page:
    """Return the newest finished pictures that this person may see, or those older than the key `before`."""
    member = membership(user)
    return pictures(member, Filters(), before=before) if member else Page(generations=[], next_before=None)


def pictures(member: Member, filters: Filters, *, before: int | None = None, until: int | None = None) -> Page:
    """Return a page of what this person wants of their team's pictures, in three queries.

    It starts below the key `before`, or shows again all that somebody had before them when the last one's key was `until`.
    """
    if until is not None:
        return _again(member, filters, until)
    keys = lookup(member, filters).below(before, PAGE + 1)
    more = len(keys) > PAGE
    return Page(generations=_rows(member, keys[:PAGE]), next_before=keys[PAGE - 1] if more else None, is_cut=before is not None)


def count(member: Member, filters: Filters) -> int:
    """Count the pictures that pass the filters, to one beyond MOST_COUNTED."""
    return lookup(member, filters).count(MOST_COUNTED + 1)


def in_words(found: int) -> str:
    """Say how many pictures there are; beyond 1,000 only that."""
    if found > MOST_COUNTED:
        return f"more than {MOST_COUNTED:,} pictures"
    return f"{found:,} picture{'' if found == 1 else 's'}"


def news(member: Member, filters: Filters, *, newest: int, had: int) -> str:
    """Say what has come or gone since a page was shown that began with the key `newest` and counted `had`; "" for nothing."""
    newer = lookup(member, filters).newer_than(newest, MOST_NEWS + 1)
    if newer:
        return f"{'More than ' if newer > MOST_NEWS else ''}{min(newer, MOST_NEWS)} new picture{'' if newer == 1 else 's'}"
    return "" if count(member, filters) == had else CHANGED


def _again(member: Member, filters: Filters, until: int) -> Page:
    keys, more = lookup(member, filters).down_to(until, MOST_AGAIN + 1)
    shown = keys[-MOST_AGAIN:]
    return Page(generations=_rows(member, shown), next_before=until if more else None, is_cut=len(keys) > MOST_AGAIN)


def _rows(member: Member, keys: Sequence[int]) -> list[Generation]:
    """Read the pictures with what a tile shows; what has left the gallery meanwhile is not among them."""
    rows = Generation.objects.seen_by(member).filter(pk__in=keys).in_gallery().newest_first()
    return list(with_favourites(rows, member.user_id).select_related("author").prefetch_related("images"))
