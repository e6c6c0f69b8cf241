"""A line of the team's own about a picture."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from generations import search
from generations.access import pictures_for_keep
from generations.errors import InvalidInputs
from generations.keeping.selection import Found, held, limited, one_line
from generations.models import Generation, Member

MOST_NOTE = 300
LONG_NOTE = f"Use at most {MOST_NOTE} characters."


def note(member: Member, public_ids: Iterable[UUID], text: str) -> Found:
    """Write a line about pictures of the gallery; an empty one takes it away. Raises InvalidInputs for `note`."""
    line = one_line(text)
    if len(line) > MOST_NOTE:
        raise InvalidInputs({"note": LONG_NOTE})
    with transaction.atomic():
        found = held(pictures_for_keep(member, limited(public_ids)).in_gallery())
        Generation.objects.filter(pk__in=found).update(note=line)
        search.index(found)
    return found
