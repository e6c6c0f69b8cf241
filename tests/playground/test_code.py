"""The form's settings as code: what the tab shows at first, and what it answers as the form changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generations.models import User
from playground.code import code_context
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

SigningIn = Callable[[User], Client]

FORM = {"prompt": "a red fox", "width": "512", "height": "256", "seed": "7", "num_inference_steps": "28", "backend": "easel"}


@pytest.fixture
def client_of_owner(signed_in: SigningIn, owner: User) -> Client:
    client = signed_in(owner)
    client.get("/account/password/")  # the first request of a process asks whether anybody has an account
    return client


def code_of(shown: Element, language: str = "python") -> str:
    return shown.one("pre", id=f"code-{language}").text


def test_it_writes_the_forms_settings_in_three_languages(client_of_owner: Client):
    response = client_of_owner.post("/code/", FORM, headers=HTMX)
    assert response.status_code == 200
    shown = page(response)
    assert [each.text for each in shown.all("button", role="tab")] == ["curl", "Python", "JavaScript"]
    assert [each.attributes["of"] for each in shown.all("copy-button")] == [
        "code-curl",
        "code-python",
        "code-javascript",
    ]
    for language in ("curl", "python", "javascript"):
        assert "a red fox" in code_of(shown, language)
        assert "512*256" in code_of(shown, language)
        assert "num_inference_steps" not in code_of(shown, language)


def test_it_leads_to_this_server_by_the_address_that_people_type(client_of_owner: Client, settings):
    settings.PUBLIC_URL = "https://pictures.example.org"
    shown = page(client_of_owner.post("/code/", FORM))
    assert "curl 'https://pictures.example.org/api/v3/wavespeed-ai/flux-srpo'" in code_of(shown, "curl")
    assert 'base_url="https://pictures.example.org",' in code_of(shown)


def test_what_cannot_be_used_is_left_out_with_a_sentence(client_of_owner: Client):
    wrong = {**FORM, "num_inference_steps": "99", "width": "12", "guidance_scale": "high", "seed": "-7"}
    response = client_of_owner.post("/code/", wrong)
    assert response.status_code == 200
    shown = page(response)
    assert "a red fox" in code_of(shown)
    assert "1024*1024" in code_of(shown)
    assert not any(bad in code_of(shown) for bad in ("99", "12*", "high", "-7"))
    sentences = [each.text for each in shown.one(class_="code-left-out").all("li")]
    assert [sentence.split()[0] for sentence in sentences] == ["Width", "Seed", "Steps", "Guidance"]


@pytest.mark.parametrize(
    "sent",
    [{}, {"prompt": " "}, {"prompt": "x" * 6000}, {"count": "99999999999"}, {"seed": "٣"}, {"backend": "x" * 99, "size": "{}"}],
)
def test_it_never_refuses(client_of_owner: Client, sent: dict[str, str]):
    shown = page(client_of_owner.post("/code/", sent))
    assert "client.run(" in code_of(shown)
    assert "The prompt is an example." in shown.text


def test_an_empty_seed_is_a_new_one_each_time(client_of_owner: Client):
    assert '"seed": -1,' in code_of(page(client_of_owner.post("/code/", {**FORM, "seed": ""})))


def test_several_pictures_are_a_loop(client_of_owner: Client):
    shown = page(client_of_owner.post("/code/", {**FORM, "count": "4"}))
    assert "for seed in [7, 8, 9, 10]:" in code_of(shown)
    assert "This makes one picture. For 4, send it 4 times" in shown.one(id="panel-curl").text


def test_the_name_of_a_picture_is_enough_for_the_other_model(client_of_owner: Client):
    shown = page(client_of_owner.post("/code/", {**FORM, "strength": "0.5", "image": "[object File]"}))
    assert "wavespeed-ai/flux-srpo/image-to-image" in code_of(shown)
    assert '"strength": 0.5,' in code_of(shown)


def test_a_prompt_is_text_and_never_markup(client_of_owner: Client):
    response = client_of_owner.post("/code/", {"prompt": "</code></pre><script>alert(1)</script>"})
    assert page(response).all("script") == []
    assert "</code></pre><script>alert(1)</script>" in code_of(page(response))


def test_it_needs_a_session(owner: User):
    assert Client().post("/code/", FORM).status_code == 302
    assert Client().post("/code/", FORM, headers=HTMX).status_code == 401


def test_it_asks_the_database_only_who_asks(client_of_owner: Client, django_assert_num_queries):
    with django_assert_num_queries(2):  # session, person
        client_of_owner.post("/code/", FORM)


def test_the_context_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert code_context({"prompt": "a fox", "width": 512, "height": 512, "seed": "", "count": 2})["snippets"]


class TestThePage:
    def test_it_shows_the_code_of_the_form_as_it_was_rendered(self, client_of_owner: Client):
        shown = page(client_of_owner.get("/?prompt=a+red+fox&use=all"))
        assert "a red fox" in code_of(shown.one(id="panel-api"))
        panel = shown.one(id="panel-api")
        assert "This makes the picture on this server" in panel.text
        assert [link.attributes["href"] for link in panel.all("a")] == ["/api-keys/", "/api-keys/tools/"]

    def test_a_refused_form_shows_the_code_of_what_was_written(self, client_of_owner: Client):
        picture = SimpleUploadedFile("picture.png", b"no picture")
        response = client_of_owner.post("/", {**FORM, "num_inference_steps": "99", "image": picture})
        assert response.status_code == 422
        shown = page(response)
        assert '"seed": 7,' in code_of(shown)
        assert "99" not in code_of(shown)
        # No browser keeps a chosen file, so the form that is shown has none.
        assert "image-to-image" not in code_of(shown)
