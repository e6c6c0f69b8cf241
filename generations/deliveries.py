"""The log of a team's webhooks, and sending one again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404

from generations import tasks
from generations.access import Right, may, member_for_look
from generations.models import Delivery, DeliveryState, Member, Prediction, User
from generations.pipeline.tell import body_of

PAGE = 30
ENDED = frozenset({DeliveryState.DELIVERED, DeliveryState.GIVEN_UP, DeliveryState.DISABLED})

MAKERS_ONLY = "Webhooks are for those who make pictures. Ask an owner of the team for the role of a member."
NOT_YOURS = "Only the person whose key asked for this run, or an owner of the team, can send its webhook again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    deliveries: list[Delivery]
    next_before: int | None
    """The key that the next page starts below; None on the last one."""


def member_for_deliveries(user: User) -> Member:
    """Return the membership of someone who may see the team's webhooks; PermissionDenied otherwise."""
    member = member_for_look(user)
    if not may(member, Right.MAKE):
        raise PermissionDenied(MAKERS_ONLY)
    return member


def delivery_for_change(user: User, public_id: UUID) -> tuple[Member, Delivery]:
    """Return a delivery that this person may send again; Http404 or PermissionDenied otherwise."""
    member = member_for_look(user)
    delivery = _of_team(member).filter(public_id=public_id).first()
    if delivery is None:
        raise Http404("There is no webhook at this address.")
    if not may_send_again(member_for_deliveries(user), delivery):
        raise PermissionDenied(NOT_YOURS)
    return member, delivery


def may_send_again(member: Member, delivery: Delivery) -> bool:
    """Say whether the member manages the team, or their own key asked for the run."""
    key = delivery.prediction.key
    return may(member, Right.MANAGE) or (may(member, Right.MAKE) and key is not None and key.member_id == member.pk)


def page_of(member: Member, before: int | None = None) -> Page:
    """Return the team's newest deliveries, or those older than the key `before`."""
    rows = _of_team(member).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    return Page(deliveries=found[:PAGE], next_before=found[PAGE - 1].pk if more else None)


def send_again(delivery: Delivery) -> bool:
    """Start anew with what there is to say now: all eight tries; False when it is waiting for one already."""
    prediction = Prediction.objects.with_outcome().get(pk=delivery.prediction_id)
    changed = Delivery.objects.filter(pk=delivery.pk, state__in=ENDED).update(
        state=DeliveryState.WAITING, tries=0, due_at=Now(), ended_at=None, body=body_of(prediction)
    )
    if changed:
        transaction.on_commit(tasks.hint_deliver)
    return bool(changed)


def _of_team(member: Member) -> QuerySet[Delivery]:
    """Read along what a row of the log shows."""
    return Delivery.objects.filter(team=member.team_id).select_related(
        "prediction__generation", "prediction__enhancement", "prediction__key"
    )
