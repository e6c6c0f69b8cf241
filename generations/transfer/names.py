"""Names of files that leave the server: words of ours, safe on every system, and each one once."""

from __future__ import annotations

from django.utils.text import slugify

from generations.models import Image

_ENDINGS = {"jpeg": "jpg"}


def file_name(image: Image, output_format: str = "") -> str:
    """Return `{prompt-slug}-{seed}-{id}.png`; a run's further pictures have their number behind the id."""
    generation = image.generation
    words = slugify(generation.prompt[:80])[:48].strip("-") or "picture"
    which = f"-{image.index + 1}" if image.index else ""
    ending = output_format or image.output_format
    return f"{words}-{generation.seed}-{generation.public_id.hex[:8]}{which}.{_ENDINGS.get(ending, ending)}"


class Names:
    """Gives each name out once, whatever the case of its letters: not every system tells A from a."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def once(self, name: str) -> str:
        """Return the name, with a number in it where it was given out before."""
        stem, dot, ending = name.rpartition(".")
        number = 1
        while name.lower() in self._given:
            number += 1
            name = f"{stem}-{number}{dot}{ending}"
        self._given.add(name.lower())
        return name
