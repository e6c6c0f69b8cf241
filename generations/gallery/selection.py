"""What becomes of the pictures that a person has selected: one press, all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import retarget

from generations import keeping
from generations.access import (
    collection_for_change,
    member_for_keep,
    member_for_look,
    member_for_manage,
    pictures_for_purge,
)
from generations.errors import InvalidInputs
from generations.gallery.said import Done, answer, next_of, pictures, who_sees
from generations.models import Collection, Member, Tag, User
from generations.requests import SignedInRequest

NONE_SELECTED = "Select a picture first."
NOT_YOURS = "Nothing was moved: only who made a picture, or an owner of the team, can do that."
NO_COLLECTION = "This collection is no longer there. Choose another one."
NOT_YOUR_OWN = "Nothing was changed: only who made a picture chooses who sees it."
UNCHANGED = " {count} of other people stayed as they were."
STAYED = " {count} of other people stayed where they are."
FULL = " {count} have as many tags as a picture may have, so not all were added there."
IN_FLIGHT = " {count} stayed, because something is still being done with them. Try again in a while."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    member: Member
    public_ids: list[UUID]
    filled: QueryDict

    @property
    def user(self) -> User:
        return self.member.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What has to be known, or agreed to, before something is done."""

    what: str
    title: str
    context: Mapping[str, object]
    problem: str = ""


Act = Callable[[Asked], "Done | Question"]


@require_POST
def selection(request: SignedInRequest) -> HttpResponse:
    """Do one thing with many pictures, or ask what is missing for it."""
    may, act = ACTS.get(request.POST.get("what", ""), (member_for_look, _unknown))
    asked = Asked(member=may(request.user), public_ids=_ids(request.POST), filled=request.POST)
    try:
        came_to = act(asked) if asked.public_ids else Done(sentence=NONE_SELECTED, is_problem=True)
    except InvalidInputs as error:
        came_to = Done(sentence=error.message, is_problem=True)
    if isinstance(came_to, Done):
        return answer(request, came_to, reverse("gallery:index"))
    return _asking(request, came_to, asked)


def _asking(request: SignedInRequest, question: Question, asked: Asked) -> HttpResponse:
    context = {
        "question": question,
        "template": f"gallery/_ask_{question.what}.html",
        "public_ids": asked.public_ids,
        "next": next_of(request, reverse("gallery:index")),
        **question.context,
    }
    status = 422 if question.problem else 200
    if not request.htmx:
        return render(request, "gallery/ask.html", context, status=status)
    return retarget(render(request, "gallery/_ask.html", context, status=status), "#selection-ask")


def _favour(asked: Asked) -> Done:
    found = keeping.favour(asked.member, asked.public_ids)
    favourites = "a favourite" if len(found) == 1 else "favourites"
    be = "is" if len(found) == 1 else "are"
    starred = dict.fromkeys(found.values(), True)
    return Done(sentence=f"{pictures(len(found))} {be} {favourites} of yours now.", starred=starred)


def _unfavour(asked: Asked) -> Done:
    found = keeping.unfavour(asked.member, asked.public_ids)
    starred = dict.fromkeys(found.values(), False)
    return Done(sentence=f"{pictures(len(found))} taken out of your favourites.", starred=starred)


def _collect(asked: Asked) -> Done | Question:
    if "collection" not in asked.filled and "name" not in asked.filled:
        return _which_collection(asked)
    try:
        collection = _chosen(asked)
    except InvalidInputs as error:
        return _which_collection(asked, error.message)
    found = keeping.add(asked.member, collection, asked.public_ids)
    return Done(sentence=f"Added {pictures(len(found))} to “{collection}”.")


def _chosen(asked: Asked) -> Collection:
    """Return the collection of the pressed button, or a new one of the name that was written."""
    if key := asked.filled.get("collection"):
        return _collection(asked, key)
    return keeping.make(asked.member, asked.filled.get("name", ""))


def _collection(asked: Asked, key: str) -> Collection:
    try:
        return collection_for_change(asked.user, UUID(key))
    except (ValueError, Http404) as error:
        raise InvalidInputs({"collection": NO_COLLECTION}) from error


def _which_collection(asked: Asked, problem: str = "") -> Question:
    collections = Collection.objects.seen_by(asked.member).order_by("name")
    title = f"Add {pictures(len(asked.public_ids))} to a collection"
    context = {"collections": collections, "name": asked.filled.get("name", "")}
    return Question(what="collect", title=title, context=context, problem=problem)


def _uncollect(asked: Asked) -> Done:
    collection = _collection(asked, asked.filled.get("in_collection", ""))
    found = keeping.remove(asked.member, collection, asked.public_ids)
    return Done(sentence=f"Took {pictures(len(found))} out of “{collection}”.", gone=list(found.values()))


def _tag(asked: Asked) -> Done | Question:
    if "tag" not in asked.filled:
        return _which_tag(asked)
    change = keeping.untag if asked.filled.get("what") == "untag" else keeping.tag
    try:
        tagged = change(asked.member, asked.public_ids, asked.filled.get("tag", ""))
    except InvalidInputs as error:
        return _which_tag(asked, error.message)
    names = ", ".join(f"“{name}”" for name in tagged.names)
    if change is keeping.untag:
        return Done(sentence=f"Took {names} off {pictures(len(tagged.found))}.")
    full = FULL.format(count=pictures(tagged.full)) if tagged.full else ""
    return Done(sentence=f"Tagged {pictures(len(tagged.found))} {names}.{full}")


def _which_tag(asked: Asked, problem: str = "") -> Question:
    tags = Tag.objects.filter(team=asked.member.team_id).order_by("name")
    title = f"Tags of {pictures(len(asked.public_ids))}"
    return Question(what="tag", title=title, context={"tags": tags, "tag": asked.filled.get("tag", "")}, problem=problem)


def _trash(asked: Asked) -> Done:
    trashed = keeping.trash(asked.member, asked.public_ids)
    if not trashed.found:
        return Done(sentence=NOT_YOURS, is_problem=True)
    sentence = f"Moved {pictures(len(trashed.found))} to the trash.{_rest(asked, len(trashed.found), STAYED)}"
    return Done(sentence=sentence, gone=list(trashed.found.values()), undo_at=trashed.at)


def _hide(asked: Asked) -> Done:
    return _shown(asked, is_private=True)


def _reveal(asked: Asked) -> Done:
    return _shown(asked, is_private=False)


def _shown(asked: Asked, *, is_private: bool) -> Done:
    shown = keeping.set_private(asked.member, asked.public_ids, is_private)
    if not shown.found:
        return Done(sentence=NOT_YOUR_OWN, is_problem=True)
    sentence = f"{who_sees(len(shown.found), is_private=is_private, links_ended=shown.links_ended)}"
    return Done(sentence=f"{sentence}{_rest(asked, len(shown.found), UNCHANGED)}")


def _restore(asked: Asked) -> Done:
    found = keeping.restore(asked.member, asked.public_ids)
    if not found:
        return Done(sentence=NOT_YOURS, is_problem=True)
    be = "is" if len(found) == 1 else "are"
    sentence = f"{pictures(len(found))} {be} back in the gallery.{_rest(asked, len(found), STAYED)}"
    return Done(sentence=sentence, gone=list(found.values()))


def _purge(asked: Asked) -> Done | Question:
    if "sure" not in asked.filled:
        count = pictures_for_purge(asked.member, asked.public_ids).count()
        return Question(what="purge", title=f"Delete {pictures(count)} for good?", context={"count": count})
    found = keeping.purge(asked.member, asked.public_ids)
    sentence = f"Deleted {pictures(len(found))} for good.{_rest(asked, len(found), IN_FLIGHT)}"
    return Done(sentence=sentence, gone=list(found.values()))


def _rest(asked: Asked, count: int, sentence: str) -> str:
    left = len(set(asked.public_ids)) - count
    return sentence.format(count=left) if left else ""


def _unknown(asked: Asked) -> Done:
    raise Http404("There is nothing of this name to be done.")


def _ids(filled: QueryDict) -> list[UUID]:
    """Return the ids that are well formed, a stack's box has several; which of them are the team's is found out later."""
    found = []
    for text in ",".join(filled.getlist("picture")).split(","):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


ACTS: dict[str, tuple[Callable[[User], Member], Act]] = {
    "favour": (member_for_look, _favour),
    "unfavour": (member_for_look, _unfavour),
    "collect": (member_for_keep, _collect),
    "uncollect": (member_for_keep, _uncollect),
    "tag": (member_for_keep, _tag),
    "untag": (member_for_keep, _tag),
    "hide": (member_for_keep, _hide),
    "reveal": (member_for_keep, _reveal),
    "trash": (member_for_keep, _trash),
    "restore": (member_for_keep, _restore),
    "purge": (member_for_manage, _purge),
}
