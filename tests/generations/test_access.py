"""Who may see and change what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from generations import access
from generations.models import Generation, User

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]


def test_everybody_in_the_team_sees_its_pictures(ask: Asking, owner: User, teammate: User, viewer: User):
    generation = ask()
    for user in (owner, teammate, viewer):
        assert access.generation_for_read(user, generation.public_id) == generation


def test_for_an_outsider_it_does_not_exist(ask: Asking, outsider: User):
    generation = ask()
    with pytest.raises(Http404):
        access.generation_for_read(outsider, generation.public_id)
    with pytest.raises(Http404):
        access.generation_for_change(outsider, generation.public_id)


def test_a_teammate_may_not_cancel_what_the_owner_made(ask: Asking, teammate: User):
    with pytest.raises(PermissionDenied):
        access.generation_for_change(teammate, ask().public_id)


def test_a_viewer_may_not_make_pictures(viewer: User):
    with pytest.raises(PermissionDenied, match="role of a member"):
        access.member_for_make(viewer)


def test_a_person_without_a_team_reads_what_to_do(db: None):
    loner = User.objects.create_user("loner@example.org", "correct horse battery")
    with pytest.raises(PermissionDenied, match="no team yet"):
        access.member_for_look(loner)
