"""What a press of a button in the gallery came to: a note at the edge of the page, or without scripts on the page after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from generations.requests import SignedInRequest

UNDO = "undo-"
"""Begins the tag of a message that can be undone; the moment follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    sentence: str
    is_problem: bool = False
    gone: Sequence[UUID] = ()
    """Pictures that are no longer on the page where the button is."""
    back: Sequence[UUID] = ()
    starred: Mapping[UUID, bool] = field(default_factory=dict)
    """Pictures whose star has changed, and whether it is full now."""
    undo_at: datetime | None = None
    """When pictures were thrown away, which can be undone."""

    @property
    def undo(self) -> str:
        return f"{UNDO}{self.undo_at.isoformat()}" if self.undo_at else ""


def answer(request: SignedInRequest, done: Done, leads_to: str) -> HttpResponse:
    """Say it beside the pictures and tell the page which of them go and come, or lead on and say it there."""
    if request.htmx:
        response = render(request, "gallery/_said.html", {"done": done})
        return trigger_client_event(response, "pictures", {"gone": list(done.gone), "back": list(done.back)})
    level = messages.WARNING if done.is_problem else messages.SUCCESS
    messages.add_message(request, level, done.sentence, extra_tags=done.undo)
    return redirect(next_of(request, leads_to))


def next_of(request: SignedInRequest, otherwise: str) -> str:
    """Return the page of this site that the person came from."""
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise


def pictures(count: int) -> str:
    return f"{count:,} picture{'' if count == 1 else 's'}"


def who_sees(count: int, *, is_private: bool, links_ended: int = 0) -> str:
    """Say who sees so many pictures from now on, and what that meant for their share links."""
    if not is_private:
        return f"Your team sees {'it' if count == 1 else f'these {count:,} pictures'} now."
    sentence = f"Only you see {'it' if count == 1 else f'these {count:,} pictures'} now."
    if links_ended:
        sentence += f" {links_ended} share link{' has' if links_ended == 1 else 's have'} ended."
    return sentence
