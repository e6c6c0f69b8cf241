"""What programs are told of words and pictures that a team is careful with."""

from __future__ import annotations

import pytest

from generations.models import Generation, Image, Team
from tests.conftest import finish
from tests.generations.api.conftest import FOX, OPTIMIZER, RUN, Calling, generation_of

pytestmark = pytest.mark.django_db

REFUSED = "This prompt has the word “fox”, which your team does not allow. Write it without that word."


def test_a_word_that_the_team_refuses_is_refused_as_moderation(call: Calling, team: Team):
    Team.objects.filter(pk=team.pk).update(words_policy="refuse", listed_words="fox")
    assert call("POST", RUN, FOX).refusal == (400, 1200, REFUSED)
    assert call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).refusal == (400, 1200, REFUSED)
    assert not Generation.objects.exists()


def test_a_program_is_not_asked_and_a_flag_is_told_with_the_result(call: Calling, run, team: Team):
    Team.objects.filter(pk=team.pk).update(words_policy="warn", listed_words="fox")
    told = run()
    finish(generation_of(told))
    address = f"/api/v3/predictions/{told['id']}/result"
    assert call("GET", address).data["has_nsfw_contents"] == [False]
    Image.objects.update(is_flagged=True)
    assert call("GET", address).data["has_nsfw_contents"] == [True]
