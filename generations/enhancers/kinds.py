"""Of which kind a few added words are: a vote of their words."""

from __future__ import annotations

import re
from collections import Counter

from generations.enhancers.base import Kind


def kind_of(words: str) -> Kind:
    """Return the kind that most of these words speak for; of equals, the one that is named last; DETAIL without any."""
    votes: Counter[Kind] = Counter()
    for word in reversed(_WORD.findall(words.lower())):  # English puts what a thing is behind how it is
        votes.update(kind for kind, known in _WORDS.items() if word in known)
    return votes.most_common(1)[0][0] if votes else Kind.DETAIL


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that lists some."""
    return frozenset(text.split())


_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")
_WORDS = {
    Kind.MEDIUM: word_set("""
        35mm acrylic analog analogue anime bokeh brush brushstroke brushstrokes camera canvas cartoon cel charcoal
        cinematic collage comic digital diagram drawing drawn engraving etching film gouache illustration ink lens
        linocut lithograph macro manga oil paint painted painting pastel pencil photo photograph photographed
        photographic photography photorealistic poster print realistic render rendered rendering sculpture sketch
        sketched telephoto vector watercolor watercolour woodcut
    """),
    Kind.LIGHT: word_set("""
        afterglow backlight backlit candlelight candlelit chiaroscuro dappled dawn daylight dusk evening firelight
        glare gleam gleaming glow glowing highlight highlights illuminated illumination lamplight lantern light
        lighting lights lit luminous moonlight moonlit morning neon noon overcast radiant ray rays reflection
        reflections rim shade shadow shadows shine shining silhouette spotlight sunlight sunlit sunrise sunset
        twilight
    """),
    Kind.PALETTE: word_set("""
        amber azure black blue bronze brown color colored colorful colors colour coloured colourful colours copper
        crimson cyan desaturated earthy emerald gold gray green grey hue hues indigo ivory lavender magenta
        monochromatic monochrome muted ochre orange palette pastels pink purple red saturated scarlet sepia silver
        teal tone toned tones turquoise vibrant violet white yellow
    """),
    Kind.MOOD: word_set("""
        atmosphere atmospheric calm calming cheerful cosy cozy dramatic dreamlike dreamy eerie enchanting epic
        ethereal feeling haunting hopeful intimate joyful lonely magical majestic melancholic melancholy mood moody
        mysterious mystery nostalgia nostalgic ominous peace peaceful playful quiet romantic sadness serene serenity
        silence solemn solitude somber sombre surreal tender tense tension timeless tranquil tranquility warmth
        whimsical wistful wonder
    """),
    Kind.COMPOSITION: word_set("""
        aerial angle background balanced blurred blurry centered centred close-up closeup composed composition cropped
        depth diagonal distance distant field focal focus foreground framed framing landscape layered leading lines
        low-angle minimalist negative overhead panoramic perspective portrait rule shallow shot side-on space
        symmetrical symmetry thirds view viewpoint vista wide wide-angle
    """),
}

QUALITIES = word_set("""
    bright calm cinematic clear cold cool crisp dappled dark deep delicate dense diffuse dim dramatic
    ethereal faint fine gentle golden hard harsh hazy heavy high intense intricate large lively long low
    luminous lush misty moody muted natural old pale peaceful quiet rich rough serene sharp short silvery slow small
    smooth soft strong subtle tall thick thin tiny tranquil vast vibrant vivid warm wet wild worn young
""")
"""Words that wait for a noun, as in "soft, warm light"."""
