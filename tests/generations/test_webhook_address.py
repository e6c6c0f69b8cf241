"""A team's secret for webhooks, and the addresses that may be told."""

from __future__ import annotations

import re

import pytest

from generations.errors import InvalidInputs
from generations.models import Team, User
from generations.webhook_address import require_webhook
from generations.webhook_secret import secret_of_team

pytestmark = pytest.mark.django_db


class TestTheSecret:
    def test_each_team_has_one_of_its_own_that_stays(self, team: Team, outsider: User):
        theirs = outsider.memberships.get().team
        assert secret_of_team(team) == secret_of_team(Team.objects.get(pk=team.pk)) != secret_of_team(theirs)
        assert re.fullmatch(r"whsec_[0-9a-f]{64}", secret_of_team(team))

    def test_another_secret_key_makes_another(self, team: Team, settings):
        before = secret_of_team(team)
        settings.SECRET_KEY = "another"
        assert secret_of_team(team) != before


class TestWhichAddressesAreTaken:
    @pytest.mark.parametrize("url", ["https://example.org/hook?a=1", "https://[2606:4700::1111]:8443/", "https://8.8.8.8"])
    def test_public_https(self, url: str):
        assert require_webhook(url) == url

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("", "whole address"),
            ("example.org/hook", "whole address"),
            ("ftp://example.org", "whole address"),
            ("https://", "whole address"),
            ("https://exa mple.org:port/", "whole address"),
            ("http://example.org/hook", "https://"),
            ("https://ada:secret@example.org/", "user name or password"),
            ("https://example.org/" + "x" * 2000, "2000 characters"),
            ("https://192.168.1.4/hook", "private network"),
            ("https://[::1]/hook", "private network"),
            ("https://localhost/hook", "private network"),
        ],
    )
    def test_others_are_refused_with_a_sentence(self, url: str, words: str):
        with pytest.raises(InvalidInputs) as refused:
            require_webhook(url)
        assert words in refused.value.fields["webhook"]

    def test_the_operators_own_origin_is_taken_and_no_other_port_of_it(self, settings):
        settings.LOOPBACK_ORIGIN = "http://127.0.0.1:9000"
        assert require_webhook("http://127.0.0.1:9000/hook") == "http://127.0.0.1:9000/hook"
        for url in ("http://127.0.0.1:9001/hook", "http://localhost:9000/hook", "https://127.0.0.1:9000/hook"):
            with pytest.raises(InvalidInputs):
                require_webhook(url)

    @pytest.mark.parametrize("elsewhere", ["http://10.0.0.1:9000", "http://example.org"])
    def test_that_setting_opens_nothing_outside_this_machine(self, settings, elsewhere: str):
        settings.LOOPBACK_ORIGIN = elsewhere
        with pytest.raises(InvalidInputs):
            require_webhook(f"{elsewhere}/hook")
