"""The people of a team: who may do what, who is asked in, who goes. Everybody sees them; owners change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from generations import membership
from generations.access import (
    RIGHT_WORDS,
    RIGHTS,
    Right,
    invite_for_change,
    may,
    member_for_look,
    member_for_manage,
    teammate_for_change,
)
from generations.errors import InvalidInputs
from generations.models import Invite, Member, Role
from generations.people_form import InviteForm, RoleForm, TeamForm
from generations.requests import SignedInRequest
from playground.connections import Said
from playground.invites import A_ROLE, link_to, send, sends_mail

ORDER = list(Role)
"""Owners stand first in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One line of the table of roles."""

    words: str
    roles: list[bool]
    """Whether each role may, in the order of the table's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberList:
    """All that the page shows."""

    people: list[Member]
    you: Member
    invites: list[Invite]
    form: InviteForm
    team_form: TeamForm
    may_manage: bool
    said: Said | None = None
    made: Invite | None = None
    link: str = field(default="", repr=False)
    """Of the invitation that was just made, in the only answer that ever holds it."""

    roles = Role.choices

    @property
    def table(self) -> list[Allowed]:
        """Return what each role may do, from the rules themselves."""
        return [Allowed(words=words, roles=[right in RIGHTS[role] for role in Role]) for right, words in RIGHT_WORDS.items()]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    """Show the team's people, or invite somebody."""
    if request.method == "POST":
        return _invite(request, member_for_manage(request.user))
    return _shown(request, member_list_for(member_for_look(request.user)))


@sensitive_variables("token", "link")
def _invite(request: SignedInRequest, member: Member) -> HttpResponse:
    """Make a link and answer with it at once: it is in no address, session or log, so it cannot be led to later."""
    form = InviteForm(request.POST, sends_mail=sends_mail())
    if not form.is_valid():
        return _shown(request, member_list_for(member, form=form), status=422)
    try:
        made, token = membership.invite(member, form.cleaned_data["role"], form.cleaned_data.get("email", ""))
    except InvalidInputs as error:
        form.add_error("email", error.fields["email"])
        return _shown(request, member_list_for(member, form=form), status=422)
    link = link_to(token)
    said = send(made, link, member) if made.email else None
    return _shown(request, member_list_for(member, made=made, link=link, said=said))


@never_cache
@require_POST
def revoke(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    found = invite_for_change(request.user, public_id)
    membership.revoke_invite(member_for_manage(request.user), found)
    return _changed(request, "The invitation is withdrawn. Its link opens nothing any more.")


@never_cache
@require_POST
def role(request: SignedInRequest, member_id: int) -> HttpResponse:
    """Give somebody another role."""
    teammate = teammate_for_change(request.user, member_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _refused(request, str(form.errors["role"][0]))
    try:
        membership.change_role(member_for_manage(request.user), teammate, form.cleaned_data["role"])
    except InvalidInputs as error:
        return _refused(request, error.message)
    return _changed(request, f"{teammate.user} is {A_ROLE[form.cleaned_data['role']]} of the team now.")


@never_cache
@require_POST
def remove(request: SignedInRequest, member_id: int) -> HttpResponse:
    """Send somebody away; the page has asked before."""
    teammate = teammate_for_change(request.user, member_id)
    try:
        membership.remove(member_for_manage(request.user), teammate)
    except InvalidInputs as error:
        return _refused(request, error.message)
    return _changed(request, f"{teammate.user} is not in the team any more. Their pictures stay.")


@never_cache
@require_POST
def leave(request: SignedInRequest) -> HttpResponse:
    """Let a person go by themselves; the page has asked before."""
    member = member_for_look(request.user)
    try:
        membership.leave(member)
    except InvalidInputs as error:
        return _refused(request, error.message)
    messages.success(request, f"You have left {member.team}.")
    return redirect("playground")


@never_cache
@require_POST
def rename(request: SignedInRequest) -> HttpResponse:
    """Give the team another name."""
    member, form = member_for_manage(request.user), TeamForm(request.POST)
    if form.is_valid():
        try:
            membership.rename_team(member, form.cleaned_data["name"])
        except InvalidInputs as error:
            form.add_error("name", error.fields["name"])
    if form.errors:
        return _shown(request, member_list_for(member, team_form=form), status=422)
    messages.success(request, "The team has its new name.")
    return redirect("team:members")


def member_list_for(
    member: Member,
    *,
    form: InviteForm | None = None,
    team_form: TeamForm | None = None,
    said: Said | None = None,
    made: Invite | None = None,
    link: str = "",
) -> MemberList:
    """Return the people of the member's team, owners first, and to owners the invitations that are still open."""
    people = member.team.memberships.select_related("user").order_by("joined_at", "pk")
    may_manage = may(member, Right.MANAGE)
    return MemberList(
        people=sorted(people, key=lambda each: ORDER.index(Role(each.role))),
        you=member,
        invites=list(_open_invites(member)) if may_manage else [],
        form=form or InviteForm(sends_mail=sends_mail()),
        team_form=team_form or TeamForm(initial={"name": member.team.name}),
        may_manage=may_manage,
        said=said,
        made=made,
        link=link,
    )


def _open_invites(member: Member) -> QuerySet[Invite]:
    kept = member.team.invites.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=Now())
    return kept.select_related("author").order_by("-pk")


def _changed(request: SignedInRequest, sentence: str) -> HttpResponse:
    """Answer a press of a button with the people as they are now, or without scripts lead back to them."""
    if request.htmx:
        return _shown(request, member_list_for(member_for_look(request.user), said=Said(sentence=sentence)))
    messages.success(request, sentence)
    return redirect("team:members")


def _refused(request: SignedInRequest, sentence: str) -> HttpResponse:
    """Say why a change cannot be made, on the page with the people as they are."""
    said = Said(sentence=sentence, is_problem=True)
    return _shown(request, member_list_for(member_for_look(request.user), said=said), status=422)


def _shown(request: SignedInRequest, found: MemberList, status: int = 200) -> HttpResponse:
    template = "team/members/_members.html" if request.htmx else "team/members/index.html"
    context = {"members": found, "invite_days": membership.INVITE_DAYS}
    return render(request, template, context, status=status)
