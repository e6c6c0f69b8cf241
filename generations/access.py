"""Who may read or change what, as verbs that return the object. What belongs to another team does not exist (404)."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from generations.models import ApiKey, Generation, Member, Preset, Role, User


class Right(StrEnum):
    LOOK = "look"
    """See the team's pictures."""
    MAKE = "make"
    """Make pictures, cancel and repeat one's own."""
    MANAGE = "manage"
    """Change what others made, and the team itself."""


RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset({Right.LOOK, Right.MAKE, Right.MANAGE}),
    Role.MEMBER: frozenset({Right.LOOK, Right.MAKE}),
    Role.VIEWER: frozenset({Right.LOOK}),
}

NO_TEAM = "You are signed in, but belong to no team yet. Ask the owner of a team to add you."
LOOK_ONLY = "You can look at this team's pictures, but not make any. Ask an owner of the team for the role of a member."
NO_RUN_SCOPE = "This API key may only read results. Use one that may also run, from the page API keys."
NO_KEYS = "You can look at this team's pictures, but not make API keys. Ask an owner of the team for the role of a member."
OWNERS_ONLY = "Only an owner of the team can do that. Ask one of them."
NOT_YOURS = "Only the person who made this picture, or an owner of the team, can do that."
NOT_YOUR_PRESET = "Only the person who made this preset, or an owner of the team, can do that."


def membership(user: User) -> Member | None:
    """Return the team this person works in, with their role."""
    return Member.objects.select_related("team", "user").filter(user=user).order_by("joined_at", "pk").first()


def member_for_look(user: User) -> Member:
    """Return the membership of someone who belongs to a team; PermissionDenied otherwise."""
    member = membership(user)
    if member is None:
        raise PermissionDenied(NO_TEAM)
    return member


def member_for_make(user: User) -> Member:
    """Return the membership of someone who may make pictures; PermissionDenied otherwise."""
    member = member_for_look(user)
    if not may(member, Right.MAKE):
        raise PermissionDenied(LOOK_ONLY)
    return member


def member_for_manage(user: User) -> Member:
    """Return the membership of someone who may change the team; PermissionDenied otherwise."""
    member = member_for_look(user)
    if not may(member, Right.MANAGE):
        raise PermissionDenied(OWNERS_ONLY)
    return member


def member_for_keys(user: User) -> Member:
    """Return the membership of someone who may make keys for programs; PermissionDenied otherwise."""
    member = member_for_look(user)
    if not may(member, Right.MAKE):
        raise PermissionDenied(NO_KEYS)
    return member


def generation_for_read(user: User, public_id: UUID) -> Generation:
    """Return a generation of this person's team, with all that a card shows; Http404 otherwise."""
    generation = Generation.objects.visible_to(user).with_card().filter(public_id=public_id).first()
    if generation is None:
        raise Http404("There is no picture at this address.")
    return generation


def generation_for_change(user: User, public_id: UUID) -> Generation:
    """Return a generation that this person may cancel or repeat; Http404 or PermissionDenied otherwise."""
    generation = generation_for_read(user, public_id)
    if not may_change(membership(user), generation):
        raise PermissionDenied(NOT_YOURS)
    return generation


def preset_for_read(user: User, public_id: UUID) -> Preset:
    """Return a preset of this person's, or one that is shared in their team; Http404 otherwise."""
    seen = Q(author=user) | Q(is_shared=True)
    preset = Preset.objects.filter(seen, team=member_for_look(user).team_id, public_id=public_id).select_related("author").first()
    if preset is None:
        raise Http404("There is no preset at this address.")
    return preset


def preset_for_change(user: User, public_id: UUID) -> Preset:
    """Return a preset that this person may rename, share or delete; Http404 or PermissionDenied otherwise."""
    preset = preset_for_read(user, public_id)
    if not may_change(membership(user), preset):
        raise PermissionDenied(NOT_YOUR_PRESET)
    return preset


def api_keys_for(member: Member) -> QuerySet[ApiKey]:
    """Return the keys that a member may see and revoke: an owner all of the team's, everybody else their own."""
    keys = ApiKey.objects.filter(member__team=member.team_id).select_related("member__user")
    return keys if may(member, Right.MANAGE) else keys.filter(member=member)


def api_key_for_change(user: User, public_id: UUID) -> ApiKey:
    """Return a key that this person may revoke; another person's does not exist for them: Http404, or PermissionDenied."""
    key = api_keys_for(member_for_keys(user)).filter(public_id=public_id).first()
    if key is None:
        raise Http404("There is no API key at this address.")
    return key


def may(member: Member | None, right: Right) -> bool:
    return member is not None and right in RIGHTS[member.role]


def may_change(member: Member | None, made: Generation | Preset) -> bool:
    """Say whether the member made it and still may, or manages the team it belongs to."""
    if member is None or member.team_id != made.team_id:
        return False
    return may(member, Right.MANAGE) or (may(member, Right.MAKE) and made.author_id == member.user_id)
