"""Who sees a picture or a collection: a press of its author's."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from generations import keeping
from generations.access import collection_for_change, generation_for_read, member_for_keep
from generations.gallery.said import next_of, who_sees
from generations.requests import SignedInRequest

NOT_YOURS = "Only the person who made this picture can choose who sees it."
IN_TRASH = "This picture is in the trash, or not finished yet."
WHO = {"me": True, "team": False}
UNKNOWN = "Choose who sees it: only you, or your team."


@require_POST
def of_picture(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show a picture to its author alone, or to the team again."""
    member, generation = member_for_keep(request.user), generation_for_read(request.user, public_id)
    if generation.author_id != member.user_id:
        raise PermissionDenied(NOT_YOURS)
    is_private = _wanted(request.POST)
    shown = keeping.set_private(member, [public_id], is_private)
    problem = "" if shown.found else IN_TRASH
    sentence = problem or who_sees(1, is_private=is_private, links_ended=shown.links_ended)
    if request.htmx:
        generation.refresh_from_db(fields=["is_private"])
        context = {"generation": generation, "sentence": sentence, "may_keep": True}
        return render(request, "share/_visibility.html", context, status=422 if problem else 200)
    messages.add_message(request, messages.ERROR if problem else messages.SUCCESS, sentence)
    return redirect(next_of(request, generation.get_absolute_url()))


@require_POST
def of_collection(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show a collection to its author alone, or to the team again."""
    collection = collection_for_change(request.user, public_id)
    is_private = _wanted(request.POST)
    ended = keeping.set_collection_private(member_for_keep(request.user), collection, is_private)
    messages.success(request, who_sees(1, is_private=is_private, links_ended=ended))
    return redirect("gallery:collections")


def _wanted(filled: QueryDict) -> bool:
    wanted = WHO.get(filled.get("who", ""))
    if wanted is None:
        raise BadRequest(UNKNOWN)
    return wanted
