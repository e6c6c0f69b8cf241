"""Doing what was asked: claim, render, store, and how each thing that goes wrong ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from generations import lifecycle, pipeline
from generations.backends import backend_for, default_backend
from generations.backends.base import ImageRequest
from generations.errors import BackendUnavailable
from generations.models import Generation, Image, LedgerEntry, Member, Progress, State, User
from generations.pipeline import render as rendering
from generations.pipeline.line import next_in_every_line
from generations.submission import Order, submit, withdraw
from tests.conftest import order
from tests.pages import HTMX, page

pytestmark = pytest.mark.django_db

Asking = Callable[..., Generation]
Hiring = Callable[..., None]


@pytest.fixture
def hire(settings) -> Any:
    """Let another engine do the work of the built-in one."""

    def put(name: str, **options: object) -> None:
        settings.IMAGE_BACKENDS = {"easel": {"BACKEND": f"tests.painters.{name}", "OPTIONS": options}}
        backend_for.cache_clear()

    yield put
    backend_for.cache_clear()


@pytest.fixture
def disk(settings, tmp_path: Path) -> Callable[[int], Path]:
    """Put files where there is room for so many."""

    def with_room(count: int) -> Path:
        options = {"location": tmp_path / "full", "room": count}
        settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "tests.painters.FullDisk", "OPTIONS": options}}
        return tmp_path / "full"

    return with_room


def run_out(generation: Generation) -> None:
    """Let the lease run out, as it does when a worker sleeps or dies."""
    Generation.objects.filter(pk=generation.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class TestAdvancing:
    def test_it_takes_a_queued_row_to_its_picture(self, hire: Hiring, ask: Asking):
        hire("Plain")
        generation = ask(num_inference_steps=3)
        steps: list[tuple[int, int]] = []
        assert pipeline.advance(generation.pk, watch=lambda step, of: steps.append((step, of))) == []
        generation.refresh_from_db()
        assert (generation.state, generation.lease_until, generation.error) == (State.SUCCEEDED, None, "")
        assert (generation.notes, generation.versions) == (["Not drawn: jazz"], {"plain": "1"})
        assert generation.render_ms is not None
        assert generation.finished_at >= generation.started_at
        assert steps == [(1, 3), (2, 3), (3, 3)]
        assert not Progress.objects.exists()
        assert generation.images.get().pixels_sha256

    def test_what_is_not_there_to_claim_is_left_alone(self, hire: Hiring, ask: Asking):
        hire("Broken")
        for state in set(State) - {State.QUEUED}:
            generation = ask()
            Generation.objects.filter(pk=generation.pk).update(state=state)
            assert pipeline.advance(generation.pk) == []
            generation.refresh_from_db()
            assert (generation.state, generation.fence) == (state, 0)
        assert pipeline.advance(10**9) == []

    def test_it_names_the_next_in_line(self, hire: Hiring, ask: Asking):
        hire("Plain")
        first, second, _ = ask(), ask(), ask()
        assert pipeline.advance(first.pk) == [second.pk]

    def test_the_line_goes_on_after_a_failure_too(self, hire: Hiring, ask: Asking):
        hire("Broken")
        first, second = ask(), ask()
        assert pipeline.advance(first.pk) == [second.pk]

    def test_step_and_preview_are_kept_while_it_paints(self, hire: Hiring, ask: Asking):
        seen: list[tuple[int, int, bytes]] = []
        hire("Plain", between=lambda request: seen.extend(Progress.objects.values_list("step", "of", "preview")))
        pipeline.advance(ask(num_inference_steps=2).pk)
        step, of, preview = seen[0]
        assert (step, of) == (1, 2)
        assert bytes(preview)[8:12] == b"WEBP"

    def test_a_price_is_reserved_and_then_charged_once(self, hire: Hiring, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        hire("Plain")
        monkeypatch.setattr(backend_for("easel"), "price_microusd", 25_000)
        generation = ask()
        pipeline.advance(generation.pk)
        entries = dict(LedgerEntry.objects.filter(generation=generation).values_list("kind", "amount_microusd"))
        assert entries == {"reserve": 25_000, "release": -25_000, "charge": 25_000}


class TestWhatGoesWrong:
    def test_a_bug_in_an_engine_fails_the_row_with_a_sentence_and_a_detail_for_the_log(self, hire: Hiring, ask: Asking):
        hire("Broken")
        generation = ask()
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert generation.state == State.FAILED
        assert generation.error.startswith("Broken stopped with an error at this picture. Nothing was charged.")
        assert "secret inside" not in generation.error
        assert "ZeroDivisionError" in generation.detail

    def test_an_engine_that_knows_why_says_it_itself(self, hire: Hiring, ask: Asking):
        hire("Sorry")
        generation = ask()
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, generation.error) == (State.FAILED, "The brush broke. Try again.")
        assert "bristle 7" in generation.detail

    def test_an_engine_that_does_not_paint_fails_the_row(self, hire: Hiring, ask: Asking):
        hire("Faraway")
        generation = ask()
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert generation.state == State.FAILED

    def test_a_failure_gives_the_price_back(self, hire: Hiring, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        hire("Broken")
        monkeypatch.setattr(backend_for("easel"), "price_microusd", 25_000)
        generation = ask()
        pipeline.advance(generation.pk)
        assert sum(LedgerEntry.objects.filter(generation=generation).values_list("amount_microusd", flat=True)) == 0
        assert not LedgerEntry.objects.filter(kind="charge").exists()

    @pytest.mark.parametrize("room", [0, 1, 2])
    def test_a_full_disk_fails_the_row_with_a_sentence_and_leaves_no_file(
        self, hire: Hiring, ask: Asking, disk: Callable[[int], Path], room: int
    ):
        hire("Plain")
        folder = disk(room)
        generation = ask()
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert generation.state == State.FAILED
        assert "the disk is full or read-only" in generation.error
        assert "No space left" in generation.detail
        assert files_below(folder) == []
        assert not Image.objects.exists()

    def test_with_room_for_three_files_it_succeeds(self, hire: Hiring, ask: Asking, disk: Callable[[int], Path]):
        hire("Plain")
        folder = disk(3)
        generation = ask()
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert generation.state == State.SUCCEEDED
        assert files_below(folder) == ["1-0-large.webp", "1-0-small.webp", "1-0.jpeg"]

    def test_a_database_that_goes_away_leaves_the_row_to_its_lease(self, hire: Hiring, ask: Asking):
        def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith("INSERT") and "generations_image" in sql:
                raise OperationalError("database is locked")
            return execute(sql, params, many, context)

        hire("Plain")
        generation = ask()
        with connection.execute_wrapper(refuse), pytest.raises(DatabaseError):
            pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, generation.fence) == (State.STORING, 1)
        run_out(generation)
        assert pipeline.sweep() == [generation.pk]
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, generation.fence, generation.expiries) == (State.SUCCEEDED, 2, 1)
        image = generation.images.get()
        assert sorted(default_storage.listdir(str(Path(image.file.name).parent))[1]) == sorted(
            Path(file.name).name for file in (image.file, image.large, image.small)
        )


class TestAStaleWorker:
    def test_one_whose_row_was_taken_amid_the_painting_stops_and_writes_nothing(
        self, hire: Hiring, ask: Asking, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(rendering, "HOLD_EVERY_S", 0)
        generation = ask(num_inference_steps=5)
        painted: list[int] = []

        def lose(request: ImageRequest) -> None:
            painted.append(1)
            run_out(generation)
            pipeline.sweep()
            lifecycle.claim(generation.pk)

        hire("Plain", between=lose)
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, generation.fence, painted) == (State.RENDERING, 2, [1])
        assert not Image.objects.exists()
        assert not default_storage.exists("pictures")

    def test_one_that_wakes_after_its_last_step_writes_nothing(self, hire: Hiring, ask: Asking):
        generation = ask(num_inference_steps=1)

        def lose(request: ImageRequest) -> None:
            run_out(generation)
            pipeline.sweep()
            assert lifecycle.claim(generation.pk) is not None

        hire("Plain", between=lose)
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, generation.fence) == (State.RENDERING, 2)
        assert not Image.objects.exists()
        assert not default_storage.exists("pictures")

    def test_its_failure_does_not_reach_the_row_of_the_next(self, hire: Hiring, ask: Asking):
        generation = ask(num_inference_steps=1)

        def lose_and_break(request: ImageRequest) -> None:
            run_out(generation)
            pipeline.sweep()
            lifecycle.claim(generation.pk)
            raise ValueError("late")

        hire("Plain", between=lose_and_break)
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, generation.error) == (State.RENDERING, "")

    def test_a_picture_cancelled_amid_the_painting_is_not_kept(self, hire: Hiring, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(rendering, "HOLD_EVERY_S", 0)
        generation = ask(num_inference_steps=5)
        painted: list[int] = []

        def cancel(request: ImageRequest) -> None:
            painted.append(1)
            withdraw(generation)

        hire("Plain", between=cancel)
        pipeline.advance(generation.pk)
        generation.refresh_from_db()
        assert (generation.state, painted) == (State.CANCELLED, [1])
        assert not Progress.objects.exists()
        assert not Image.objects.exists()
        assert not default_storage.exists("pictures")

    def test_files_that_a_dead_worker_left_are_gone_when_the_next_one_is_done(self, hire: Hiring, ask: Asking):
        hire("Plain")
        generation = ask()
        folder = f"pictures/{generation.public_id.hex[:2]}/{generation.public_id.hex}"
        for name in ("1-0.jpeg", "1-0-small.webp", ".1-0-large.webp.abcd.tmp"):
            Path(default_storage.path(folder)).mkdir(parents=True, exist_ok=True)
            Path(default_storage.path(f"{folder}/{name}")).write_bytes(b"left")
        Generation.objects.filter(pk=generation.pk).update(fence=1)
        pipeline.advance(generation.pk)
        assert sorted(default_storage.listdir(folder)[1]) == ["2-0-large.webp", "2-0-small.webp", "2-0.jpeg"]


class TestTheSweep:
    def test_it_gives_back_only_what_is_overdue(self, ask: Asking):
        held, lost = ask(), ask()
        for generation in (held, lost):
            lifecycle.claim(generation.pk)
        run_out(lost)
        assert pipeline.sweep() == [lost.pk]
        held.refresh_from_db()
        lost.refresh_from_db()
        assert (held.state, lost.state, lost.expiries) == (State.RENDERING, State.QUEUED, 1)

    def test_the_fifth_time_it_is_put_before_a_person(self, ask: Asking, settings):
        generation = ask()
        for _ in range(settings.EXPIRIES_BEFORE_REVIEW):
            assert lifecycle.claim(generation.pk) is not None
            run_out(generation)
            pipeline.sweep()
        generation.refresh_from_db()
        assert (generation.state, generation.lease_until) == (State.NEEDS_REVIEW, None)
        assert generation.error.startswith("Making this picture was interrupted 5 times")
        assert pipeline.sweep() == []

    def test_it_names_the_first_few_of_a_long_line(self, ask: Asking):
        rows = [ask().pk for _ in range(10)]
        assert pipeline.sweep() == rows[:8]
        assert next_in_every_line(2) == rows[:2]


class TestAnEngineThatIsShut:
    def test_an_order_for_it_is_refused_with_its_sentence(self, hire: Hiring, member: Member):
        hire("Shut")
        with pytest.raises(BackendUnavailable, match="Shut is shut on Sundays"):
            submit(member, order(), hint=False)
        assert not Generation.objects.exists()

    def test_the_page_says_so(self, hire: Hiring, owner: User, signed_in: Callable[[User], Client]):
        hire("Shut")
        response = signed_in(owner).post("/", {"prompt": "a red fox"}, headers=HTMX)
        assert response.status_code == 422
        assert "Shut is shut on Sundays. Choose another." in page(response).text

    def test_an_order_keeps_the_engine_it_was_placed_with(self, hire: Hiring, member: Member):
        hire("Plain")
        placed = submit(member, Order(inputs=order().inputs, backend=default_backend()), hint=False)
        assert placed.backend == "easel"
