"""Turn a brief into a scene: the place, the hour, the light and where everything goes."""

from __future__ import annotations

from dataclasses import replace

from generations.backends.easel.brief import Brief
from generations.backends.easel.layout import arrange
from generations.backends.easel.palette import palette
from generations.backends.easel.raster import seeded
from generations.backends.easel.scene import Light, Scene, Thing

HORIZONS = {
    "meadow": 0.56, "farm": 0.54, "garden": 0.5, "forest": 0.6, "jungle": 0.6, "mountains": 0.62, "desert": 0.58, "snow": 0.56,
    "beach": 0.5, "sea": 0.5, "underwater": 0.8, "city": 0.66, "room": 0.6, "space": 1.2, "moonscape": 0.66, "sky": 1.2,
    "volcanic": 0.6, "cave": 0.66, "abstract": 1.2,
}  # fmt: skip
"""Share of the height that is above the horizon."""
NIGHT_THINGS = frozenset({"moon", "crescent moon", "star", "shooting star", "fireworks", "owl", "bat", "jack o lantern", "ghost"})


def compose(brief: Brief, width: int, height: int, seed: int) -> Scene:
    """Return the scene of a brief: the same for the same arguments, different for each seed."""
    place, time = setting(brief)
    rng = seeded(seed, 10)
    horizon = height * (HORIZONS[place] + rng.uniform(-0.05, 0.05))
    light = light_of(brief, place, time, width, height, horizon, seed)
    things = arrange(brief, place, width, height, horizon, light, seed)
    return Scene(
        brief=brief,
        width=width,
        height=height,
        seed=seed,
        place=place,
        time=time,
        weather=brief.weather,
        horizon=horizon,
        palette=palette(brief, place, time),
        light=_beside_things(light, things, width),
        things=things,
    )


def setting(brief: Brief) -> tuple[str, str]:
    """Return the place and the time, guessed from the subjects where the prompt is silent."""
    if brief.is_abstract:
        return "abstract", "day"
    place = brief.place or _home(brief)
    if brief.time:
        return place, brief.time
    names = {subject.drawing.name for subject in brief.subjects}
    if place in ("space", "moonscape") or brief.weather == "aurora" or brief.style == "neon" or names & NIGHT_THINGS:
        return place, "night"
    return place, "dusk" if "dark" in brief.moods else "golden" if "warm" in brief.moods else "day"


def _home(brief: Brief) -> str:
    homes = [subject.drawing.home for subject in brief.subjects if subject.drawing.home]
    if brief.season == "winter" and (not homes or homes[0] in ("meadow", "forest", "garden", "farm", "mountains")):
        return "snow"
    if brief.season:
        homes = [home for home in homes if home != "room"] or homes
    # A dog on a sofa is in a room: what lives anywhere goes where the others belong.
    return next((home for at, home in enumerate(homes) if home != "meadow" and (at == 0 or home != "underwater")), "meadow")


def light_of(brief: Brief, place: str, time: str, width: int, height: int, horizon: float, seed: int) -> Light:
    """Return the light: low at dawn and sunset, a moon at night, a window's in a room."""
    rng = seeded(seed, 11)
    side = -1.0 if rng.random() < 0.5 else 1.0
    x = width * (0.5 + side * rng.uniform(0.16, 0.33))
    names = {subject.drawing.name for subject in brief.subjects}
    radius = min(width, height) * 0.06
    if place in ("room", "cave", "underwater", "space", "abstract"):
        return Light(kind="lamp", shown=False, x=x, y=0, radius=radius, direction=(side * 0.6, -0.8))
    top = min(horizon, height)
    y = {"dawn": 0.84, "sunset": 0.82, "golden": 0.6, "dusk": 0.9}.get(time, rng.uniform(0.2, 0.34)) * top
    moon = time == "night" or bool(names & {"moon", "crescent moon"})
    hidden = brief.weather in ("rain", "storm", "snowfall", "fog", "cloudy")
    asked = bool(names & {"moon", "crescent moon", "sun"})
    return Light(
        kind="moon" if moon else "sun",
        shown=asked
        or (
            not hidden
            and time != "dusk"
            and (time not in ("day", "morning") or rng.random() < 0.5)
            and place not in ("moonscape", "volcanic", "forest", "jungle")
        ),
        x=x,
        y=y,
        radius=radius * (1.25 if asked else 0.9),
        direction=(side * 0.75, -0.66),
        phase="crescent" if "crescent moon" in names else "full",
    )


def _beside_things(light: Light, things: tuple[Thing, ...], width: int) -> Light:
    """Return a light that is shown moved sideways, if need be, to where no thing hides it."""
    if not light.shown:
        return light

    def covered(x: float) -> float:
        """Return how far over the disc the things reach, in pixels."""
        over = 0.0
        for thing in things:
            across = min(x - thing.left, thing.left + thing.width - x) + light.radius
            down = min(light.y - thing.top, thing.base - light.y) + light.radius
            over = max(over, min(across, down))
        return over

    places = [light.x, *(width * share for share in (0.5 + side * away for away in (0.3, 0.2, 0.38, 0.1) for side in (-1, 1)))]
    x = min(places, key=covered)
    return replace(light, x=x, direction=(abs(light.direction[0]) * (1 if x > width / 2 else -1), light.direction[1]))
