"""Real workers, killed with -9 where it hurts: every picture is made exactly once, and nothing is left over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from django.conf import settings

from generations.models import Generation, State
from generations.tasks import advance
from tests.installation import ROOT, Installation, assert_made_exactly_once, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

Asking = Callable[..., Generation]

WORKER_POINTS = [
    "mid_render",
    "after_render",
    "after_tmp",
    "after_rename",
    "before_asset_commit",
    "after_asset_commit",
    "after_publish",
]


def final(*generations: Generation) -> bool:
    return not Generation.objects.filter(pk__in=[g.pk for g in generations]).exclude(state=State.SUCCEEDED).exists()


@pytest.mark.parametrize("point", WORKER_POINTS)
def test_a_worker_killed_at_any_point_loses_nothing_and_makes_nothing_twice(installation: Installation, ask: Asking, point: str):
    generation = ask()
    doomed = installation.worker(FAULT=f"{point}:1")
    assert doomed.wait(60) == -9, "the crash point was not reached"
    installation.worker()
    wait_until(lambda: final(generation), f"recovery after {point}")
    assert_made_exactly_once(generation, settings.DATA_DIR / "media")


def test_a_process_killed_before_the_order_is_saved_leaves_nothing(installation: Installation, owner):
    assert generate(installation, FAULT="before_intent:1") == -9
    assert not Generation.objects.exists()


def test_an_order_whose_process_died_before_the_hint_is_made_all_the_same(installation: Installation, owner):
    assert generate(installation, FAULT="after_intent:1") == -9
    generation = Generation.objects.get()
    assert generation.state == State.QUEUED
    installation.worker()
    wait_until(lambda: final(generation), "the sweep finds the row")
    assert_made_exactly_once(generation, settings.DATA_DIR / "media")


def test_the_same_hint_twenty_times_makes_one_picture(installation: Installation, ask: Asking):
    generation = ask()
    for _ in range(20):
        advance.apply_async((generation.pk,), queue="local")
    installation.worker()
    wait_until(lambda: final(generation), "the picture is made")
    wait_until(lambda: installation.broker.client.llen("local") == 0, "all hints are taken")
    assert_made_exactly_once(generation, settings.DATA_DIR / "media")
    assert generation.fence == 1


def test_a_broker_that_is_killed_and_wiped_costs_no_picture(installation: Installation, ask: Asking):
    generations = [ask(seed=seed, num_inference_steps=4) for seed in range(6)]
    for generation in generations:
        advance.apply_async((generation.pk,), queue="local")
    installation.broker.kill_and_wipe()
    installation.worker()
    wait_until(lambda: Generation.objects.filter(state=State.SUCCEEDED).count() >= 2, "the first are made")
    installation.broker.kill_and_wipe()
    wait_until(lambda: final(*generations), "the line goes on after the wipe")
    for generation in generations:
        assert_made_exactly_once(generation, settings.DATA_DIR / "media")


def test_what_kills_its_worker_again_and_again_waits_for_a_person(installation: Installation, ask: Asking):
    generation = ask()
    Generation.objects.filter(pk=generation.pk).update(expiries=4)
    assert installation.worker(FAULT="mid_render:1").wait(60) == -9
    installation.worker()
    wait_until(lambda: Generation.objects.filter(state=State.NEEDS_REVIEW).exists(), "the row is set aside")
    generation.refresh_from_db()
    assert "interrupted 5 times" in generation.error
    assert not generation.images.exists()


def generate(installation: Installation, **variables: str) -> int:
    """Run `manage.py generate` in the installation and return its exit status."""
    command = [sys.executable, "manage.py", "generate", "a red fox", "--size", "256*256", "--steps", "2"]
    return subprocess.run(command, cwd=ROOT, env=installation.environment(variables), check=False, timeout=60).returncode
