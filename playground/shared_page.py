"""What the pages behind a share link show, without anything that the link keeps to itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from generations.gallery.recipe import Rows, recipe
from generations.images import LARGE
from generations.models import Generation, Image, ShareKind, ShareLink
from generations.sharing import pictures_of

PAGE = 60
TITLES = {
    ShareKind.PICTURE: "A picture from {}",
    ShareKind.RECIPE: "A recipe from {}",
    ShareKind.COLLECTION: "A collection from {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The picture that chat programs show beside the link."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a picture was made; only where the link shows it."""

    prompt: str
    rows: Rows
    text: str
    """All of it, to be copied."""
    form_url: str
    """Where members of a team find it offered in the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What every page behind a link knows."""

    token: str
    title: str
    team_name: str
    url: str
    preview: Preview | None
    allows_downloads: bool
    is_part: bool = False
    """One picture of a collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPicture(Shared):
    image: Image
    width: int
    """Pixels, of the file that is shown."""
    height: int
    words: str
    """For who cannot see the picture."""
    recipe: Recipe | None
    is_recipe: bool
    """The recipe is what the link is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    generation: Generation
    image: Image
    shape: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCollection(Shared):
    name: str
    count: int
    tiles: list[Tile]
    next_url: str


def picture_of(link: ShareLink, token: str, image: Image) -> SharedPicture:
    is_part, generation = link.kind == ShareKind.COLLECTION, image.generation
    title = TITLES[ShareKind.PICTURE if is_part else ShareKind(link.kind)].format(link.team.name)
    return SharedPicture(
        **_shared(link, token, image, title, is_part=is_part),
        image=image,
        **_shown_size(image),
        words=_words(link, generation),
        recipe=_recipe(generation) if link.with_settings else None,
        is_recipe=link.kind == ShareKind.RECIPE,
    )


def page_of(link: ShareLink, token: str, before: str) -> SharedCollection:
    """Return a page of a collection, newest first, in three queries; `before` is the key that the page before ended with."""
    assert link.collection is not None
    rows = pictures_of(link).newest_first().prefetch_related("images")
    below = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = list((rows.filter(pk__lt=below) if below else rows)[: PAGE + 1])
    tiles = list(_tiles(link, found[:PAGE]))
    more = f"{reverse('shared', args=[token])}?before={found[PAGE - 1].pk}" if len(found) > PAGE else ""
    title = TITLES[ShareKind.COLLECTION].format(link.team.name)
    return SharedCollection(
        **_shared(link, token, tiles[0].image if tiles else None, title),
        name=link.collection.name,
        count=rows.count(),
        tiles=tiles,
        next_url=more,
    )


def _shared(link: ShareLink, token: str, image: Image | None, title: str, *, is_part: bool = False) -> dict[str, Any]:
    return {
        "token": token,
        "title": title,
        "team_name": link.team.name,
        "url": settings.PUBLIC_URL + reverse("shared", args=[token]),
        # Who has not given the password sees no picture, and chat programs never give it.
        "preview": _preview(token, image) if image and not link.password else None,
        "allows_downloads": link.allows_downloads,
        "is_part": is_part,
    }


def _preview(token: str, image: Image) -> Preview:
    address = reverse("shared_file", args=[token, image.generation.public_id, "large"])
    return Preview(url=settings.PUBLIC_URL + address, **_shown_size(image))


def _shown_size(image: Image) -> dict[str, Any]:
    scale = min(1, LARGE / max(image.width, image.height))
    return {"width": round(image.width * scale), "height": round(image.height * scale)}


def _tiles(link: ShareLink, generations: Iterable[Generation]) -> Iterable[Tile]:
    for generation in generations:
        image = next(iter(generation.images.all()), None)
        if image is not None:
            shape = round(20 * generation.width / generation.height)
            yield Tile(generation=generation, image=image, shape=shape, words=_words(link, generation))


def _words(link: ShareLink, generation: Generation) -> str:
    return generation.prompt[:200] if link.with_settings else f"A picture shared by {link.team.name}"


def _recipe(generation: Generation) -> Recipe:
    rows = recipe(generation)
    text = "\n".join([generation.prompt, "", *(f"{name}: {value}" for name, value in rows)])
    form_url = f"{reverse('playground')}?recipe={generation.recipe.text()}"
    return Recipe(prompt=generation.prompt, rows=rows, text=text, form_url=form_url)
