"""The team's page of money: what was spent, by whom and on what, what is left, and what waits for an owner's yes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from generations import approvals, audit_log
from generations.access import Right, may, member_for_look, member_for_manage
from generations.approvals import Wish
from generations.budget import month_of
from generations.models import AuditKind, Generation, Member, Role
from generations.money import dollars
from generations.requests import SignedInRequest
from playground.budget_form import BudgetForm, name_of
from playground.ledger_export import lines_of
from playground.spending import budgets_of, page_of, spending_of
from playground.spending_charts import charts_of

NO_MONEY = "You can look at this team's pictures, but not at what they cost. Ask an owner of the team for the role of a member."
NO_MONTH = "Give the month as 2026-11."
DECIDED = "This has been decided or cancelled already."
MONTHS = 12
"""Months that are offered as a table."""


@never_cache
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    """Show an owner the team's spending, and everybody else their own."""
    member = _member(request)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "team/spending/_entries.html", _entries(request, member))
    return render(request, "team/spending/index.html", _page(request, member))


@never_cache
@require_GET
def wishes(request: SignedInRequest) -> HttpResponse:
    """Show an owner what waits for their yes now."""
    return render(request, "team/spending/_wishes.html", {"wishes": _wishes(member_for_manage(request.user))})


@require_POST
def budgets(request: SignedInRequest) -> HttpResponse:
    """Keep what may be spent."""
    member = member_for_manage(request.user)
    form = BudgetForm(member.team, _members(member), request.POST)
    if not form.is_valid():
        return render(request, "team/spending/index.html", _page(request, member, form), status=422)
    messages.success(request, "Saved. It counts from now on." if form.save(member) else "Nothing was different.")
    return redirect("team:spending")


@require_POST
def approve(request: SignedInRequest, stack: UUID) -> HttpResponse:
    """Let an order go on that costs more than its asker may spend unasked."""
    member = _decider(request, stack)
    count = approvals.approve(member, stack)
    return _decided(request, f"Approved: {_pictures(count)} in line." if count else "")


@require_POST
def decline(request: SignedInRequest, stack: UUID) -> HttpResponse:
    """End such an order; its price is given back."""
    member = _decider(request, stack)
    count = approvals.decline(member, stack)
    return _decided(request, f"Declined: {_pictures(count)}. Nothing is charged." if count else "")


@require_GET
def export(request: SignedInRequest) -> StreamingHttpResponse:
    """Send a month of the ledger as a table; this month's when none is named."""
    member = member_for_manage(request.user)
    month = _month(request.GET.get("month", ""))
    audit_log.record(AuditKind.EXPORTED, f"The ledger of {month:%B %Y}", team=member.team, actor=member.user)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = f'attachment; filename="ledger-{month:%Y-%m}.csv"'
    return StreamingHttpResponse(lines_of(member.team, month), content_type="text/csv; charset=utf-8", headers=headers)


def _member(request: SignedInRequest) -> Member:
    """Return the membership of somebody who may spend; PermissionDenied for who only looks."""
    member = member_for_look(request.user)
    if not may(member, Right.MAKE):
        raise PermissionDenied(NO_MONEY)
    return member


def _decider(request: SignedInRequest, stack: UUID) -> Member:
    """Return the owner who decides; another team's order does not exist."""
    member = member_for_manage(request.user)
    if not Generation.objects.filter(team=member.team_id, stack=stack).exists():
        raise Http404("There is no such order.")
    return member


def _decided(request: SignedInRequest, sentence: str) -> HttpResponse:
    if sentence:
        messages.success(request, sentence)
    else:
        messages.info(request, DECIDED)
    return redirect("team:spending")


def _pictures(count: int) -> str:
    return f"{count} {'picture' if count == 1 else 'pictures'}"


def _page(request: SignedInRequest, member: Member, refused: BudgetForm | None = None) -> dict[str, Any]:
    context = {"spending": spending_of(member), "charts": charts_of(member), **_entries(request, member)}
    if not may(member, Right.MANAGE):
        return context
    members = _members(member)
    form = refused or BudgetForm(member.team, members)
    people = [{"budget": budget, "field": form[name_of(budget.member)]} for budget in budgets_of(members)]
    return {**context, "may_manage": True, "form": form, "people": people, "wishes": _wishes(member), "months": _months()}


def _wishes(owner: Member) -> list[dict[str, Any]]:
    return [_shown(owner, wish) for wish in approvals.waiting(owner.team)]


def _shown(owner: Member, wish: Wish) -> dict[str, Any]:
    """Return what an owner sees of an order; the prompt of what its author keeps to themselves is not for them."""
    hidden = wish.first.is_private and wish.first.author_id != owner.user_id
    return {"wish": wish, "price": dollars(wish.cost_microusd), "prompt": "" if hidden else wish.first.prompt}


def _members(member: Member) -> list[Member]:
    """Return who may spend, with the team at hand for each."""
    return list(
        Member.objects.filter(team=member.team_id)
        .exclude(role=Role.VIEWER)
        .select_related("user", "team")
        .order_by("joined_at", "pk")
    )


def _entries(request: SignedInRequest, member: Member) -> dict[str, Any]:
    page = page_of(member, _key(request))
    return {"rows": page.rows, "next_url": f"{reverse('team:spending')}?before={page.next_before}" if page.next_before else ""}


def _key(request: SignedInRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _months() -> list[date]:
    """Return this month and those before it, newest first."""
    found = [month_of(timezone.now())]
    while len(found) < MONTHS:
        last = found[-1]
        found.append(last.replace(year=last.year - (last.month == 1), month=last.month - 1 or 12))
    return found


def _month(text: str) -> date:
    """Read "2026-11"; raises BadRequest."""
    if not text:
        return month_of(timezone.now())
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    if found is None:
        raise BadRequest(NO_MONTH)
    return date(int(found[1]), int(found[2]), 1)
