"""Who may read or change what, as verbs that return the object. What belongs to another team does not exist (404)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.http import Http404

from generations.models import ApiKey, Collection, Generation, Invite, Member, Preset, Reference, Role, User
from generations.models.generation import GenerationQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    name: str
    """In the storage."""
    output_format: str
    """Of the original; the smaller ones are WebP."""


class Right(StrEnum):
    LOOK = "look"
    """See the team's pictures, and mark one's own favourites."""
    KEEP = "keep"
    """Tag, collect and note whatever the team has made; trash one's own."""
    MAKE = "make"
    """Make pictures, cancel and repeat one's own."""
    MANAGE = "manage"
    """Change what others made, and the team itself."""


RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset({Right.LOOK, Right.KEEP, Right.MAKE, Right.MANAGE}),
    Role.MEMBER: frozenset({Right.LOOK, Right.KEEP, Right.MAKE}),
    Role.VIEWER: frozenset({Right.LOOK}),
}

RIGHT_WORDS: dict[Right, str] = {
    Right.LOOK: "See the team's pictures, and mark favourites",
    Right.KEEP: "Tag, collect and note pictures; put one's own into the trash",
    Right.MAKE: "Make pictures, and API keys for programs",
    Right.MANAGE: "Change what others made, invite people, give roles and connect vendors",
}
"""What each right is to a person; the page Members makes a table of them."""

FILE_COLUMNS = {"original": "file", "large": "large", "small": "small"}
"""Kind in an address → column of Image."""
FILE_SEEN_BY = """
    SELECT i.{column}, i.output_format
    FROM generations_image i
    JOIN generations_generation g ON g.id = i.generation_id
    JOIN generations_member m ON m.team_id = g.team_id AND m.user_id = %s
    WHERE g.public_id = %s AND (g.is_private = FALSE OR g.author_id = %s)
    ORDER BY i."index" LIMIT 1
"""

# How many pictures an owner should look at: those that are in the gallery, and reported. Written out, as every page asks it and
# the ORM takes longer to say it than a database to answer. The team is asked of each report, so that no database begins with all
# pictures of the team.
REPORTED = """
    CASE WHEN generations_member.role = 'owner' THEN (
        SELECT COUNT(DISTINCT r.generation_id) FROM generations_report r
        WHERE r.resolution = '' AND generations_member.team_id = (
            SELECT g.team_id FROM generations_generation g
            WHERE g.id = r.generation_id AND g.state = 'succeeded' AND g.is_check = FALSE AND g.trashed_at IS NULL
                AND (g.is_private = FALSE OR g.author_id = generations_member.user_id)
        )
    ) ELSE 0 END
"""

NO_TEAM = "You are signed in, but belong to no team yet. Ask the owner of a team to add you."
LOOK_ONLY = "You can look at this team's pictures, but not make any. Ask an owner of the team for the role of a member."
LOOK_AND_FAVOUR_ONLY = (
    "You can look at this team's pictures and mark favourites, but not change anything. "
    "Ask an owner of the team for the role of a member."
)
NO_RUN_SCOPE = "This API key may only read results. Use one that may also run, from the page API keys."
NO_KEYS = "You can look at this team's pictures, but not make API keys. Ask an owner of the team for the role of a member."
OWNERS_ONLY = "Only an owner of the team can do that. Ask one of them."
OWNERS_MAKE_TEAMS = "Only somebody who owns a team can make another one. Ask an owner of yours."
NOT_YOURS = "Only the person who made this picture, or an owner of the team, can do that."
OF_ANOTHER_TEAM = "This picture is in another team of yours. Go over to that team in the account menu first; nothing was charged."
NOT_YOUR_COLLECTION = "Only the person who made this collection, or an owner of the team, can delete it."
NOT_YOUR_PRESET = "Only the person who made this preset, or an owner of the team, can do that."


def membership(user: User) -> Member | None:
    """Return the team this person works in, with their role: the one chosen in the header, or else their first."""
    return memberships(user).first()


def memberships(user: User) -> QuerySet[Member]:
    """Return all of this person's teams with their roles, the one they work in first."""
    chosen = Case(When(team=user.current_team_id, then=Value(0)), default=Value(1))
    others = Member.objects.filter(user=OuterRef("user")).exclude(pk=OuterRef("pk"))
    mine = Member.objects.select_related("team", "user").filter(user=user)
    # So that a page reads somebody's other teams only where there are some, and says to an owner what was reported.
    found = {"is_in_several": Exists(others), "reported": RawSQL(REPORTED, [])}  # nosec B611: a constant
    return mine.annotate(**found).order_by(chosen, "joined_at", "pk")


def member_for_look(user: User) -> Member:
    """Return the membership of someone who belongs to a team; PermissionDenied otherwise."""
    member = membership(user)
    if member is None:
        raise PermissionDenied(NO_TEAM)
    return member


def member_for_keep(user: User) -> Member:
    """Return the membership of someone who may tag, collect and note pictures; PermissionDenied otherwise."""
    member = member_for_look(user)
    if not may(member, Right.KEEP):
        raise PermissionDenied(LOOK_AND_FAVOUR_ONLY)
    return member


def member_for_make(user: User) -> Member:
    """Return the membership of someone who may make pictures; PermissionDenied otherwise."""
    member = member_for_look(user)
    if not may(member, Right.MAKE):
        raise PermissionDenied(LOOK_ONLY)
    return member


def member_for_more(user: User, generation: Generation) -> Member:
    """Return the membership of someone who may have more made of a picture; PermissionDenied otherwise.

    Who reads it from another team of theirs has to go over first: more of it lands in the picture's team, which pays for it.
    """
    member = member_for_make(user)
    if not is_in(member, generation):
        raise PermissionDenied(OF_ANOTHER_TEAM)
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


def member_in(user: User, team_id: UUID) -> Member:
    """Return this person's membership of the team with that public id; Http404 where they do not belong to it."""
    member = memberships(user).filter(team__public_id=team_id).first()
    if member is None:
        raise Http404("There is no team at this address.")
    return member


def teammate_for_change(user: User, member_id: int) -> Member:
    """Return somebody of the team that this person manages; PermissionDenied, or Http404 for whom is not in it."""
    team_id = member_for_manage(user).team_id
    teammate = Member.objects.select_related("team", "user").filter(team=team_id, pk=member_id).first()
    if teammate is None:
        raise Http404("There is nobody at this address.")
    return teammate


def invite_for_change(user: User, public_id: UUID) -> Invite:
    """Return an invitation to the team that this person manages; PermissionDenied, or Http404 for another team's."""
    found = Invite.objects.filter(team=member_for_manage(user).team_id, public_id=public_id).first()
    if found is None:
        raise Http404("There is no invitation at this address.")
    return found


def generation_for_read(user: User, public_id: UUID) -> Generation:
    """Return a generation of a team of this person's, with all that a card shows; Http404 otherwise.

    What others keep to themselves does not exist. One in the trash is still read; of one that was deleted for good only the
    books know.
    """
    kept = Generation.objects.visible_to(user).filter(purged_at__isnull=True)
    generation = kept.with_card().filter(public_id=public_id).first()
    if generation is None:
        raise Http404("There is no picture at this address.")
    return generation


def stored_file_for_read(user: User, public_id: UUID, kind: str) -> StoredFile:
    """Return where a file of a picture that this person may see lies; Http404 otherwise.

    A page of the gallery asks sixty times: the statement is written out, as putting it together takes longer than the answer.
    """
    found = None
    if column := FILE_COLUMNS.get(kind):
        key = Generation._meta.get_field("public_id").get_db_prep_value(public_id, connection)
        with connection.cursor() as cursor:
            cursor.execute(FILE_SEEN_BY.format(column=column), (user.pk, key, user.pk))
            found = cursor.fetchone()
    if found is None:
        raise Http404("There is no picture at this address.")
    return StoredFile(name=found[0], output_format=found[1])


def generation_for_change(user: User, public_id: UUID) -> Generation:
    """Return a generation that this person may cancel or repeat; Http404 or PermissionDenied otherwise."""
    generation = generation_for_read(user, public_id)
    if not may_change(membership(user), generation):
        raise PermissionDenied(NOT_YOURS)
    return generation


def pictures_for_look(member: Member, public_ids: Sequence[UUID]) -> GenerationQuerySet:
    """Return those of the finished pictures that the member's team has, in the gallery or in the trash.

    What belongs to another team, what is not finished and what was deleted for good is left out in silence.
    """
    own = Generation.objects.seen_by(member).finished().filter(is_check=False, purged_at__isnull=True)
    return own.filter(public_id__in=public_ids)


def pictures_for_keep(member: Member, public_ids: Sequence[UUID]) -> GenerationQuerySet:
    """Return those that the member may tag, collect and note: everything of the team, nothing for a viewer."""
    rows = pictures_for_look(member, public_ids)
    return rows if may(member, Right.KEEP) else rows.none()


def pictures_for_change(member: Member, public_ids: Sequence[UUID]) -> GenerationQuerySet:
    """Return those that the member may trash and restore: who made them, and owners."""
    rows = pictures_for_keep(member, public_ids)
    return rows if may(member, Right.MANAGE) else rows.filter(author=member.user_id)


def pictures_for_purge(member: Member, public_ids: Sequence[UUID]) -> GenerationQuerySet:
    """Return those that the member may delete for good: owners, and only what is in the trash."""
    rows = pictures_for_look(member, public_ids).in_trash()
    return rows if may(member, Right.MANAGE) else rows.none()


def collection_for_read(user: User, public_id: UUID) -> Collection:
    """Return a collection of this person's team; Http404 otherwise, and for one that somebody else keeps to themselves."""
    collection = Collection.objects.seen_by(member_for_look(user)).filter(public_id=public_id).first()
    if collection is None:
        raise Http404("There is no collection at this address.")
    return collection


def collection_for_change(user: User, public_id: UUID) -> Collection:
    """Return a collection that this person may fill and rename; Http404 or PermissionDenied otherwise."""
    collection = collection_for_read(user, public_id)
    member_for_keep(user)
    return collection


def collection_for_delete(user: User, public_id: UUID) -> Collection:
    """Return a collection that this person made, or any to an owner; Http404 or PermissionDenied otherwise."""
    collection = collection_for_read(user, public_id)
    if not may_change(membership(user), collection):
        raise PermissionDenied(NOT_YOUR_COLLECTION)
    return collection


def reference_for_read(user: User, public_id: UUID) -> Reference:
    """Return a reference picture of this person's team; Http404 otherwise."""
    reference = Reference.objects.filter(team__memberships__user=user, public_id=public_id).first()
    if reference is None:
        raise Http404("There is no picture at this address.")
    return reference


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


def is_in(member: Member | None, generation: Generation) -> bool:
    """Say whether the picture is in the team that the person works in, and not in another one of theirs."""
    return member is not None and member.team_id == generation.team_id


def may_make_team(user: User) -> bool:
    """Say whether this person owns a team: a new one may spend what the server's own keys pay for."""
    return Member.objects.filter(user=user, role=Role.OWNER).exists()


def may_change(member: Member | None, made: Generation | Preset | Collection) -> bool:
    """Say whether the member made it and still may, or manages the team it belongs to."""
    if member is None or member.team_id != made.team_id:
        return False
    return may(member, Right.MANAGE) or (may(member, Right.MAKE) and made.author_id == member.user_id)
