"""Files behind signed addresses: pictures and uploads to fetch, tickets to put a file on. Nobody signs in here."""

from __future__ import annotations

import time

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from generations import uploads
from generations.errors import UnusablePicture
from generations.images import MAX_BYTES
from generations.signed import Kind, Opened, opened
from generations.sources import Kept, kept

NOT_THERE = "This address is wrong or has expired. Ask for the result again to get a new one, or upload the picture again."
CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png"}
POLICY = "default-src 'none'; sandbox"
INPUTS, MEDIA = 1400, 1402
"""Task codes of the vendor's: something is wrong with the file; there is none."""


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD"])
def fetch(request: HttpRequest, rest: str) -> HttpResponse:
    """Serve the file of a picture or of an upload."""
    address = opened(request.path_info)
    found = kept(address) if address else None
    if address is None or found is None:
        return _not_there()
    try:
        return _file(found, address, with_content=request.method == "GET")
    except FileNotFoundError:
        return _not_there()


@csrf_exempt
@login_not_required
@require_http_methods(["PUT"])
def put(request: HttpRequest, rest: str) -> HttpResponse:
    """Take the file that a ticket was given for, once."""
    address = opened(request.path_info)
    upload = uploads.awaited(address.public_id) if address and address.kind == Kind.TICKET else None
    if upload is None:
        return _not_there()
    try:
        taken = uploads.take(upload, request.read(MAX_BYTES + 1))
    except uploads.TooLarge as error:
        return _refusal(413, INPUTS, error.message)
    except UnusablePicture as error:
        return _refusal(400, INPUTS, error.message)
    return HttpResponse(status=200) if taken else _not_there()


def _file(found: Kept, address: Opened, *, with_content: bool) -> HttpResponse:
    """Return the file, or only what would be said of it; raises FileNotFoundError."""
    size, content = found.file.size, b""
    if with_content:
        with found.file.open("rb") as file:
            content = file.read()
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": content_disposition_header(as_attachment=False, filename=found.filename) or "inline",
        # Copies end with the address; those of a proxy would be seen by others.
        "Cache-Control": f"private, max-age={max(0, address.expires - int(time.time()))}, immutable",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        # Other sites may show it: see above.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(content, content_type=CONTENT_TYPES[address.ending], headers=headers)


def _not_there() -> HttpResponse:
    """Answer the same for a wrong address, one that is over, and one whose file is gone."""
    return _refusal(404, MEDIA, NOT_THERE)


def _refusal(status: int, error_code: int, sentence: str) -> HttpResponse:
    said = {"code": status, "message": sentence, "error_code": error_code, "error": sentence}
    return JsonResponse(said, status=status, headers={"Cache-Control": "no-store"})


# The rest of an address is read in one place, so that every wrong one gets the same answer.
media_patterns = [
    path("media/pictures/<path:rest>", fetch, name="media_picture"),
    path("media/uploads/<path:rest>", fetch, name="media_upload"),
    path("media/tickets/<path:rest>", put, name="media_ticket"),
]
