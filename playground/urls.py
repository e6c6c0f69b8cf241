"""Every route of the site. Of allauth only what is of use here: owners make accounts, nobody signs up."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import include, path

from generations.api import site as api
from generations.api.media import media_patterns
from playground import (
    account_pages,
    api_keys,
    code,
    deliveries,
    email_change,
    enhance,
    events,
    hooks,
    invites,
    links,
    log,
    members,
    presets,
    prompts,
    safety,
    shared,
    spending_page,
    team,
    teams,
    views,
)
from playground.account_pages import only_where
from playground.accounts import SignIn

team_patterns = [
    path("", team.index, name="index"),
    path("members/", members.index, name="members"),
    path("members/leave/", members.leave, name="leave"),
    path("members/rename/", members.rename, name="rename"),
    path("members/<int:member_id>/role/", members.role, name="role"),
    path("members/<int:member_id>/remove/", members.remove, name="remove"),
    path("members/invites/<uuid:public_id>/revoke/", members.revoke, name="revoke_invite"),
    path("new/", teams.make, name="make"),
    path("<uuid:public_id>/switch/", teams.switch, name="switch"),
    path("links/", links.index, name="links"),
    path("links/<uuid:public_id>/revoke/", links.end, name="revoke_link"),
    path("links/of-picture/<uuid:public_id>/", links.picture, name="share_picture"),
    path("links/of-collection/<uuid:public_id>/", links.collection, name="share_collection"),
    path("spending/", spending_page.index, name="spending"),
    path("spending/budgets/", spending_page.budgets, name="budgets"),
    path("spending/ledger.csv", spending_page.export, name="ledger"),
    path("spending/wishes/", spending_page.wishes, name="wishes"),
    path("spending/<uuid:stack>/approve/", spending_page.approve, name="approve"),
    path("spending/<uuid:stack>/decline/", spending_page.decline, name="decline"),
    path("safety/", safety.index, name="safety"),
    path("safety/<uuid:public_id>/review/", safety.review, name="review"),
    path("log/", log.index, name="log"),
    path("log/export/", log.export, name="log_export"),
    path("notices/", team.notices, name="notices"),
    path("<slug:alias>/connect/", team.connect, name="connect"),
    path("<slug:alias>/test/", team.test, name="test"),
    path("<slug:alias>/disconnect/", team.disconnect, name="disconnect"),
    path("<slug:alias>/resume/", team.resume, name="resume"),
]

presets_patterns = [
    path("", presets.index, name="index"),
    path("export/", presets.export, name="export"),
    path("import/", presets.take_in, name="import"),
    path("<uuid:public_id>/rename/", presets.rename, name="rename"),
    path("<uuid:public_id>/share/", presets.share, name="share"),
    path("<uuid:public_id>/unshare/", presets.unshare, name="unshare"),
    path("<uuid:public_id>/delete/", presets.delete, name="delete"),
]

api_keys_patterns = [
    path("", api_keys.index, name="index"),
    path("tools/", api_keys.tools, name="tools"),
    path("maker/", api_keys.maker, name="maker"),
    path("<uuid:public_id>/revoke/", api_keys.revoke, name="revoke"),
]

enhance_patterns = [
    path("", enhance.start, name="start"),
    path("<uuid:public_id>/", enhance.look, name="look"),
    path("<uuid:public_id>/agree/", enhance.agree, name="agree"),
    path("<uuid:public_id>/cancel/", enhance.cancel, name="cancel"),
    path("<uuid:public_id>/revert/", enhance.revert, name="revert"),
]

deliveries_patterns = [
    path("", deliveries.index, name="index"),
    path("<uuid:public_id>/again/", deliveries.again, name="again"),
]

# Their names are those that allauth looks for.
with_mail, with_single_sign_on = only_where("EMAIL_HOST"), only_where("OIDC_ISSUER")
account_patterns = [
    path("", account_pages.account, name="account_page"),
    path("sessions/<int:pk>/end/", account_pages.end_session, name="account_end_session"),
    path("sessions/end-others/", account_pages.end_other_sessions, name="account_end_other_sessions"),
    path("login/", SignIn.as_view(), name="account_login"),
    path("login/code/", factor.authenticate, name="mfa_authenticate"),
    path("login/passkey/", passkey.login_webauthn, name="mfa_login_webauthn"),
    path("login/single/", account_pages.single_sign_on, {"provider_id": "oidc"}, name="openid_connect_login"),
    path(
        "login/single/back/",
        with_single_sign_on(openid_connect.callback),
        {"provider_id": "oidc"},
        name="openid_connect_callback",
    ),
    path("login/single/cancelled/", with_single_sign_on(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("new-email/", with_mail(email_change.ask), name="account_change_email"),
    path("new-email/sent/", with_mail(email_change.sent), name="account_email_change_sent"),
    path("new-email/<str:token>/", with_mail(email_change.confirm), name="account_confirm_email_change"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", with_mail(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", with_mail(account.password_reset_done), name="account_reset_password_done"),
    path("password/reset/done/", with_mail(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    path(
        "password/reset/<slug:uidb36>/<str:key>/",
        with_mail(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("app/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("passkeys/add/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/rename/", passkey.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
    path("factors/", account_pages.to_the_account, name="mfa_index"),
    path("passkeys/", account_pages.to_the_account, name="mfa_list_webauthn"),
]

urlpatterns = [
    path("", views.playground, name="playground"),
    path("welcome/", views.welcome, name="welcome"),
    path("settings/read/", views.read_settings, name="read_settings"),
    path("code/", code.code, name="code"),
    path("enhance/", include((enhance_patterns, "enhance"))),
    path("prompts/", prompts.earlier, name="prompts"),
    path("events/", events.stream, name="events"),
    path("generations/<uuid:public_id>/card/", views.card, name="card"),
    path("generations/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("generations/<uuid:public_id>/retry/", views.retry, name="retry"),
    path("generations/<uuid:public_id>/adopt/", views.adopt, name="adopt"),
    path("generations/<uuid:public_id>/preview/", views.preview, name="preview"),
    path("generations/<uuid:public_id>/report/", safety.report, name="report"),
    path("gallery/", include("generations.gallery.urls")),
    # Before the API, which answers for every address below its own.
    path("api/", include(media_patterns)),
    path("api/", include(api.patterns())),
    path("invite/<str:token>/", invites.invite, name="invite"),
    path("team/", include((team_patterns, "team"))),
    path("presets/", include((presets_patterns, "presets"))),
    path("deliveries/", include((deliveries_patterns, "deliveries"))),
    path("api-keys/", include((api_keys_patterns, "api_keys"))),
    path("s/<str:token>/", shared.shared, name="shared"),
    path("s/<str:token>/archive/", shared.archive, name="shared_archive"),
    path("s/<str:token>/<uuid:public_id>/", shared.picture, name="shared_picture"),
    path("s/<str:token>/<uuid:public_id>/<slug:kind>/", shared.file, name="shared_file"),
    path("hooks/wavespeed/<uuid:nonce>/", hooks.wavespeed, name="hook"),
    path("account/", include(account_patterns)),
    path("healthz", views.health, name="health"),
]
