"""The command line: generate, create_owner and status."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Pillow

from generations import metadata
from generations.models import Generation, Member, Reference, Role, State, Team, User
from tests.installation import ROOT, Broker, Installation

pytestmark = pytest.mark.django_db

SMALL = ("--size", "256*256", "--steps", "2", "--seed", "7")


def generate(*arguments: str) -> str:
    """Run the command in this process and return what it prints."""
    out = StringIO()
    call_command("generate", *arguments, stdout=out)
    return out.getvalue()


def refusal(command: str, *arguments: str) -> str:
    """Return the sentence that a command ends with, exit status 2."""
    with pytest.raises(CommandError) as caught:
        call_command(command, *arguments, stdout=StringIO())
    assert caught.value.returncode == 2
    return str(caught.value)


def assert_one_sentence(text: str) -> None:
    assert text.count("\n") == 0
    assert text[0].isupper()
    assert text.endswith((".", "NAME"))


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "reference.png"
    Pillow.linear_gradient("L").convert("RGB").save(path)
    return path


class TestGenerate:
    def test_it_makes_a_picture_and_keeps_it_for_the_first_owner(self, owner: User):
        shown = generate("a red fox", *SMALL)
        generation = Generation.objects.get()
        image = generation.images.get()
        assert (generation.state, generation.author, generation.prompt) == (State.SUCCEEDED, owner, "a red fox")
        assert Path(image.file.path).is_file()
        assert f"{image.file.path}\nseed 7, 256×256, " in shown

    def test_json_tells_all_and_nothing_else(self, owner: User, tmp_path: Path):
        target = tmp_path / "fox.jpg"
        result = json.loads(generate("a red fox", *SMALL, "--output", str(target), "--json"))
        image = Generation.objects.get().images.get()
        wanted = {"id": str(Generation.objects.get().public_id), "file": str(target), "seed": 7, "size": "256*256"}
        wanted |= {"backend": "easel", "sha256": image.sha256, "pixels_sha256": image.pixels_sha256}
        assert wanted.items() <= result.items()
        assert result["seconds"] > 0
        assert hashlib.sha256(target.read_bytes()).hexdigest() == result["sha256"]

    def test_the_same_request_gives_the_same_bytes_and_another_seed_gives_others(self, owner: User):
        first, second = (json.loads(generate("a red fox", *SMALL, "--json")) for _ in range(2))
        other = json.loads(generate("a red fox", "--size", "256*256", "--steps", "2", "--seed", "8", "--json"))
        assert first["id"] != second["id"]
        assert first["sha256"] == second["sha256"]
        assert first["pixels_sha256"] == second["pixels_sha256"] != other["pixels_sha256"]

    @pytest.mark.parametrize(("output_format", "pillows"), [("png", "PNG"), ("jpeg", "JPEG")])
    def test_the_file_has_the_format_and_the_settings_inside(self, owner: User, output_format: str, pillows: str):
        data = Path(json.loads(generate("a red fox", *SMALL, "--format", output_format, "--json"))["file"]).read_bytes()
        with Pillow.open(BytesIO(data)) as picture:
            assert (picture.format, picture.size) == (pillows, (256, 256))
        settings = metadata.read(data)
        assert settings is not None
        assert (settings.prompt, settings.seed, settings.num_inference_steps) == ("a red fox", 7, 2)

    def test_a_seed_that_is_not_given_is_drawn_and_told(self, owner: User):
        result = json.loads(generate("a red fox", "--size", "256*256", "--steps", "1", "--json"))
        assert result["seed"] == Generation.objects.get().seed >= 0

    def test_a_reference_changes_the_picture(self, owner: User, reference: Path):
        plain = json.loads(generate("a red fox", *SMALL, "--json"))
        changed = json.loads(generate("a red fox", *SMALL, "--image", str(reference), "--strength", "0.3", "--json"))
        generation = Generation.objects.get(public_id=changed["id"])
        assert (generation.strength, generation.reference) == (0.3, Reference.objects.get())
        assert plain["pixels_sha256"] != changed["pixels_sha256"]

    def test_a_file_that_cannot_be_written_loses_no_picture(self, owner: User, reference: Path):
        said = refusal("generate", "a red fox", *SMALL, "--output", str(reference / "below" / "fox.jpg"))
        assert said.startswith("The picture is in the gallery, but ")
        assert_one_sentence(said)
        assert Generation.objects.get().state == State.SUCCEEDED

    def test_it_can_be_made_for_somebody_else(self, owner: User, teammate: User):
        generate("a red fox", *SMALL, "--as", "Teammate@Example.org")
        assert Generation.objects.get().author == teammate

    def test_a_viewer_and_a_stranger_get_none(self, owner: User, viewer: User):
        for email in ("viewer@example.org", "nobody@example.org"):
            said = refusal("generate", "a red fox", *SMALL, "--as", email)
            assert said == f"Nobody with the address {email} may make pictures here."

    def test_before_anybody_has_an_account_it_says_what_to_do(self, db: None):
        said = refusal("generate", "a red fox", *SMALL)
        assert "create_owner" in said
        assert_one_sentence(said)

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("",), "Write what the picture should show."),
            ((" \n ",), "Write what the picture should show."),
            (("fox " * 25_000,), "The prompt is too long."),
            (("fox", "--size", "255*256"), "Width and height must each be from 256 to 1536 pixels."),
            (("fox", "--size", "1537"), "Width and height must each be from 256 to 1536 pixels."),
            (("fox", "--size", "wide"), "Write the size as width*height"),
            (("fox", "--seed", "2147483648"), "Seed must be a whole number"),
            (("fox", "--seed", "1e3"), "Seed must be a whole number"),
            (("fox", "--steps", "0"), "Steps must be a whole number from 1 to 50."),
            (("fox", "--steps", "51"), "Steps must be a whole number from 1 to 50."),
            (("fox", "--guidance", "nan"), "Guidance must be a number from 1 to 20."),
            (("fox", "--strength", "2"), "Strength must be a number from 0 to 1."),
            (("fox", "--format", "gif"), "Format can be jpeg or png."),
            (("fox", "--backend", "dalle"), "There is no backend of this name."),
            (("fox", "--image", "/no/such/file.png"), "The reference /no/such/file.png could not be read"),
            (("fox", "--image", "/"), "The reference / could not be read"),
            (("fox", "--image", __file__), "This file could not be read as a picture."),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_bad_input_ends_with_status_2_and_a_sentence_and_saves_nothing(
        self, owner: User, arguments: tuple[str, ...], sentence: str
    ):
        said = refusal("generate", *arguments)
        assert said.startswith(sentence)
        assert_one_sentence(said)
        assert not Generation.objects.exists()
        assert not Reference.objects.exists()

    @pytest.mark.parametrize("damage", ["truncated", "empty"])
    def test_a_damaged_reference_is_refused(self, owner: User, reference: Path, damage: str):
        data = reference.read_bytes()
        reference.write_bytes(data[: len(data) // 2] if damage == "truncated" else b"")
        assert_one_sentence(refusal("generate", "fox", "--image", str(reference)))
        assert not Generation.objects.exists()


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
class TestInAProcessOfItsOwn:
    """What a shell sees: exit status, standard output and standard error."""

    def run(self, installation: Installation, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        environment = installation.environment({})
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, **options)

    def test_a_picture_is_on_standard_output_and_nothing_else_anywhere(self, installation: Installation, owner: User):
        done = self.run(installation, "generate", "a red fox", *SMALL, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["seed"] == 7

    def test_bad_input_is_one_sentence_on_standard_error(self, installation: Installation, owner: User):
        done = self.run(installation, "generate", "a red fox", "--size", "9*9")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "CommandError: Width and height must each be from 256 to 1536 pixels.\n"

    def test_an_owner_made_from_standard_input_can_make_pictures(self, installation: Installation):
        asked = ("create_owner", "ada@example.org", "--team", "Atelier", "--password-stdin")
        done = self.run(installation, *asked, input="a long enough phrase\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "ada@example.org owns the team Atelier.\n"
        assert self.run(installation, "generate", "a red fox", *SMALL).returncode == 0
        assert Generation.objects.get().author.email == "ada@example.org"


class TestCreateOwner:
    @pytest.fixture
    def type_in(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        return lambda text: monkeypatch.setattr(sys, "stdin", StringIO(text))

    def create(self, email: str, team: str = "Atelier") -> str:
        out = StringIO()
        call_command("create_owner", email, "--team", team, "--name", "Ada", "--password-stdin", stdout=out)
        return out.getvalue()

    def test_it_makes_a_person_and_a_team_of_their_own(self, db: None, type_in: Callable[[str], None]):
        type_in(" a long enough phrase \r\n")
        assert self.create("Ada@Example.org") == "ada@example.org owns the team Atelier.\n"
        member = Member.objects.select_related("team", "user").get()
        assert (member.role, member.team.name, member.user.name) == (Role.OWNER, "Atelier", "Ada")
        assert member.user.check_password(" a long enough phrase ")

    def test_further_owners_get_further_teams_even_of_the_same_name(self, owner: User, type_in: Callable[[str], None]):
        type_in("a long enough phrase")
        self.create("ada@example.org")
        assert Team.objects.filter(name="Atelier").count() == 2
        assert Member.objects.get(user__email="ada@example.org").team != Member.objects.get(user=owner).team

    @pytest.mark.parametrize(
        ("email", "name", "password", "sentence"),
        [
            ("ada", "Atelier", "a long enough phrase", "Enter a valid email address."),
            ("", "Atelier", "a long enough phrase", "This field is required."),
            ("ada@example.org", "", "a long enough phrase", "This field is required."),
            ("ada@example.org", "x" * 81, "a long enough phrase", "at most 80 characters"),
            ("ada@example.org", "Atelier", "short", "at least 10 characters"),
            ("ada@example.org", "Atelier", "", "This field is required."),
            ("owner@example.org", "Atelier", "a long enough phrase", "This address already has an account."),
            ("OWNER@example.org", "Atelier", "a long enough phrase", "This address already has an account."),
        ],
    )
    def test_bad_input_ends_with_status_2_and_a_sentence_and_saves_nothing(
        self, owner: User, type_in: Callable[[str], None], email: str, name: str, password: str, sentence: str
    ):
        type_in(password)
        said = refusal("create_owner", email, "--team", name, "--password-stdin")
        assert sentence in said
        assert said.count("\n") == 0
        assert User.objects.count() == Team.objects.count() == 1


class TestStatus:
    def status(self) -> str:
        out = StringIO()
        call_command("status", stdout=out)
        return out.getvalue()

    def test_it_tells_queues_and_rows(self, broker: Broker, ask: Callable[..., Generation]):
        broker.client.flushall()
        ask()
        broker.client.lpush("local", "a hint")
        rows = self.status()
        assert "Queue     local    1 hints" in rows
        assert "Queue     remote   0 hints" in rows
        assert re.search(r"Waiting   1 rows, oldest hint \d+ s\n", rows)
        assert "At work   0 rows, oldest lease none" in rows

    def test_it_says_that_nothing_runs(self, db: None, settings):
        rows = self.status()
        assert f"Data      {settings.DATA_DIR}" in rows
        assert "Processes none: `make run` is not running with this data folder" in rows

    def test_a_broker_that_is_away_is_told_and_stops_nothing(self, db: None, settings, tmp_path: Path):
        settings.PUBSUB_URL = f"unix://{tmp_path}/nobody.sock"
        rows = self.status()
        assert rows.count("the broker does not answer") == 3
        assert "Waiting   0 rows, oldest hint none" in rows

    def test_hints_in_files_are_counted(self, db: None, settings, tmp_path: Path):
        settings.PUBSUB_URL = ""
        settings.BROKER_FOLDER = tmp_path
        (tmp_path / "1_a.local.msg").write_text("{}")
        assert "Queue     local    1 hints (files)" in self.status()

    def test_what_is_stuck_is_counted(self, ask: Callable[..., Generation]):
        stuck, undecided = ask(), ask()
        Generation.objects.filter(pk=stuck.pk).update(state=State.RENDERING, lease_until="2020-01-01T00:00Z")
        Generation.objects.filter(pk=undecided.pk).update(state=State.NEEDS_REVIEW)
        assert "Stuck     1 overdue leases, 1 waiting for a person's decision" in self.status()
