"""What a vendor calls unsafe to look at: kept and flagged, or not kept, and charged all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from generations.models import Image, Member, State, Team
from tests.generations.remote.conftest import Buying, advanced, entries, made, paid_once, polled, running_at_the_vendor
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _looked_at(_own_files: None, settings) -> None:
    settings.CHECK_PICTURES = True


def test_the_vendors_flag_is_kept_with_the_picture(vendor: Vendor, buy: Buying):
    vendor.fault("task", "nsfw")
    image = made(buy()).images.get()
    assert (image.vendor_flagged, image.is_flagged, image.cleared_at) == (True, True, None)
    assert image.unsafe_score is not None and image.unsafe_score < 0.8
    assert not made(buy()).images.get().is_flagged


def test_a_team_that_keeps_no_such_pictures_learns_what_it_was_charged(vendor: Vendor, buy: Buying, team: Team, member: Member):
    Team.objects.filter(pk=team.pk).update(pictures_policy="refuse")
    vendor.fault("task", "nsfw")
    ended = advanced(polled(running_at_the_vendor(buy(of=Member.objects.get(pk=member.pk)))))
    assert ended.state == State.FAILED
    assert ended.error == (
        "This picture may be unsafe to look at, and your team keeps no such pictures. "
        "It was not kept; $0.025 was charged all the same."
    )
    assert entries(ended) == paid_once()
    assert not Image.objects.exists()
    assert [each for each in Path(django_settings.MEDIA_ROOT).rglob("*") if each.is_file()] == []
