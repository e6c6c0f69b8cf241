"""Settings kept under a name: what is kept of a form, whose it is, and the file that carries it elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404

from generations import access, presets
from generations.errors import InvalidInputs
from generations.models import Member, Preset, Role, User

pytestmark = pytest.mark.django_db

FORM = {
    "prompt": "A red fox",
    "width": "1344",
    "height": "768",
    "seed": "42",
    "num_inference_steps": "28",
    "guidance_scale": "3.5",
    "strength": "0.8",
    "output_format": "png",
    "backend": "easel",
    "count": "4",
    "csrfmiddlewaretoken": "secret",
    "idempotency_key": "abc",
}
KEPT = {
    "prompt": "A red fox",
    "size": "1344*768",
    "seed": 42,
    "num_inference_steps": 28,
    "guidance_scale": 3.5,
    "strength": 0.8,
    "output_format": "png",
    "backend": "easel",
    "count": 4,
}
Saving = Callable[..., Preset]


@pytest.fixture
def keep(member: Member) -> Saving:
    """Save a preset of the owner's, or of another member's."""

    def save(name: str, whose: User | None = None, **options: bool) -> Preset:
        by = member if whose is None else Member.objects.get(user=whose)
        return presets.save(by, name, FORM, **options).preset

    return save


def refusal(act: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(InvalidInputs) as caught:
        act()
    return caught.value.fields


def file_of(*entries: object, **changes: object) -> bytes:
    return json.dumps({"format": presets.FORMAT, "version": 1, "presets": list(entries), **changes}).encode()


def entry(name: str = "Portrait", **settings: object) -> dict[str, Any]:
    return {"name": name, "settings": settings or {"seed": 7}}


class TestSaving:
    def test_it_keeps_the_settings_of_the_form_and_nothing_else(self, member: Member):
        saved = presets.save(member, "  Night \n sky ", FORM)
        preset = Preset.objects.get()
        assert (preset.name, preset.author, preset.team, preset.is_shared) == ("Night sky", member.user, member.team, False)
        assert preset.settings == KEPT
        assert saved.left_out == ()

    def test_an_empty_prompt_and_an_empty_seed_are_not_kept(self, member: Member):
        presets.save(member, "Night", {**FORM, "prompt": "  ", "seed": ""})
        assert Preset.objects.get().settings == {name: value for name, value in KEPT.items() if name not in {"prompt", "seed"}}

    @pytest.mark.parametrize(
        ("wrong", "lost"),
        [({"width": "9"}, "size"), ({"seed": "many"}, "seed"), ({"backend": "nothing"}, "backend"), ({"height": ""}, "size")],
    )
    def test_what_cannot_be_used_is_left_out_and_said(self, member: Member, wrong: dict[str, str], lost: str):
        saved = presets.save(member, "Night", {**FORM, **wrong})
        assert saved.preset.settings == {name: value for name, value in KEPT.items() if name != lost}
        assert len(saved.left_out) == 1

    def test_an_empty_form_is_no_preset(self, member: Member):
        assert refusal(lambda: presets.save(member, "Night", {"backend": ""})) == {"name": presets.NOTHING}

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [("", presets.NO_NAME), (" \n\x00", presets.NO_NAME), ("\u200b\u2060", presets.NO_NAME), ("x" * 61, presets.LONG_NAME)],
    )
    def test_a_name_that_cannot_be_used_is_refused(self, member: Member, name: str, sentence: str):
        assert refusal(lambda: presets.save(member, name, FORM)) == {"name": sentence}
        assert not Preset.objects.exists()

    def test_the_longest_name_is_kept(self, member: Member):
        assert presets.save(member, "ä" * 60, FORM).preset.name == "ä" * 60

    def test_a_taken_name_is_not_overwritten_unasked(self, member: Member, keep: Saving):
        keep("Night")
        fields = refusal(lambda: presets.save(member, "Night", {**FORM, "seed": "1"}))
        assert fields == {"replace": "You have a preset “Night” already. Replace it, or choose another name."}
        assert Preset.objects.get().settings["seed"] == 42

    def test_asked_for_it_replaces_the_settings_and_stays_shared(self, member: Member, keep: Saving):
        before = keep("Night", is_shared=True)
        presets.save(member, "Night", {**FORM, "seed": "1"}, may_replace=True)
        after = Preset.objects.get()
        assert (after.public_id, after.settings["seed"], after.is_shared) == (before.public_id, 1, True)

    def test_another_person_may_use_the_same_name(self, keep: Saving, teammate: User):
        keep("Night", is_shared=True)
        keep("Night", teammate)
        assert Preset.objects.filter(name="Night").count() == 2

    def test_a_person_has_at_most_200(self, member: Member, keep: Saving, teammate: User):
        fill(member, 200)
        assert refusal(lambda: keep("One more")) == {"name": presets.FULL}
        keep("Preset 3", may_replace=True)
        keep("One more", teammate)
        assert Preset.objects.count() == 201

    def test_the_database_refuses_a_second_one_of_a_name(self, member: Member, keep: Saving):
        keep("Night")
        with pytest.raises(IntegrityError), transaction.atomic():
            Preset.objects.create(team=member.team, author=member.user, name="Night")


def fill(member: Member, count: int) -> None:
    Preset.objects.bulk_create(
        Preset(team=member.team, author=member.user, name=f"Preset {number}", settings={"seed": 1}) for number in range(count)
    )


class TestChanging:
    def test_it_gets_another_name(self, keep: Saving):
        presets.rename(keep("Night"), " Evening ")
        assert Preset.objects.get().name == "Evening"

    def test_its_own_name_is_free_for_it(self, keep: Saving):
        presets.rename(keep("Night"), "Night")
        assert Preset.objects.get().name == "Night"

    def test_a_taken_name_is_refused(self, keep: Saving):
        keep("Day")
        night = keep("Night")
        assert refusal(lambda: presets.rename(night, "Day")) == {"name": "There is a preset “Day” already. Choose another name."}
        night.refresh_from_db()
        assert night.name == "Night"


class TestWhoSeesWhat:
    def test_own_ones_come_first_then_the_teams_by_name(
        self, member: Member, keep: Saving, teammate: User, outsider: User, django_assert_num_queries
    ):
        for name in ("b", "A"):
            keep(name)
            keep(f"{name} of another", teammate, is_shared=True)
        keep("hidden", teammate)
        keep("elsewhere", outsider, is_shared=True)
        with django_assert_num_queries(1):
            seen = [(preset.name, str(preset.author)) for preset in presets.presets_for(member)]
        assert seen == [("A", "Owner"), ("b", "Owner"), ("A of another", "Teammate"), ("b of another", "Teammate")]

    def test_shared_ones_are_read_by_the_team_and_changed_by_their_author_and_owners(
        self, keep: Saving, owner: User, teammate: User, viewer: User, outsider: User
    ):
        public_id = keep("Night", teammate, is_shared=True).public_id
        for user in (owner, teammate, viewer):
            assert access.preset_for_read(user, public_id).name == "Night"
        for user in (owner, teammate):
            assert access.preset_for_change(user, public_id).name == "Night"
        with pytest.raises(PermissionDenied, match="made this preset"):
            access.preset_for_change(viewer, public_id)
        for look in (access.preset_for_read, access.preset_for_change):
            with pytest.raises(Http404):
                look(outsider, public_id)

    def test_a_teammate_may_not_change_what_the_owner_shares(self, keep: Saving, teammate: User):
        with pytest.raises(PermissionDenied):
            access.preset_for_change(teammate, keep("Night", is_shared=True).public_id)

    def test_a_private_one_does_not_exist_for_anybody_else(self, keep: Saving, owner: User, teammate: User, viewer: User):
        public_id = keep("Night", teammate).public_id
        for user in (owner, viewer):
            with pytest.raises(Http404):
                access.preset_for_change(user, public_id)
        assert access.preset_for_change(teammate, public_id)

    def test_who_only_looks_changes_not_even_their_own(self, keep: Saving, teammate: User):
        public_id = keep("Night", teammate).public_id
        Member.objects.filter(user=teammate).update(role=Role.VIEWER)
        assert access.preset_for_read(teammate, public_id)
        with pytest.raises(PermissionDenied):
            access.preset_for_change(teammate, public_id)


class TestTheFile:
    def test_what_was_exported_comes_back_the_same_for_somebody_else(self, member: Member, keep: Saving, outsider: User):
        keep("Night", is_shared=True)
        keep("Dawn")
        there = Member.objects.get(user=outsider)
        taken = presets.take_in(there, json.dumps(presets.export(member)).encode())
        assert (taken.count, taken.left_out) == (2, ())
        theirs = Preset.objects.filter(author=outsider, team=there.team)
        assert [(preset.name, preset.settings, preset.is_shared) for preset in theirs] == [
            ("Dawn", KEPT, False),
            ("Night", KEPT, False),
        ]

    def test_it_says_what_it_is_and_nothing_of_people(self, member: Member, keep: Saving, teammate: User):
        mine = keep("Night")
        keep("Of another", teammate, is_shared=True)
        content = presets.export(member)
        assert content == {
            "format": "flux-srpo-playground/presets",
            "version": 1,
            "presets": [{"name": "Night", "settings": KEPT}],
        }
        for secret in ("example.org", str(mine.public_id), "Owner"):
            assert secret not in json.dumps(content)

    def test_a_taken_name_gets_a_number(self, member: Member, keep: Saving):
        keep("Night")
        presets.take_in(member, file_of(entry("Night"), entry("Night"), entry("x" * 60), entry("x" * 60)))
        names = set(Preset.objects.values_list("name", flat=True))
        assert names == {"Night", "Night 2", "Night 3", "x" * 60, "x" * 58 + " 2"}
        assert Preset.objects.get(name="Night").settings == KEPT

    def test_what_cannot_be_used_is_left_out_and_said(self, member: Member):
        content = file_of(
            entry("Good", seed=7, num_inference_steps=900),
            entry(""),
            entry("Bad", seed="many"),
            {"name": "Bare", "settings": []},
            "text",
            entry("x" * 61),
        )
        taken = presets.take_in(member, content)
        assert Preset.objects.get().settings == {"seed": 7}
        assert taken.count == 1
        assert [sentence.partition(":")[0] for sentence in taken.left_out] == [
            "“Good”",
            "Number 2",
            "“Bad”",
            "“Bare”",
            "Number 5",
            "Number 6",
        ]

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", presets.UNREADABLE),
            (b"\xff\xfe\xfa", presets.UNREADABLE),
            (b"[" * 100_000, presets.UNREADABLE),
            (b'{"format": "flux-srpo-playground/presets", "version": 1, "presets": [' + b"9" * 5000 + b"]}", presets.UNREADABLE),
            (b"[]", presets.UNREADABLE),
            (b'{"presets": []}', presets.UNREADABLE),
            (file_of(entry(), format="other"), presets.UNREADABLE),
            (file_of(entry(), presets={"name": "x"}), presets.UNREADABLE),
            (file_of(entry(), version=2), presets.NEWER),
            (file_of(), presets.EMPTY),
            (file_of(entry()) + b" " * 1_000_000, presets.LARGE),
            (file_of(entry(prompt=["list"])), "“Portrait”: It holds no settings that can be used here."),
        ],
    )
    def test_a_file_without_usable_presets_is_refused(self, member: Member, content: bytes, sentence: str):
        assert refusal(lambda: presets.take_in(member, content)) == {"file": sentence}
        assert not Preset.objects.exists()

    def test_hostile_values_are_not_kept(self, member: Member):
        settings = {"prompt": "a\x00b\ud800", "seed": float("nan"), "guidance_scale": float("inf"), "backend": "\x00", "pk": 1}
        presets.take_in(member, file_of(entry("N\x00ight \ud800", **settings)))
        preset = Preset.objects.get()
        assert (preset.name, preset.settings) == ("N ight", {"prompt": "ab"})

    def test_it_stops_at_200_and_says_so(self, member: Member):
        fill(member, 199)
        taken = presets.take_in(member, file_of(entry("a"), entry("b")))
        assert (taken.count, taken.left_out) == (1, (f"“b”: {presets.FULL}",))

    def test_of_a_longer_file_the_first_200_are_taken(self, member: Member):
        taken = presets.take_in(member, file_of(*(entry(f"n{number}") for number in range(203))))
        assert taken.count == Preset.objects.count() == 200
        assert taken.left_out == (presets.BEYOND.format(count=3),)
