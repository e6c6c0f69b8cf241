"""The team's finished pictures in pages that stay right while new ones arrive."""

from __future__ import annotations

from dataclasses import dataclass

from generations.models import Generation, User

PAGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    generations: list[Generation]
    next_before: int | None
    """The key that the next page starts below; None on the last one."""


def page_of(user: User, before: int | None = None) -> Page:
    """Return the newest finished pictures that this person may see, or those older than the key `before`."""
    rows = Generation.objects.visible_to(user).finished().with_card().newest_first()
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    return Page(generations=found[:PAGE], next_before=found[PAGE - 1].pk if more else None)
