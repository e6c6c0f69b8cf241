"""The colours of a picture: sky, light and shade from the time of day, ground from the place, all bent by weather and mood."""

from __future__ import annotations

from dataclasses import dataclass, replace

from generations.backends.easel.brief import Brief
from generations.backends.easel.raster import Colour, blend, colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours that belong together."""

    zenith: Colour
    low: Colour
    """The sky just above the horizon."""
    haze: Colour
    """What distance fades to."""
    key: Colour
    """The light that falls from the sun, the moon or the lamp; multiplies what it meets."""
    ambient: Colour
    """The light in the shade; multiplies too."""
    near: Colour
    """The ground at the painter's feet, as it looks in this light."""
    far: Colour
    """The ground at the horizon, likewise."""
    cloud: Colour


def _sky(zenith: str, low: str, haze: str, key: Colour, ambient: Colour, cloud: str) -> tuple[Colour, ...]:
    return (colour(zenith), colour(low), colour(haze), key, ambient, colour(cloud))


_TIMES: dict[str, tuple[Colour, ...]] = {
    "dawn": _sky("6f8fc4", "fbd0b0", "dcc3c4", (0.62, 0.45, 0.34), (0.60, 0.58, 0.68), "fbdccb"),
    "morning": _sky("5a9fe0", "e6f1ec", "cfe0e6", (0.52, 0.47, 0.36), (0.64, 0.67, 0.72), "ffffff"),
    "day": _sky("3a85d8", "cfe8f4", "c2d9ea", (0.48, 0.46, 0.40), (0.66, 0.68, 0.74), "ffffff"),
    "golden": _sky("6c9bc9", "ffdc9a", "ecd2a4", (0.68, 0.48, 0.24), (0.58, 0.55, 0.58), "fff0cf"),
    "sunset": _sky("4d5a9c", "ff9a5a", "d98e83", (0.72, 0.38, 0.20), (0.50, 0.45, 0.56), "ffb98a"),
    "dusk": _sky("2c3a78", "c78aa5", "8a7aa6", (0.38, 0.30, 0.38), (0.44, 0.43, 0.62), "a98bb4"),
    "night": _sky("0c1436", "33487f", "33426f", (0.40, 0.45, 0.56), (0.41, 0.44, 0.60), "4b5c8c"),
}
_GROUNDS: dict[str, tuple[str, str]] = {
    "meadow": ("4f8a35", "a3bd63"),
    "farm": ("7c9440", "c9b765"),
    "garden": ("44873c", "86b45c"),
    "forest": ("4a6b34", "6f8f4c"),
    "jungle": ("2f6b3a", "4f9455"),
    "mountains": ("6f8a58", "8fa08c"),
    "desert": ("dba05a", "eac58c"),
    "snow": ("e9f0fa", "d5e1f0"),
    "beach": ("ecd3a0", "e6cd9c"),
    "sea": ("1d5f8f", "6fb0c8"),
    "underwater": ("d8c38e", "6fb0b0"),
    "city": ("6d6f78", "8f9097"),
    "room": ("8a5a38", "c9a878"),
    "space": ("141230", "2b2350"),
    "moonscape": ("9c9aa3", "7f7d8c"),
    "sky": ("eef4fb", "dbe8f5"),
    "volcanic": ("40302f", "5c3f38"),
    "cave": ("5a4d47", "3c3436"),
    "abstract": ("808080", "808080"),
}
_OWN_SKIES = {
    "volcanic": ("2a1218", "b8401e", "8a3a2a"),
    "moonscape": ("05060f", "141a30", "3a3c4c"),
}
"""Zenith, horizon and haze where the hour does not decide."""
_SEASON_GROUNDS = {"autumn": ("a8762f", "cfa04d"), "winter": ("e9f0fa", "d5e1f0"), "spring": ("62a544", "a9cf72")}
_GREEN_PLACES = frozenset({"meadow", "farm", "garden", "forest", "mountains"})


def palette(brief: Brief, place: str, time: str) -> Palette:
    """Return the colours of a brief."""
    zenith, low, haze, key, ambient, cloud = _TIMES[time]
    near, far = (colour(code) for code in _ground_codes(place, brief.season))
    if brief.ground is not None:
        near, far = blend(near, brief.ground, 0.85), blend(far, brief.ground, 0.6)
    if brief.sky is not None:
        zenith, low = blend(zenith, brief.sky, 0.8), blend(low, brief.sky, 0.45)
    near, far = _lit(near, key, ambient), _lit(far, key, ambient)
    made = Palette(zenith=zenith, low=low, haze=haze, key=key, ambient=ambient, near=near, far=far, cloud=cloud)
    if place in _OWN_SKIES:
        zenith, low, haze = (colour(code) for code in _OWN_SKIES[place])
        made = replace(made, zenith=zenith, low=low, haze=haze)
    return _in_mood(_in_weather(made, brief.weather), brief.moods)


def _ground_codes(place: str, season: str) -> tuple[str, str]:
    if place in _GREEN_PLACES or (place == "city" and season == "winter"):
        return _SEASON_GROUNDS.get(season, _GROUNDS[place])
    return _GROUNDS[place]


def _lit(tone: Colour, key: Colour, ambient: Colour) -> Colour:
    r, g, b = (min(1.0, tone[i] * (ambient[i] + key[i] * 0.75)) for i in range(3))
    return (r, g, b)


def _in_weather(made: Palette, weather: str) -> Palette:
    """Grey the sky and soften the light under rain, snow, storm, fog and cloud."""
    greyness = {"rain": 0.6, "storm": 0.75, "fog": 0.6, "cloudy": 0.4, "snowfall": 0.45}.get(weather, 0.0)
    if not greyness:
        return made
    light = made.low[0] * 0.3 + made.low[1] * 0.5 + made.low[2] * 0.2
    level = light * (0.55 if weather == "storm" else 0.86)
    grey = (level * 0.93, level * 0.98, level * 1.06)
    return replace(
        made,
        zenith=blend(made.zenith, _scaled(grey, 0.72), greyness),
        low=blend(made.low, grey, greyness),
        haze=blend(made.haze, grey, greyness),
        key=_scaled(made.key, 1 - 0.5 * greyness),
        ambient=_scaled(made.ambient, 1 - 0.06 * greyness),
        near=blend(made.near, _scaled(grey, 0.6), 0.2 * greyness),
        far=blend(made.far, grey, 0.5 * greyness),
        cloud=blend(made.cloud, _scaled(grey, 0.85), greyness),
    )


def _in_mood(made: Palette, moods: tuple[str, ...]) -> Palette:
    """Bend every colour towards the moods named."""
    for mood in moods:
        toward, share, light = {
            "calm": ((0.75, 0.78, 0.86), 0.12, 1.0),
            "dark": ((0.16, 0.13, 0.22), 0.35, 0.8),
            "warm": ((1.0, 0.72, 0.42), 0.16, 1.02),
            "cold": ((0.6, 0.76, 0.95), 0.2, 0.98),
            "vivid": ((0.95, 0.35, 0.6), 0.08, 1.04),
            "dramatic": ((0.35, 0.22, 0.3), 0.22, 0.92),
        }[mood]
        made = replace(
            made,
            zenith=blend(made.zenith, toward, share),
            low=blend(made.low, toward, share * 0.6),
            haze=blend(made.haze, toward, share),
            near=blend(made.near, toward, share * 0.7),
            far=blend(made.far, toward, share * 0.7),
            cloud=blend(made.cloud, toward, share),
            key=_scaled(made.key, light),
            ambient=_scaled(made.ambient, light),
        )
    return made


def _scaled(tone: Colour, factor: float) -> Colour:
    return (tone[0] * factor, tone[1] * factor, tone[2] * factor)
