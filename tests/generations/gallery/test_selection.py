"""What becomes of selected pictures, and what is kept with a single one, as a person meets it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from generations import keeping
from generations.models import Collection, Favourite, Generation, Member, Tag, User
from generations.submission import submit
from tests.conftest import finish, order
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]


@pytest.fixture
def pictures(ask: Callable[..., Generation]) -> list[Generation]:
    rows = [ask("one"), ask("two"), ask("three")]
    for row in rows:
        finish(row)
    return rows


def ids_of(rows: list[Generation]) -> list[str]:
    return [str(row.public_id) for row in rows]


def press(client: Client, what: str, rows: list[Generation], *, htmx: bool = True, **filled: str) -> HttpResponse:
    filled = {"what": what, "next": "/gallery/?q=fox", **filled}
    headers = HTMX if htmx else {}
    return client.post(reverse("gallery:selection"), {"picture": ids_of(rows), **filled}, headers=headers)


def told(response: HttpResponse) -> dict[str, list[str]]:
    """Return what the page is told to hide and to show again."""
    return json.loads(response.headers["HX-Trigger"])["pictures"]


def said(response: HttpResponse) -> str:
    return page(response).one(class_="passing-words").text


class TestASelection:
    def test_it_is_marked_and_the_stars_are_filled(self, client_of_owner: Client, pictures: list[Generation]):
        response = press(client_of_owner, "favour", pictures[:2])
        assert said(response) == "2 pictures are favourites of yours now."
        stars = page(response).all("button", class_="favourite-star")
        assert [star.attributes["aria-pressed"] for star in stars] == ["true", "true"]
        assert said(press(client_of_owner, "unfavour", pictures)) == "3 pictures taken out of your favourites."
        assert not Favourite.objects.exists()

    def test_it_is_asked_which_collection(self, client_of_owner: Client, pictures: list[Generation], member: Member):
        collection = keeping.make(member, "Foxes")
        response = press(client_of_owner, "collect", pictures)
        assert response.headers["HX-Retarget"] == "#selection-ask"
        asked = page(response)
        assert asked.one("h2").text == "Add 3 pictures to a collection"
        kept = [each.attributes["value"] for each in asked.all("input", name="picture")]
        assert kept == ids_of(pictures)
        button = asked.one("button", name="collection")
        response = press(client_of_owner, "collect", pictures, name="", collection=button.attributes["value"])
        assert said(response) == "Added 3 pictures to “Foxes”."
        assert collection.items.count() == 3
        assert said(press(client_of_owner, "uncollect", pictures[:1], in_collection=button.attributes["value"])) == (
            "Took 1 picture out of “Foxes”."
        )

    def test_it_starts_a_new_collection(self, client_of_owner: Client, pictures: list[Generation]):
        assert said(press(client_of_owner, "collect", pictures, name=" Owls ")) == "Added 3 pictures to “Owls”."
        response = press(client_of_owner, "collect", pictures, name="owls")
        assert response.status_code == 422
        assert page(response).sentences_beside("name") == ["There is a collection “owls” already. Choose another name."]
        assert page(response).value("name") == "owls"

    def test_a_collection_of_another_team_is_not_there(self, client_of_owner: Client, pictures: list[Generation], outsider: User):
        theirs = keeping.make(Member.objects.get(user=outsider), "Theirs")
        for key in (str(theirs.public_id), str(uuid.uuid4()), "nonsense"):
            response = press(client_of_owner, "collect", pictures, collection=key)
            assert response.status_code == 422
            assert "no longer there" in page(response).text
        assert not theirs.items.exists()

    def test_it_is_tagged_after_asking_for_words(self, client_of_owner: Client, pictures: list[Generation]):
        assert "Tags of 3 pictures" in page(press(client_of_owner, "tag", pictures)).text
        assert said(press(client_of_owner, "tag", pictures, tag="#Fox, owl")) == "Tagged 3 pictures “fox”, “owl”."
        options = [each.attributes["value"] for each in page(press(client_of_owner, "tag", pictures)).all("option")]
        assert options == ["fox", "owl"]
        assert said(press(client_of_owner, "untag", pictures[:1], tag="fox")) == "Took “fox” off 1 picture."
        assert page(press(client_of_owner, "tag", pictures, tag=",")).sentences_beside("tag")

    def test_it_is_thrown_away_and_taken_back(self, client_of_owner: Client, pictures: list[Generation]):
        response = press(client_of_owner, "trash", pictures[:2])
        assert said(response) == "Moved 2 pictures to the trash."
        assert told(response) == {"gone": ids_of(pictures[:2]), "back": []}
        button = page(response).one("button", name="at")
        response = client_of_owner.post("/gallery/trash/undo/", {"at": button.attributes["value"]}, headers=HTMX)
        assert said(response) == "2 pictures are back in the gallery."
        assert told(response) == {"gone": [], "back": ids_of(pictures[:2])}

    def test_without_scripts_the_same_is_said_on_the_page_that_follows(self, client_of_owner: Client, pictures: list[Generation]):
        response = press(client_of_owner, "trash", pictures[:2], htmx=False)
        assert response.headers["Location"] == "/gallery/?q=fox"
        shown = page(client_of_owner.get("/gallery/"))
        assert "Moved 2 pictures to the trash." in shown.one("ul", class_="messages").text
        undo = shown.one("form", class_="undo")
        filled = {"at": undo.one("button").attributes["value"], "next": undo.value("next")}
        shown = page(client_of_owner.post(undo.attributes["action"], filled, follow=True))
        assert "2 pictures are back in the gallery." in shown.one("ul", class_="messages").text
        assert not shown.all("form", class_="undo")
        assert Generation.objects.in_gallery().count() == 3

    def test_without_scripts_a_question_is_a_page(self, client_of_owner: Client, pictures: list[Generation]):
        shown = page(press(client_of_owner, "collect", pictures, htmx=False))
        assert shown.one("html")
        assert shown.value("next") == "/gallery/?q=fox"
        assert press(client_of_owner, "collect", pictures, htmx=False, name="Foxes").headers["Location"] == "/gallery/?q=fox"

    def test_it_leads_to_no_other_site(self, client_of_owner: Client, pictures: list[Generation]):
        for elsewhere in ("https://e.org/", "//e.org", "javascript:alert(1)"):
            response = press(client_of_owner, "favour", pictures, htmx=False, next=elsewhere)
            assert response.headers["Location"] == "/gallery/"

    def test_only_owners_delete_for_good_after_agreeing(
        self, client_of_owner: Client, signed_in: SigningIn, teammate: User, pictures: list[Generation]
    ):
        press(client_of_owner, "trash", pictures)
        assert press(signed_in(teammate), "purge", pictures, sure="1").status_code == 403
        assert page(press(client_of_owner, "purge", pictures)).one("h2").text == "Delete 3 pictures for good?"
        assert Generation.objects.in_trash().count() == 3
        response = press(client_of_owner, "purge", pictures, sure="1")
        assert said(response) == "Deleted 3 pictures for good."
        assert not Generation.objects.in_trash().exists()

    def test_pictures_of_others_stay_and_that_is_said(self, signed_in: SigningIn, teammate: User, pictures: list[Generation]):
        mine = submit(Member.objects.get(user=teammate), order(), hint=False)
        finish(mine)
        response = press(signed_in(teammate), "trash", [*pictures, mine])
        assert said(response) == "Moved 1 picture to the trash. 3 of other people stayed where they are."
        assert said(press(signed_in(teammate), "trash", pictures)).startswith("Nothing was moved")

    def test_foreign_and_malformed_ids_are_ignored(self, client_of_owner: Client, outsider: User, pictures: list[Generation]):
        theirs = submit(Member.objects.get(user=outsider), order(), hint=False)
        finish(theirs)
        keys = [*ids_of([theirs, *pictures]), "nonsense", str(uuid.uuid4())]
        for what in ("favour", "tag", "trash"):
            filled = {"what": what, "picture": keys, "tag": "fox"}
            assert "3 pictures" in said(client_of_owner.post("/gallery/selection/", filled, headers=HTMX))
        theirs.refresh_from_db()
        assert theirs.trashed_at is None
        assert not theirs.favourites.exists() and not theirs.taggings.exists()

    @pytest.mark.parametrize("what", ["collect", "uncollect", "tag", "untag", "trash", "restore", "purge"])
    def test_a_viewer_only_marks_favourites(self, signed_in: SigningIn, viewer: User, pictures: list[Generation], what: str):
        assert press(signed_in(viewer), what, pictures, tag="fox", name="x", sure="1").status_code == 403
        assert press(signed_in(viewer), "favour", pictures).status_code == 200
        bar = page(signed_in(viewer).get("/gallery/")).one("form", id="selection")
        assert [each.attributes["value"] for each in bar.all("button", name="what")] == ["favour"]

    def test_nothing_selected_and_an_unknown_word(self, client_of_owner: Client, pictures: list[Generation]):
        assert said(press(client_of_owner, "trash", [])) == "Select a picture first."
        assert press(client_of_owner, "explode", pictures).status_code == 404

    def test_a_thousand_fit_and_more_are_refused(self, client_of_owner: Client, pictures: list[Generation]):
        keys = [str(uuid.uuid4()) for _ in range(997)]
        filled = {"what": "favour", "picture": [*ids_of(pictures), *keys]}
        assert said(client_of_owner.post("/gallery/selection/", filled, headers=HTMX)).startswith("3 pictures")
        filled["picture"].append(str(uuid.uuid4()))
        assert "At most 1,000" in said(client_of_owner.post("/gallery/selection/", filled, headers=HTMX))

    def test_it_needs_a_session(self, pictures: list[Generation]):
        assert press(Client(), "trash", pictures).status_code == 401
        assert press(Client(), "trash", pictures, htmx=False).status_code == 302

    def test_the_gallery_shows_stars_for_no_further_query(
        self, client_of_owner: Client, pictures: list[Generation], django_assert_num_queries
    ):
        keeping.favour(Member.objects.get(user=pictures[0].author), [pictures[0].public_id])
        with django_assert_num_queries(8):
            shown = page(client_of_owner.get("/gallery/"))
        pressed = [star.attributes["aria-pressed"] for star in shown.all("button", class_="favourite-star")]
        assert pressed == ["false", "false", "true"]


class TestOnePicture:
    def test_the_star_is_a_button_with_a_state(self, client_of_owner: Client, pictures: list[Generation]):
        address = reverse("gallery:favourite", args=[pictures[0].public_id])
        star = page(client_of_owner.post(address, {"on": "1"}, headers=HTMX)).one("button")
        assert (star.attributes["aria-pressed"], star.attributes["value"]) == ("true", "0")
        star = page(client_of_owner.post(address, {"on": "0"}, headers=HTMX)).one("button")
        assert (star.attributes["aria-pressed"], star.attributes["value"]) == ("false", "1")
        answer = client_of_owner.post(address, {"on": "1", "next": "/gallery/"})
        assert answer.headers["Location"] == "/gallery/"
        assert Favourite.objects.count() == 1

    def test_note_and_tags_are_changed_in_place(self, client_of_owner: Client, pictures: list[Generation]):
        generation = pictures[0]
        shown = page(client_of_owner.post(f"/gallery/{generation.public_id}/note/", {"note": "For Grace"}, headers=HTMX))
        assert (shown.value("note"), shown.one("p", class_="keep-said").text) == ("For Grace", "Note saved.")
        address = f"/gallery/{generation.public_id}/tags/"
        shown = page(client_of_owner.post(address, {"tag": "Fox, owl"}, headers=HTMX))
        assert [tag.text for tag in shown.all("a", class_="tag-word")] == ["fox", "owl"]
        shown = page(client_of_owner.post(address, {"remove": "fox", "tag": ""}, headers=HTMX))
        assert [tag.text for tag in shown.all("a", class_="tag-word")] == ["owl"]

    def test_what_is_refused_stands_in_its_field(self, client_of_owner: Client, pictures: list[Generation]):
        answer = client_of_owner.post(f"/gallery/{pictures[0].public_id}/note/", {"note": "x" * 301}, headers=HTMX)
        assert answer.status_code == 422
        assert page(answer).value("note") == "x" * 301
        assert page(answer).one(id="keep-problem").text == "Use at most 300 characters."
        answer = client_of_owner.post(f"/gallery/{pictures[0].public_id}/tags/", {"tag": "x" * 41}, follow=True)
        assert "A tag may have 40 characters." in page(answer).one("ul", class_="messages").text

    def test_collections_are_ticked_and_made(self, client_of_owner: Client, pictures: list[Generation], member: Member):
        foxes, owls, hidden = (keeping.make(member, name) for name in ("Foxes", "Owls", "Hidden"))
        for each in (owls, hidden):
            keeping.add(member, each, [pictures[0].public_id])
        filled = {"shown": [foxes.public_id, owls.public_id], "collection": [foxes.public_id], "name": "New"}
        answer = client_of_owner.post(f"/gallery/{pictures[0].public_id}/collections/", filled, headers=HTMX)
        assert "Collections saved." in page(answer).text
        names = Collection.objects.filter(items__generation=pictures[0]).values_list("name", flat=True)
        assert set(names) == {"Foxes", "New", "Hidden"}

    def test_a_picture_in_the_trash_says_so_and_is_not_changed(self, client_of_owner: Client, pictures: list[Generation]):
        press(client_of_owner, "trash", pictures[:1])
        keep = page(client_of_owner.get(pictures[0].get_absolute_url())).one("section", id="keep")
        assert "deleted for good in 30 days" in keep.text
        assert [each.text for each in keep.all("button")] == ["Restore", "Delete now"]
        answer = client_of_owner.post(f"/gallery/{pictures[0].public_id}/tags/", {"tag": "fox"}, headers=HTMX)
        assert answer.status_code == 422
        assert not Tag.objects.filter(taggings__generation=pictures[0]).exists()
        answer = press(client_of_owner, "restore", pictures[:1], htmx=False, next=pictures[0].get_absolute_url())
        assert answer.headers["Location"] == pictures[0].get_absolute_url()

    def test_a_viewer_reads_what_is_kept_and_has_only_the_star(
        self, client_of_owner: Client, signed_in: SigningIn, viewer: User, pictures: list[Generation], member: Member
    ):
        keeping.tag(member, [pictures[0].public_id], "fox")
        keeping.note(member, [pictures[0].public_id], "For Grace")
        keep = page(signed_in(viewer).get(pictures[0].get_absolute_url())).one("section", id="keep")
        assert "For Grace" in keep.text and "fox" in keep.text
        assert [each.text for each in keep.all("button")] == ["Favourite"]

    @pytest.mark.parametrize("name", ["favourite", "note", "tags", "in_collections"])
    def test_for_an_outsider_it_is_not_there(self, signed_in: SigningIn, outsider: User, pictures: list[Generation], name: str):
        address = reverse(f"gallery:{name}", args=[pictures[0].public_id])
        assert signed_in(outsider).post(address, {"on": "1", "note": "x", "tag": "x", "name": "x"}).status_code == 404
        assert not Collection.objects.exists()
