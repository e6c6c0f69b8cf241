"""The gallery: pages of the team's pictures, one picture with its recipe and receipt, and the files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image as Pillow

from generations import metadata
from generations.gallery.feed import PAGE
from generations.models import Generation, Image, Member, State, Team, User
from generations.submission import submit
from tests.conftest import finish, order
from tests.pages import HTMX, Element, page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
SigningIn = Callable[[User], Client]

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{ 7|add:7 }}"""


@pytest.fixture
def many(ask: Asking) -> Callable[[int], list[Generation]]:
    """Add finished pictures by the dozen: rows alone, as the gallery's page opens no file."""

    def add(count: int) -> list[Generation]:
        pattern = ask()
        names = ("team_id", "author_id", "model", "backend", "prompt", "width", "height", "num_inference_steps")
        names += ("guidance_scale", "seed", "output_format")
        kept = {name: getattr(pattern, name) for name in names}
        pattern.delete()
        rows = Generation.objects.bulk_create([Generation(state=State.SUCCEEDED, **kept) for _ in range(count)])
        files = {"file": "x.jpeg", "small": "x-s.webp", "large": "x-l.webp", "placeholder": "data:,", "size_bytes": 1}
        files |= {"width": 256, "height": 256, "output_format": "jpeg", "sha256": "0" * 64, "pixels_sha256": "0" * 64}
        Image.objects.bulk_create([Image(generation=row, **files) for row in rows])
        return rows

    return add


def addresses(shown: Element) -> list[str]:
    """Return where the pictures of a gallery page lead."""
    return [link.attributes["href"] for link in shown.all("a", class_="picture-link")]


def more(shown: Element) -> Element | None:
    return next((link for box in shown.all(class_="gallery-more") for link in box.all("a")), None)


class TestTheIndex:
    def test_it_shows_the_teams_finished_pictures_newest_first(self, client_of_owner: Client, ask: Asking):
        first, unfinished, failed, last = ask("one"), ask("two"), ask("three"), ask("four")
        Generation.objects.filter(pk=failed.pk).update(state=State.FAILED)
        finish(last)
        finish(first)
        shown = page(client_of_owner.get("/gallery/"))
        assert addresses(shown) == [last.get_absolute_url(), first.get_absolute_url()]
        assert str(unfinished.public_id) not in shown.text

    def test_everybody_in_the_team_sees_them(self, signed_in: SigningIn, teammate: User, viewer: User, ask: Asking):
        generation = ask()
        finish(generation)
        for user in (teammate, viewer):
            assert addresses(page(signed_in(user).get("/gallery/"))) == [generation.get_absolute_url()]

    def test_an_outsider_sees_none_of_them(self, signed_in: SigningIn, outsider: User, ask: Asking):
        finish(ask())
        shown = page(signed_in(outsider).get("/gallery/"))
        assert addresses(shown) == []
        assert "No pictures yet" in shown.text

    def test_it_needs_a_session(self, owner: User):
        assert Client().get("/gallery/").headers["Location"] == "/account/login/?next=/gallery/"
        assert Client().get("/gallery/", headers=HTMX).status_code == 401

    def test_a_full_page_and_no_more(self, client_of_owner: Client, many: Callable[[int], list[Generation]]):
        many(PAGE)
        shown = page(client_of_owner.get("/gallery/"))
        assert len(addresses(shown)) == PAGE
        assert more(shown) is None

    def test_every_picture_is_on_exactly_one_page(self, client_of_owner: Client, many: Callable[[int], list[Generation]]):
        rows = many(2 * PAGE + 5)
        seen: list[str] = []
        address: str | None = "/gallery/"
        sizes = []
        while address:
            shown = page(client_of_owner.get(address))
            seen += addresses(shown)
            sizes.append(len(addresses(shown)))
            link = more(shown)
            address = link.attributes["href"] if link else None
        assert sizes == [PAGE, PAGE, 5]
        assert seen == [row.get_absolute_url() for row in reversed(rows)]

    def test_more_is_fetched_as_a_fragment(self, client_of_owner: Client, many: Callable[[int], list[Generation]]):
        rows = many(PAGE + 1)
        link = more(page(client_of_owner.get("/gallery/")))
        assert link is not None
        assert link.attributes["hx-get"] == link.attributes["href"]
        shown = page(client_of_owner.get(link.attributes["hx-get"], headers=HTMX))
        assert shown.all("html") == []
        assert addresses(shown) == [rows[0].get_absolute_url()]

    def test_the_whole_page_comes_when_the_browser_restores_its_history(self, client_of_owner: Client, ask: Asking):
        finish(ask())
        response = client_of_owner.get("/gallery/", headers={**HTMX, "HX-History-Restore-Request": "true"})
        assert page(response).one("html")

    def test_pages_stay_right_while_new_pictures_arrive(
        self, client_of_owner: Client, ask: Asking, many: Callable[[int], list[Generation]]
    ):
        rows = many(PAGE + 3)
        link = more(page(client_of_owner.get("/gallery/")))
        finish(ask())
        assert link is not None
        shown = page(client_of_owner.get(link.attributes["href"]))
        assert addresses(shown) == [row.get_absolute_url() for row in reversed(rows[:3])]

    @pytest.mark.parametrize("nonsense", ["", "abc", "-1", "1.5", "9" * 40, "٣", "1;drop"])
    def test_a_key_that_is_none_shows_the_first_page(self, client_of_owner: Client, ask: Asking, nonsense: str):
        finish(ask())
        assert len(addresses(page(client_of_owner.get("/gallery/", {"before": nonsense})))) == 1

    def test_beyond_the_last_page_there_is_a_way_back(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        assert client_of_owner.get("/gallery/", {"before": str(generation.pk)}).status_code == 200

    @pytest.mark.parametrize("count", [1, 40])
    def test_it_takes_eight_queries_whatever_the_number_of_pictures(
        self, client_of_owner: Client, many: Callable[[int], list[Generation]], django_assert_num_queries, count: int
    ):
        many(count)
        # session, person, membership, names of collections and tags, keys, generations, their pictures, the count
        with django_assert_num_queries(8):
            client_of_owner.get("/gallery/")


class TestOnePicture:
    def test_it_shows_the_recipe(self, client_of_owner: Client, ask: Asking):
        generation = ask("a blue boat", size="256*384", seed="42", num_inference_steps="9", guidance_scale="4.5")
        finish(generation)
        shown = page(client_of_owner.get(generation.get_absolute_url()))
        facts = rows_of(shown.all("dl")[0])
        wanted = {"Made by": "Easel", "Size": "256 × 384", "Seed": "42", "Steps": "9", "Guidance": "4.5", "Format": "JPEG"}
        assert {name: facts[name] for name in wanted} == wanted
        assert shown.one("h1").text == "a blue boat"

    def test_it_says_who_made_it_when_how_long_that_took_and_what_it_cost(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        made = page(client_of_owner.get(generation.get_absolute_url())).one(class_="detail-made").text
        assert re.fullmatch(r"Made: \d{4}-\d\d-\d\d \d\d:\d\d UTC by Owner Time: [\d.]+ s Cost: free", made)

    def test_it_shows_the_receipt(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        image = finish(generation)
        Generation.objects.filter(pk=generation.pk).update(versions={"brush": "2.1"})
        facts = rows_of(page(client_of_owner.get(generation.get_absolute_url())).one("dl", class_="facts-small"))
        assert image.sha256 in facts["File"]
        assert image.pixels_sha256 in facts["Pixels"]
        assert facts["brush"] == "2.1"

    def test_every_value_of_the_recipe_and_the_prompt_can_be_copied(self, client_of_owner: Client, ask: Asking):
        generation = ask("a blue boat", seed="42")
        finish(generation)
        shown = page(client_of_owner.get(generation.get_absolute_url()))
        texts = {button.one("button").attributes["aria-label"]: button.attributes["of"] for button in shown.all("copy-button")}
        copied = {name: shown.one(id=source).text for name, source in texts.items()}
        assert copied["Copy: Prompt"] == "a blue boat"
        assert copied["Copy: Seed"] == "42"
        assert [f"Copy: {name}" for name in rows_of(shown.all("dl")[0])] == list(texts)[1:]

    def test_its_links_lead_to_the_form_and_the_file(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        shown = page(client_of_owner.get(generation.get_absolute_url()))
        links = [link.attributes["href"] for link in shown.one(class_="detail-actions").all("a")]
        again = [f"/?from={generation.public_id}&use={way}" for way in ("all", "new-seed", "prompt", "seed", "size")]
        assert links[:5] == again
        assert links[5].startswith("/?recipe=")
        file = f"/gallery/{generation.public_id}/download/"
        others = [f"/team/links/of-picture/{generation.public_id}/", f"/gallery/compare/?a={generation.public_id}"]
        assert links[6:] == [file, file, f"{file}?form=mark", f"{file}?form=clean", *others]
        assert all(client_of_owner.get(link).status_code == 200 for link in links)

    def test_an_unfinished_one_has_a_page_that_asks_for_news(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        shown = page(client_of_owner.get(generation.get_absolute_url()))
        assert shown.one("aside", class_="detail-side").attributes["hx-get"] == generation.get_absolute_url()
        assert shown.all("dl", class_="facts-small") == []

    def test_notes_of_the_engine_stand_there(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        Generation.objects.filter(pk=generation.pk).update(notes=["Not drawn: jazz"])
        assert page(client_of_owner.get(generation.get_absolute_url())).one(class_="detail-notes").text == "Not drawn: jazz"

    def test_a_picture_of_an_engine_that_is_no_longer_set_up_is_still_shown(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        Generation.objects.filter(pk=generation.pk).update(backend="bygone")
        response = client_of_owner.get(generation.get_absolute_url())
        assert response.status_code == 200
        assert "bygone" in rows_of(page(response).all("dl")[0])["Made by"]

    def test_for_an_outsider_it_is_not_there(self, signed_in: SigningIn, outsider: User, ask: Asking):
        generation = ask()
        finish(generation)
        assert signed_in(outsider).get(generation.get_absolute_url()).status_code == 404

    def test_it_takes_twelve_queries(self, client_of_owner: Client, ask: Asking, django_assert_num_queries):
        generation = ask()
        finish(generation)
        # session, person, generation, its pictures, membership twice (the card's and the header's), checks; and what is kept with
        # it: favourite, tags, collections; and whether it has descendants by its settings and by its pixels
        with django_assert_num_queries(12):
            client_of_owner.get(generation.get_absolute_url())


class TestThePartForTheLightbox:
    def test_it_is_a_fragment_with_the_picture_and_the_recipe(self, client_of_owner: Client, ask: Asking):
        generation = ask("a blue boat", seed="42")
        finish(generation)
        shown = page(client_of_owner.get(f"{generation.get_absolute_url()}light/", headers=HTMX))
        assert shown.all("html") == []
        assert shown.one("h1").text == "a blue boat"
        assert rows_of(shown.all("dl")[0])["Seed"] == "42"
        assert f"/gallery/{generation.public_id}/large/" in {each.attributes["src"] for each in shown.all("img")}

    def test_its_buttons_have_keys(self, client_of_owner: Client, ask: Asking):
        generation = ask()
        finish(generation)
        shown = page(client_of_owner.get(f"{generation.get_absolute_url()}light/"))
        keys = {each.attributes["data-key"] for each in shown if "data-key" in each.attributes}
        assert {"d", "c"} <= keys

    def test_what_is_not_finished_says_how_far_it_is(self, client_of_owner: Client, ask: Asking):
        shown = page(client_of_owner.get(f"{ask().get_absolute_url()}light/"))
        assert "Next in line" in shown.text

    def test_for_an_outsider_it_is_not_there(self, signed_in: SigningIn, outsider: User, ask: Asking):
        generation = ask()
        finish(generation)
        assert signed_in(outsider).get(f"{generation.get_absolute_url()}light/").status_code == 404

    def test_without_a_session_it_says_so_and_shows_nothing(self, owner: User, ask: Asking):
        generation = ask()
        finish(generation)
        response = Client().get(f"{generation.get_absolute_url()}light/", headers=HTMX)
        assert (response.status_code, response.content) == (401, b"")

    def test_it_takes_eleven_queries(self, client_of_owner: Client, ask: Asking, django_assert_num_queries):
        generation = ask()
        finish(generation)
        with django_assert_num_queries(11):  # the page's without the header's
            client_of_owner.get(f"{generation.get_absolute_url()}light/")


class TestFiles:
    @pytest.mark.parametrize("output_format", ["jpeg", "png"])
    def test_the_original_is_the_very_file_with_its_settings_inside(
        self, client_of_owner: Client, ask: Asking, output_format: str
    ):
        generation = ask("a red fox", output_format=output_format)
        image = finish(generation)
        response = client_of_owner.get(f"/gallery/{generation.public_id}/original/")
        assert response.headers["Content-Type"] == f"image/{output_format}"
        assert hashlib.sha256(response.content).hexdigest() == image.sha256
        assert len(response.content) == image.size_bytes
        settings = metadata.read(response.content)
        assert settings is not None
        assert (settings.prompt, settings.seed, settings.pixels_sha256) == ("a red fox", 7, image.pixels_sha256)

    @pytest.mark.parametrize(("kind", "longest"), [("large", 960), ("small", 384)])
    def test_thumbnails_are_webp_of_their_size(self, client_of_owner: Client, ask: Asking, kind: str, longest: int):
        generation = ask(size="512*1024")
        finish(generation)
        response = client_of_owner.get(f"/gallery/{generation.public_id}/{kind}/")
        assert response.headers["Content-Type"] == "image/webp"
        with Pillow.open(BytesIO(response.content)) as picture:
            assert (picture.format, max(picture.size)) == ("WEBP", longest)

    @pytest.mark.parametrize("kind", ["original", "large", "small", "download"])
    def test_they_are_kept_by_the_person_alone_and_can_do_nothing(self, client_of_owner: Client, ask: Asking, kind: str):
        generation = ask()
        finish(generation)
        headers = client_of_owner.get(f"/gallery/{generation.public_id}/{kind}/").headers
        assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "Set-Cookie" not in headers

    @pytest.mark.parametrize("kind", ["original", "large", "small", "download"])
    def test_for_an_outsider_they_are_not_there(self, signed_in: SigningIn, outsider: User, ask: Asking, kind: str):
        generation = ask()
        finish(generation)
        assert signed_in(outsider).get(f"/gallery/{generation.public_id}/{kind}/").status_code == 404

    @pytest.mark.parametrize("kind", ["original", "large", "small", "download"])
    def test_without_a_session_they_are_not_shown(self, owner: User, ask: Asking, kind: str):
        generation = ask()
        finish(generation)
        assert Client().get(f"/gallery/{generation.public_id}/{kind}/").status_code == 302

    @pytest.mark.parametrize("kind", ["original", "large", "small", "download"])
    def test_before_the_picture_is_finished_there_are_none(self, client_of_owner: Client, ask: Asking, kind: str):
        assert client_of_owner.get(f"/gallery/{ask().public_id}/{kind}/").status_code == 404

    @pytest.mark.parametrize("kind", ["medium", "file", "Original", "secret_key"])
    def test_a_kind_that_there_is_not_is_404(self, client_of_owner: Client, ask: Asking, kind: str):
        generation = ask()
        finish(generation)
        assert client_of_owner.get(f"/gallery/{generation.public_id}/{kind}/").status_code == 404

    def test_a_file_takes_three_queries(self, client_of_owner: Client, ask: Asking, django_assert_num_queries):
        generation = ask()
        finish(generation)
        # session, person, where the file lies
        with django_assert_num_queries(3):
            client_of_owner.get(f"/gallery/{generation.public_id}/small/")

    @pytest.mark.parametrize("kind", ["original", "large", "small"])
    def test_who_has_it_already_gets_no_bytes(
        self, client_of_owner: Client, signed_in: SigningIn, outsider: User, ask: Asking, kind: str
    ):
        generation = ask()
        finish(generation)
        address = f"/gallery/{generation.public_id}/{kind}/"
        tag = client_of_owner.get(address).headers["ETag"]
        response = client_of_owner.get(address, headers={"If-None-Match": tag})
        assert (response.status_code, response.content) == (304, b"")
        assert client_of_owner.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
        assert signed_in(outsider).get(address, headers={"If-None-Match": tag}).status_code == 404

    @pytest.mark.parametrize(
        ("prompt", "words"),
        [
            ("A red fox, in the snow!", "a-red-fox-in-the-snow"),
            ("狐狸", "picture"),
            ('../../etc/passwd\r\nSet-Cookie: a=b";', "etcpasswd-set-cookie-ab"),
            ("x" * 300, "x" * 48),
        ],
    )
    def test_a_download_is_named_after_prompt_and_seed(self, client_of_owner: Client, ask: Asking, prompt: str, words: str):
        generation = ask(prompt)
        image = finish(generation)
        response = client_of_owner.get(f"/gallery/{generation.public_id}/download/")
        name = f"{words}-7-{generation.public_id.hex[:8]}.jpg"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert hashlib.sha256(response.content).hexdigest() == image.sha256


class TestHostileWords:
    """What a person wrote stays text, wherever it is shown."""

    @pytest.fixture
    def pages(self, client_of_owner: Client, owner: User, ask: Asking) -> dict[str, Element]:
        User.objects.filter(pk=owner.pk).update(name=HOSTILE[:80])
        Team.objects.update(name=HOSTILE[:80])
        finished, waiting, failed = ask(HOSTILE), ask(HOSTILE), ask(HOSTILE)
        finish(finished)
        Generation.objects.filter(pk=finished.pk).update(notes=[HOSTILE])
        Generation.objects.filter(pk=failed.pk).update(state=State.FAILED, error=HOSTILE)
        paths = ["/", f"/?from={finished.public_id}", f"/?from={finished.public_id}&use=all", "/gallery/"]
        paths += [generation.get_absolute_url() for generation in (finished, waiting, failed)]
        paths += [f"/generations/{each.public_id}/card/?size=hero" for each in (finished, waiting, failed)]
        shown = {path: client_of_owner.get(path) for path in paths}
        shown["refused"] = client_of_owner.post("/", {"prompt": HOSTILE, "width": HOSTILE, "seed": HOSTILE})
        shown["prompt"] = client_of_owner.get("/", {"prompt": HOSTILE, "use": "all"})
        return {path: page(response) for path, response in shown.items()}

    def test_no_element_comes_of_them(self, pages: dict[str, Element]):
        for path, shown in pages.items():
            assert [each for each in shown.all("script") if "alert" in each.text] == [], path
            assert [each for each in shown if "onerror" in each.attributes] == [], path
            assert shown.all("img", src="x") == [], path

    def test_they_are_read_as_they_were_written(self, pages: dict[str, Element]):
        for path, shown in pages.items():
            texts = {shown.text, *(value for each in shown for value in each.attributes.values())}
            assert any(HOSTILE in text for text in texts), path

    def test_the_hostile_prompt_is_kept_whole_in_the_form(self, pages: dict[str, Element]):
        assert pages["refused"].value("prompt") == pages["prompt"].value("prompt") == HOSTILE


def rows_of(facts: Element) -> dict[str, str]:
    names, values = facts.all("dt"), facts.all("dd")
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


def test_orders_of_another_team_never_mix_into_the_feed(client_of_owner: Client, ask: Asking, outsider: User):
    mine = ask()
    finish(mine)
    theirs = submit(Member.objects.get(user=outsider), order(), hint=False)
    finish(theirs)
    assert addresses(page(client_of_owner.get("/gallery/"))) == [mine.get_absolute_url()]


def test_a_picture_without_a_prompt_has_a_name_all_the_same(ask: Asking, client_of_owner: Client):
    generation = ask()
    finish(generation)
    Generation.objects.update(prompt="")
    shown = page(client_of_owner.get(generation.get_absolute_url()))
    assert shown.one("h1").text == "A picture without a prompt"
    assert not shown.all(of="value-prompt")
    box = page(client_of_owner.get("/gallery/")).one(class_="pick-box")
    assert box.attributes["aria-label"] == "Select: A picture without a prompt"
