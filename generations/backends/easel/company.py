"""Things that belong to another thing: ridden, worn, held, or kept over a head."""

from __future__ import annotations

from dataclasses import replace

from generations.backends.easel.brief import Subject
from generations.backends.easel.drawings import frame
from generations.backends.easel.scene import Thing

_HEADGEAR = frozenset({"🎩", "👒", "🧢", "👑", "⛑", "🪖", "🎓"})
_EYEWEAR = frozenset({"🕶", "👓"})
_ON_A_STRING = frozenset({"🎈", "🪁"})
_SEATS = frozenset({"🛋", "🪑", "🛏", "🛁", "🪨", "🪵", "📦", "🧺", "🪣"})
_RIDDEN = frozenset({
    "🐎", "🐪", "🐫", "🐘", "🦣", "🐄", "🐂", "🐃", "🦌", "🦒", "🦛", "🫏", "🦙", "🐉", "🦕", "🦖", "🐅", "🐆", "🦬", "🐊", "🐖",
    "🐏", "🐑", "🐐", "🐕",
    "🚲", "🏍", "🛵", "🚜", "🐋", "🐳", "🐬", "🦢", "🦘", "🚗", "🚙",
})  # fmt: skip
"""A rider's legs are behind these."""
_HOLDER_M = 4
"""What is higher than this holds and wears nothing."""
_HELD_M = 1.25
"""What is lower than this, in metres, can be held."""


def belongs(subject: Subject, subjects: tuple[Subject, ...]) -> bool:
    """Whether a linked subject is placed by its owner instead of by itself."""
    if subject.link is None or subject.drawing.stance in ("sky", "airy"):
        return False
    owner = subjects[subject.to]
    if owner.drawing.stance in ("sky", "airy"):
        return False
    if subject.link in ("on", "in"):
        return subject.count == 1 and owner.count <= 2
    if owner.drawing.size_m > _HOLDER_M or owner.drawing.stance == "lies":
        return False
    if subject.link == "under":
        return subject.drawing.emoji == "☂"
    can_be_held = subject.drawing.size_m <= _HELD_M and subject.drawing.stance in ("stands", "lies", "flies")
    return subject.link in ("with", "wears") and can_be_held


def beside(owner: Thing, subject: Subject, index: int, number: int) -> Thing:
    """Return the number-th worn or held thing of a subject where its owner has it."""
    aspect = frame(subject.drawing.emoji).aspect
    height, top, middle = _worn(owner, subject.drawing.emoji, aspect) or _held(owner, subject, aspect, number)
    width = height * aspect
    return Thing(
        drawing=subject.drawing,
        subject=index,
        left=middle - width / 2,
        top=max(0.0, top),
        width=width,
        height=height,
        depth=owner.depth - 0.001 * (number + 1),
        footing="held",
        colour=subject.colours[number % len(subject.colours)] if subject.colours else None,
    )


def _worn(owner: Thing, emoji: str, aspect: float) -> tuple[float, float, float] | None:
    """Return height, top and middle of what is worn on the head or the neck; None for everything else."""
    if emoji in _HEADGEAR:
        height = owner.width * 0.62 / aspect
        return height, owner.top + owner.height * 0.07 - height * 0.8, owner.middle
    if emoji in _EYEWEAR:
        return owner.width * 0.5 / aspect, owner.top + owner.height * 0.22, owner.middle
    if emoji == "🧣":
        return owner.height * 0.34, owner.top + owner.height * 0.43, owner.middle
    return None


def _held(owner: Thing, subject: Subject, aspect: float, number: int) -> tuple[float, float, float]:
    """Return height, top and middle of what is held: over the head, on a string, or at the side."""
    if subject.drawing.emoji == "☂":
        height = owner.height * 0.72
        return height, owner.top - height * 0.5, owner.middle + owner.width * 0.3
    if subject.drawing.emoji in _ON_A_STRING:
        height = owner.height * 0.62
        return height, owner.top + owner.height * 0.66 - height, owner.middle + owner.width * (0.62 + 0.3 * number)
    share = min(0.5, max(0.26, 0.34 * (subject.drawing.size_m / 0.4) ** 0.3)) * min(subject.size, 1.2)
    side = 0.36 if owner.flip == (number % 2 == 1) else -0.36
    return owner.height * share, owner.top + owner.height * (0.92 - share), owner.middle + owner.width * side


def aboard(rider: Thing, carrier: Thing, *, inside: bool) -> Thing:
    """Return the rider moved onto its carrier; into a boat and behind a horse's neck its legs are hidden."""
    behind = inside or carrier.drawing.emoji in _RIDDEN
    seat = 0.42 if carrier.drawing.emoji in _SEATS else 0.62 if behind else 0.2
    height = min(rider.height * 0.85, carrier.height * (1.2 if carrier.drawing.size_m < 5 else 0.4))
    width = height * rider.width / rider.height
    base = carrier.top + carrier.height * seat
    top = max(0.0, base - height)
    return replace(
        rider,
        left=carrier.middle - width / 2,
        top=top,
        width=width,
        height=height,
        depth=carrier.depth + (0.001 if behind else -0.001),
        footing="held",
        tilt=0,
    )
