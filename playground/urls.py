"""Every route of the site. Of allauth only what works without mail: owners make accounts, nobody signs up."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from generations.api import site as api
from generations.api.media import media_patterns
from playground import api_keys, code, deliveries, enhance, events, hooks, presets, prompts, team, views

team_patterns = [
    path("", team.index, name="index"),
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
    path("gallery/", include("generations.gallery.urls")),
    # Before the API, which answers for every address below its own.
    path("api/", include(media_patterns)),
    path("api/", include(api.patterns())),
    path("team/", include((team_patterns, "team"))),
    path("presets/", include((presets_patterns, "presets"))),
    path("deliveries/", include((deliveries_patterns, "deliveries"))),
    path("api-keys/", include((api_keys_patterns, "api_keys"))),
    path("hooks/wavespeed/<uuid:nonce>/", hooks.wavespeed, name="hook"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("healthz", views.health, name="health"),
]
