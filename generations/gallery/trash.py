"""The trash: what is in it and for how long, taking back, and emptying it."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations import keeping
from generations.access import Right, may, member_for_keep, member_for_look, member_for_manage
from generations.gallery.said import UNDO, Done, answer, pictures
from generations.gallery.tiles import tile_of
from generations.models import Generation, Member
from generations.requests import SignedInRequest

PAGE = 60
NOTHING_TO_UNDO = "There is nothing to take back: the pictures are in the gallery already, or were deleted for good."


@never_cache
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    """Show what the team has thrown away, newest pictures first."""
    member = member_for_look(request.user)
    rows = _rows(member, request.GET.get("before", ""))
    shown = rows[:PAGE]
    context = {
        "tiles": [tile_of(generation, keeping.days_left(generation)) for generation in shown],
        "next_url": f"{reverse('gallery:trash')}?before={shown[-1].pk}" if len(rows) > PAGE else "",
        "kept_days": keeping.KEPT_DAYS,
        "in_trash": True,
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "gallery/_page.html", context)
    disk = keeping.disk_use(member.team_id) if may(member, Right.MANAGE) else None
    return render(request, "gallery/trash.html", context | {"disk": disk})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: SignedInRequest) -> HttpResponse:
    """Say what would be deleted for good; a POST deletes it."""
    member = member_for_manage(request.user)
    if request.method != "POST":
        return render(request, "gallery/empty_trash.html", {"disk": keeping.disk_use(member.team_id)})
    messages.success(request, f"Deleted {pictures(keeping.empty(member))} for good.")
    return redirect("gallery:trash")


@require_POST
def undo(request: SignedInRequest) -> HttpResponse:
    """Take back what one press has thrown away."""
    member = member_for_keep(request.user)
    at = _moment(request.POST.get("at", ""))
    found = keeping.undo(member, at) if at else {}
    if not found:
        return answer(request, Done(sentence=NOTHING_TO_UNDO, is_problem=True), reverse("gallery:index"))
    be = "is" if len(found) == 1 else "are"
    done = Done(sentence=f"{pictures(len(found))} {be} back in the gallery.", back=list(found.values()))
    return answer(request, done, reverse("gallery:index"))


def _rows(member: Member, before: str) -> list[Generation]:
    """Return a page of the trash and one more."""
    rows = Generation.objects.seen_by(member).finished().filter(is_check=False).in_trash().with_card().newest_first()
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    return list(rows[: PAGE + 1])


def _moment(text: str) -> datetime | None:
    """Read when it was thrown away."""
    try:
        at = datetime.fromisoformat(text.removeprefix(UNDO))
    except ValueError:
        return None
    return at if timezone.is_aware(at) else None
