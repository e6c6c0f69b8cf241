"""Presets beside the form, and on a page of their own where no scripts run: save, rename, share, delete, carry elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations import presets
from generations.access import member_for_look, member_for_make, preset_for_change
from generations.errors import InvalidInputs
from generations.models import Member
from generations.requests import SignedInRequest
from playground.connections import Said
from playground.preset_panel import Draft, Panel, Renaming, address_of, form_values, panel_for

MOST_SENTENCES = 4
"""Of what was left out of a file; the rest is counted."""
NO_FILE = "Choose a file first."


def panel_context(member: Member) -> dict[str, Any]:
    """Return what `presets/_panel.html` shows, for one query."""
    return {"presets": panel_for(member)}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    """Show the presets alone, or save the settings of the form."""
    if request.method == "POST":
        return _save(request)
    return _page(request, panel_for(member_for_look(request.user), is_open=True))


def _save(request: SignedInRequest) -> HttpResponse:
    member, draft = member_for_make(request.user), Draft.of(request.POST)
    try:
        saved = presets.save(
            member, draft.name, request.POST, is_shared=draft.is_shared, may_replace="preset_replace" in request.POST
        )
    except InvalidInputs as error:
        return _refused(request, panel_for(member, is_open=True, draft=draft.refused(error)), request.POST)
    said = Said(sentence=f"Saved as “{saved.preset.name}”.{_without(saved.left_out)}")
    return _changed(request, member, said, focus=f"use {saved.preset.public_id}", leads_to=address_of(saved.preset))


@require_POST
def rename(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Give a preset another name."""
    preset, name = preset_for_change(request.user, public_id), request.POST.get("name", "")
    try:
        presets.rename(preset, name)
    except InvalidInputs as error:
        renaming = Renaming(public_id=public_id, name=name, problem=error.message)
        return _refused(request, panel_for(member_for_look(request.user), is_open=True, renaming=renaming))
    return _told(request, f"It is called “{preset.name}” now.", focus=f"change {public_id}")


@require_POST
def share(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show a preset to the whole team."""
    preset = preset_for_change(request.user, public_id)
    presets.share(preset, is_shared=True)
    return _told(request, f"Everybody in your team can use “{preset.name}” now.", focus=f"change {public_id}")


@require_POST
def unshare(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Leave a preset to who made it."""
    preset = preset_for_change(request.user, public_id)
    presets.share(preset, is_shared=False)
    who = "you" if preset.author_id == request.user.pk else str(preset.author)
    return _told(request, f"Only {who} can use “{preset.name}” now.", focus=f"change {public_id}")


@require_POST
def delete(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Delete a preset; the panel has asked before."""
    preset = preset_for_change(request.user, public_id)
    presets.delete(preset)
    return _told(request, f"“{preset.name}” is deleted.")


@never_cache
@require_GET
def export(request: SignedInRequest) -> HttpResponse:
    """Serve a file with all of the person's own presets."""
    content = presets.export(member_for_look(request.user))
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Content-Disposition"] = 'attachment; filename="presets.json"'
    return response


@require_POST
def take_in(request: SignedInRequest) -> HttpResponse:
    """Add the presets of an exported file."""
    member, upload = member_for_make(request.user), request.FILES.get("file")
    try:
        if upload is None:
            raise InvalidInputs({"file": NO_FILE})
        taken = presets.take_in(member, upload.read(presets.MOST_BYTES + 1))
    except InvalidInputs as error:
        return _refused(request, panel_for(member, is_open=True, file_problem=error.message))
    added = "1 preset" if taken.count == 1 else f"{taken.count} presets"
    return _told(request, f"Added {added}.{_without(taken.left_out)}")


def _told(request: SignedInRequest, sentence: str, focus: str = "panel") -> HttpResponse:
    return _changed(request, member_for_look(request.user), Said(sentence=sentence), focus=focus)


def _changed(request: SignedInRequest, member: Member, said: Said, *, focus: str, leads_to: str = "") -> HttpResponse:
    """Answer a press of a button with the panel as it stands now, or without scripts lead on and say it there."""
    if request.htmx:
        return render(request, "presets/_panel.html", {"presets": panel_for(member, is_open=True, said=said, focus=focus)})
    messages.success(request, said.sentence)
    return redirect(leads_to or reverse("presets:index"))


def _refused(request: SignedInRequest, panel: Panel, filled: Mapping[str, str] | None = None) -> HttpResponse:
    """Answer 422 with a sentence beside the field; without scripts on a page that keeps what the form was filled in with."""
    if request.htmx:
        return render(request, "presets/_panel.html", {"presets": panel}, status=422)
    return _page(request, panel, filled, status=422)


def _page(request: SignedInRequest, panel: Panel, filled: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    back = reverse("playground")
    if filled is not None:
        back += f"?recipe={presets.recipe_in(filled).text()}&use=all"
    context = {"presets": panel, "filled": form_values(filled or {}), "back": back}
    return render(request, "presets/index.html", context, status=status)


def _without(left_out: tuple[str, ...]) -> str:
    """Say what was left out, the first of it in full."""
    if not left_out:
        return ""
    more = len(left_out) - MOST_SENTENCES
    return f" Left out: {' '.join(left_out[:MOST_SENTENCES])}" + (f" And {more} more." if more > 0 else "")
