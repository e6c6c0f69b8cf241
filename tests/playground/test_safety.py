"""What is safe to look at: covered pictures, reports, the owner's page with what waits and the rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from generations import keeping
from generations.models import AuditEntry, Generation, Image, Member, Report, Team, User
from tests.conftest import finish
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _looked_at(_own_files: None, settings) -> None:
    settings.CHECK_PICTURES = True


SigningIn = Callable[[User], Client]
Asking = Callable[..., Generation]

ADDRESS = "/team/safety/"
RULES = {"words_policy": "refuse", "listed_words": "gore\r\nnud*", "pictures_policy": "show"}


@pytest.fixture
def flagged(ask: Asking) -> Generation:
    generation = ask("a flagged picture")
    finish(generation)
    Image.objects.filter(generation=generation).update(is_flagged=True, unsafe_score=0.93)
    return generation


def asked_for(shown: Element, generation: Generation) -> list[str]:
    """Return the files of a picture that the page shows without a press."""
    covered = {id(img) for veil in shown.all("details", class_="veil") for img in veil.all("img")}
    own = f"/{generation.public_id}/"
    return [img.attributes["src"] for img in shown.all("img") if own in img.attributes["src"] and id(img) not in covered]


def waiting(client: Client) -> list[str]:
    return [row.one(class_="wait-prompt").text for row in page(client.get(ADDRESS)).all(class_="wait")]


def notices(client: Client) -> dict[str, str]:
    """Return what the header says to somebody, and where it leads."""
    return {link.text: link.attributes["href"] for link in page(client.get("/gallery/")).all("a", class_="header-notice")}


class TestTheVeil:
    def test_it_lies_over_a_flagged_picture_wherever_one_is_shown(
        self, client_of_owner: Client, flagged: Generation, ask: Asking, member: Member
    ):
        child = ask("made from it")
        finish(child)
        Generation.objects.filter(pk=child.pk).update(parent=flagged)
        keeping.add(member, keeping.make(member, "Foxes"), [flagged.public_id])
        own, other = flagged.get_absolute_url(), child.get_absolute_url()
        pages = {
            "gallery": "/gallery/",
            "its page": own,
            "lightbox": f"{own}light/",
            "sheet": f"/gallery/sheets/{flagged.stack}/",
            "compare": f"/gallery/compare/?a={flagged.public_id}&b={child.public_id}",
            "choice": "/gallery/compare/",
            "lineage": other,
            "collections": "/gallery/collections/",
            "review": ADDRESS,
        }
        pressed = {"gallery", "its page", "lightbox", "sheet", "compare", "review"}
        for name, address in pages.items():
            shown = page(client_of_owner.get(address))
            assert asked_for(shown, flagged) == [], name
            veils = [veil for veil in shown.all("details", class_="veil") if veil.all("img")]
            assert len(veils) == (name in pressed), name
            assert all(img.attributes["loading"] == "lazy" for veil in veils for img in veil.all("img")), name
            assert "May be unsafe to look at" in f"{shown.text} {[img.attributes.get('alt') for img in shown.all('img')]}" or (
                name == "collections"
            )
        keeping.trash(member, [flagged.public_id])
        assert asked_for(page(client_of_owner.get("/gallery/trash/")), flagged) == []

    def test_it_is_gone_once_cleared_and_in_a_team_that_wants_to_see_everything(
        self, client_of_owner: Client, flagged: Generation, team: Team
    ):
        assert asked_for(page(client_of_owner.get("/gallery/")), flagged) == []
        Team.objects.filter(pk=team.pk).update(pictures_policy="show")
        assert len(asked_for(page(client_of_owner.get("/gallery/")), flagged)) == 1
        Team.objects.filter(pk=team.pk).update(pictures_policy="blur")
        client_of_owner.post(f"{ADDRESS}{flagged.public_id}/review/", {"what": "fine"})
        shown = page(client_of_owner.get("/gallery/"))
        assert (len(asked_for(shown, flagged)), shown.all(class_="veil")) == (1, [])


class TestReports:
    def test_anybody_in_the_team_reports_once_and_an_owner_finds_it_fine(
        self, ask: Asking, signed_in: SigningIn, viewer: User, client_of_owner: Client, owner: User, outsider: User
    ):
        generation = ask("a red fox")
        finish(generation)
        address = f"/generations/{generation.public_id}/report/"
        client = signed_in(viewer)
        assert page(client.get(generation.get_absolute_url())).one(class_="report").one("form").attributes["action"] == address
        assert client.post(address, {"reason": "x" * 301}, headers=HTMX).status_code == 422
        said = client.post(address, {"reason": "  My face. "}, headers=HTMX)
        assert page(said).text == "Thank you. The owners of your team look at it."
        again = client.post(address, {"reason": "Again"}, follow=True)
        assert "You have reported it already." in page(again).text
        report = Report.objects.get()
        assert (report.reporter, report.reason, report.resolution) == (viewer, "My face.", "")
        [row] = page(client_of_owner.get(ADDRESS)).all(class_="wait")
        assert "Viewer reported it on" in row.text and "My face." in row.text
        assert notices(client_of_owner) == {"1 picture reported": ADDRESS}
        assert notices(client) == notices(signed_in(outsider)) == {}
        client_of_owner.post(f"{ADDRESS}{generation.public_id}/review/", {"what": "fine"})
        assert notices(client_of_owner) == {}
        report.refresh_from_db()
        assert (report.resolution, report.resolved_by) == ("fine", owner)
        assert waiting(client_of_owner) == []
        assert list(AuditEntry.objects.order_by("pk").values_list("kind", "actor__name")) == [
            ("reported", "Viewer"),
            ("reviewed", "Owner"),
        ]
        assert not AuditEntry.objects.filter(subject__contains="fox").exists()
        client.post(address)
        assert waiting(client_of_owner) == ["a red fox"]

    def test_the_trash_ends_it_and_what_is_unfinished_cannot_be_reported(
        self, flagged: Generation, ask: Asking, client_of_owner: Client
    ):
        client_of_owner.post(f"/generations/{flagged.public_id}/report/")
        said = client_of_owner.post(f"{ADDRESS}{flagged.public_id}/review/", {"what": "trash"}, headers=HTMX)
        assert page(said).text == "Moved to the trash."
        flagged.refresh_from_db()
        assert flagged.trashed_at is not None
        assert Report.objects.get().resolution == "trashed"
        assert waiting(client_of_owner) == []
        gone = client_of_owner.post(f"{ADDRESS}{flagged.public_id}/review/", {"what": "trash"}, headers=HTMX)
        assert page(gone).text == "This picture is no longer in the gallery."
        assert client_of_owner.post(f"/generations/{ask().public_id}/report/", headers=HTMX).status_code == 422

    def test_nobody_sees_what_others_keep_to_themselves_or_what_is_another_teams(
        self, flagged: Generation, client_of_owner: Client, signed_in: SigningIn, teammate: User, outsider: User
    ):
        signed_in(teammate).post(f"/generations/{flagged.public_id}/report/")
        assert waiting(client_of_owner) == ["a flagged picture"]
        assert waiting(signed_in(outsider)) == []
        Generation.objects.filter(pk=flagged.pk).update(author=teammate, is_private=True)
        assert waiting(client_of_owner) == [] and notices(client_of_owner) == {}
        for client in (client_of_owner, signed_in(outsider)):
            assert client.post(f"{ADDRESS}{flagged.public_id}/review/", {"what": "fine"}).status_code == 404
        assert Image.objects.get().cleared_at is None


class TestTheRules:
    def test_an_owner_changes_them_and_the_log_says_so(self, client_of_owner: Client, team: Team):
        assert client_of_owner.post(ADDRESS, RULES).headers["Location"] == ADDRESS
        team.refresh_from_db()
        assert (team.words_policy, team.listed_words, team.pictures_policy) == ("refuse", "gore\nnud*", "show")
        [entry] = AuditEntry.objects.all()
        assert entry.subject == "Listed words (2): refuse it; pictures that may be unsafe: show it"
        client_of_owner.post(ADDRESS, RULES)
        assert AuditEntry.objects.count() == 1

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"listed_words": "fox\n***"}, "Line 2 has no word in it: “***”."),
            ({"listed_words": "# nothing"}, "Write at least one word, or choose to do nothing."),
        ],
    )
    def test_a_list_that_cannot_be_kept_is_told_beside_it(
        self, client_of_owner: Client, team: Team, changed: dict[str, str], sentence: str
    ):
        answer = client_of_owner.post(ADDRESS, RULES | changed)
        assert answer.status_code == 422
        [said] = page(answer).sentences_beside("listed_words")
        assert said.startswith(sentence)
        team.refresh_from_db()
        assert team.words_policy == "off"

    def test_the_page_says_when_pictures_are_not_looked_at(self, client_of_owner: Client, flagged: Generation):
        assert "has not been looked at" not in page(client_of_owner.get(ADDRESS)).text
        Image.objects.update(unsafe_score=None)
        assert "The newest picture has not been looked at." in page(client_of_owner.get(ADDRESS)).text

    def test_more_pictures_take_no_more_queries(
        self, client_of_owner: Client, ask: Asking, flagged: Generation, django_assert_max_num_queries
    ):
        for number in range(3):
            finish(ask(f"number {number}"), (number * 40, 90, 40))
        Image.objects.update(is_flagged=True)
        with django_assert_max_num_queries(9):
            client_of_owner.get(ADDRESS)
