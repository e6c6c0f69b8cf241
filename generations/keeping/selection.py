"""A selection of pictures, what a person writes about them, and the index that finds them again."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from generations.errors import InvalidInputs
from generations.models import Generation, Team

MOST_SELECTED = 1000
TOO_MANY = f"At most {MOST_SELECTED:,} pictures can be changed at once. Select fewer, and do the rest afterwards."

Found = dict[int, UUID]
"""Pictures by key, with the id that people see."""


def limited(public_ids: Iterable[UUID]) -> Sequence[UUID]:
    """Return each id once; raises InvalidInputs where there are too many."""
    wanted = list(dict.fromkeys(public_ids))
    if len(wanted) > MOST_SELECTED:
        raise InvalidInputs({"picture": TOO_MANY})
    return wanted


def held(rows: QuerySet[Generation]) -> Found:
    """Return the first 1,000 of these pictures, which nobody else changes until the transaction ends."""
    locked = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
    return dict(locked.values_list("pk", "public_id")[:MOST_SELECTED])


def hold_team(team_id: int) -> None:
    """Let nobody else name or forget tags and collections of this team until the transaction ends."""
    Team.objects.select_for_update(no_key=True).get(pk=team_id)


def one_line(text: object) -> str:
    """Return what somebody wrote in one line, without what cannot be seen."""
    composed = unicodedata.normalize("NFC", text if isinstance(text, str) else "")
    shown = (" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in composed)
    line = " ".join("".join(shown).split())
    return line if any(char.isprintable() and unicodedata.category(char) != "Cf" for char in line) else ""
