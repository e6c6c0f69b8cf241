"""A tab that stayed open while its person went over to another team: its forms do nothing there, and say so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from generations import membership
from generations.models import ApiKey, Collection, Generation, Invite, Member, Preset, Team, User
from tests.conftest import finish
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

WISH = {
    "prompt": "a red fox",
    "width": "256",
    "height": "256",
    "num_inference_steps": "2",
    "guidance_scale": "3",
    "backend": "easel",
}
SAID = "This page was opened in the team Atelier , and you are in Night shift now. Nothing was made or charged."
TEMPLATES = Path(django_settings.BASE_DIR) / "templates"
# What they do is the person's own business, or is about one thing that is named in the address: another team's is never found.
WITHOUT_TEAM = {
    "_header.html",
    "_opened_in.html",
    "gallery/_favourite.html",
    "gallery/_keep_words.html",
    "generations/_card.html",
    "generations/_card_again.html",
    "generations/_card_review.html",
    "generations/_report.html",
    "invite/index.html",
    "share/_shelf.html",
    "share/_visibility.html",
    "team/members/_elsewhere.html",
    "team/members/_mine.html",
    "team/members/make.html",
    "welcome.html",
}
# Buttons of the form that send some of its fields.
PARAMS = re.compile('hx-params="(prompt,[^"]+)"')
OF_ACCOUNTS = {"account", "mfa", "socialaccount"}


@pytest.fixture
def go_over(member: Member) -> Callable[[], Team]:
    """Do in another tab what leaves this one behind."""
    return lambda: membership.make_team(member.user, "Night shift").team


def test_the_form_of_a_team_one_has_left_makes_nothing_and_leads_to_either(
    client_of_owner: Client, team: Team, go_over: Callable[[], Team]
):
    sent = WISH | {"opened_in": page(client_of_owner.get("/")).one("form", id="generate").value("opened_in")}
    go_over()
    refused = client_of_owner.post("/", sent, headers={"Referer": "http://testserver/?count=4"})
    shown = page(refused)
    assert refused.status_code == 409 and SAID in shown.one("main").text
    assert not Generation.objects.exists()
    assert shown.one("a", class_="button").attributes["href"] == "/?count=4"
    switch = shown.one("form")
    back = client_of_owner.post(switch.attributes["action"], {"next": switch.value("next")})
    assert back.headers["Location"] == "/?count=4"
    assert client_of_owner.post("/", sent).status_code == 302
    assert Generation.objects.get().team == team


def test_with_scripts_the_form_stays_and_the_sentence_comes_where_refusals_are_shown(
    client_of_owner: Client, team: Team, go_over: Callable[[], Team]
):
    go_over()
    here = {"HX-Current-URL": "http://testserver/gallery/import/#files"}
    refused = client_of_owner.post("/gallery/import/", {"opened_in": str(team.public_id)}, headers=HTMX | here)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (409, "problem-note [data-sentence]")
    assert (refused.headers["HX-Reswap"], refused.headers["HX-Reselect"]) == ("innerHTML", "unset")
    assert page(refused).all("main") == [] and SAID in page(refused).text
    assert page(refused).one("a").attributes["href"] == "/gallery/import/"
    assert page(client_of_owner.get("/")).all("problem-note")[0].all(data_sentence="")


@pytest.mark.parametrize(
    ("opened", "address", "fields"),
    [
        ("/presets/", "/presets/import/", {}),
        ("/gallery/collections/", "/gallery/collections/", {"name": "Foxes"}),
        ("/team/members/", "/team/members/", {"role": "member"}),
        ("/team/members/", "/team/members/rename/", {"name": "Studio"}),
        ("/team/members/", "/team/members/leave/", {}),
        ("/team/spending/", "/team/spending/budgets/", {"budget": "5"}),
        ("/team/safety/", "/team/safety/", {"pictures_policy": "show"}),
        ("/team/", "/team/wavespeed/connect/", {"key": "secret"}),
        ("/api-keys/", "/api-keys/", {"name": "Blog", "scope": "run"}),
        ("/gallery/trash/empty/", "/gallery/trash/empty/", {}),
    ],
)
def test_no_page_of_the_team_changes_the_other_one(
    client_of_owner: Client, go_over: Callable[[], Team], opened: str, address: str, fields: dict[str, str]
):
    form = page(client_of_owner.get(opened)).one("main").all("form", action=address)[0]
    night = go_over()
    before = Team.objects.filter(pk=night.pk).values().get()
    assert client_of_owner.post(address, fields | {"opened_in": form.value("opened_in")}).status_code == 409
    assert Team.objects.filter(pk=night.pk).values().get() == before
    assert Member.objects.filter(team=night).count() == 1
    assert not any(model.objects.exists() for model in (ApiKey, Collection, Invite, Preset))


def test_a_team_that_one_is_not_in_is_not_named(client_of_owner: Client, outsider: User):
    for said in (Team.objects.get(name="Elsewhere").public_id, "no-id", ""):
        refused = client_of_owner.post("/", WISH | {"opened_in": str(said)})
        shown = page(refused).one("main")
        assert refused.status_code == 409 and "a team that you are no longer in" in shown.text
        assert "Elsewhere" not in shown.text and shown.all("form") == []


@pytest.mark.parametrize("address", ["https://example.org/", "http://testserver//example.org/", "//example.org", ""])
def test_it_leads_to_no_other_site(client_of_owner: Client, team: Team, go_over: Callable[[], Team], address: str):
    go_over()
    refused = client_of_owner.post("/", {"opened_in": str(team.public_id)}, headers={"Referer": address})
    assert page(refused).one("a", class_="button").attributes["href"] == "/"
    assert page(refused).value("next") == "/"


def test_more_of_a_picture_is_made_in_its_own_team_alone(
    client_of_owner: Client, go_over: Callable[[], Team], ask: Callable[..., Generation]
):
    generation = ask()
    finish(generation)
    go_over()
    address = generation.get_absolute_url()
    shown = page(client_of_owner.get(address))
    assert shown.all(id="like-this") == [] and shown.all("form", action=f"{address}checks/") == []
    for way, fields in (("more", {"count": "4"}), ("vary", {"vary": "grid"}), ("checks", {})):
        refused = client_of_owner.post(f"{address}{way}/", fields)
        assert refused.status_code == 403 and "in another team of yours" in page(refused).text
    assert Generation.objects.count() == 1


def test_each_form_says_its_team_unless_it_is_known_to_need_none():
    silent = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if path.relative_to(TEMPLATES).parts[0] not in OF_ACCOUNTS
        for text in [path.read_text(encoding="utf-8")]
        if text.count("{% csrf_token %}") != text.count("{% csrf_token %}{% opened_in %}")
    }
    assert silent == WITHOUT_TEAM
    chosen = [PARAMS.findall(path.read_text(encoding="utf-8")) for path in TEMPLATES.rglob("*.html")]
    assert {"opened_in" in names.split(",") for found in chosen for names in found} == {True}


def test_what_came_from_a_page_of_before_works_as_it_did(client_of_owner: Client, go_over: Callable[[], Team]):
    night = go_over()
    assert client_of_owner.post("/", WISH).status_code == 302
    assert Generation.objects.get().team == night
