"""Words that a team puts on its pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from generations import search
from generations.access import pictures_for_keep
from generations.errors import InvalidInputs
from generations.keeping.selection import Found, held, hold_team, limited, one_line
from generations.models import Member, Tag, Tagging

MOST_TAGS = 20
"""On one picture."""
MOST_TAG = 40
NO_TAG = "Write a tag, such as fox. Several are separated by commas."
LONG_TAG = f"A tag may have {MOST_TAG} characters. Separate several tags by commas."
TOO_MANY_TAGS = f"A picture may have {MOST_TAGS} tags. Write fewer at once."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    names: Sequence[str]
    found: Found
    full: int
    """Pictures that did not get all of the tags, because they have as many as a picture may have."""


def tag(member: Member, public_ids: Iterable[UUID], text: str) -> Tagged:
    """Put tags, separated by commas, on pictures of the gallery; raises InvalidInputs for `tag`."""
    names = named(text)
    with transaction.atomic():
        hold_team(member.team_id)
        found = held(pictures_for_keep(member, limited(public_ids)).in_gallery())
        full = _put(found, _made(member.team_id, names)) if found else 0
        search.index(found)
    return Tagged(names=names, found=found, full=full)


def untag(member: Member, public_ids: Iterable[UUID], text: str) -> Tagged:
    """Take tags off pictures; a tag that is on none any more is forgotten. Raises InvalidInputs for `tag`."""
    names = named(text)
    with transaction.atomic():
        hold_team(member.team_id)
        found = held(pictures_for_keep(member, limited(public_ids)).in_gallery())
        Tagging.objects.filter(tag__team=member.team_id, tag__name__in=names, generation__in=list(found)).delete()
        search.index(found)
    forget_unused(member.team_id)
    return Tagged(names=names, found=found, full=0)


def named(text: str) -> list[str]:
    """Return the tags that somebody wrote: in lower case, without # in front, each once."""
    written = (one_line(part).lstrip("# ").lower() for part in text.split(","))
    names = list(dict.fromkeys(each for each in written if each))
    if not names:
        raise InvalidInputs({"tag": NO_TAG})
    if any(len(name) > MOST_TAG for name in names):
        raise InvalidInputs({"tag": LONG_TAG})
    if len(names) > MOST_TAGS:
        raise InvalidInputs({"tag": TOO_MANY_TAGS})
    return names


def forget_unused(team_id: int) -> None:
    """Delete the team's tags that are on no picture."""
    used = Tagging.objects.filter(tag=OuterRef("pk"))
    with transaction.atomic():
        hold_team(team_id)
        unused = list(Tag.objects.filter(~Exists(used), team=team_id).values_list("pk", flat=True))
        Tag.objects.filter(pk__in=unused).delete()


def _made(team_id: int, names: Sequence[str]) -> list[int]:
    """Return the keys of the team's tags of these names, in their order; those that there were not are made."""
    Tag.objects.bulk_create([Tag(team_id=team_id, name=name) for name in names], ignore_conflicts=True)
    keys = dict(Tag.objects.filter(team=team_id, name__in=names).values_list("name", "pk"))
    return [keys[name] for name in names]


def _put(found: Found, tag_ids: Sequence[int]) -> int:
    """Put the tags where there is room for them; return how many pictures had no room for all."""
    has = set(Tagging.objects.filter(generation__in=list(found)).values_list("generation_id", "tag_id"))
    room = Counter(dict.fromkeys(found, MOST_TAGS))
    room.subtract(generation_id for generation_id, _ in has)
    added, full = [], 0
    for generation_id in found:
        wanted = [each for each in tag_ids if (generation_id, each) not in has]
        fitting = wanted[: max(room[generation_id], 0)]
        full += len(fitting) < len(wanted)
        added += [Tagging(generation_id=generation_id, tag_id=each) for each in fitting]
    Tagging.objects.bulk_create(added, ignore_conflicts=True)
    return full
