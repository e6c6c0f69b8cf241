"""Every route × method × person against one table; a route without a row in it fails."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from generations.images import Picture
from generations.keys import Limits, issue
from generations.membership import invite
from generations.models import (
    ApiKey,
    Collection,
    CollectionItem,
    Delivery,
    EnhancementRequest,
    Generation,
    Invite,
    Member,
    Prediction,
    Preset,
    Progress,
    Reference,
    Role,
    ShareKind,
    ShareLink,
    State,
    Team,
    User,
)
from generations.sharing import share
from generations.submission import keep_reference
from tests.conftest import finish

pytestmark = pytest.mark.django_db

PEOPLE = ("anonymous", "outsider", "viewer", "teammate", "owner")
Statuses = tuple[int, int, int, int, int]

# What each of the PEOPLE gets, with the owner's picture in the address; 302 of an anonymous person leads to the sign-in.
OPEN = (200, 200, 200, 200, 200)
MEMBERS = (302, 200, 200, 200, 200)
TEAM = (302, 404, 200, 200, 200)
OWNERS = (302, 302, 403, 403, 302)
AUTHORS = (302, 404, 403, 404, 200)
NO_POST = (302, 405, 405, 405, 405)
NO_GET = (302, 405, 405, 405, 405)
# The API knows keys and no sessions: to it, all of them are nobody.
NO_KEY = (401, 401, 401, 401, 401)
OTHER_METHOD = (405, 405, 405, 405, 405)
NOTHING = (404, 404, 404, 404, 404)
TO_ELSEWHERE = (302, 302, 302, 302, 302)

TABLE: dict[str, dict[str, Statuses]] = {
    "playground": {"GET": MEMBERS, "POST": (302, 422, 403, 422, 422)},
    "welcome": {"GET": (302, 302, 302, 302, 302), "POST": (302, 302, 302, 302, 302)},
    "read_settings": {"GET": NO_GET, "POST": (302, 204, 204, 204, 204)},
    "events": {"GET": (302, 204, 204, 204, 204), "POST": NO_POST},
    "prompts": {"GET": MEMBERS, "POST": NO_POST},
    # The request in the address is the owner's, and nobody else's.
    "enhance:start": {"GET": NO_GET, "POST": (302, 422, 403, 422, 422)},
    "enhance:look": {"GET": AUTHORS, "POST": AUTHORS},
    "enhance:agree": {"GET": NO_GET, "POST": AUTHORS},
    "enhance:cancel": {"GET": NO_GET, "POST": AUTHORS},
    "enhance:revert": {"GET": NO_GET, "POST": AUTHORS},
    # It keeps nothing and shows nothing of a team.
    "code": {"GET": NO_GET, "POST": MEMBERS},
    "card": {"GET": TEAM, "POST": NO_POST},
    "cancel": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "retry": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "adopt": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "preview": {"GET": TEAM, "POST": NO_POST},
    # The outsider owns a team, too, and changes that one.
    "team:index": {"GET": MEMBERS, "POST": NO_POST},
    "team:spending": {"GET": (302, 200, 403, 200, 200), "POST": NO_POST},
    "team:budgets": {"GET": NO_GET, "POST": OWNERS},
    "team:ledger": {"GET": (302, 200, 403, 403, 200), "POST": NO_POST},
    "team:wishes": {"GET": (302, 200, 403, 403, 200), "POST": NO_POST},
    # It says something to owners alone.
    "team:notices": {"GET": MEMBERS, "POST": NO_POST},
    # The order in the address is the owner's and waits for nobody.
    "team:approve": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "team:decline": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "team:safety": {"GET": (302, 200, 403, 403, 200), "POST": (302, 422, 403, 403, 422)},
    # It is not said what becomes of the picture.
    "team:review": {"GET": NO_GET, "POST": (302, 404, 403, 403, 404)},
    "team:log": {"GET": (302, 200, 403, 403, 200), "POST": NO_POST},
    "team:log_export": {"GET": NO_GET, "POST": (302, 200, 403, 403, 200)},
    "report": {"GET": NO_GET, "POST": (302, 404, 302, 302, 302)},
    "team:connect": {"GET": NO_GET, "POST": (302, 422, 403, 403, 422)},
    "team:test": {"GET": NO_GET, "POST": OWNERS},
    "team:disconnect": {"GET": NO_GET, "POST": OWNERS},
    "team:resume": {"GET": NO_GET, "POST": OWNERS},
    # Somebody of the owner's team is in the address, and the outsider finds nobody there.
    "team:members": {"GET": MEMBERS, "POST": (302, 422, 403, 403, 422)},
    "team:leave": {"GET": NO_GET, "POST": (302, 422, 302, 302, 422)},
    "team:rename": {"GET": NO_GET, "POST": (302, 422, 403, 403, 422)},
    "team:role": {"GET": NO_GET, "POST": (302, 404, 403, 403, 422)},
    "team:remove": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "team:revoke_invite": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    # Whoever owns a team may make another one.
    "team:make": {"GET": (302, 200, 403, 403, 200), "POST": (302, 422, 403, 403, 422)},
    "team:switch": {"GET": NO_GET, "POST": (302, 404, 302, 302, 302)},
    # Open to everybody who has an invitation's link, which nobody here does.
    "invite": {"GET": NOTHING, "POST": NOTHING},
    # The link in the address is the owner's, and does not exist for others.
    "team:links": {"GET": (302, 200, 403, 200, 200), "POST": NO_POST},
    "team:revoke_link": {"GET": NO_GET, "POST": (302, 404, 403, 404, 302)},
    "team:share_picture": {"GET": (302, 404, 403, 200, 200), "POST": (302, 404, 403, 422, 422)},
    "team:share_collection": {"GET": (302, 404, 403, 200, 200), "POST": (302, 404, 403, 422, 422)},
    # Open to everybody who has a share link, which nobody here does.
    "shared": {"GET": NOTHING, "POST": NOTHING},
    "shared_archive": {"GET": NOTHING, "POST": OTHER_METHOD},
    "shared_picture": {"GET": NOTHING, "POST": OTHER_METHOD},
    "shared_file": {"GET": NOTHING, "POST": OTHER_METHOD},
    # The preset in the address is the owner's, and shared.
    "presets:index": {"GET": MEMBERS, "POST": (302, 422, 403, 422, 422)},
    "presets:export": {"GET": MEMBERS, "POST": NO_POST},
    "presets:import": {"GET": NO_GET, "POST": (302, 422, 403, 422, 422)},
    "presets:rename": {"GET": NO_GET, "POST": (302, 404, 403, 403, 422)},
    "presets:share": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "presets:unshare": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    "presets:delete": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    # The key that asked for the run in the address is gone, so that only owners send its webhook again.
    "deliveries:index": {"GET": (302, 200, 403, 200, 200), "POST": NO_POST},
    "deliveries:again": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    # The key in the address is the owner's, and does not exist for others.
    "api_keys:index": {"GET": (302, 200, 403, 200, 200), "POST": (302, 422, 403, 422, 422)},
    "api_keys:revoke": {"GET": NO_GET, "POST": (302, 404, 403, 404, 302)},
    "api_keys:maker": {"GET": NO_GET, "POST": (302, 422, 403, 403, 422)},
    "api_keys:tools": {"GET": MEMBERS, "POST": NO_POST},
    # Open to everybody who knows the secret in an order's address, which nobody here does.
    "hook": {"GET": (405, 405, 405, 405, 405), "POST": (404, 404, 404, 404, 404)},
    "gallery:index": {"GET": MEMBERS, "POST": NO_POST},
    "gallery:picture": {"GET": TEAM, "POST": NO_POST},
    "gallery:download": {"GET": TEAM, "POST": NO_POST},
    "gallery:file": {"GET": TEAM, "POST": NO_POST},
    "gallery:light": {"GET": TEAM, "POST": NO_POST},
    # With no picture in the address it offers the team's own.
    "gallery:compare": {"GET": MEMBERS, "POST": NO_POST},
    "gallery:reference": {"GET": TEAM, "POST": NO_POST},
    "gallery:checks": {"GET": (302, 404, 302, 302, 302), "POST": (302, 404, 403, 302, 302)},
    "gallery:more": {"GET": NO_GET, "POST": (302, 404, 403, 302, 302)},
    "gallery:vary": {"GET": NO_GET, "POST": (302, 404, 403, 302, 302)},
    "gallery:sheet": {"GET": TEAM, "POST": NO_POST},
    "gallery:stop": {"GET": NO_GET, "POST": (302, 404, 403, 302, 302)},
    "api:api-root": {"GET": NOTHING, "POST": NOTHING},
    "api:balance": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:binary": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:binary_v2": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:cancel": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:delete_many": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:delete_one": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:events": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:list_by_body": {"GET": NO_KEY, "POST": NO_KEY},
    "api:list_by_query": {"GET": NO_KEY, "POST": NO_KEY},
    "api:models": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:no_run": {"GET": NOTHING, "POST": NO_KEY},
    "api:nothing": {"GET": NOTHING, "POST": NOTHING},
    "api:openapi-json": {"GET": OPEN, "POST": OTHER_METHOD},
    "api:openapi-view": {"GET": OPEN, "POST": OTHER_METHOD},
    "api:price": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:pricing": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:result": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:result_short": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:result_v2": {"GET": NO_KEY, "POST": OTHER_METHOD},
    "api:run": {"GET": NOTHING, "POST": NO_KEY},
    "api:ticket": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:upload": {"GET": OTHER_METHOD, "POST": NO_KEY},
    "api:webhook_secret": {"GET": NO_KEY, "POST": OTHER_METHOD},
    # A ZIP of nothing is refused; the collection in the address is the owner's team's.
    "gallery:archive": {"GET": NO_GET, "POST": (302, 400, 400, 400, 400)},
    "gallery:archive_of_collection": {"GET": TEAM, "POST": NO_POST},
    "gallery:import": {"GET": (302, 200, 403, 200, 200), "POST": (302, 422, 403, 422, 422)},
    # Nothing is selected.
    "gallery:selection": {"GET": NO_GET, "POST": (302, 302, 302, 302, 302)},
    "gallery:favourite": {"GET": NO_GET, "POST": (302, 404, 302, 302, 302)},
    "gallery:note": {"GET": NO_GET, "POST": (302, 404, 403, 302, 302)},
    "gallery:tags": {"GET": NO_GET, "POST": (302, 404, 403, 302, 302)},
    "gallery:in_collections": {"GET": NO_GET, "POST": (302, 404, 403, 302, 302)},
    # The collection in the address is the owner's.
    "gallery:collections": {"GET": MEMBERS, "POST": (302, 422, 403, 422, 422)},
    "gallery:rename_collection": {"GET": NO_GET, "POST": (302, 404, 403, 422, 422)},
    "gallery:delete_collection": {"GET": NO_GET, "POST": (302, 404, 403, 403, 302)},
    # Nobody is chosen who is to see it.
    "gallery:visibility": {"GET": NO_GET, "POST": (302, 404, 403, 403, 400)},
    "gallery:show_collection": {"GET": NO_GET, "POST": (302, 404, 403, 400, 400)},
    "gallery:trash": {"GET": MEMBERS, "POST": NO_POST},
    # The outsider owns a team, too, and empties that one's.
    "gallery:empty_trash": {"GET": (302, 200, 403, 403, 200), "POST": (302, 302, 403, 403, 302)},
    "gallery:undo": {"GET": NO_GET, "POST": (302, 302, 403, 302, 302)},
    "account_login": {"GET": (200, 302, 302, 302, 302), "POST": (200, 302, 302, 302, 302)},
    "account_logout": {"GET": MEMBERS, "POST": (302, 302, 302, 302, 302)},
    "account_inactive": {"GET": OPEN, "POST": (405, 405, 405, 405, 405)},
    "account_change_password": {"GET": MEMBERS, "POST": MEMBERS},
    # It exists where mail is set up.
    "account_change_email": {"GET": (302, 404, 404, 404, 404), "POST": (302, 404, 404, 404, 404)},
    "account_email_change_sent": {"GET": (302, 404, 404, 404, 404), "POST": (302, 404, 404, 404, 404)},
    "account_confirm_email_change": {"GET": (302, 404, 404, 404, 404), "POST": (302, 404, 404, 404, 404)},
    "account_page": {"GET": MEMBERS, "POST": (302, 302, 302, 302, 302)},
    # There is no such session, of nobody's.
    "account_end_session": {"GET": NO_GET, "POST": (302, 404, 404, 404, 404)},
    "account_end_other_sessions": {"GET": NO_GET, "POST": (302, 302, 302, 302, 302)},
    "account_reauthenticate": {"GET": MEMBERS, "POST": MEMBERS},
    # Everybody here has a password and no second factor.
    "account_set_password": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_authenticate": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_reauthenticate": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_reauthenticate_webauthn": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_login_webauthn": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    # First one confirms that it is oneself.
    "mfa_activate_totp": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_deactivate_totp": {"GET": (302, 404, 404, 404, 404), "POST": (302, 404, 404, 404, 404)},
    "mfa_view_recovery_codes": {"GET": (302, 404, 404, 404, 404), "POST": NO_POST},
    "mfa_generate_recovery_codes": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_download_recovery_codes": {"GET": (302, 404, 404, 404, 404), "POST": (302, 404, 404, 404, 404)},
    "mfa_add_webauthn": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_edit_webauthn": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_remove_webauthn": {"GET": TO_ELSEWHERE, "POST": TO_ELSEWHERE},
    "mfa_index": {"GET": TO_ELSEWHERE, "POST": NO_POST},
    "mfa_list_webauthn": {"GET": TO_ELSEWHERE, "POST": NO_POST},
    # They exist where mail and single sign-on are set up.
    "account_reset_password": {"GET": NOTHING, "POST": NOTHING},
    "account_reset_password_done": {"GET": NOTHING, "POST": NOTHING},
    "account_reset_password_from_key": {"GET": NOTHING, "POST": NOTHING},
    "account_reset_password_from_key_done": {"GET": NOTHING, "POST": NOTHING},
    "openid_connect_login": {"GET": NOTHING, "POST": NOTHING},
    "openid_connect_callback": {"GET": NOTHING, "POST": NOTHING},
    "socialaccount_login_cancelled": {"GET": NOTHING, "POST": NOTHING},
    # Open to everybody who has a signed address, which nobody here does.
    "media_picture": {"GET": (404, 404, 404, 404, 404), "POST": (405, 405, 405, 405, 405)},
    "media_upload": {"GET": (404, 404, 404, 404, 404), "POST": (405, 405, 405, 405, 405)},
    "media_ticket": {"GET": (405, 405, 405, 405, 405), "POST": (405, 405, 405, 405, 405)},
    "health": {"GET": OPEN, "POST": (405, 405, 405, 405, 405)},
}
# Vendors have no session that another site could use: a webhook's signature stands for it. A share link's password changes
# nothing but what the browser that sends it may see.
WITHOUT_CSRF = {"hook", "shared"}
# Whom they lead to the sign-in need not come back to them.
LEADING_ON = {"welcome", "account_logout", "mfa_authenticate", "mfa_login_webauthn"}
# What does not exist for those who have not set it up, with any method.
ABSENT = {name for name, methods in TABLE.items() if methods["GET"] == NOTHING} | {
    "account_change_email",
    "account_confirm_email_change",
    "account_email_change_sent",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
}
# What there is not, and what a key is asked for, whatever the session.
WITHOUT_SESSION = {401, 404, 405}
# The picture in the address is finished where its files are asked for, and still being painted elsewhere.
FINISHED = {
    "gallery:picture",
    "gallery:light",
    "gallery:download",
    "gallery:file",
    "report",
    "team:review",
    "team:share_picture",
}

# Further than any number that the database gives out here.
MATE = 1_000_000

ROWS = [(name, method, PEOPLE) for name, methods in TABLE.items() for method in methods if name != "events"]
# Of each person alone, as it gives back the connection that the tests' transaction is in.
ROWS += [("events", method, (person,)) for method in TABLE["events"] for person in PEOPLE]


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}", pattern


def arguments(pattern: URLPattern, generation: Generation) -> dict[str, Any]:
    known = {
        "public_id": generation.public_id,
        "kind": "small",
        "alias": "wavespeed",
        "nonce": uuid.uuid4(),
        "stack": generation.stack,
        "rest": "unsigned",
        "id": generation.public_id.hex,
        "model_id": "wavespeed-ai/flux-srpo",
        "anything": "v1/models",
        "token": "unknown",
        "member_id": MATE + generation.pk,
        "pk": 0,
        "uidb36": "1",
        "key": "wrong",
    }
    return {name: known[name] for name in pattern.pattern.converters}


def test_every_route_has_a_row_and_every_row_a_route():
    names = [name for name, _ in routes(get_resolver())]
    assert sorted(names) == sorted(TABLE)


def test_every_route_has_a_name_of_its_own():
    patterns = [pattern for _, pattern in routes(get_resolver())]
    assert all(pattern.name for pattern in patterns)


def put_beside(name: str, generation: Generation) -> None:
    """Make what a route is about, with the id of the owner's picture in the address."""
    for beginning, put in BESIDE.items():
        if name.startswith(beginning):
            put(generation, Member.objects.get(user=generation.author))


def put_preset(generation: Generation, owner: Member) -> None:
    public_id = generation.public_id
    Preset.objects.create(public_id=public_id, team=owner.team, author=owner.user, name="Night", is_shared=True)


def put_key(generation: Generation, owner: Member) -> None:
    key, _ = issue(owner, "Blog", Limits())
    ApiKey.objects.filter(pk=key.pk).update(public_id=generation.public_id)


def put_mate(generation: Generation, owner: Member) -> None:
    mate = User.objects.create_user("mate@example.org")
    Member.objects.create(pk=MATE + generation.pk, team=owner.team, user=mate)


def put_invite(generation: Generation, owner: Member) -> None:
    made, _ = invite(owner, Role.VIEWER)
    Invite.objects.filter(pk=made.pk).update(public_id=generation.public_id)


def put_team(generation: Generation, owner: Member) -> None:
    Team.objects.filter(pk=owner.team_id).update(public_id=generation.public_id)


def put_collection(generation: Generation, owner: Member) -> None:
    collection = Collection.objects.create(public_id=generation.public_id, team=owner.team, author=owner.user, name="Foxes")
    CollectionItem.objects.create(collection=collection, generation=generation)


def put_link(generation: Generation, owner: Member) -> None:
    link, _ = share(owner, ShareKind.PICTURE, generation)
    ShareLink.objects.filter(pk=link.pk).update(public_id=generation.public_id)


def put_reference(generation: Generation, owner: Member) -> None:
    kept = keep_reference(owner, Picture(width=32, height=32, pixels=bytes(3 * 32 * 32)))
    Reference.objects.filter(pk=kept.pk).update(public_id=generation.public_id)


def put_enhancement(generation: Generation, owner: Member) -> None:
    asked = {"enhancer": "local", "seed": 1, "original": "a fox"}
    EnhancementRequest.objects.create(public_id=generation.public_id, team=owner.team, author=owner.user, **asked)


def put_delivery(generation: Generation, owner: Member) -> None:
    own: dict[str, Any] = {"public_id": generation.public_id, "team": owner.team}
    prediction = Prediction.objects.create(**own, generation=generation, model_id="wavespeed-ai/flux-srpo")
    Delivery.objects.create(**own, prediction=prediction, url="https://e.org")


BESIDE: dict[str, Callable[[Generation, Member], None]] = {
    "presets:": put_preset,
    "api_keys:": put_key,
    "team:role": put_mate,
    "team:remove": put_mate,
    "team:revoke_invite": put_invite,
    "team:switch": put_team,
    "team:revoke_link": put_link,
    "team:share_collection": put_collection,
    "gallery:rename_collection": put_collection,
    "gallery:delete_collection": put_collection,
    "gallery:archive_of_collection": put_collection,
    "gallery:show_collection": put_collection,
    "gallery:reference": put_reference,
    "enhance:": put_enhancement,
    "deliveries:": put_delivery,
}


@pytest.fixture
def address_of(ask: Callable[..., Generation], settings) -> Callable[[str], str]:
    """Return a route's address, with a picture of the owner's in it."""
    settings.PUBSUB_URL = ""  # without a broker the stream of changes ends at once
    patterns = dict(routes(get_resolver()))

    def address(name: str) -> str:
        generation = ask()
        put_beside(name, generation)
        if name in FINISHED:
            finish(generation)
        else:
            Progress.objects.create(generation=generation, step=1, of=2, preview=b"x")
        return reverse(name, kwargs=arguments(patterns[name], generation))

    return address


@pytest.fixture
def client_of(signed_in: Callable[[User], Client], request: pytest.FixtureRequest) -> Callable[[str], Client]:
    return lambda person: Client() if person == "anonymous" else signed_in(request.getfixturevalue(person))


@pytest.mark.parametrize(("name", "method", "people"), ROWS)
def test_everybody_gets_what_the_table_says(
    address_of: Callable[[str], str], client_of: Callable[[str], Client], name: str, method: str, people: tuple[str, ...]
):
    address, clients = address_of(name), {person: client_of(person) for person in people}
    for person, client in clients.items():
        before = transaction.savepoint()
        response = client.generic(method, address)
        assert response.status_code == TABLE[name][method][PEOPLE.index(person)], person
        if response.status_code == 302 and person == "anonymous" and name not in LEADING_ON:
            assert response.headers["Location"].startswith("/account/login/?next=")
        if len(people) > 1:
            transaction.savepoint_rollback(before)  # each comes to what nobody has changed yet


@pytest.mark.parametrize("name", TABLE)
def test_other_methods_do_nothing_for_anybody(
    address_of: Callable[[str], str], client_of: Callable[[str], Client], owner: User, name: str
):
    address = address_of(name)
    before = list(Generation.objects.values_list("pk", "state", "prompt"))
    clients = [client_of(person) for person in ("anonymous", "owner")]
    # Django's form views take PUT for POST: an empty form is shown again.
    forms = {"account_login", "account_change_password", "account_reauthenticate"}
    for client, method in itertools.product(clients, ("PUT", "PATCH", "DELETE")):
        shown_again = {200} if name in forms and method == "PUT" else set()
        shown_again |= {404} if name in ABSENT or (name, method) == ("media_ticket", "PUT") else set()
        allowed = WITHOUT_SESSION if name.startswith("api:") else {302, 405} | shown_again
        assert client.generic(method, address).status_code in allowed, method
    assert list(Generation.objects.values_list("pk", "state", "prompt")) == before
    assert User.objects.filter(pk=owner.pk).exists()


@pytest.mark.parametrize("name", [name for name, methods in TABLE.items() if "POST" in methods])
def test_a_post_from_another_site_changes_nothing(address_of: Callable[[str], str], owner: User, name: str):
    address = address_of(name)
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = stranger.post(address, {"prompt": "a fox"})
    if name.startswith("api:"):
        assert response.status_code in WITHOUT_SESSION | {403}
    else:
        assert response.status_code == 404 if name in WITHOUT_CSRF else response.status_code in {403, 405}
    generation = Generation.objects.get()
    assert generation.state in {State.QUEUED, State.SUCCEEDED}
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize("name", [name for name, methods in TABLE.items() if methods["GET"] == TEAM])
def test_an_address_that_was_never_given_out_looks_the_same_as_another_teams(
    address_of: Callable[[str], str], client_of: Callable[[str], Client], name: str
):
    address = address_of(name)
    public_id = str(Generation.objects.get().public_id)
    unknown = address.replace(public_id, "01234567-89ab-4cde-8f01-23456789abcd")
    client = client_of("outsider")
    theirs, nobodys = client.get(address), client.get(unknown)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
