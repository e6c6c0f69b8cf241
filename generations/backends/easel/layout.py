"""Give every thing its place: thirds, air, near and far, nothing cut, nothing hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from generations.backends.easel.brief import Brief, Subject
from generations.backends.easel.company import aboard, belongs, beside
from generations.backends.easel.drawings import frame
from generations.backends.easel.raster import seeded
from generations.backends.easel.scene import Ground, Light, Thing

_TRIES = 48
"""Places tried for each thing."""
_ROUNDS = 7
"""How often everything is made smaller when it does not fit."""
_LANDMARK_M = 5
"""What is as high as this, in metres, stands farther away."""
_SKY_LIGHTS = frozenset({"sun", "moon", "crescent moon"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    place: str
    width: int
    height: int
    horizon: float
    light: Light

    @property
    def floor(self) -> float:
        """The lowest line a foot stands on."""
        return self.height * 0.94


def arrange(brief: Brief, place: str, width: int, height: int, horizon: float, light: Light, seed: int) -> tuple[Thing, ...]:
    """Return the things of a brief, far to near."""
    stage = _Stage(place=place, width=width, height=height, horizon=horizon, light=light)
    wanted = [
        (index, subject, number)
        for index, subject in enumerate(brief.subjects)
        # In space they are bodies like others; elsewhere the sky paints them.
        if (place == "space" or subject.drawing.name not in _SKY_LIGHTS)
        and not (belongs(subject, brief.subjects) and subject.link not in ("on", "in"))
        for number in range(subject.count)
    ]
    unit = _unit(stage, len(wanted))
    for attempt in range(_ROUNDS):
        things, hidden = _attempt(stage, brief, wanted, unit * 0.88**attempt, seed)
        if hidden < (0.12 if len(wanted) <= 8 else 0.4):
            break
    things = [_inside(stage, thing) for thing in _in_company(brief, things)]
    return tuple(sorted(things, key=lambda thing: -thing.depth))


def _in_company(brief: Brief, things: list[Thing]) -> list[Thing]:
    """Return the things with riders put up and with what is worn or held added."""
    for index, subject in enumerate(brief.subjects):
        if not belongs(subject, brief.subjects):
            continue
        owners = [at for at, thing in enumerate(things) if thing.subject == subject.to]
        if subject.link in ("on", "in"):
            carriers = [thing for thing in things if thing.subject == index]
            for at in owners[: len(carriers)]:
                things[at] = aboard(things[at], carriers[0], inside=subject.link == "in")
        else:
            things += [beside(things[owners[n % len(owners)]], subject, index, n) for n in range(subject.count) if owners]
    return things


def _inside(stage: _Stage, thing: Thing) -> Thing:
    """Return a thing moved sideways into the frame; what is worn or held can reach out of it."""
    left = min(max(thing.left, 0.01 * stage.width), max(0.0, 0.99 * stage.width - thing.width))
    return thing if left == thing.left else replace(thing, left=left)


def _unit(stage: _Stage, count: int) -> float:
    """Return the height of the most important thing in pixels."""
    share = 0.62 if count <= 1 else 0.5 if count <= 3 else 0.38 if count <= 6 else 0.3 if count <= 12 else 0.24
    return share * float(min(stage.height, stage.width * 1.25, (stage.height * stage.width) ** 0.5))


def _attempt(
    stage: _Stage, brief: Brief, wanted: list[tuple[int, Subject, int]], unit: float, seed: int
) -> tuple[list[Thing], float]:
    """Place one thing after the other; returns them and how much the worst is hidden."""
    placed: list[Thing] = []
    worst = 0.0
    for order, (index, subject, number) in enumerate(wanted):
        rng = seeded(seed, 12, order)
        best, best_cost, best_hidden = None, np.inf, 0.0
        for _ in range(_TRIES):
            thing = _candidate(stage, brief, index, subject, number, unit, rng)
            hidden = _hidden(thing, placed)
            cost = 8 * hidden + _cost(stage, thing, placed, order == 0)
            if cost < best_cost:
                best, best_cost, best_hidden = thing, cost, hidden
        if best is not None:
            placed.append(best)
        worst = max(worst, best_hidden)
    return placed, worst


def _candidate(
    stage: _Stage, brief: Brief, index: int, subject: Subject, number: int, unit: float, rng: np.random.Generator
) -> Thing:
    footing = footing_of(subject, stage.place)
    relative = _relative(brief, subject)
    depth = _depth(footing, subject.drawing.size_m, index, subject.count, rng)
    height = unit * relative * (1 - 0.5 * depth) * rng.uniform(0.94, 1.06)
    if footing == "hangs" and subject.drawing.stance != "stands":
        height *= 0.8
    aspect = frame(subject.drawing.emoji).aspect
    margin = 0.03 * stage.width
    height = min(height, stage.height * 0.8, (stage.width - 2 * margin) / aspect)
    width = height * aspect
    left = rng.uniform(margin, max(margin, stage.width - margin - width))
    top = _top(stage, footing, depth, height, rng)
    colours = subject.colours
    return Thing(
        drawing=subject.drawing,
        subject=index,
        left=left,
        top=top,
        width=width,
        height=height,
        depth=depth,
        footing=footing,
        flip=bool(rng.random() < 0.5),
        tilt=float(rng.uniform(-7, 7)) if footing in ("hangs", "swims") else 0.0,
        colour=colours[number % len(colours)] if colours else None,
    )


def footing_of(subject: Subject, place: str) -> Ground:
    """Return what holds a subject in a place."""
    stance = subject.drawing.stance
    if stance == "portrait":
        return "portrait"
    if place == "underwater":
        return "swims" if stance in ("swims", "floats", "flies", "airy", "sky") or subject.posture else "stands"
    if place in ("space", "sky") or subject.posture == "on_the_wing" or stance in ("flies", "sky", "airy"):
        return "hangs"
    if place == "sea" or (place == "beach" and stance in ("floats", "swims")) or subject.posture == "afloat":
        return "floats"
    return "rests" if stance == "lies" else "stands"


def _relative(brief: Brief, subject: Subject) -> float:
    """Return how high it is beside the first subject, far less different than in life."""
    first = next((s for s in brief.subjects if s.drawing.stance not in ("sky", "airy")), subject)
    usual = float(np.clip((subject.drawing.size_m / first.drawing.size_m) ** 0.33, 0.42, 2.1))
    return max(usual, 1.35) * subject.size if subject.drawing.size_m >= _LANDMARK_M else usual * subject.size


def _depth(footing: Ground, size_m: float, index: int, count: int, rng: np.random.Generator) -> float:
    if footing == "portrait":
        return 0.0
    low, high = (0.02, 0.85) if count > 4 else (0.05, 0.3) if index == 0 else (0.1, 0.6)
    if size_m >= _LANDMARK_M:
        low, high = 0.5, 0.8
    return float(rng.uniform(low, high))


def _top(stage: _Stage, footing: Ground, depth: float, height: float, rng: np.random.Generator) -> float:
    if footing == "portrait":
        return stage.height - height
    if footing == "hangs":
        lowest = min(stage.horizon, stage.height) * (0.92 if stage.horizon < stage.height else 0.95) - height
        return float(rng.uniform(0.05 * stage.height, max(0.06 * stage.height, lowest)))
    if footing == "swims":
        return float(rng.uniform(0.1 * stage.height, max(0.12 * stage.height, 0.86 * stage.height - height)))
    base = stage.horizon + (stage.floor - stage.horizon) * (0.12 + 0.88 * (1 - depth) ** 1.2)
    return float(max(0.03 * stage.height, base - height))


def _hidden(thing: Thing, placed: list[Thing]) -> float:
    """Return the largest share of a thing, this one or another, that overlaps."""
    worst = 0.0
    for other in placed:
        across = min(thing.left + thing.width, other.left + other.width) - max(thing.left, other.left)
        down = min(thing.base, other.base) - max(thing.top, other.top)
        if across > 0 and down > 0:
            worst = max(worst, across * down / min(thing.width * thing.height, other.width * other.height))
    return worst


def _cost(stage: _Stage, thing: Thing, placed: list[Thing], is_first: bool) -> float:
    """Return how far a place is from thirds, balance and air, 0 at best."""
    x = thing.middle / stage.width
    cost = 0.0
    if is_first:
        cost += 2.0 * min(abs(x - 0.36), abs(x - 0.64))
    elif placed:
        mean = sum(other.middle for other in placed) / len(placed) / stage.width
        nearest = min(abs(other.middle - thing.middle) + abs(other.base - thing.base) for other in placed) / stage.width
        cost += 0.6 * abs((mean * len(placed) + x) / (len(placed) + 1) - 0.5) - 0.5 * min(nearest, 0.4)
    light = stage.light
    if light.shown:
        dx = max(thing.left - light.x, light.x - thing.left - thing.width, 0)
        dy = max(thing.top - light.y, light.y - thing.base, 0)
        cost += 4.0 * max(0.0, 1 - (dx * dx + dy * dy) ** 0.5 / (light.radius * 1.6))
    return cost
