"""The page of webhooks: what was told to whom, what came of it, and how a receiver checks that it came from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from generations import deliveries
from generations.access import Right, may
from generations.deliveries import delivery_for_change, may_send_again, member_for_deliveries
from generations.models import Delivery, DeliveryState, Member
from generations.requests import SignedInRequest
from generations.webhook_secret import secret_of_team

SENT_AGAIN = "It is sent again now."
WAITS_ALREADY = "It is waiting for its next try already."

TONES = {DeliveryState.DELIVERED: "good", DeliveryState.GIVEN_UP: "danger", DeliveryState.DISABLED: "warning"}
ICONS = {
    DeliveryState.WAITING: "clock",
    DeliveryState.DELIVERED: "check",
    DeliveryState.GIVEN_UP: "alert",
    DeliveryState.DISABLED: "pause",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    at: datetime
    status: int
    """0 when there was no answer."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One delivery for a person to read."""

    delivery: Delivery
    icon: str
    tone: str
    run: str
    """What was asked for, in the person's own words."""
    picture_url: str
    """ "" for a prompt, which has no page. """
    address: str
    """Host and path; what stands behind a question mark may be a secret."""
    tries: list[Try]
    """Newest first."""
    next_at: datetime | None
    may_send_again: bool


@never_cache
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    """Show the team's webhooks, newest first."""
    member = member_for_deliveries(request.user)
    page = deliveries.page_of(member, _key(request))
    context: dict[str, Any] = {
        "rows": _rows(member, page.deliveries),
        "next_url": f"{reverse('deliveries:index')}?before={page.next_before}" if page.next_before else "",
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "deliveries/_rows.html", context)
    if may(member, Right.MANAGE):
        context["secret"] = secret_of_team(member.team)
    return render(request, "deliveries/index.html", context)


@require_POST
def again(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Send one again that was delivered, given up or not wanted."""
    member, delivery = delivery_for_change(request.user, public_id)
    said = SENT_AGAIN if deliveries.send_again(delivery) else WAITS_ALREADY
    if request.htmx:
        delivery = delivery_for_change(request.user, public_id)[1]
        return render(request, "deliveries/_row.html", {"row": _row(member, delivery), "said": said})
    messages.success(request, said)
    return redirect("deliveries:index")


def _rows(member: Member, found: Iterable[Delivery]) -> list[Row]:
    return [_row(member, delivery) for delivery in found]


def _row(member: Member, delivery: Delivery) -> Row:
    state = DeliveryState(delivery.state)
    generation, enhancement = delivery.prediction.generation, delivery.prediction.enhancement
    is_waiting = state == DeliveryState.WAITING
    return Row(
        delivery=delivery,
        icon=ICONS[state],
        tone=TONES.get(state, ""),
        run=generation.prompt if generation else enhancement.original if enhancement else "",
        picture_url=generation.get_absolute_url() if generation else "",
        address=_shown(delivery.url),
        tries=[Try(at=datetime.fromisoformat(at), status=status, sentence=said) for at, status, said in delivery.answers[::-1]],
        next_at=delivery.due_at if is_waiting else None,
        may_send_again=not is_waiting and may_send_again(member, delivery),
    )


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}{'?…' if parts.query else ''}"


def _key(request: SignedInRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
