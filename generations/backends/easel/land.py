"""Land: what rises at the horizon and what the ground is made of."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.raster import Colour, Floats, blend, colour, mix, noise, smoothstep
from generations.backends.easel.view import View, in_light
from generations.backends.easel.water import watered

_BLOSSOMS = ("f3d34a", "f4f1ea", "e8648c", "c778d8", "ef7d4a")


def land(view: View, canvas: Floats) -> Floats:
    """Return the canvas with its land below the horizon and what stands there far away."""
    place = view.scene.place
    canvas = _FAR.get(place, _hills)(view, canvas)
    ground = _GROUND.get(place, _grass)(view)
    edge = 0.004 * view.side * noise(view.rng(31), 1, view.width, view.width * 0.1, octaves=3)
    canvas = mix(canvas, _lit_ground(view, ground), smoothstep(-1, 1, view.rows - view.horizon - edge))
    if place == "city" and (view.scene.weather in ("rain", "storm") or view.scene.brief.style == "neon"):
        canvas = mix(canvas, watered(view, canvas), 0.5)
    return canvas


def _lit_ground(view: View, ground: Floats) -> Floats:
    """Return the ground lighter towards the light and darker at the painter's feet, which leads the eye in."""
    palette = view.scene.palette
    pool = view.toward_light() * (1 - view.nearness) ** 1.5
    ground = mix(ground, blend(palette.low, (1, 1, 1), 0.2), 0.22 * pool)
    return np.asarray(ground * (1.04 - 0.24 * view.nearness**2)[..., None], np.float32)


def _ridge(view: View, canvas: Floats, crest: Floats, tone: Colour | Floats) -> Floats:
    """Return the canvas with everything below a crest (1 × width) in a tone."""
    return mix(canvas, tone, smoothstep(-1.2, 1.2, view.rows - crest))


def _hills(view: View, canvas: Floats) -> Floats:
    palette, rng = view.scene.palette, view.rng(30)
    for number in range(3):
        rise = view.side * (0.2 - 0.06 * number)
        crest = view.horizon - rise * np.clip(0.45 + 0.55 * noise(rng, 1, view.width, view.width * 0.33, octaves=3), 0.02, 2)
        tone = blend(blend(palette.far, palette.zenith, 0.15), palette.haze, 0.72 - 0.24 * number)
        below = np.clip((view.rows - crest) / (rise * 1.2), 0, 1).astype(np.float32)
        canvas = _ridge(view, canvas, crest, mix(tone, palette.haze, (0.45 * below)[..., None]))
    return _groves(view, canvas) if view.scene.place in ("meadow", "farm", "garden", "mountains") else canvas


def _groves(view: View, canvas: Floats) -> Floats:
    """Return the canvas with clumps of far trees along the horizon, rounded and hazy."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(47)
    leaf = {"autumn": "b0692a", "winter": "c3d0e0", "spring": "86b04a"}.get(scene.brief.season, "4a7a3e")
    clumps = np.clip(noise(rng, 1, view.width, view.width * 0.18, octaves=2), 0, 1)
    crowns = np.abs(noise(rng, 1, view.width, view.side * 0.03, octaves=2))
    crest = view.horizon + 2 - view.side * 0.075 * clumps * (0.55 + 0.6 * crowns)
    tone = blend(in_light(colour(leaf), scene, 0.5), palette.haze, 0.35)
    lit = mix(blend(tone, (0.1, 0.12, 0.2), 0.3), blend(tone, (1, 0.95, 0.7), 0.2), view.toward_light()[..., None])
    return _ridge(view, canvas, crest, lit)


def _peaks(view: View, canvas: Floats) -> Floats:
    """Return the canvas with mountains, far to near: a lit and a shaded side each, white at the top."""
    rng = view.rng(32)
    canvas = _hills(view, canvas)
    reach = min(view.horizon * 0.72, view.side * 0.42)
    for share, height, count in ((0.62, 1.0, 3), (0.4, 0.7, 4)):
        for number in range(count):
            x = view.width * (number + rng.uniform(0.1, 0.9)) / count
            _peak(view, canvas, x, reach * height * float(rng.uniform(0.6, 1)), share, rng)
    return canvas


def _peak(view: View, canvas: Floats, x: float, high: float, haze: float, rng: np.random.Generator) -> None:
    """Paint one mountain with its apex over x, in place."""
    scene, palette = view.scene, view.scene.palette
    y0, wide = max(0, round(view.horizon - high)), high * float(rng.uniform(1.0, 1.4))
    x0, x1 = max(0, round(x - wide)), min(view.width, round(x + wide))
    y1 = min(view.height, view.horizon + 2)
    if x1 - x0 < 4 or y1 - y0 < 4:
        return
    down = ((view.rows[y0:y1] - (view.horizon - high)) / high).astype(np.float32)
    crags = noise(rng, y1 - y0, x1 - x0, high * 0.16, octaves=4)
    side = (view.columns[:, x0:x1] - x) / (wide * np.maximum(down, 0.01)) + 0.07 * crags / np.maximum(down, 0.2)
    ridge = 0.35 * noise(rng, y1 - y0, 1, high * 0.3, octaves=3) + 0.22 * crags
    turned = np.asarray((side - ridge) * (1 if scene.light.direction[0] > 0 else -1), np.float32)
    facing = smoothstep(-0.12, 0.12, turned) * 0.8 + 0.2 * np.clip(0.5 + crags, 0, 1)
    rock = mix(in_light(colour(_ROCKS[scene.place][0]), scene, 0.1), in_light(colour(_ROCKS[scene.place][1]), scene, 0.9), facing)
    white = mix(in_light(colour("a9bfe6"), scene, 0.3), in_light((1, 1, 0.98), scene, 0.95), facing)
    line = _ROCKS[scene.place][2] + (0.25 if scene.brief.season == "winter" else 0)
    snow = 1 - smoothstep(line, line + 0.1, np.asarray(down + 0.22 * crags + 0.1 * np.sin(side * 9), np.float32))
    tone = mix(mix(rock, white, snow), palette.haze, np.clip(haze * (0.5 + 0.75 * down), 0, 1))
    canvas[y0:y1, x0:x1] = mix(canvas[y0:y1, x0:x1], tone, 1 - smoothstep(0.97, 1.03, np.abs(side).astype(np.float32)))


_ROCKS: dict[str, tuple[str, str, float]] = {
    "mountains": ("4f5a78", "a79c94", 0.3),
    "snow": ("5f719c", "b8b9c4", 0.6),
    "volcanic": ("241a20", "5c403a", -1.0),
}
"""Rock in the shade and in the light, and how far down the snow lies."""


def _dunes(view: View, canvas: Floats) -> Floats:
    scene, palette, rng = view.scene, view.scene.palette, view.rng(33)
    for number in range(3):
        rise = view.side * (0.13 - 0.03 * number)
        crest = view.horizon - rise * np.clip(0.4 + 0.8 * noise(rng, 1, view.width, view.width * 0.45, octaves=2), 0, 2)
        side = np.clip(0.5 + np.gradient(crest[0])[None, :] * 2.2 * -np.sign(scene.light.direction[0]), 0, 1)
        tone = mix(in_light(colour("a8683c"), scene, 0.4), palette.far, side.astype(np.float32)[..., None])
        canvas = _ridge(view, canvas, crest, mix(tone, palette.haze, 0.5 - 0.16 * number))
    return canvas


def _skyline(view: View, canvas: Floats) -> Floats:
    """Return the canvas with three rows of houses, their windows lit after dark."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(34)
    dark = scene.time in ("night", "dusk") or scene.weather == "storm"
    canvas = canvas.copy()
    for number, share in enumerate((0.66, 0.42, 0.2)):
        x = -rng.uniform(0, 0.05) * view.width
        while x < view.width:
            wide = rng.uniform(0.05, 0.11) * view.side * (1 + 0.35 * number)
            high = view.side * (0.46 - 0.11 * number) * rng.uniform(0.4, 1)
            tone = in_light(colour(str(rng.choice(_FRONTS))), scene, 0.6)
            _house(view, canvas, (x, wide, high), blend(tone, palette.haze, share), dark, rng)
            x += wide * rng.uniform(0.92, 1.3)
    return canvas


_FRONTS = ("8d6a5f", "7b7f8f", "a58b74", "6d7688", "94867c", "5f6b80")


def _house(
    view: View, canvas: Floats, box: tuple[float, float, float], tone: Colour, dark: bool, rng: np.random.Generator
) -> None:
    x, wide, high = box
    x0, x1 = max(0, round(x)), min(view.width, round(x + wide))
    y0, y1 = max(0, round(view.horizon - min(high, view.horizon * 0.85))), min(view.height, view.horizon + 2)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return
    sideways = np.linspace(1.1, 0.82, x1 - x0)[None, :, None]
    canvas[y0:y1, x0:x1] = np.clip(
        np.asarray(tone) * (sideways if view.scene.light.direction[0] < 0 else sideways[:, ::-1]), 0, 1
    )
    pane = max(2, round(view.side * 0.009))
    light = (1.0, 0.82, 0.45) if dark else blend(view.scene.palette.low, tone, 0.55)
    for y in range(y0 + pane, y1 - pane, round(pane * 2.3)):
        for across in range(x0 + pane, x1 - pane, round(pane * 2.0)):
            if rng.random() < (0.5 if dark else 0.8):
                canvas[y : y + round(pane * 1.2), across : across + pane] = blend(tone, light, float(rng.uniform(0.35, 0.95)))


def _shore(view: View, canvas: Floats) -> Floats:
    """Return the canvas with low hills far away on one side, beyond the water."""
    palette, rng = view.scene.palette, view.rng(35)
    crest = view.horizon - view.side * 0.09 * np.clip(0.1 + noise(rng, 1, view.width, view.width * 0.5, octaves=3), 0, 1)
    return _ridge(view, canvas, crest, blend(palette.haze, palette.zenith, 0.4))


def _nothing(view: View, canvas: Floats) -> Floats:
    return canvas


def _grass(view: View) -> Floats:
    """Return grass in swathes, with blossoms in spring and gardens and fallen leaves in autumn."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(36)
    swathes = view.receding(rng, 60, 2.5)
    ground = mix(palette.far, palette.near, np.clip(view.nearness**0.6 + 0.35 * swathes, 0, 1)[..., None])
    tufts = noise(rng, view.height, view.width, view.side * 0.02, stretch=0.35, octaves=2)
    ground = np.asarray(ground * (1 + 0.16 * tufts * view.nearness)[..., None], np.float32)
    if scene.brief.season == "autumn":
        return _dotted(view, ground, ("c8502a", "e09a2c", "9c3b22"), 0.5)
    if scene.brief.season == "winter":
        return ground
    amount = 1.0 if scene.place == "garden" else 0.5 if scene.brief.season == "spring" else 0.16
    return _dotted(view, ground, _BLOSSOMS, amount)


def _dotted(view: View, ground: Floats, codes: tuple[str, ...], amount: float) -> Floats:
    """Return the ground with small dots of colour, in drifts, larger when nearer."""
    rng = view.rng(37)
    ground = ground.copy()
    drifts = view.receding(rng, 40)
    tones = [in_light(colour(code), view.scene, 0.8) for code in codes]
    for _ in range(int(700 * amount)):
        near = float(rng.random() ** 0.7)
        y = int(view.horizon + near * (view.height - view.horizon - 1))
        x = int(rng.integers(0, view.width))
        tone = tones[int(rng.integers(len(tones)))]
        size = max(1, round(view.side * 0.012 * (0.15 + near)))
        if 0 <= y < view.height and drifts[y, x] > -0.1:
            ground[y : y + size, x : x + size] = tone
    return ground


def _snow(view: View) -> Floats:
    """Return snow: blue in its hollows, warm on its crests."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(38)
    drifts = view.receding(rng, 80, 2.2)
    shade = mix(palette.near, in_light(colour("9db4dd"), scene, 0.3), np.clip(0.35 - 0.9 * drifts, 0, 0.85)[..., None])
    return mix(shade, in_light((1.0, 0.98, 0.94), scene, 1.0), 0.55 * smoothstep(0.1, 0.7, drifts))


def _sand(view: View) -> Floats:
    """Return sand with ripples that close up towards the horizon."""
    palette, rng = view.scene.palette, view.rng(39)
    swells = view.receding(rng, 90, 2)
    ripples = np.sin((6 / (view.nearness + 0.1) + 3.5 * swells) * 5.0) * view.nearness
    tone = mix(palette.far, palette.near, np.clip(view.nearness**0.7 + 0.3 * swells, 0, 1)[..., None])
    return np.asarray(tone * (1 + 0.07 * ripples + 0.1 * swells)[..., None], np.float32)


def _street(view: View) -> Floats:
    """Return a street that runs to the horizon between pavements, with a broken line."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(42)
    middle = view.width * rng.uniform(0.42, 0.58)
    spread = 0.04 + 0.62 * view.nearness
    across = np.abs(view.columns - middle) / (view.side * spread)
    grain = view.receding(rng, 18)
    road = mix(palette.far, palette.near, np.clip(view.nearness + 0.3 * grain, 0, 1)[..., None])
    pavement = mix(road, in_light(colour("c2b8a8"), scene, 0.7), 0.75)
    ground = mix(road, pavement, smoothstep(0.96, 1.0, across.astype(np.float32)))
    dashes = (np.sin(9 / (view.nearness + 0.12)) > 0) & (across < 0.035)
    return mix(ground, in_light(colour("efe7cf"), scene, 0.8), (0.8 * dashes).astype(np.float32))


def _furrows(view: View) -> Floats:
    """Return a field whose rows run together at the horizon."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(43)
    angle = (view.columns - view.width * rng.uniform(0.3, 0.7)) / (view.side * (0.05 + view.nearness))
    rows = 0.5 + 0.5 * np.sin(angle * 26)
    tone = mix(palette.near, in_light(colour("cdb256"), scene, 0.85), rows.astype(np.float32)[..., None])
    return mix(tone, palette.far, (1 - view.nearness) ** 2)


def _craters(view: View) -> Floats:
    """Return dust with craters: dark inside, a lit rim behind."""
    palette, rng = view.scene.palette, view.rng(44)
    dust = view.receding(rng, 50, 1.5)
    ground = mix(palette.far, palette.near, np.clip(view.nearness + 0.4 * dust, 0, 1)[..., None])
    for _ in range(14):
        near = float(rng.random())
        y, x = view.horizon + near * (view.height - view.horizon), rng.uniform(0, view.width)
        wide = view.side * (0.02 + 0.11 * near) * float(rng.uniform(0.5, 1.2))
        y0, y1 = max(view.horizon, int(y - wide * 0.6)), min(view.height, int(y + wide * 0.6))
        x0, x1 = max(0, int(x - wide * 1.6)), min(view.width, int(x + wide * 1.6))
        dx, dy = (view.columns[:, x0:x1] - x) / wide, (view.rows[y0:y1] - y) / (wide * 0.32)
        away = np.hypot(dx, dy).astype(np.float32)
        part = ground[y0:y1, x0:x1] * (1 - 0.4 * (1 - smoothstep(0.7, 1.0, away)) * (dy < 0.5))[..., None]
        rim = 0.4 * np.exp(-((away - 1.05) ** 2) * 60) * np.clip(0.5 + dy * 0.5, 0, 1)
        ground[y0:y1, x0:x1] = mix(part.astype(np.float32), (1, 1, 1), rim.astype(np.float32))
    return ground


def _embers(view: View) -> Floats:
    """Return black rock with glowing cracks."""
    palette, rng = view.scene.palette, view.rng(45)
    cracks = 1 - np.abs(view.receding(rng, 40)) * 5
    rock = mix(palette.far, palette.near, np.clip(view.nearness + 0.5 * view.receding(rng, 20), 0, 1)[..., None])
    return mix(mix(rock, (0.95, 0.3, 0.08), smoothstep(0.1, 0.8, cracks)), (1, 0.85, 0.35), smoothstep(0.7, 1.0, cracks))


def wooded(view: View, canvas: Floats) -> Floats:
    """Return the canvas with trunks in three depths and leaves above, open in the middle."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(46)
    leaf = {"autumn": "b8692a", "winter": "dfe8f2", "spring": "79ad45"}.get(scene.brief.season, "3f6b34")
    for number in range(4):
        trunk = blend(in_light(colour("4b382c"), scene, 0.45), palette.haze, 0.66 - 0.2 * number)
        for _ in range(16 - 4 * number):
            x = rng.uniform(0, 1)
            # Near trunks keep to the sides, or they would hide what the picture is about.
            x = x if number < 2 else 0.4 * x if x < 0.5 else 1 - 0.4 * (1 - x)
            foot = view.horizon + (view.height - view.horizon) * (0.02 + 0.09 * number)
            if scene.light.shown and abs(x * scene.width - scene.light.x) < 1.8 * scene.light.radius:
                continue
            _trunk(view, canvas, x * view.width, view.side * (0.006 + 0.008 * number), foot, trunk, rng)
        field = noise(rng, view.height, view.width, view.side * (0.06 + 0.02 * number), octaves=4)
        high = (view.horizon - view.rows) / view.horizon
        dome = np.abs(view.columns / view.width - 0.5) * 2
        cover = smoothstep(0.0, 0.22, np.asarray(high - 0.78 + 0.1 * number + 0.42 * dome**2 - 0.22 + 0.26 * field, np.float32))
        tone = blend(in_light(colour(leaf), scene, 0.75), palette.haze, 0.5 - 0.15 * number)
        leaves = mix(
            blend(tone, (0.05, 0.08, 0.1), 0.35), blend(tone, (1, 0.95, 0.6), 0.22), np.clip(0.5 + field, 0, 1)[..., None]
        )
        canvas = mix(canvas, leaves, 0.92 * cover * _around_light(view))
    return canvas


def _thicket(view: View, canvas: Floats) -> Floats:
    """Return the canvas with the green gloom of the wood behind the trunks, open to the light in one place."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(48)
    leaf = {"autumn": "b8742e", "winter": "c8d4e4", "spring": "8fb85a"}.get(scene.brief.season, "557f48")
    field = noise(rng, view.height, view.width, view.side * 0.1, octaves=4)
    tone = blend(in_light(colour(leaf), scene, 0.6), palette.haze, 0.35)
    leaves = mix(blend(tone, palette.zenith, 0.3), blend(tone, palette.low, 0.35), np.clip(0.5 + field, 0, 1)[..., None])
    opening = view.toward_light() * np.clip(1.3 - view.rows / view.horizon * 0.6, 0, 1) + 0.3 * field
    gloom = mix(leaves, palette.low, 0.85 * smoothstep(0.55, 1.1, np.asarray(opening, np.float32)))
    return mix(canvas, gloom, _around_light(view))


def _around_light(view: View) -> Floats:
    """Return 0 around a sun or moon that has to be seen, 1 elsewhere."""
    light = view.scene.light
    if not light.shown:
        return np.ones((view.height, view.width), np.float32)
    away = np.hypot(view.columns - light.x * view.scale, view.rows - light.y * view.scale) / (light.radius * view.scale)
    return smoothstep(1.3, 3.2, away.astype(np.float32))


def _trunk(view: View, canvas: Floats, x: float, wide: float, foot: float, tone: Colour, rng: np.random.Generator) -> None:
    y1 = min(view.height, round(foot))
    half = max(1.0, wide * float(rng.uniform(0.7, 1.3)))
    lean = float(rng.uniform(-0.06, 0.06))
    x0, x1 = max(0, round(x - half * 3)), min(view.width, round(x + half * 3))
    if x1 <= x0:
        return
    rows, columns = view.rows[:y1], view.columns[:, x0:x1]
    up = (y1 - rows) / max(1, y1)
    across = (columns - x - lean * up * half * 8) / (half * (1.25 - 0.4 * up + 0.6 * np.exp(-up * 30)))
    cover = 1 - smoothstep(0.85, 1.05, np.abs(across).astype(np.float32))
    bright = 1 - 0.3 * across * -np.sign(view.scene.light.direction[0])
    wood = np.clip(np.asarray(tone, np.float32) * np.clip(bright, 0.5, 1.4)[..., None], 0, 1).astype(np.float32)
    canvas[:y1, x0:x1] = mix(canvas[:y1, x0:x1], wood, cover)


_FAR = {
    "forest": _thicket, "jungle": _thicket, "mountains": _peaks, "snow": _peaks, "volcanic": _peaks, "desert": _dunes,
    "city": _skyline, "beach": _shore, "sea": _shore, "moonscape": _nothing,
}  # fmt: skip
_GROUND = {
    "snow": _snow, "desert": _sand, "beach": _sand, "city": _street, "farm": _furrows, "moonscape": _craters, "volcanic": _embers,
}  # fmt: skip
