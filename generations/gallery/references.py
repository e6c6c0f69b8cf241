"""Reference pictures for the eyes of the team that attached them."""

from __future__ import annotations

from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from generations.access import reference_for_read
from generations.gallery.views import FOREVER, MEDIA_POLICY
from generations.images import LARGE, SMALL, open_picture, thumbnail
from generations.models import Reference, User

SIZES = {"small": SMALL, "large": LARGE}


@require_GET
def reference(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """Serve a reference as a small or large WebP; the person's own file is never served."""
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    found = reference_for_read(request.user, public_id)
    if kind not in SIZES:
        raise Http404("There is no file of this kind.")
    headers = {"Cache-Control": FOREVER, "Content-Security-Policy": MEDIA_POLICY, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(_thumbnail(found, kind), content_type="image/webp", headers=headers)


def _thumbnail(found: Reference, kind: str) -> bytes:
    """Return the file, made when it is first asked for and kept beside the reference."""
    name = f"{found.file.name.removesuffix('.png')}-{kind}.webp"
    if default_storage.exists(name):
        with default_storage.open(name) as kept:
            return bytes(kept.read())
    try:
        with found.file.open("rb") as file:
            picture = open_picture(file.read())
    except FileNotFoundError:
        raise Http404("This reference picture is gone.") from None
    made = thumbnail(picture.pixels, picture.width, picture.height, SIZES[kind])
    default_storage.save(name, ContentFile(made))
    return made
