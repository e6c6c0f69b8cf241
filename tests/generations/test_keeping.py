"""Keeping pictures: who may do what with a whole selection, what it costs, and what is left of a purged one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import checking, keeping, pipeline
from generations.errors import InvalidInputs
from generations.keeping.selection import MOST_SELECTED
from generations.keeping.tags import MOST_TAGS, named
from generations.models import (
    Collection,
    CollectionItem,
    EnhancementRequest,
    Favourite,
    Generation,
    Image,
    LedgerEntry,
    Member,
    Prediction,
    State,
    Tag,
    Tagging,
    User,
)
from generations.models.ledger import EntryKind
from generations.submission import submit
from tests.conftest import finish, order

pytestmark = pytest.mark.django_db

Making = Callable[..., list[uuid.UUID]]


def member_of(user: User) -> Member:
    return Member.objects.get(user=user)


@pytest.fixture
def made(member: Member) -> Making:
    """Add finished pictures of somebody, as rows alone."""

    def add(count: int = 1, whose: User | None = None) -> list[uuid.UUID]:
        author = member_of(whose) if whose else member
        pattern = submit(author, order(), hint=False)
        names = ("team_id", "author_id", "model", "backend", "prompt", "width", "height", "num_inference_steps")
        names += ("guidance_scale", "seed", "output_format")
        kept = {name: getattr(pattern, name) for name in names}
        pattern.delete()
        rows = Generation.objects.bulk_create([Generation(state=State.SUCCEEDED, **kept) for _ in range(count)])
        return [row.public_id for row in rows]

    return add


class TestWhoMayDoWhat:
    def test_everybody_marks_favourites_of_their_own(self, made: Making, member: Member, viewer: User):
        ids = made(2)
        keeping.favour(member, ids[:1])
        keeping.favour(member_of(viewer), ids)
        keeping.favour(member_of(viewer), ids)
        assert Favourite.objects.filter(user=member.user).count() == 1
        assert Favourite.objects.filter(user=viewer).count() == 2
        keeping.unfavour(member_of(viewer), ids)
        assert Favourite.objects.get().user == member.user

    def test_members_tag_note_and_collect_what_others_made(self, made: Making, member: Member, teammate: User):
        ids, mate = made(2), member_of(teammate)
        assert len(keeping.tag(mate, ids, "fox").found) == 2
        assert len(keeping.note(mate, ids, "For the poster")) == 2
        assert len(keeping.add(mate, keeping.make(mate, "Foxes"), ids)) == 2
        assert set(Generation.objects.values_list("note", flat=True)) == {"For the poster"}

    def test_a_viewer_changes_nothing_but_favourites(self, made: Making, member: Member, viewer: User):
        ids, looker = made(), member_of(viewer)
        assert not keeping.tag(looker, ids, "fox").found
        assert not keeping.note(looker, ids, "x")
        assert not keeping.add(looker, keeping.make(member, "Foxes"), ids)
        assert not keeping.trash(looker, ids).found
        assert not Tagging.objects.exists() and not CollectionItem.objects.exists()

    def test_only_who_made_it_or_an_owner_throws_it_away(self, made: Making, member: Member, teammate: User):
        theirs, mine = made(1, teammate), made(1)
        assert list(keeping.trash(member_of(teammate), theirs + mine).found.values()) == theirs
        assert list(keeping.trash(member, theirs + mine).found.values()) == mine
        assert not keeping.restore(member_of(teammate), mine)
        assert list(keeping.restore(member, theirs + mine).values()) == theirs + mine

    def test_only_owners_delete_for_good_and_only_what_is_in_the_trash(self, made: Making, member: Member, teammate: User):
        ids = made(1, teammate)
        assert not keeping.purge(member, ids)
        keeping.trash(member, ids)
        assert not keeping.purge(member_of(teammate), ids)
        assert list(keeping.purge(member, ids).values()) == ids

    @pytest.mark.parametrize("verb", ["favour", "unfavour", "trash", "restore", "purge", "tag", "untag", "note", "add", "remove"])
    def test_pictures_of_another_team_are_left_alone(self, made: Making, member: Member, outsider: User, verb: str):
        ids, stranger = made(), member_of(outsider)
        collection = keeping.make(stranger, "Mine")
        keeping.tag(member, ids, "fox")
        if verb in {"restore", "purge"}:
            keeping.trash(member, ids)
        before = Generation.objects.values().get()
        calls: dict[str, Callable[[], Any]] = {
            "tag": lambda: keeping.tag(stranger, ids, "fox").found,
            "untag": lambda: keeping.untag(stranger, ids, "fox").found,
            "note": lambda: keeping.note(stranger, ids, "x"),
            "add": lambda: keeping.add(stranger, collection, ids),
            "remove": lambda: keeping.remove(stranger, collection, ids),
            "trash": lambda: keeping.trash(stranger, ids).found,
        }
        assert not calls.get(verb, lambda: getattr(keeping, verb)(stranger, ids))()
        assert Generation.objects.values().get() == before
        assert (Tagging.objects.count(), Favourite.objects.count(), CollectionItem.objects.count()) == (1, 0, 0)

    def test_unfinished_pictures_and_checks_are_left_alone(self, ask, member: Member, made: Making):
        unfinished, checked = ask(), made()
        Generation.objects.filter(public_id__in=checked).update(is_check=True)
        ids = [unfinished.public_id, *checked]
        assert not keeping.favour(member, ids)
        assert not keeping.trash(member, ids).found

    def test_too_many_at_once_are_refused(self, member: Member):
        with pytest.raises(InvalidInputs, match="At most 1,000"):
            keeping.favour(member, [uuid.uuid4() for _ in range(MOST_SELECTED + 1)])


class TestTags:
    def test_they_are_kept_in_lower_case_and_once(self):
        assert named("#Fox,  night   SKY ,fox,\u00c4pfel,, ") == ["fox", "night sky", "äpfel"]

    @pytest.mark.parametrize("text", ["", " , ", "#", "x" * 41, ",".join(map(str, range(21))), "\u200b"])
    def test_what_is_no_tag_is_refused_with_a_sentence(self, made: Making, member: Member, text: str):
        with pytest.raises(InvalidInputs) as refused:
            keeping.tag(member, made(), text)
        assert refused.value.fields["tag"].endswith(".")

    def test_a_picture_has_at_most_20(self, made: Making, member: Member):
        ids = made(2)
        keeping.tag(member, ids[:1], ",".join(f"t{number}" for number in range(MOST_TAGS - 1)))
        tagged = keeping.tag(member, ids, "t0,one,two")
        assert tagged.full == 1
        of = {each: Tagging.objects.filter(generation__public_id=each).count() for each in ids}
        assert list(of.values()) == [MOST_TAGS, 3]

    def test_a_tag_that_is_on_no_picture_is_forgotten(self, made: Making, member: Member):
        ids = made(2)
        keeping.tag(member, ids, "fox,owl")
        keeping.untag(member, ids[:1], "FOX")
        assert Tag.objects.filter(name="fox").exists()
        keeping.untag(member, ids, "fox")
        assert list(Tag.objects.values_list("name", flat=True)) == ["owl"]


class TestNotes:
    def test_a_note_is_one_line_of_300(self, made: Making, member: Member):
        ids = made()
        keeping.note(member, ids, " For the\r\nposter\x00 ")
        assert Generation.objects.get().note == "For the poster"
        with pytest.raises(InvalidInputs, match="300"):
            keeping.note(member, ids, "x" * 301)
        keeping.note(member, ids, "")
        assert Generation.objects.get().note == ""


class TestCollections:
    @pytest.mark.parametrize("taken", ["foxes", " FOXES ", "Foxes"])
    def test_a_name_is_there_once_in_any_case(self, member: Member, outsider: User, taken: str):
        keeping.make(member, "Foxes")
        with pytest.raises(InvalidInputs, match="already"):
            keeping.make(member, taken)
        keeping.make(member_of(outsider), taken)

    def test_letters_that_the_database_does_not_know_count_too(self, member: Member):
        keeping.make(member, "Äpfel")
        with pytest.raises(InvalidInputs, match="already"):
            keeping.make(member, "äPFEL")

    @pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 81])
    def test_a_name_has_one_to_80_characters(self, member: Member, name: str):
        with pytest.raises(InvalidInputs):
            keeping.make(member, name)

    def test_it_is_renamed_also_to_the_same_in_another_case(self, member: Member):
        collection, other = keeping.make(member, "foxes"), keeping.make(member, "Owls")
        keeping.rename(collection, "Foxes")
        assert str(Collection.objects.get(pk=collection.pk)) == "Foxes"
        with pytest.raises(InvalidInputs, match="already"):
            keeping.rename(other, "FOXES")

    def test_a_team_has_at_most_500(self, member: Member):
        many = [Collection(team=member.team, author=member.user, name=str(number)) for number in range(500)]
        Collection.objects.bulk_create(many)
        with pytest.raises(InvalidInputs, match="500"):
            keeping.make(member, "One more")

    def test_deleting_it_leaves_the_pictures(self, made: Making, member: Member):
        collection, ids = keeping.make(member, "Foxes"), made()
        keeping.add(member, collection, ids)
        keeping.delete(collection)
        assert Generation.objects.in_gallery().count() == 1


class TestTheTrash:
    def test_what_is_thrown_away_leaves_the_gallery_and_comes_back(self, made: Making, member: Member):
        ids = made(2)
        keeping.trash(member, ids)
        assert not Generation.objects.in_gallery().exists()
        assert set(Generation.objects.in_trash().values_list("trashed_by", flat=True)) == {member.user_id}
        keeping.restore(member, ids[:1])
        assert Generation.objects.in_gallery().get().public_id == ids[0]

    def test_undo_takes_back_one_press_and_no_other(self, made: Making, member: Member, teammate: User):
        ids = made(3)
        keeping.trash(member, ids[:1])
        trashed = keeping.trash(member, ids[1:])
        assert not keeping.undo(member_of(teammate), trashed.at)
        assert set(keeping.undo(member, trashed.at).values()) == set(ids[1:])
        assert not keeping.undo(member, trashed.at)
        assert Generation.objects.in_trash().get().public_id == ids[0]

    def test_the_days_are_counted_down(self, made: Making, member: Member):
        keeping.trash(member, made())
        generation = Generation.objects.get()
        assert keeping.days_left(generation) == 30
        for days, left in ((1.5, 29), (29.5, 1), (31, 1)):
            generation.trashed_at = timezone.now() - timedelta(days=days)
            assert keeping.days_left(generation) == left

    def test_disk_use_is_that_of_the_files(self, ask, member: Member, outsider: User):
        images = [finish(ask()), finish(ask())]
        keeping.trash(member, [images[0].generation.public_id])
        use = keeping.disk_use(member.team_id)
        assert (use.pictures, use.size_bytes) == (2, sum(Path(image.file.path).stat().st_size for image in images))
        assert (use.trashed, use.trashed_bytes) == (1, images[0].size_bytes)
        assert keeping.disk_use(member_of(outsider).team_id).size_bytes == 0


@pytest.fixture
def thrown(ask, member: Member) -> Generation:
    """Return a picture with files and words of all kinds, in the trash."""
    generation = ask("a secret fox")
    request = EnhancementRequest.objects.create(
        team=member.team, author=member.user, enhancer="local", seed=1, original="a secret", text="a secret fox"
    )
    Generation.objects.filter(pk=generation.pk).update(enhancement=request)
    finish(generation)
    keeping.tag(member, [generation.public_id], "secret")
    keeping.note(member, [generation.public_id], "secret")
    keeping.favour(member, [generation.public_id])
    keeping.add(member, keeping.make(member, "Foxes"), [generation.public_id])
    Generation.objects.filter(pk=generation.pk).update(notes=["Not drawn: secret"])
    keeping.trash(member, [generation.public_id])
    return generation


class TestPurging:
    def test_no_file_and_no_word_is_left(self, thrown: Generation, member: Member, settings):
        assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
        keeping.purge(member, [thrown.public_id])
        assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
        assert not Image.objects.exists()
        thrown.refresh_from_db()
        assert thrown.purged_at is not None
        assert (thrown.prompt, thrown.note, thrown.notes, thrown.enhancement) == ("", "", [], None)
        assert not Tag.objects.exists() and not Favourite.objects.exists() and not CollectionItem.objects.exists()
        request = EnhancementRequest.objects.get()
        assert (request.original, request.text) == ("", "")

    def test_it_is_at_no_address_any_more(self, thrown: Generation, member: Member, client_of_owner: Client):
        kinds = ("", "original/", "large/", "small/", "download/", "checks/")
        assert client_of_owner.get(f"/gallery/{thrown.public_id}/small/").status_code == 200
        keeping.purge(member, [thrown.public_id])
        assert {client_of_owner.get(f"/gallery/{thrown.public_id}/{kind}").status_code for kind in kinds} == {404}
        assert client_of_owner.get("/prompts/").json() == []

    def test_the_ledger_still_adds_up(self, thrown: Generation, member: Member):
        Generation.objects.filter(pk=thrown.pk).update(price_microusd=25_000)
        LedgerEntry.objects.create(
            team=member.team, user=member.user, generation=thrown, kind=EntryKind.CHARGE, amount_microusd=25_000
        )
        before = list(LedgerEntry.objects.values())
        keeping.purge(member, [thrown.public_id])
        assert list(LedgerEntry.objects.values()) == before
        assert Generation.objects.get(pk=thrown.pk).price_microusd == 25_000

    def test_it_is_gone_from_the_api(self, thrown: Generation, member: Member):
        Prediction.objects.create(
            public_id=thrown.public_id, team=member.team, generation=thrown, model_id="x", inputs={"prompt": "a secret fox"}
        )
        keeping.purge(member, [thrown.public_id])
        prediction = Prediction.objects.get()
        assert prediction.inputs == {} and prediction.deleted_at is not None

    def test_the_words_of_an_enhancer_stay_for_another_picture(self, thrown: Generation, member: Member, made: Making):
        thrown.refresh_from_db()
        Generation.objects.filter(public_id__in=made()).update(enhancement=thrown.enhancement)
        keeping.purge(member, [thrown.public_id])
        assert EnhancementRequest.objects.get().original == "a secret"

    def test_what_is_being_checked_stays_until_that_is_over(self, thrown: Generation, member: Member, settings):
        keeping.restore(member, [thrown.public_id])
        thrown.refresh_from_db()
        again = checking.check(member, thrown).again
        keeping.trash(member, [thrown.public_id])
        assert not keeping.purge(member, [thrown.public_id])
        assert keeping.empty(member) == 0
        pipeline.advance(again.pk)
        assert keeping.purge(member, [thrown.public_id])
        assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
        assert set(Generation.objects.values_list("prompt", flat=True)) == {""}

    def test_what_a_program_is_still_to_be_told_of_stays(self, thrown: Generation, member: Member):
        prediction = Prediction.objects.create(
            public_id=thrown.public_id, team=member.team, generation=thrown, model_id="x", webhook_url="https://e.org"
        )
        assert not keeping.purge(member, [thrown.public_id])
        Prediction.objects.filter(pk=prediction.pk).update(told_at=timezone.now())
        assert keeping.purge(member, [thrown.public_id])

    def test_files_that_cannot_be_deleted_are_deleted_later(self, thrown: Generation, member: Member, settings):
        image = Image.objects.get()
        stubborn = Path(image.small.path)
        stubborn.unlink()
        (stubborn / "in the way").mkdir(parents=True)
        keeping.purge(member, [thrown.public_id])
        assert Image.objects.exists()
        (stubborn / "in the way").rmdir()
        keeping.purge_old()
        assert not Image.objects.exists()
        assert not default_storage.exists(image.file.name)

    def test_a_purged_picture_does_not_come_back(self, thrown: Generation, member: Member):
        thrown.refresh_from_db()
        assert thrown.trashed_at is not None
        keeping.purge(member, [thrown.public_id])
        assert not keeping.restore(member, [thrown.public_id])
        assert not keeping.undo(member, thrown.trashed_at)

    def test_emptying_takes_all_of_the_own_team_and_nothing_else(self, made: Making, member: Member, outsider: User):
        ids, kept, theirs = made(3), made(1), made(1, outsider)
        keeping.trash(member, ids)
        keeping.trash(member_of(outsider), theirs)
        assert keeping.empty(member) == 3
        assert Generation.objects.in_gallery().get().public_id == kept[0]
        assert Generation.objects.in_trash().get().public_id == theirs[0]

    def test_a_sweep_deletes_what_is_older_than_30_days(self, made: Making, member: Member, outsider: User):
        old, young = made(2), made(1)
        keeping.trash(member, old + young)
        for age, ids in ((30.1, old), (29.9, young)):
            Generation.objects.filter(public_id__in=ids).update(trashed_at=timezone.now() - timedelta(days=age))
        cache.clear()
        pipeline.sweep()
        purged = Generation.objects.filter(purged_at__isnull=False)
        assert set(purged.values_list("public_id", flat=True)) == set(old)


@pytest.mark.parametrize(
    ("verb", "most"),
    # Of these, two for each transaction inside the test's own.
    [
        ("favour", 2),
        ("unfavour", 2),
        ("add", 2),
        ("note", 7),
        ("trash", 6),
        ("restore", 7),
        ("tag", 11),
        ("untag", 15),
        ("purge", 23),
    ],
)
def test_a_selection_takes_as_many_queries_as_one_picture(made: Making, member: Member, verb: str, most: int):
    collection = keeping.make(member, "Foxes")
    counts = []
    for ids in (made(1), made(100)):
        keeping.tag(member, ids, "owl")
        if verb in {"restore", "purge"}:
            keeping.trash(member, ids)
        further = {"tag": ["fox, night"], "untag": ["owl"], "note": ["x"]}.get(verb, [])
        with CaptureQueriesContext(connection) as queries:
            if verb == "add":
                keeping.add(member, collection, ids)
            else:
                getattr(keeping, verb)(member, ids, *further)
        counts.append(len(queries))
    assert counts == [most, most]
