"""What a card shows: one generation in any state, for one person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat

from generations import lifecycle
from generations.access import Right, may, may_change
from generations.accounts import account_for, why_unavailable
from generations.backends import backends_on_offer, is_remote, queue_of, title_of
from generations.backends.base import RemoteBackend
from generations.errors import VENDOR_SENTENCES, Why
from generations.estimate import in_words, seconds_until_done, typical_seconds
from generations.models import Generation, Image, Member, Outcome, State, Team
from generations.models.attempt import LIVE
from generations.models.ledger import EntryKind
from generations.money import dollars
from generations.pipeline.line import is_served, places, waits_long

SIZES = ("hero", "part", "tile")
MAKING = frozenset({State.SUBMITTING, State.RUNNING, State.RENDERING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person can do about an order that went astray."""

    may_adopt: bool
    """The vendor may have it under an id that is not known here."""
    is_ordered_anew: bool
    """Trying again is a second order, though the first one may have been taken."""
    price: str
    """Of that second order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """A line from which nobody takes."""

    is_remote: bool
    """The pictures are ordered at a vendor, not painted by a worker."""
    program: str
    """The worker that is missing, as `manage.py serve` calls it; "" for those who do not manage the team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    generation: Generation
    size: str
    """hero (large, with its caption), part (of a stack on the stage) or tile."""
    image: Image | None
    place: int
    """Place in line, 1 is next; 0 when it is not waiting."""
    time_left: str
    """Until it is done, in words, from how long its engine's last pictures took; "" when that is not known."""
    may_change: bool
    may_cancel: bool
    shape: int
    """Width over height in twentieths; the stylesheet has a class for each."""
    made_by: str
    seconds: str
    """How long the engine took."""
    waits_because: str
    """Why nothing is sent to its vendor at present, in a sentence; "" when that is not so."""
    standstill: Standstill | None
    """Of one that has waited for more than a minute, without anybody at work."""
    review: Review | None
    """Of a hero that needs a decision."""
    charged: str
    """What a finished hero or part has cost, in words; "" for what is free, or cancelled in time."""
    asks: str
    """The price that an owner has to say yes to, in words; "" when it does not wait for that."""
    is_declined: bool
    """An owner said no to the price."""


def card_for(member: Member | None, generation: Generation, size: str = "tile") -> Card:
    """Return the card of a generation read with `with_card()`."""
    return _card(member, generation, size, Lines())


def cards_for(member: Member | None, generations: Iterable[Generation], sizes: Iterable[str] = ()) -> list[Card]:
    """Return the cards of generations read with `with_card()`; those without a size of their own are tiles."""
    lines = Lines()
    sized = zip(generations, chain(sizes, repeat("tile")), strict=False)
    return [_card(member, generation, size, lines) for generation, size in sized]


class Lines:
    """What all waiting cards of a page share: each line is read once."""

    def __init__(self) -> None:
        self.why_waiting = cache(why_waiting)
        self.is_served = cache(is_served)
        self.places = cache(places)
        self.typical_seconds = cache(typical_seconds)

    def place(self, generation: Generation) -> int:
        line = self.places(generation.backend, generation.team)
        return line.get(generation.pk, len(line) + 1)

    def time_left(self, generation: Generation, place: int) -> str:
        typical = self.typical_seconds(generation.backend) if place or generation.state in MAKING else None
        if typical is None:
            return ""
        return in_words(seconds_until_done(generation.backend, place, typical) if place else typical)

    def standstill(self, member: Member | None, generation: Generation) -> Standstill | None:
        if not waits_long(generation) or self.is_served(generation.backend):
            return None
        program = queue_of(generation.backend) if member and may(member, Right.MANAGE) else ""
        return Standstill(is_remote=is_remote(generation.backend), program=program)


def _card(member: Member | None, generation: Generation, size: str, lines: Lines) -> Card:
    changes, hero = may_change(member, generation), size == "hero"
    place = lines.place(generation) if generation.is_waiting else 0
    waits_because = lines.why_waiting(member.team, generation.backend) if member and generation.is_waiting else ""
    standstill = None if waits_because else lines.standstill(member, generation)
    return Card(
        generation=generation,
        size=size if size in SIZES else "tile",
        image=next(iter(generation.images.all()), None),
        place=place,
        time_left="" if standstill else lines.time_left(generation, place),
        may_change=changes,
        may_cancel=changes and generation.state in lifecycle.TABLE["cancel"].sources,
        shape=generation.proportion,
        made_by=title_of(generation.backend),
        seconds=f"{(generation.render_ms or 0) / 1000:.1f}",
        waits_because=waits_because,
        standstill=standstill,
        review=_review(generation) if hero and changes and generation.state == State.NEEDS_REVIEW else None,
        charged=_charged(generation) if size in ("hero", "part") and generation.is_final else "",
        asks=dollars(generation.price_microusd) if generation.state == State.PENDING else "",
        is_declined=generation.is_declined,
    )


def why_waiting(team: Team, alias: str) -> str:
    """Say why a team's orders are held back; engines here hold back nothing."""
    backend = next((each for each in backends_on_offer() if each.alias == alias), None)
    if not isinstance(backend, RemoteBackend):
        return ""
    account = account_for(team, alias)
    if account is None or not (account.paused_because or account.is_quiet):
        return why_unavailable(team, backend)
    return account.paused_because or VENDOR_SENTENCES[Why.BUSY]


def _review(generation: Generation) -> Review:
    attempt = generation.attempts.filter(outcome__in=LIVE).first()
    return Review(
        may_adopt=attempt is not None and attempt.outcome == Outcome.UNKNOWN,
        is_ordered_anew=attempt is not None and not attempt.outputs,
        price=dollars(generation.price_microusd),
    )


def _charged(generation: Generation) -> str:
    """Say by the books what a finished row has cost."""
    if not generation.price_microusd:
        return ""
    entries = list(generation.ledger.values_list("kind", "amount_microusd"))
    charged = sum(amount for kind, amount in entries if kind == EntryKind.CHARGE)
    refund = sum(amount for kind, amount in entries if kind == EntryKind.REFUND_EXPECTED)
    if not charged:
        return "" if generation.state == State.CANCELLED else "nothing charged"
    return f"{dollars(charged)} charged" + (f", {dollars(-refund)} expected back" if refund else "")
