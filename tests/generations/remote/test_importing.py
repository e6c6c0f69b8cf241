"""`manage.py import_wavespeed`: pictures that were ordered elsewhere with the same key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import StringIO
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from generations import importing, metadata
from generations.backends import backend_for
from generations.gallery.recipe import making
from generations.importing import NO_REFERENCE, NO_SEED, NOTE
from generations.models import Attempt, Generation, LedgerEntry, Member, Outcome, Reference, State, User
from generations.pipeline import sweep
from tests.generations.remote.conftest import Buying, Connecting, advanced, entries, fresh, lost, made, paid_once, pass_time, png
from tests.installation import wait_until
from tests.vendor.pictures import seed_in
from tests.vendor.process import Vendor

pytestmark = pytest.mark.django_db

FLUX = "wavespeed-ai/flux-srpo"
Ordering = Callable[..., str]


@pytest.fixture
def elsewhere(vendor: Vendor, owner: User) -> Ordering:
    """Order with the same key, as another program does, and wait for the end; return the vendor's id."""

    def place(prompt: str = "a boat on the sea", model: str = FLUX, **inputs: object) -> str:
        headers = {"Authorization": f"Bearer {vendor.key}"}
        asked = {"prompt": prompt, "seed": 11, **({"size": "320*256"} if model == FLUX else {}), **inputs}
        url = f"{vendor.url}/api/v3/"
        asked = {name: value for name, value in asked.items() if value is not None}
        placed = httpx.post(f"{url}{model}", json=asked, headers=headers, trust_env=False).json()["data"]["id"]
        result = f"{url}predictions/{placed}/result"

        def ended() -> bool:
            said: str = httpx.get(result, headers=headers, trust_env=False).json()["data"]["status"]
            return said not in ("created", "processing")

        wait_until(ended, "the vendor is done", within_s=60)
        return str(placed)

    return place


def bring_in(*arguments: str) -> str:
    out = StringIO()
    call_command("import_wavespeed", *arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        bring_in(*arguments)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def left_out(said: str, upstream_id: str) -> str:
    assert "0 imported" in said
    assert not Generation.objects.filter(attempts__upstream_id=upstream_id).exists()
    return next(line for line in said.splitlines() if line.startswith(upstream_id))


def test_a_picture_ordered_elsewhere_comes_into_the_gallery_whole(elsewhere: Ordering, owner: User):
    placed = elsewhere(guidance_scale=5, num_inference_steps=9, output_format="png")
    said = bring_in()
    generation = Generation.objects.get()
    assert f"{placed} imported: a boat on the sea (seed 11)" in said
    assert "1 imported, 0 already here, 0 left out. Nothing was ordered or charged" in said
    assert (generation.state, generation.author, generation.backend) == (State.SUCCEEDED, owner, "wavespeed")
    assert (generation.seed, generation.size, generation.guidance_scale) == (11, "320*256", 5)
    assert (generation.num_inference_steps, generation.output_format) == (9, "png")
    assert generation.notes == [NOTE]
    attempt = generation.attempts.get()
    assert (attempt.outcome, attempt.upstream_id, attempt.request["model"]) == (Outcome.ACCEPTED, placed, FLUX)
    image = generation.images.get()
    with image.file.open("rb") as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == image.sha256
    assert seed_in(data) == 11
    kept = metadata.read(data)
    assert kept is not None
    assert (kept.prompt, kept.seed, kept.backend) == ("a boat on the sea", 11, "WaveSpeed")
    assert image.small.size
    assert image.placeholder


def test_nothing_is_ordered_and_nothing_enters_the_ledger(elsewhere: Ordering, vendor: Vendor):
    elsewhere()
    charges = vendor.counts().charges
    bring_in()
    assert vendor.counts().charges == charges
    assert Generation.objects.get().price_microusd == 0
    assert not LedgerEntry.objects.exists()


def test_its_receipt_does_not_call_it_free(elsewhere: Ordering):
    elsewhere()
    bring_in()
    generation = Generation.objects.get()
    assert dict(making(generation))["Cost"] == "paid at the vendor"


def test_a_second_run_brings_nothing_twice(elsewhere: Ordering):
    elsewhere()
    bring_in()
    elsewhere(seed=12)
    assert "1 imported, 1 already here" in bring_in()
    assert "0 imported, 2 already here" in bring_in()
    assert Generation.objects.count() == 2


def test_a_picture_that_was_ordered_here_is_already_here(buy: Buying):
    made(buy())
    assert "0 imported, 1 already here" in bring_in()
    assert Generation.objects.count() == 1


def test_newer_predictions_are_newer_in_the_gallery(elsewhere: Ordering):
    ids = [elsewhere(seed=seed) for seed in (1, 2, 3)]
    bring_in()
    shown = Generation.objects.newest_first().values_list("attempts__upstream_id", flat=True)
    assert list(shown) == ids[::-1]


def test_an_import_counts_at_the_moment_of_its_order_and_not_as_an_order_of_this_minute(elsewhere: Ordering):
    elsewhere()
    before = timezone.now()
    bring_in()
    assert Attempt.objects.get().created_at < before


@pytest.mark.parametrize("seed", [None, -1])
def test_a_picture_without_a_seed_is_left_out_and_named(elsewhere: Ordering, seed: int | None):
    placed = elsewhere(seed=seed)
    assert NO_SEED in left_out(bring_in(), placed)


def test_settings_that_are_not_ours_leave_it_out(elsewhere: Ordering):
    placed = elsewhere(prompt="x" * 5001)
    assert "what it was ordered with" in left_out(bring_in(), placed)


def test_what_is_not_finished_or_failed_is_not_brought_in(elsewhere: Ordering, vendor: Vendor):
    vendor.fault("task", "fails")
    elsewhere()
    vendor.fault("task", "no_outputs")
    elsewhere()
    assert "0 imported, 0 already here, 0 left out" in bring_in()


def test_other_models_are_not_brought_in(elsewhere: Ordering):
    elsewhere(model="wavespeed-ai/prompt-optimizer", text="a boat")
    assert "0 imported, 0 already here, 0 left out" in bring_in()


def test_a_picture_made_from_a_reference_comes_with_it(elsewhere: Ordering, vendor: Vendor):
    files = {"file": ("reference.png", png(400, 300))}
    headers = {"Authorization": f"Bearer {vendor.key}"}
    url = f"{vendor.url}/api/v3/media/upload/binary"
    uploaded = httpx.post(url, files=files, headers=headers, trust_env=False).json()["data"]["download_url"]
    elsewhere(model=f"{FLUX}/image-to-image", image=uploaded, strength=0.4)
    assert "1 imported" in bring_in()
    generation, reference = Generation.objects.get(), Reference.objects.get()
    assert (generation.reference, generation.strength, generation.size) == (reference, 0.4, "400*300")
    assert (reference.width, reference.height) == (400, 300)


def test_a_picture_whose_reference_is_gone_is_left_out(elsewhere: Ordering, vendor: Vendor):
    files = {"file": ("reference.png", png())}
    headers = {"Authorization": f"Bearer {vendor.key}"}
    url = f"{vendor.url}/api/v3/media/upload/binary"
    uploaded = httpx.post(url, files=files, headers=headers, trust_env=False).json()["data"]["download_url"]
    placed = elsewhere(model=f"{FLUX}/image-to-image", image=uploaded)
    vendor.fault("file", "404")
    assert NO_REFERENCE in left_out(bring_in(), placed)
    assert not Reference.objects.exists()


@pytest.mark.parametrize("fault", ["403", "short", "svg", "bomb", "oversized"])
def test_a_picture_that_cannot_be_copied_is_named_and_comes_with_the_next_run(elsewhere: Ordering, vendor: Vendor, fault: str):
    placed = elsewhere()
    vendor.fault("output", fault)
    assert "Run this again" in left_out(bring_in(), placed)
    assert "1 imported" in bring_in()


def test_an_order_whose_answer_was_lost_is_left_to_the_reconciler(buy: Buying, vendor: Vendor):
    generation = lost(buy(), vendor, "502_after")
    wait_until(lambda: vendor.counts().making == 0, "the vendor is done", within_s=60)
    said = bring_in()
    assert str(generation.public_id) in said
    assert "0 imported, 0 already here, 1 left out" in said
    sweep()
    assert fresh(generation).state == State.RUNNING
    made(fresh(generation))
    assert entries(generation) == paid_once()
    assert vendor.counts().doubles == 0


def test_a_process_that_dies_before_the_files_are_kept_leaves_a_row_that_a_sweep_takes_further(
    elsewhere: Ordering, monkeypatch: pytest.MonkeyPatch
):
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    elsewhere()
    monkeypatch.setattr(importing, "store", die)
    with pytest.raises(KeyboardInterrupt):
        bring_in()
    monkeypatch.undo()
    generation = Generation.objects.get()
    assert generation.state == State.STORING
    pass_time(200)
    assert generation.pk in sweep()
    assert advanced(generation).state == State.SUCCEEDED
    assert not LedgerEntry.objects.exists()
    assert "0 imported, 1 already here" in bring_in()


def test_since_leaves_out_what_is_older(elsewhere: Ordering):
    elsewhere(seed=1)
    between = timezone.now().isoformat()
    newer = elsewhere(seed=2)
    assert "1 imported, 0 already here" in bring_in("--since", between)
    assert Attempt.objects.get().upstream_id == newer
    assert "1 imported, 1 already here" in bring_in("--since", "2020-01-01")


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "", "9999-12-31T23:59:59-10:00", "3000-01-01"])
def test_a_date_that_cannot_be_used_is_refused_in_one_sentence(vendor: Vendor, owner: User, since: str):
    assert refusal("--since", since).startswith("--since ")


def test_a_person_can_be_named_and_must_be_allowed(elsewhere: Ordering, teammate: User, viewer: User):
    elsewhere()
    assert "viewer@example.org" in refusal("--as", viewer.email)
    assert "nobody@example.org" in refusal("--as", "nobody@example.org")
    bring_in("--as", teammate.email)
    assert Generation.objects.get().author == teammate


def test_without_an_owner_it_says_what_to_do(vendor: Vendor, db: None):
    assert "create_owner" in refusal()


def test_without_a_key_it_says_so(vendor: Vendor, member: Member, connected: Connecting):
    connected(api_key="")
    assert "not connected" in refusal()


def test_a_key_that_is_not_accepted_and_a_vendor_that_is_away_are_told_apart(
    vendor: Vendor, member: Member, connected: Connecting
):
    vendor.fault("list", "401")
    assert "does not accept this key" in refusal()
    backend_for("wavespeed").close()
    connected(base_url="http://127.0.0.1:9")
    assert "could not be reached" in refusal()


def test_a_full_disk_ends_it_with_a_sentence(elsewhere: Ordering, settings: Any, tmp_path):
    elsewhere()
    options = {"location": tmp_path / "full", "room": 0}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "tests.painters.FullDisk", "OPTIONS": options}}
    assert "disk is full" in refusal()
