"""The gallery, and the files of its pictures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from generations.access import member_for_look, stored_file_for_read
from generations.backends import backends_on_offer
from generations.gallery.feed import Page, count, in_words, news, pictures
from generations.gallery.filters import SHAPES, Filters, names_of, read
from generations.gallery.stacks import covers_of
from generations.gallery.tiles import tile_of
from generations.models import User

CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
# A file never changes under its address; only those who may see it keep a copy.
FOREVER = "private, max-age=31536000, immutable"
MEDIA_POLICY = "default-src 'none'; sandbox"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the team's pictures that pass the filters, newest first; with `until` all of them down to that one."""
    member = member_for_look(_person(request))
    names = names_of(member)
    filters = read(request.GET, names)
    if (newest := _key(request, "newest")) is not None:
        return _news(request, filters, news(member, filters, newest=newest, had=_key(request, "had") or 0))
    before = _key(request, "before")
    page = pictures(member, filters, before=before, until=None if before else _key(request, "until"))
    context = {
        "member": member,
        # Whoever looks for something sees each picture that was found.
        "tiles": [tile_of(each) for each in (page.generations if filters.values else covers_of(page.generations))],
        "filters": filters,
        "next_url": filters.address(before=page.next_before) if page.next_before else "",
    }
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return _more(request, context, page)
    counted = count(member, filters)
    context |= {"team": member.team, "names": names, "count": in_words(counted)}
    if not page.is_cut:
        first = page.generations[0].pk if page.generations else 0
        context["news_url"] = filters.address(newest=first, had=counted)
    context |= {"newer_url": filters.address() if page.is_cut else "", "makers": backends_on_offer(), "shapes": SHAPES.items()}
    return render(request, "gallery/index.html", context)


def _news(request: HttpRequest, filters: Filters, said: str) -> HttpResponse:
    if not said:
        return HttpResponse(status=204)
    return render(request, "gallery/_news.html", {"news": said, "address": filters.address()})


def _more(request: HttpRequest, context: dict[str, Any], page: Page) -> HttpResponse:
    """Answer with the rows alone, and name the address that shows again all that there is then."""
    response = render(request, "gallery/_page.html", context)
    if page.generations:
        response.headers["HX-Replace-Url"] = context["filters"].address(until=page.generations[-1].pk)
    return response


@require_GET
def file(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Serve a picture's file: original, large or small; whoever has it already gets told so."""
    stored = stored_file_for_read(_person(request), public_id, kind)
    tag = f'"{public_id.hex}-{kind}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"Cache-Control": FOREVER, "ETag": tag})
    response = _answer(default_storage.open(stored.name, "rb"), stored.output_format if kind == "original" else "webp")
    response.headers["ETag"] = tag
    return response


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user


def _key(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _answer(opened: File[bytes], output_format: str) -> HttpResponse:
    with opened:
        content = opened.read()
    headers = {"Cache-Control": FOREVER, "Content-Security-Policy": MEDIA_POLICY, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=CONTENT_TYPES[output_format], headers=headers)
