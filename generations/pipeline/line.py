"""The lines of queued rows, whose turn it is in one, and whether one moves: persons take turns, however many rows each has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from generations.backends import backends_on_offer, queue_of, takes_key
from generations.models import Account, Generation, State, Team, User
from generations.models.generation import GenerationQuerySet

LONGEST = 1000
"""Rows of a line whose places are told apart; a person sees no difference beyond."""
NEVER = datetime(1, 1, 1, tzinfo=UTC)
STILL_AFTER = timedelta(seconds=75)
"""Without a sign of work: a vendor's limit by the minute or a lost hint takes a minute, and a sweep comes each 10 s."""
LONGEST_MAKING = timedelta(hours=1)
"""What was taken before that tells nothing of who is at work now, unless its lease still runs."""
AT_A_VENDOR = (State.RUNNING, State.UNKNOWN)
"""They hold no lease, and may take all the room that an account has."""


def next_in_line(backend: str, most: int = 1) -> list[int]:
    """Return the ids of the rows that wait longest; a hint at one stands for its line (`whose_turn`).

    Whoever finishes a row hints at the next, so that a line goes on by itself after a single hint.
    """
    return list(Generation.objects.waiting_for(backend).values_list("pk", flat=True)[:most])


def next_in_every_line(most: int) -> list[int]:
    """Return the first few of each line. Teams that pay for themselves wait apart: their pause must not stop the others."""
    lines = [line for alias in settings.IMAGE_BACKENDS for line in _lines(alias)]
    return [pk for line in lines for pk in line.values_list("pk", flat=True)[:most]]


def next_to_fetch(most: int) -> list[int]:
    """Return the ids of the rows that have been done at their vendor for longest and are not yet copied."""
    return list(Generation.objects.to_fetch().values_list("pk", flat=True)[:most])


def whose_turn(generation: Generation) -> int:
    """Return the id of the row to be taken now from the line in which a row waits: of the person served longest ago."""
    line = _line_of(generation.backend, generation.team)
    firsts: dict[int, int] = dict(line.order_by().values_list("author").annotate(first=Min("pk")))
    if len(firsts) < 2:
        return min(firsts.values(), default=generation.pk)
    served = _served(generation.backend, firsts)
    return min((served[author], pk) for author, pk in firsts.items())[1]


def places(backend: str, team: Team) -> dict[int, int]:
    """Return row → place in the line in which this team's rows wait, 1 for the next."""
    rows = list(_line_of(backend, team).values_list("pk", "author")[:LONGEST])
    served = _served(backend, {author for _, author in rows})
    turns: Counter[int] = Counter()
    order: list[tuple[int, datetime, int]] = []
    for pk, author in rows:
        turns[author] += 1
        order.append((turns[author], served[author], pk))
    return {pk: place for place, (_, _, pk) in enumerate(sorted(order), start=1)}


def waits_long(generation: Generation) -> bool:
    """Say whether a row has waited for so long that its line stands still unless it `is_served`; asks no query."""
    return generation.is_waiting and generation.in_line_since < timezone.now() - STILL_AFTER


def is_served(backend: str) -> bool:
    """Say whether somebody works on what comes to the queue of a backend, or did a moment ago, by the rows alone.

    One query, and cheap in a large gallery: who holds a lease is an index, and each person's last rows are one, too.
    A vendor that asked for a pause counts until the next sweep after it.
    """
    lately, theirs = Now() - STILL_AFTER, Generation.objects.filter(backend__in=_sharing_a_queue(backend))
    taken = theirs.filter(author=OuterRef("pk"), started_at__gt=Now() - LONGEST_MAKING)
    lively = taken.filter(Q(started_at__gt=lately) | Q(finished_at__gt=lately) | Q(state__in=AT_A_VENDOR))
    held = theirs.filter(lease_until__gt=Now())
    quiet = Account.objects.filter(backend=backend, quiet_until__gt=lately)
    # PostgreSQL would answer an Exists by reading the engine's whole index once, where a look for each person is enough.
    persons = User.objects.annotate(lively=Subquery(lively.order_by("-started_at").values("pk")[:1]))
    return persons.filter(Exists(held) | Q(lively__isnull=False) | Exists(quiet)).exists()


def _sharing_a_queue(backend: str) -> list[str]:
    """Return the aliases of the engines whose pictures the same workers make, this one among them."""
    queue = queue_of(backend)
    return [each.alias for each in backends_on_offer() if each.queue == queue] or [backend]


def _served(backend: str, authors: Iterable[int]) -> dict[int, datetime]:
    """Return when each person's last row was taken."""
    taken = Generation.objects.filter(backend=backend, author__in=list(authors), started_at__isnull=False)
    last = dict(taken.order_by().values_list("author").annotate(last=Max("started_at")))
    return {author: last.get(author, NEVER) for author in authors}


def _line_of(backend: str, team: Team) -> GenerationQuerySet:
    paying = _paying(backend)
    waiting = Generation.objects.waiting_for(backend)
    return waiting.filter(team=team) if team.pk in paying else waiting.exclude(team__in=paying)


def _lines(backend: str) -> list[GenerationQuerySet]:
    waiting, paying = Generation.objects.waiting_for(backend), _paying(backend)
    return [waiting.exclude(team__in=paying), *(waiting.filter(team=team) for team in paying)]


def _paying(backend: str) -> list[int]:
    """Return the teams with a key of their own; engines here need none."""
    if not takes_key(backend):
        return []
    own = Account.objects.filter(backend=backend, team__isnull=False).exclude(sealed_key="")
    return list(own.values_list("team", flat=True))
