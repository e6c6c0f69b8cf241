"""The panel of presets and its routes, with and without scripts."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generations import presets
from generations.models import Member, Preset, User
from generations.recipes import parse
from playground.presets import panel_context
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]
Saving = Callable[..., Preset]

FORM = {"prompt": "A red fox", "width": "1344", "height": "768", "seed": "42", "num_inference_steps": "28", "backend": "easel"}


@pytest.fixture
def client_of_owner(signed_in: SigningIn, owner: User) -> Client:
    client = signed_in(owner)
    client.get("/account/password/")  # the first request of a process asks whether anybody has an account
    return client


@pytest.fixture
def keep(member: Member) -> Saving:
    def save(name: str, whose: User | None = None, *, is_shared: bool = False, **filled: str) -> Preset:
        by = member if whose is None else Member.objects.get(user=whose)
        return presets.save(by, name, {**FORM, **filled}, is_shared=is_shared).preset

    return save


def row(shown: Element, name: str) -> Element:
    return next(each for each in shown.all("li", class_="preset") if each.one(class_="preset-title").text == name)


def line(shown: Element, name: str) -> str:
    return row(shown, name).one(class_="preset-line").text


def upload(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("presets.json", content, "application/json")}


class TestThePanel:
    def test_a_newcomer_reads_what_presets_are_for(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/presets/"))
        assert "keeps all settings of the form under a name" in shown.one("p", class_="presets-empty").text
        assert shown.all("a", class_="presets-export") == []

    def test_a_row_fills_the_form_by_a_link_and_by_the_pages_scripts(self, client_of_owner: Client, keep: Saving):
        preset = keep("Night “sky” & <b>'s")
        link = page(client_of_owner.get("/presets/")).one("a", class_="preset-use")
        assert link.attributes["href"] == f"/?preset={preset.public_id}&use=all"
        recipe = {"prompt": "A red fox", "width": 1344, "height": 768, "seed": 42, "num_inference_steps": 28, "backend": "easel"}
        assert json.loads(link.attributes["data-recipe"]) == recipe
        assert link.text == "Night “sky” & <b>'s prompt · 16:9 · 28 steps · seed 42"

    @pytest.mark.parametrize(
        ("filled", "words"),
        [
            ({"width": "1024", "height": "1024"}, "prompt · 1:1 · 28 steps · seed 42"),
            ({"width": "512", "height": "512"}, "prompt · 512 × 512 · 28 steps · seed 42"),
            ({"width": "1216", "height": "832", "prompt": "", "seed": ""}, "3:2 · 28 steps"),
            ({"width": "1040", "height": "960", "seed": "-1"}, "prompt · 1040 × 960 · 28 steps · seed new each time"),
            ({"guidance_scale": "3.5", "output_format": "jpeg", "count": "1"}, "prompt · 16:9 · 28 steps · seed 42"),
            (
                {"guidance_scale": "5", "output_format": "png", "count": "4", "backend": "wavespeed"},
                "prompt · 16:9 · 28 steps · seed 42 · guidance 5.0 · PNG · 4 pictures · WaveSpeed",
            ),
        ],
    )
    def test_its_line_says_what_it_sets(self, client_of_owner: Client, keep: Saving, filled: dict[str, str], words: str):
        keep("Night", **filled)
        assert line(page(client_of_owner.get("/presets/")), "Night") == words

    def test_an_owner_may_change_what_others_share_and_a_teammate_only_uses_it(
        self, signed_in: SigningIn, owner: User, teammate: User, viewer: User, keep: Saving
    ):
        keep("Of the owner", is_shared=True)
        keep("Of the teammate", teammate, is_shared=True)
        keep("Private", teammate)
        owners, teammates, viewers = (page(signed_in(user).get("/presets/")) for user in (owner, teammate, viewer))
        assert line(owners, "Of the owner").startswith("shared · ")
        assert line(owners, "Of the teammate").startswith("by Teammate · ")
        assert [len(each.all(class_="preset-menu")) for each in (owners, teammates, viewers)] == [2, 2, 0]
        assert row(teammates, "Of the owner").all(class_="preset-menu") == []
        assert len(viewers.all("li", class_="preset")) == 2
        assert viewers.all(class_="preset-save") == viewers.all(class_="presets-import") == []

    def test_it_takes_one_query(self, member: Member, keep: Saving, teammate: User, django_assert_num_queries):
        for number in range(3):
            keep(f"Preset {number}")
            keep(f"Preset {number}", teammate, is_shared=True)
        with django_assert_num_queries(1):
            panel = panel_context(member)["presets"]
            assert [str(each.preset.author) for each in panel.rows] == ["Owner"] * 3 + ["Teammate"] * 3

    def test_the_page_takes_as_few(self, client_of_owner: Client, keep: Saving, django_assert_num_queries):
        keep("Night")
        # session, person, membership twice (the view's and the header's), the presets
        with django_assert_num_queries(5):
            client_of_owner.get("/presets/")


class TestSaving:
    def test_with_scripts_the_panel_comes_back_open_with_it(self, client_of_owner: Client):
        response = client_of_owner.post("/presets/", {**FORM, "preset_name": "Night"}, headers=HTMX)
        assert response.status_code == 200
        shown = page(response)
        assert "open" in shown.one("details", class_="presets").attributes
        assert shown.one(role="status").text == "Saved as “Night”."
        assert "autofocus" in row(shown, "Night").one("a", class_="preset-use").attributes
        assert shown.value("preset_name") == ""
        assert Preset.objects.get().is_shared is False

    def test_without_scripts_the_form_comes_back_filled_with_it(self, client_of_owner: Client):
        response = client_of_owner.post("/presets/", {**FORM, "preset_name": "Night", "preset_shared": "yes"})
        preset = Preset.objects.get()
        assert response.status_code == 302
        assert response.headers["Location"] == f"/?preset={preset.public_id}&use=all"
        assert preset.is_shared is True
        assert "Saved as “Night”." in page(client_of_owner.get("/presets/")).one("ul", class_="messages").text

    def test_what_was_left_out_is_said(self, client_of_owner: Client):
        response = client_of_owner.post("/presets/", {**FORM, "preset_name": "Night", "width": "9"}, headers=HTMX)
        sentence = "Saved as “Night”. Left out: Width and height must each be from 256 to 1536 pixels."
        assert page(response).one(role="status").text == sentence

    @pytest.mark.parametrize(("name", "sentence"), [("", presets.NO_NAME), ("x" * 61, presets.LONG_NAME)])
    def test_a_bad_name_gets_a_sentence_beside_the_field(self, client_of_owner: Client, name: str, sentence: str):
        for headers in (HTMX, {}):
            response = client_of_owner.post("/presets/", {**FORM, "preset_name": name}, headers=headers)
            assert response.status_code == 422
            shown = page(response)
            assert shown.sentences_beside("preset_name") == [sentence]
            assert shown.value("preset_name") == name
            assert shown.all("button", name="preset_replace") == []

    def test_a_taken_name_can_be_replaced(self, client_of_owner: Client, keep: Saving):
        keep("Night")
        sent = {**FORM, "preset_name": "Night", "seed": "1"}
        shown = page(client_of_owner.post("/presets/", sent, headers=HTMX))
        assert shown.sentences_beside("preset_name") == [presets.YOURS.format(name="Night")]
        assert shown.one("button", name="preset_replace").text.startswith("Replace it")
        client_of_owner.post("/presets/", {**sent, "preset_replace": "yes"}, headers=HTMX)
        assert Preset.objects.get().settings["seed"] == 1

    def test_without_scripts_a_refusal_keeps_what_was_filled_in(self, client_of_owner: Client):
        shown = page(client_of_owner.post("/presets/", {**FORM, "prompt": "two\nlines", "preset_name": ""}))
        form = shown.one("form", id="generate")
        assert {name: form.value(name) for name in FORM} == {**FORM, "prompt": "two\nlines"}
        back = next(link.attributes["href"] for link in shown.all("a", class_="button") if link.text == "Back to the form")
        found = re.fullmatch(r"/\?recipe=([\w-]+)&use=all", back)
        assert found and parse(found[1]).values["prompt"] == "two\nlines"

    def test_who_only_looks_saves_none(self, signed_in: SigningIn, viewer: User):
        assert signed_in(viewer).post("/presets/", {**FORM, "preset_name": "Night"}).status_code == 403
        assert not Preset.objects.exists()


class TestChanging:
    def test_it_gets_another_name(self, client_of_owner: Client, keep: Saving):
        preset = keep("Night")
        shown = page(client_of_owner.post(f"/presets/{preset.public_id}/rename/", {"name": "Day"}, headers=HTMX))
        assert shown.one(role="status").text == "It is called “Day” now."
        assert "autofocus" in row(shown, "Day").one("button", class_="preset-more").attributes

    def test_a_bad_name_gets_a_sentence_beside_the_field(self, client_of_owner: Client, keep: Saving):
        keep("Day")
        preset = keep("Night")
        for headers in (HTMX, {}):
            response = client_of_owner.post(f"/presets/{preset.public_id}/rename/", {"name": "Day"}, headers=headers)
            assert response.status_code == 422
            mended = row(page(response), "Night")
            assert mended.sentences_beside("name") == [presets.TAKEN.format(name="Day")]
            assert mended.value("name") == "Day"

    def test_it_is_shared_and_no_longer(self, client_of_owner: Client, keep: Saving):
        preset = keep("Night")
        shown = page(client_of_owner.post(f"/presets/{preset.public_id}/share/", headers=HTMX))
        assert shown.one(role="status").text == "Everybody in your team can use “Night” now."
        preset.refresh_from_db()
        assert preset.is_shared is True
        shown = page(client_of_owner.post(f"/presets/{preset.public_id}/unshare/", headers=HTMX))
        assert shown.one(role="status").text == "Only you can use “Night” now."
        preset.refresh_from_db()
        assert preset.is_shared is False

    def test_an_owner_who_ends_the_sharing_leaves_it_to_its_author(self, client_of_owner: Client, keep: Saving, teammate: User):
        preset = keep("Night", teammate, is_shared=True)
        shown = page(client_of_owner.post(f"/presets/{preset.public_id}/unshare/", headers=HTMX))
        assert shown.one(role="status").text == "Only Teammate can use “Night” now."
        assert shown.all("li", class_="preset") == []
        assert client_of_owner.post(f"/presets/{preset.public_id}/share/").status_code == 404

    def test_it_is_deleted(self, client_of_owner: Client, keep: Saving):
        preset = keep("Night")
        shown = page(client_of_owner.post(f"/presets/{preset.public_id}/delete/", headers=HTMX))
        assert shown.one(role="status").text == "“Night” is deleted."
        assert "autofocus" in shown.one("summary", class_="presets-summary").attributes
        assert not Preset.objects.exists()

    def test_without_scripts_it_is_said_on_the_page_of_presets(self, client_of_owner: Client, keep: Saving):
        response = client_of_owner.post(f"/presets/{keep('Night').public_id}/share/", follow=True)
        assert response.redirect_chain == [("/presets/", 302)]
        assert page(response).one("ul", class_="messages").text == "Everybody in your team can use “Night” now."

    @pytest.mark.parametrize("deed", ["rename", "share", "unshare", "delete"])
    def test_others_change_nothing(
        self, signed_in: SigningIn, keep: Saving, teammate: User, viewer: User, outsider: User, deed: str
    ):
        shared, private = keep("Shared", is_shared=True), keep("Private")
        for user, status in ((teammate, 403), (viewer, 403), (outsider, 404)):
            client = signed_in(user)
            assert client.post(f"/presets/{shared.public_id}/{deed}/", {"name": "x"}).status_code == status
            assert client.post(f"/presets/{private.public_id}/{deed}/", {"name": "x"}).status_code == 404
            assert client.post(f"/presets/{uuid.uuid4()}/{deed}/", {"name": "x"}).status_code == 404
        assert list(Preset.objects.values_list("name", "is_shared")) == [("Private", False), ("Shared", True)]

    def test_it_needs_a_session(self, keep: Saving):
        public_id = keep("Night").public_id
        for path in ("", "import/", f"{public_id}/rename/", f"{public_id}/delete/"):
            assert Client().post(f"/presets/{path}").headers["Location"].startswith("/account/login/")
        assert Client().get("/presets/export/").headers["Location"].startswith("/account/login/")


class TestTheFile:
    def test_it_is_downloaded_and_imported_elsewhere(
        self, client_of_owner: Client, keep: Saving, signed_in: SigningIn, outsider: User
    ):
        keep("Nächte")
        response = client_of_owner.get("/presets/export/")
        assert response.headers["Content-Disposition"] == 'attachment; filename="presets.json"'
        assert response.headers["Content-Type"] == "application/json"
        assert "Nächte" in response.content.decode()
        shown = page(signed_in(outsider).post("/presets/import/", upload(response.content), headers=HTMX))
        assert shown.one(role="status").text == "Added 1 preset."
        assert row(shown, "Nächte")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [(None, "Choose a file first."), (b"{}", presets.UNREADABLE), (b"[" * 1_000_001, presets.LARGE)],
    )
    def test_a_bad_file_gets_a_sentence_beside_the_field(self, client_of_owner: Client, content: bytes | None, sentence: str):
        for headers in (HTMX, {}):
            sent = {} if content is None else upload(content)
            response = client_of_owner.post("/presets/import/", sent, headers=headers)
            assert response.status_code == 422
            shown = page(response)
            assert shown.sentences_beside("file") == [sentence]
            assert "open" in shown.one("details", class_="presets-import").attributes

    def test_of_much_that_was_left_out_the_first_is_said_and_the_rest_counted(self, client_of_owner: Client):
        entries = [{"name": "Good", "settings": {"seed": 1}}, *({"name": "", "settings": {}} for _ in range(6))]
        content = json.dumps({"format": presets.FORMAT, "version": 1, "presets": entries}).encode()
        said = page(client_of_owner.post("/presets/import/", upload(content), headers=HTMX)).one(role="status").text
        assert said.startswith("Added 1 preset. Left out: Number 2: Write a name for the preset. Number 3:")
        assert said.endswith("And 2 more.")

    def test_who_only_looks_imports_none(self, signed_in: SigningIn, viewer: User):
        content = json.dumps({"format": presets.FORMAT, "version": 1, "presets": [{"name": "a", "settings": {"seed": 1}}]})
        assert signed_in(viewer).post("/presets/import/", upload(content.encode())).status_code == 403
