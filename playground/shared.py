"""What a share link shows to people who need not be signed in: pages, files, a ZIP.

Whatever is wrong with a link, the answer is the same page. Nothing of a picture's settings is in any answer where the link
does not show them, and nothing of a person in any: the team's name is all that is said of who shares it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from generations.access import FILE_COLUMNS
from generations.errors import UnusablePicture
from generations.gallery.views import CONTENT_TYPES, MEDIA_POLICY
from generations.models import Generation, Image, ShareKind, ShareLink
from generations.sharing import count_view, live_link, pictures_of
from generations.transfer.archive import keys_of
from generations.transfer.handout import handed_out, sent_out
from playground.share_lock import is_open, remember, try_password
from playground.shared_page import page_of, picture_of

Rest = ParamSpec("Rest")
Answer = Callable[Concatenate[HttpRequest, ShareLink, str, Rest], HttpResponseBase]

HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "private, no-store"}
OF_FILES = {"Content-Security-Policy": MEDIA_POLICY, "X-Content-Type-Options": "nosniff"}


def _for_strangers(view: Answer[Rest]) -> Callable[..., HttpResponseBase]:
    """Hand the view a live link, or answer with the page that says there is none."""

    @wraps(view)
    def found(request: HttpRequest, token: str, *rest: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        link = live_link(token)
        try:
            response = view(request, link, token, *rest, **named) if link else _nothing(request)
        except Http404:
            response = _nothing(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return login_not_required(found)


# A password sent from another site opens the link for the browser that sent it, and does nothing else. A token against that
# would cost strangers a cookie, and browsers that are told to send no referrer send no origin with the form either.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_for_strangers
def shared(request: HttpRequest, link: ShareLink, token: str) -> HttpResponseBase:
    """Show what the link is about, or ask for its password."""
    if request.method == "POST":
        return _unlock(request, link, token)
    if not is_open(request, link):
        return _locked(request, link, token)
    is_more = "before" in request.GET
    if request.method == "GET" and not is_more:
        count_view(link)
    if link.kind == ShareKind.COLLECTION:
        page = page_of(link, token, request.GET.get("before", ""))
        template = "share/_page.html" if is_more and request.headers.get("HX-Request") else "share/collection.html"
        return render(request, template, {"shown": page})
    return _picture(request, link, token, _image(link, pictures_of(link).first()))


@sensitive_post_parameters("password")
@sensitive_variables("password")
def _unlock(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    password = request.POST.get("password", "")
    if link.password and (problem := try_password(link, password)):
        return _locked(request, link, token, problem)
    response = redirect("shared", token)
    if link.password:
        remember(response, link, token)
    return response


def _locked(request: HttpRequest, link: ShareLink, token: str, problem: str = "") -> HttpResponse:
    context = {"token": token, "team_name": link.team.name, "kind": link.get_kind_display().lower(), "problem": problem}
    return render(request, "share/locked.html", context, status=422 if problem else 200)


@require_safe
@_for_strangers
def picture(request: HttpRequest, link: ShareLink, token: str, public_id: UUID) -> HttpResponse:
    """Show one picture of a collection."""
    _require_open(request, link)
    return _picture(request, link, token, _of(link, public_id))


def _picture(request: HttpRequest, link: ShareLink, token: str, image: Image) -> HttpResponse:
    return render(request, "share/picture.html", {"shown": picture_of(link, token, image)})


@require_safe
@_for_strangers
def file(request: HttpRequest, link: ShareLink, token: str, public_id: UUID, kind: str) -> HttpResponse:
    """Serve a file of a picture that the link shows: small, large, or where downloads are allowed the original to take along."""
    _require_open(request, link)
    image = _of(link, public_id)
    if kind not in FILE_COLUMNS:
        raise Http404
    if kind == "original":
        return _original(link, image)
    try:
        with default_storage.open(getattr(image, FILE_COLUMNS[kind]).name, "rb") as opened:
            return HttpResponse(opened.read(), content_type=CONTENT_TYPES["webp"], headers=OF_FILES)
    except FileNotFoundError:
        raise Http404 from None


def _original(link: ShareLink, image: Image) -> HttpResponse:
    if not link.allows_downloads:
        raise Http404
    try:
        made = handed_out(link, image)
    except (FileNotFoundError, UnusablePicture):
        raise Http404 from None
    headers = {**OF_FILES, "Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, content_type=CONTENT_TYPES[made.output_format], headers=headers)


@require_safe
@_for_strangers
def archive(request: HttpRequest, link: ShareLink, token: str) -> StreamingHttpResponse:
    """Send a ZIP of a collection, newest first, where downloads are allowed."""
    _require_open(request, link)
    if link.collection is None or not link.allows_downloads:
        raise Http404
    keys = keys_of(pictures_of(link).newest_first().values_list("pk", flat=True).iterator())
    name = slugify(link.collection.name)[:48].strip("-") or "collection"
    headers = {"X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return StreamingHttpResponse(sent_out(link, keys), content_type="application/zip", headers=headers)


def _require_open(request: HttpRequest, link: ShareLink) -> None:
    if not is_open(request, link):
        raise Http404


def _of(link: ShareLink, public_id: UUID) -> Image:
    return _image(link, pictures_of(link).filter(public_id=public_id).first())


def _image(link: ShareLink, generation: Generation | None) -> Image:
    """Return a picture's file; Http404 where there is none any more."""
    image = generation.images.select_related("generation").first() if generation else None
    if image is None:
        raise Http404
    return image


def _nothing(request: HttpRequest) -> HttpResponse:
    """Answer the same for what never was, what has ended and what may not be seen."""
    return render(request, "share/gone.html", status=404)
