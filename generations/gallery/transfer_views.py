"""Pictures on their way out and in: downloads, ZIPs, and the page that brings files into the gallery."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations import audit_log
from generations.access import generation_for_read, member_for_look, member_for_make
from generations.errors import InvalidInputs, UnusablePicture
from generations.gallery.views import CONTENT_TYPES, FOREVER, MEDIA_POLICY
from generations.models import AuditKind, Collection, Generation, Member, User
from generations.transfer.archive import keys_of, sent
from generations.transfer.arrivals import Arrival, What, bring_in
from generations.transfer.download import download as file_of
from generations.transfer.download import wish_of
from generations.transfer.parcels import MOST, parcels_in

NO_FILE = "This picture's file is not on the server any more. Ask whoever looks after it for a backup of its data folder."
NONE_CHOSEN = "Choose pictures first, then download them."
NOT_SAVED = "The rest could not be saved: the disk of the server is full. Ask whoever looks after it, then try again."
MOST_CHOSEN = 100_000
_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


@require_GET
def download(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Serve a picture to take along, under a name that says what it is; `form`, `as` and `quality` say what is wanted."""
    image = next(iter(generation_for_read(_person(request), public_id).images.all()), None)
    if image is None:
        raise Http404("This picture is not finished.")
    try:
        made = file_of(image, wish_of(request.GET.dict()))
    except InvalidInputs as error:
        raise BadRequest(error.message) from error
    except (FileNotFoundError, UnusablePicture) as error:
        raise Http404(NO_FILE) from error
    headers = {"Cache-Control": FOREVER, "Content-Security-Policy": MEDIA_POLICY, "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return HttpResponse(made.content, content_type=CONTENT_TYPES[made.output_format], headers=headers)


@require_POST
def archive(request: HttpRequest) -> StreamingHttpResponse:
    """Send a ZIP of the pictures whose ids are posted as `picture`, as the gallery's boxes do, or as a text of many, `ids`."""
    member = member_for_look(_person(request))
    wanted = _ID.findall(" ".join([*request.POST.getlist("picture"), *request.POST.getlist("ids")]).lower())
    if not wanted or len(wanted) > MOST_CHOSEN:
        raise BadRequest(NONE_CHOSEN)
    return _zip(member, _keys(member.user, list(dict.fromkeys(map(UUID, wanted)))), "pictures")


@require_GET
def archive_of_collection(request: HttpRequest, public_id: UUID) -> StreamingHttpResponse:
    """Send a ZIP of a collection, newest first."""
    member = member_for_look(_person(request))
    collection = get_object_or_404(Collection.objects.seen_by(member), public_id=public_id)
    items = collection.items.order_by("-generation_id").values_list("generation_id", flat=True)
    return _zip(member, keys_of(items.iterator()), slugify(collection.name)[:48].strip("-") or "collection")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Show where files can be dropped, and what became of those that were."""
    member = member_for_make(_person(request))
    if request.method != "POST":
        return render(request, "gallery/import.html", {"most": MOST})
    arrivals: list[Arrival] = []
    problem = _take_in(member, request, arrivals)
    context = {"most": MOST, "said": _said(arrivals), "problem": problem}
    status = 422 if problem and not arrivals else 200
    return render(request, "gallery/import.html", context, status=status)


def _take_in(member: Member, request: HttpRequest, arrivals: list[Arrival]) -> str:
    """Add to the arrivals what comes in; return a sentence when it cannot begin or go on."""
    files = [(uploaded.name or "file", uploaded) for uploaded in request.FILES.getlist("files")]
    try:
        for arrival in bring_in(member, parcels_in(files)):
            arrivals.append(arrival)
    except InvalidInputs as error:
        return error.message
    except OSError:
        return NOT_SAVED
    return ""


def _said(arrivals: Sequence[Arrival]) -> dict[str, list[Arrival]]:
    return {what.name.lower(): [arrival for arrival in arrivals if arrival.what == what] for what in What}


def _keys(user: User, public_ids: Sequence[UUID]) -> list[int]:
    """Return the keys of those that the person may see, in the order they were chosen in."""
    keys: dict[UUID, int] = {}
    for at in range(0, len(public_ids), 500):
        found = Generation.objects.visible_to(user).filter(public_id__in=public_ids[at : at + 500])
        keys.update(found.values_list("public_id", "pk"))
    return [keys[public_id] for public_id in public_ids if public_id in keys]


def _zip(member: Member, keys: Sequence[int], name: str) -> StreamingHttpResponse:
    if not keys:
        raise Http404("There are no pictures in it.")
    count = f"{len(keys)} picture{'' if len(keys) == 1 else 's'}"
    audit_log.record(AuditKind.EXPORTED, f"{name}.zip with {count}", team=member.team, actor=member.user)
    # Nothing on the way may collect it whole: a proxy that buffers would need room for all of it.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return StreamingHttpResponse(sent(member.user, keys), content_type="application/zip", headers=headers)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMiddleware lets nobody else through
    return request.user
