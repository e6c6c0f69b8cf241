"""What the form remembers and says by itself: drafts, earlier prompts, settings put in, what is done, the price."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from generations import lifecycle
from generations.models import Generation, User
from generations.submission import submit
from tests.browser.conftest import Studio, Watch, session_of
from tests.conftest import PASSWORD, finish, order

Opening = Callable[..., Page]

NO_STORAGE = """Object.defineProperty(window, "localStorage", {get() { throw new DOMException("no", "SecurityError"); }})"""
FULL_STORAGE = """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }"""
COUNT_NOTES = """
  window.notes = [];
  window.OscillatorNode = class extends OscillatorNode {
    constructor(audio, options) { super(audio, options); window.notes.push(options.frequency); }
  };
"""
NO_AUDIO = "delete window.AudioContext; delete window.OscillatorNode;"
TURN_AWAY = """(hidden) => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
LINK = """(recipe) => {
  const link = document.createElement("a");
  Object.assign(link, {href: "/?prompt=from+a+link&use=all", textContent: "Use these"});
  link.dataset.recipe = recipe;
  document.querySelector(".stage").append(link);
}"""


@pytest.fixture
def context(tab: Page) -> BrowserContext:
    return tab.context


def prompt(tab: Page) -> Locator:
    return tab.get_by_label("Prompt", exact=True)


def generate(tab: Page, words: str) -> Generation:
    """Ask for a picture and wait for its card; nobody paints it."""
    prompt(tab).fill(words)
    tab.locator(".generate-button").click()
    expect(tab.locator(".card-hero")).to_contain_text(words)
    return Generation.objects.get(prompt=words)


def earlier(studio: Studio, user: User, *prompts: str) -> None:
    for words in prompts:
        submit(studio.member(user), order(words), hint=False)


def note(tab: Page) -> Locator:
    return tab.locator("recipe-apply")


def offer(tab: Page, **recipe: object) -> Locator:
    """Put a link with settings into the page."""
    tab.evaluate(LINK, json.dumps(recipe))
    return tab.get_by_role("link", name="Use these", exact=True)


def chosen(tab: Page, name: str) -> str | None:
    return tab.evaluate("(name) => document.querySelector(`[name=${name}]:checked`)?.value", name)


def choose_count(tab: Page, count: int) -> None:
    tab.locator(f'[name="count"][value="{count}"]').check()


class TestTheDraft:
    def test_it_survives_a_reload_with_everything_that_follows_it(self, tab: Page):
        prompt(tab).fill("a red fox\nin the snow")
        tab.get_by_role("button", name="16:9").click()
        tab.get_by_label("Seed").fill("4711")
        choose_count(tab, 4)
        tab.locator("summary", has_text="More settings").click()
        tab.get_by_label("Steps", exact=True).fill("12")
        tab.get_by_text("PNG", exact=True).click()
        tab.reload()
        expect(prompt(tab)).to_have_value("a red fox\nin the snow")
        expect(tab.get_by_role("button", name="16:9")).to_have_attribute("aria-pressed", "true")
        expect(tab.get_by_label("Seed")).to_have_value("4711")
        expect(tab.get_by_role("button", name="New seed each time")).to_be_visible()
        expect(tab.locator(".generate-button")).to_contain_text("Generate 4")
        assert tab.locator("details.more").get_attribute("open") is None
        expect(tab.locator("settings-line")).to_contain_text("12 steps")
        expect(tab.locator("settings-line")).to_contain_text("PNG")
        tab.locator("summary", has_text="More settings").click()
        expect(tab.get_by_label("Steps, slider")).to_have_value("12")

    def test_it_survives_a_closed_tab(self, tab: Page, context: BrowserContext):
        prompt(tab).fill("a red fox")
        tab.close()
        another = context.new_page()
        another.goto("/")
        expect(prompt(another)).to_have_value("a red fox")

    def test_it_survives_an_expired_session(self, tab: Page, context: BrowserContext, user: User, watch: Watch, settings):
        watch.expect("status of 401|Code 401")
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # which the server knows
        user.set_password(PASSWORD)
        user.save()
        prompt(tab).fill("a long and precious prompt")
        context.clear_cookies(name="sessionid")
        tab.locator(".generate-button").click()
        expect(tab.get_by_role("alert").filter(has_text="You have been signed out.")).to_be_visible()
        tab.reload()
        tab.get_by_label("Email").fill(user.email)
        tab.get_by_label("Password").fill(PASSWORD)
        tab.get_by_role("button", name="Sign in").click()
        expect(prompt(tab)).to_have_value("a long and precious prompt")

    def test_it_survives_a_server_that_is_away(self, tab: Page, watch: Watch):
        watch.expect("ERR_CONNECTION_REFUSED|htmx:sendError")
        tab.route("**/", lambda route: route.abort("connectionrefused") if route.request.method == "POST" else route.continue_())
        prompt(tab).fill("a red fox")
        tab.locator(".generate-button").click()
        expect(tab.get_by_role("alert").filter(has_text="The server did not answer.")).to_be_visible()
        tab.reload()
        expect(prompt(tab)).to_have_value("a red fox")

    def test_it_is_kept_after_the_press(self, tab: Page):
        generate(tab, "a red fox, kept")
        tab.reload()
        expect(prompt(tab)).to_have_value("a red fox, kept")

    def test_one_person_does_not_see_anothers(self, tab: Page, context: BrowserContext, studio: Studio):
        prompt(tab).fill("a secret")
        context.clear_cookies()
        context.add_cookies([{"name": "sessionid", "value": session_of(studio.newcomer()), "url": studio.address}])
        tab.reload()
        expect(prompt(tab)).to_have_value("")

    def test_it_does_not_overwrite_what_a_link_brings_and_can_be_put_back(self, tab: Page):
        prompt(tab).fill("what I was writing")
        tab.get_by_label("Seed").fill("4711")
        tab.goto("/?prompt=from+a+link&use=all")
        expect(prompt(tab)).to_have_value("from a link")
        prompt(tab).fill("from a link, changed")
        tab.get_by_role("button", name="Put back what you were writing").click()
        expect(prompt(tab)).to_have_value("what I was writing")
        expect(prompt(tab)).to_be_focused()
        expect(tab.get_by_label("Seed")).to_have_value("4711")
        expect(tab.locator("draft-keeper")).to_be_hidden()
        tab.goto("/")
        expect(prompt(tab)).to_have_value("what I was writing")

    @pytest.mark.parametrize("before", ["", "  ", "from a link"])
    def test_there_is_no_offer_where_nothing_else_was_written(self, tab: Page, before: str):
        prompt(tab).fill(before)
        tab.goto("/?prompt=from+a+link&use=all")
        expect(prompt(tab)).to_have_value("from a link")
        expect(tab.locator("draft-keeper")).to_be_hidden()

    def test_it_does_not_overwrite_a_form_with_a_mistake(self, tab: Page, watch: Watch):
        watch.expect("status of 422|Code 422")
        prompt(tab).fill("a red fox")
        tab.get_by_label("Width", exact=True).fill("9999")
        tab.evaluate("""for (const key of Object.keys(localStorage)) localStorage.setItem(key, '{"width": "512"}')""")
        tab.locator(".generate-button").click()
        expect(tab.get_by_label("Width", exact=True)).to_have_attribute("aria-invalid", "true")
        expect(tab.get_by_label("Width", exact=True)).to_have_value("9999")
        expect(tab.locator("draft-keeper")).to_be_hidden()

    def test_no_token_and_no_key_is_kept(self, tab: Page):
        prompt(tab).fill("a red fox")
        kept = json.loads(tab.evaluate("Object.entries(localStorage).find(([name]) => name.startsWith('draft-'))[1]"))
        assert kept["prompt"] == "a red fox"
        assert {"csrfmiddlewaretoken", "idempotency_key", "image"} & set(kept) == set()

    @pytest.mark.parametrize("nothing_kept", [NO_STORAGE, FULL_STORAGE])
    def test_the_form_works_where_nothing_can_be_kept(self, open_tab: Opening, studio: Studio, user: User, nothing_kept: str):
        tab = open_tab(studio.address, user)
        tab.context.add_init_script(nothing_kept)
        tab.goto("/")
        tab.get_by_role("switch", name="Sound when done").check()
        generate(tab, f"a fox without storage {len(nothing_kept)}")
        tab.reload()
        expect(prompt(tab)).to_have_value("")

    def test_something_else_under_its_name_does_no_harm(self, tab: Page):
        prompt(tab).fill("a red fox")
        tab.evaluate("for (const key of Object.keys(localStorage)) localStorage.setItem(key, 'not JSON')")
        tab.reload()
        expect(prompt(tab)).to_have_value("")
        prompt(tab).fill("a blue boat")
        tab.reload()
        expect(prompt(tab)).to_have_value("a blue boat")


class TestEarlierPrompts:
    def test_the_arrows_walk_through_them_and_back_to_what_was_typed(self, tab: Page, studio: Studio, user: User):
        earlier(studio, user, "the oldest", "the middle one", "the middle one", "the newest")
        prompt(tab).fill("what I type")
        for expected in ("the newest", "the middle one", "the oldest", "the oldest"):
            prompt(tab).press("Alt+ArrowUp")
            expect(prompt(tab)).to_have_value(expected)
        expect(tab.get_by_text("3 of 3", exact=True)).to_be_visible()
        for expected in ("the middle one", "the newest", "what I type", "what I type"):
            prompt(tab).press("Alt+ArrowDown")
            expect(prompt(tab)).to_have_value(expected)

    def test_they_are_asked_for_once_and_only_when_wanted(self, tab: Page, studio: Studio, user: User):
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url) if "/prompts/" in request.url else None)
        earlier(studio, user, "the older", "the newest")
        tab.reload()
        prompt(tab).press("ArrowUp")
        assert asked == []
        for _ in range(3):
            prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("the older")
        prompt(tab).press("!")
        prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("the newest")
        assert len(asked) == 1

    def test_a_change_ends_the_walk(self, tab: Page, studio: Studio, user: User):
        earlier(studio, user, "the newest")
        prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("the newest")
        prompt(tab).press("!")
        prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("the newest")
        prompt(tab).press("Alt+ArrowDown")
        expect(prompt(tab)).to_have_value("the newest!")

    def test_what_this_page_sent_is_among_them(self, tab: Page, studio: Studio, user: User):
        earlier(studio, user, "an older one")
        prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("an older one")
        generate(tab, "just sent")
        prompt(tab).fill("")
        prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("just sent")

    def test_somebody_new_is_told_that_there_are_none(self, tab: Page):
        prompt(tab).fill("what I type")
        prompt(tab).press("Alt+ArrowUp")
        expect(tab.get_by_text("There are none yet.")).to_be_visible()
        expect(prompt(tab)).to_have_value("what I type")

    def test_a_server_that_is_away_is_told_and_asked_again(self, tab: Page, studio: Studio, user: User, watch: Watch):
        watch.expect("ERR_CONNECTION_REFUSED")
        earlier(studio, user, "the newest")
        tab.route("**/prompts/", lambda route: route.abort("connectionrefused"))
        prompt(tab).fill("what I type")
        prompt(tab).press("Alt+ArrowUp")
        expect(tab.get_by_text("They could not be read. Try again.")).to_be_visible()
        expect(prompt(tab)).to_have_value("what I type")
        tab.unroute("**/prompts/")
        prompt(tab).press("Alt+ArrowUp")
        expect(prompt(tab)).to_have_value("the newest")


class TestSettingsPutIn:
    RECIPE = {
        "prompt": "a blue boat",
        "width": 768,
        "height": 1344,
        "seed": 4711,
        "num_inference_steps": 12,
        "guidance_scale": 2.5,
        "output_format": "png",
        "count": 4,
    }

    def test_a_press_fills_the_form_in_place(self, tab: Page):
        offer(tab, **self.RECIPE).click()
        expect(prompt(tab)).to_have_value("a blue boat")
        expect(prompt(tab)).to_be_focused()
        expect(tab.get_by_label("Seed")).to_have_value("4711")
        expect(tab.get_by_role("button", name="9:16")).to_have_attribute("aria-pressed", "true")
        expect(tab.locator("settings-line")).to_have_text("12 steps · guidance 2.5 · PNG")
        expect(tab.locator(".generate-button")).to_contain_text("Generate 4")
        expect(note(tab).get_by_role("status")).to_have_text("Settings applied.")
        assert tab.url.endswith("/")

    def test_it_can_be_undone_and_done_again(self, tab: Page):
        prompt(tab).fill("what I was writing")
        tab.get_by_label("Seed").fill("7")
        choose_count(tab, 2)
        before = [chosen(tab, name) for name in ("backend", "output_format", "count")]
        offer(tab, **{**self.RECIPE, "seed": ""}).click()
        expect(tab.get_by_label("Seed")).to_have_value("")
        note(tab).get_by_role("button", name="Undo").click()
        expect(prompt(tab)).to_have_value("what I was writing")
        expect(tab.get_by_label("Seed")).to_have_value("7")
        expect(tab.get_by_label("Width", exact=True)).to_have_value("1024")
        expect(tab.locator(".generate-button")).to_contain_text("Generate 2")
        expect(note(tab).get_by_role("status")).to_have_text("Put back as it was.")
        assert [chosen(tab, name) for name in ("backend", "output_format", "count")] == before
        note(tab).get_by_role("button", name="Apply again").click()
        expect(prompt(tab)).to_have_value("a blue boat")
        expect(note(tab).get_by_role("button", name="Undo")).to_be_focused()

    def test_what_is_not_named_stays(self, tab: Page):
        prompt(tab).fill("a red fox")
        offer(tab, seed=4711).click()
        expect(tab.get_by_label("Seed")).to_have_value("4711")
        expect(prompt(tab)).to_have_value("a red fox")

    def test_a_maker_that_cannot_be_chosen_is_told(self, tab: Page):
        before = chosen(tab, "backend")
        offer(tab, prompt="a blue boat", backend="wavespeed").click()
        expect(note(tab).get_by_role("status")).to_contain_text(
            re.compile("^Settings applied. .*WaveSpeed.* could not be chosen here.$")
        )
        expect(prompt(tab)).to_have_value("a blue boat")
        assert chosen(tab, "backend") == before != "wavespeed"

    def test_a_maker_that_is_gone_is_told_too(self, tab: Page):
        offer(tab, backend="gone").click()
        expect(note(tab).get_by_role("status")).to_have_text("Settings applied. Made by “gone” could not be chosen here.")

    def test_what_is_put_in_is_kept_as_the_draft(self, tab: Page):
        offer(tab, prompt="a blue boat").click()
        tab.reload()
        expect(prompt(tab)).to_have_value("a blue boat")

    def test_the_note_goes_when_the_form_is_sent_or_it_is_closed(self, tab: Page):
        offer(tab, prompt="a boat to be sent").click()
        expect(note(tab)).to_contain_text("Settings applied.")
        tab.locator(".generate-button").click()
        expect(note(tab).get_by_role("status")).to_have_text("")
        expect(tab.locator(".card-hero")).to_contain_text("a boat to be sent")
        offer(tab, prompt="another boat").click()
        note(tab).get_by_role("button", name="Close").click()
        expect(note(tab).get_by_role("button")).to_have_count(0)
        expect(prompt(tab)).to_be_focused()

    @pytest.mark.parametrize("press", [{"modifiers": ["ControlOrMeta"]}, {"modifiers": ["Shift"]}, {"button": "middle"}])
    def test_a_press_for_another_tab_stays_a_link(self, tab: Page, press: dict[str, object]):
        link = offer(tab, prompt="a blue boat")
        with tab.context.expect_page() as opened:
            link.click(**press)
        expect(prompt(opened.value)).to_have_value("from a link")
        expect(prompt(tab)).to_have_value("")

    def test_on_a_phone_the_form_comes_into_view(self, open_tab: Opening, studio: Studio, user: User):
        tab = open_tab(studio.address, user, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
        tab.goto("/")
        offer(tab, prompt="a blue boat").tap()
        expect(prompt(tab)).to_be_in_viewport()
        expect(tab.get_by_text("Settings applied.")).to_be_in_viewport()


class TestWhatIsDone:
    def test_the_title_says_what_was_done_while_nobody_looked(self, tab: Page):
        before = tab.title()
        fox = generate(tab, "a fox that is done")
        tab.evaluate(TURN_AWAY, True)
        finish(fox)
        expect(tab).to_have_title("Done: a fox that is done")
        tab.evaluate(TURN_AWAY, False)
        expect(tab).to_have_title(before)

    def test_it_counts_several_and_names_the_failed(self, tab: Page):
        before = tab.title()
        fox = generate(tab, "a fox of several")
        tab.wait_for_timeout(800)  # presses within 0.7 s count as one
        boat = generate(tab, "a boat of several")
        tab.wait_for_timeout(800)
        house = generate(tab, "a house of several")
        tab.evaluate(TURN_AWAY, True)
        claimed = lifecycle.claim(house.pk)
        assert claimed is not None
        lifecycle.move("fail", claimed, error="It went wrong.")
        expect(tab).to_have_title(f"Failed · {before}")
        finish(fox)
        finish(boat)
        expect(tab).to_have_title(f"2 done, 1 failed · {before}")
        tab.evaluate(TURN_AWAY, False)
        expect(tab).to_have_title(before)

    def test_it_says_nothing_to_somebody_who_looks(self, tab: Page):
        before = tab.title()
        finish(generate(tab, "a fox that is watched"))
        expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
        expect(tab).to_have_title(before)

    def test_it_says_nothing_of_what_was_done_before(self, tab: Page):
        finish(generate(tab, "a fox of before"))
        tab.reload()
        before = tab.title()
        tab.evaluate(TURN_AWAY, True)
        tab.evaluate("document.body.dispatchEvent(new CustomEvent('htmx:afterSettle', {bubbles: true}))")
        expect(tab).to_have_title(before)


class TestTheSound:
    def notes(self, tab: Page) -> int:
        return tab.evaluate("window.notes.length")

    def test_it_is_silent_unless_chosen(self, tab: Page):
        tab.context.add_init_script(COUNT_NOTES)
        tab.reload()
        expect(tab.get_by_role("switch", name="Sound when done")).not_to_be_checked()
        finish(generate(tab, "a silent fox"))
        expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
        assert self.notes(tab) == 0

    def test_chosen_it_is_heard_at_once_and_when_done_and_stays_chosen(self, tab: Page):
        tab.context.add_init_script(COUNT_NOTES)
        tab.reload()
        tab.get_by_role("switch", name="Sound when done").check()
        assert self.notes(tab) == 2
        tab.reload()
        expect(tab.get_by_role("switch", name="Sound when done")).to_be_checked()
        fox = generate(tab, "a fox to be heard")
        assert self.notes(tab) == 0
        finish(fox)
        expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
        tab.wait_for_function("() => window.notes.length === 2")  # played once the card has settled
        tab.get_by_role("switch", name="Sound when done").uncheck()
        assert self.notes(tab) == 2
        tab.reload()
        expect(tab.get_by_role("switch", name="Sound when done")).not_to_be_checked()

    def test_where_there_is_no_audio_nothing_breaks(self, tab: Page):
        tab.context.add_init_script(NO_AUDIO)
        tab.reload()
        tab.get_by_role("switch", name="Sound when done").check()
        finish(generate(tab, "a fox without a sound"))
        expect(tab.locator(".card-hero")).to_have_class(re.compile("is-succeeded"))
        tab.reload()
        expect(tab.get_by_role("switch", name="Sound when done")).to_be_checked()


class TestThePrice:
    def button(self, tab: Page) -> Locator:
        return tab.locator(".generate-idle")

    def price(self, tab: Page, microusd: int) -> None:
        """Let the chosen maker cost that."""
        tab.evaluate("(price) => { document.querySelector('[name=backend]:checked').dataset.microusd = price; }", str(microusd))

    def test_what_is_free_says_only_how_many(self, tab: Page):
        expect(self.button(tab)).to_have_text("Generate")
        for count in (2, 4, 8):
            choose_count(tab, count)
            expect(self.button(tab)).to_have_text(f"Generate {count}")

    @pytest.mark.parametrize(
        ("microusd", "count", "words"),
        [
            (25_000, 1, "Generate · $0.025"),
            (25_000, 2, "Generate 2 · $0.05"),
            (25_000, 4, "Generate 4 · $0.10"),
            (25_000, 8, "Generate 8 · $0.20"),
            (1_000_000, 1, "Generate · $1.00"),
            (333_333, 4, "Generate 4 · $1.333332"),
            (1_250_500_000, 1, "Generate · $1,250.50"),
            (1, 8, "Generate 8 · $0.000008"),
        ],
    )
    def test_the_sum_is_exact(self, tab: Page, microusd: int, count: int, words: str):
        choose_count(tab, 2)
        self.price(tab, microusd)
        choose_count(tab, 4 if count != 4 else 1)
        choose_count(tab, count)
        expect(self.button(tab)).to_have_text(words)

    def test_without_a_choice_of_how_many_it_is_one(self, tab: Page):
        self.price(tab, 25_000)
        tab.evaluate("for (const field of document.querySelectorAll('[name=count]')) field.remove()")
        prompt(tab).fill("a red fox")
        expect(self.button(tab)).to_have_text("Generate · $0.025")

    def test_a_maker_costs_what_its_page_says(self, tab: Page):
        wavespeed = tab.locator('[name="backend"][value="wavespeed"]')
        wavespeed.evaluate("(radio) => { radio.disabled = false; }")
        choose_count(tab, 4)
        wavespeed.check()
        expect(self.button(tab)).to_have_text("Generate 4 · $0.10")
