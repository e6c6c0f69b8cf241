"""One picture's favourite mark, note, tags and collections, on its page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from generations import keeping
from generations.access import Right, generation_for_read, may, may_change, member_for_keep, member_for_look
from generations.errors import InvalidInputs
from generations.gallery.said import next_of
from generations.models import Collection, CollectionItem, Favourite, Generation, Member, State, Tag
from generations.requests import SignedInRequest

IN_TRASH = "This picture is in the trash. Restore it first."
FULL = f"This picture has {keeping.MOST_TAGS} tags already, which is the most. Take one off first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a press came to, and the field that is in hand."""

    sentence: str = ""
    problem: str = ""
    field: str = ""
    filled: str = ""


@require_POST
def favourite(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Mark a picture as this person's favourite, or take the mark away with `on=0`."""
    generation, wanted = generation_for_read(request.user, public_id), request.POST.get("on") != "0"
    change = keeping.favour if wanted else keeping.unfavour
    change(member_for_look(request.user), [public_id])
    if request.htmx:
        context = {"public_id": public_id, "is_favourite": wanted, "is_wide": request.POST.get("wide"), "focus": True}
        return render(request, "gallery/_favourite.html", context)
    return redirect(next_of(request, generation.get_absolute_url()))


@require_POST
def note(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Write a line about a picture."""
    member, text = member_for_keep(request.user), request.POST.get("note", "")
    generation = generation_for_read(request.user, public_id)
    try:
        keeping.note(member, [public_id], text)
    except InvalidInputs as error:
        return _answer(request, generation, Said(problem=error.message, field="note", filled=text))
    return _answer(request, generation, Said(sentence="Note saved.", field="note"))


@require_POST
def tags(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Put tags on a picture, or take the one in `remove` off."""
    member, generation = member_for_keep(request.user), generation_for_read(request.user, public_id)
    text = request.POST.get("tag", "")
    try:
        if removed := request.POST.get("remove"):
            keeping.untag(member, [public_id], removed)
            return _answer(request, generation, Said(sentence=f"“{removed}” taken off.", field="tag"))
        tagged = keeping.tag(member, [public_id], text)
    except InvalidInputs as error:
        return _answer(request, generation, Said(problem=error.message, field="tag", filled=text))
    if tagged.full:
        return _answer(request, generation, Said(problem=FULL, field="tag", filled=text))
    return _answer(request, generation, Said(sentence=f"Tagged {', '.join(tagged.names)}.", field="tag"))


@require_POST
def collections(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Put a picture into the ticked collections and a new one, and take it out of the others that were shown."""
    member, generation = member_for_keep(request.user), generation_for_read(request.user, public_id)
    ticked, name = set(request.POST.getlist("collection")), request.POST.get("name", "")
    shown = Collection.objects.seen_by(member).filter(public_id__in=_uuids(request.POST.getlist("shown")))
    try:
        chosen = [keeping.make(member, name)] if name.strip() else []
    except InvalidInputs as error:
        return _answer(request, generation, Said(problem=error.message, field="name", filled=name))
    items = CollectionItem.objects.filter(generation=generation).values_list("collection_id", flat=True)
    is_in = set(items)
    for each in [*shown, *chosen]:
        wanted = each in chosen or str(each.public_id) in ticked
        if wanted != (each.pk in is_in):
            (keeping.add if wanted else keeping.remove)(member, each, [public_id])
    return _answer(request, generation, Said(sentence="Collections saved.", field="collections"))


def keep_context(member: Member | None, generation: Generation, said: Said | None = None) -> dict[str, object]:
    """Return what `gallery/_keep.html` shows, in three queries; nothing of a picture that is not finished."""
    if member is None or generation.state != State.SUCCEEDED:
        return {}
    rows = Tag.objects.filter(team=member.team_id).order_by("name")
    mark = CollectionItem.objects.filter(collection=OuterRef("pk"), generation=generation)
    collections = Collection.objects.seen_by(member).annotate(has_it=Exists(mark)).order_by(Lower("name"), "pk")
    team_tags = list(rows.annotate(is_on=Exists(Tag.objects.filter(pk=OuterRef("pk"), taggings__generation=generation))))
    return {
        "generation": generation,
        "is_favourite": Favourite.objects.filter(user=member.user_id, generation=generation).exists(),
        "tags": [tag.name for tag in team_tags if tag.is_on],
        "team_tags": [tag.name for tag in team_tags if not tag.is_on],
        "collections": list(collections),
        "may_keep": may(member, Right.KEEP) and generation.trashed_at is None,
        "may_trash": may_change(member, generation),
        "may_purge": may(member, Right.MANAGE),
        "days_left": keeping.days_left(generation) if generation.trashed_at else 0,
        "said": said or Said(),
    }


def _answer(request: SignedInRequest, generation: Generation, said: Said) -> HttpResponse:
    """Answer with the part of the page as it stands now, or without scripts lead back to the page and say it there."""
    if generation.trashed_at is not None:
        said = Said(problem=IN_TRASH)
    if request.htmx:
        generation.refresh_from_db(fields=["note"])
        context = {"keep": keep_context(member_for_look(request.user), generation, said)}
        return render(request, "gallery/_keep.html", context, status=422 if said.problem else 200)
    if said.problem:
        messages.error(request, said.problem)
    else:
        messages.success(request, said.sentence)
    return redirect(generation)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
