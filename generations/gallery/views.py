"""The gallery, one picture, and its files."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from generations.access import generation_for_read, member_for_look, membership
from generations.cards import card_for, cards_for
from generations.gallery.feed import page_of
from generations.gallery.origin import origin_of
from generations.gallery.recipe import receipt, recipe
from generations.models import Image, User

CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
# A file never changes under its address; only those who may see it keep a copy.
FOREVER = "private, max-age=31536000, immutable"
MEDIA_POLICY = "default-src 'none'; sandbox"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the team's pictures, newest first."""
    member = member_for_look(_person(request))
    page = page_of(member.user, _key(request))
    context = {
        "cards": cards_for(member, page.generations),
        "next_url": f"{reverse('gallery:index')}?before={page.next_before}" if page.next_before else "",
    }
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    return render(request, "gallery/_page.html" if fragment else "gallery/index.html", context)


@require_GET
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one picture with all that made it."""
    generation = generation_for_read(_person(request), public_id)
    card = card_for(membership(_person(request)), generation, "hero")
    context = {
        "card": card,
        "recipe": recipe(generation),
        "receipt": receipt(generation, card.image) if card.image else [],
        "notes": generation.notes,
        "origin": origin_of(generation),
    }
    return render(request, "gallery/picture.html", context)


@require_GET
def file(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Serve a picture's file: original, large or small."""
    image = _image(request, public_id)
    return _bytes_of(image, kind)


@require_GET
def download(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Serve the original under a name that says what it is."""
    image = _image(request, public_id)
    response = _bytes_of(image, "original")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(image)}"'
    return response


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user


def _key(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _image(request: HttpRequest, public_id: UUID) -> Image:
    image = next(iter(generation_for_read(_person(request), public_id).images.all()), None)
    if image is None:
        raise Http404("This picture is not finished.")
    return image


def _bytes_of(image: Image, kind: str) -> HttpResponse:
    stored = {"original": image.file, "large": image.large, "small": image.small}.get(kind)
    if stored is None:
        raise Http404("There is no file of this kind.")
    with stored.open("rb") as opened:
        content = opened.read()
    content_type = CONTENT_TYPES[image.output_format if kind == "original" else "webp"]
    headers = {"Cache-Control": FOREVER, "Content-Security-Policy": MEDIA_POLICY, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _file_name(image: Image) -> str:
    generation = image.generation
    words = slugify(generation.prompt[:80])[:48].strip("-") or "picture"
    ending = {"jpeg": "jpg"}.get(image.output_format, image.output_format)
    return f"{words}-{generation.seed}-{generation.public_id.hex[:8]}.{ending}"
