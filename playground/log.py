"""The team's log for its owners: who did what, when and from where; as a page, and as a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from generations import audit_log
from generations.access import member_for_manage
from generations.models import AuditEntry, AuditKind, Member, User
from generations.requests import SignedInRequest
from generations.transfer.tables import cell

PAGE = 50
COLUMNS = ("time", "what", "about", "person", "e-mail", "address")
EXPORTED = "The log as a table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    kind: str
    """One of AuditKind; "" for all."""
    person: int | None

    @property
    def query(self) -> dict[str, str]:
        chosen = {"kind": self.kind, "person": str(self.person or "")}
        return {name: value for name, value in chosen.items() if value}


@never_cache
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    """Show a page of the log, newest first."""
    member = member_for_manage(request.user)
    filters = _filters(request.GET.get("kind", ""), request.GET.get("person", ""))
    context = _rows(member, filters, _number(request.GET.get("before", "")))
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "team/log/_rows.html", context)
    return render(request, "team/log/index.html", {**context, "kinds": AuditKind.choices, "people": _people(member)})


@require_POST
def export(request: SignedInRequest) -> StreamingHttpResponse:
    """Send all that passes the filters as CSV, and note that."""
    member = member_for_manage(request.user)
    filters = _filters(request.POST.get("kind", ""), request.POST.get("person", ""))
    audit_log.record(AuditKind.EXPORTED, EXPORTED, team=member.team, actor=member.user)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="log.csv"'}
    return StreamingHttpResponse(_table(_entries(member, filters)), content_type="text/csv; charset=utf-8", headers=headers)


def _entries(member: Member, filters: Filters) -> QuerySet[AuditEntry]:
    """Return the team's entries, newest first; of those that belong to no team, its people's, such as their sign-ins."""
    people = Member.objects.filter(team=member.team_id).values("user")
    rows = AuditEntry.objects.filter(Q(team=member.team_id) | Q(team=None, actor__in=people)).select_related("actor")
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.person:
        rows = rows.filter(actor=filters.person)
    return rows.order_by("-id")


def _rows(member: Member, filters: Filters, before: int | None) -> dict[str, Any]:
    rows = _entries(member, filters)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    address = urlencode({**filters.query, "before": found[PAGE - 1].pk}) if len(found) > PAGE else ""
    return {"entries": found[:PAGE], "filters": filters, "next_url": f"{reverse('team:log')}?{address}" if address else ""}


def _people(member: Member) -> QuerySet[User]:
    """Return who is in the log or in the team; somebody who has left is still in the log."""
    acted = AuditEntry.objects.filter(team=member.team_id).values("actor")
    return User.objects.filter(Q(pk__in=acted) | Q(memberships__team=member.team_id)).distinct().order_by("name", "pk")


def _table(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield the lines of the table, with the mark by which spreadsheets know UTF-8; no cell is taken for a formula."""
    yield "\ufeff" + _line(COLUMNS)
    for entry in entries.iterator(chunk_size=500):
        person, email = (str(entry.actor), entry.actor.email) if entry.actor else ("", "")
        told = (entry.created_at.isoformat(), entry.get_kind_display(), entry.subject, person, email, entry.address)
        yield _line([cell(value) for value in told])


def _line(cells: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _filters(kind: str, person: str) -> Filters:
    """Read the filters; what there is not filters nothing."""
    return Filters(kind=kind if kind in AuditKind.values else "", person=_number(person))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
