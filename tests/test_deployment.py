"""The files that bring the playground to other machines name only what exists: commands, files, variables, targets."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class

from generations import supervision
from generations.models import Generation, Lease, State
from tests.installation import ROOT, Installation, assert_made_exactly_once, wait_until

# Read by Python itself, not by the settings.
PYTHON_VARIABLES = {"PYTHONUNBUFFERED"}
# Read by an image that is not ours, or by compose itself.
IMAGE_VARIABLES = {"postgres": {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}, "valkey": set()}
TEST_VARIABLES = {"CHROMIUM", "FAULT"}
PRODUCT = [
    "manage.py",
    "requirements.txt",
    "requirements-model.txt",
    "requirements-gpu.txt",
    "playground",
    "generations",
    "templates",
    "static",
]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", *(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as (INSTRUCTION, arguments), continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line.strip())]


def of_image(instruction: str) -> list[str]:
    return [rest for word, rest in instructions() if word == instruction]


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


@pytest.fixture
def own_services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that run the playground's own image."""
    return {name: service for name, service in compose["services"].items() if "build" in service}


def variables_read() -> dict[str, ast.expr | None]:
    """Return every variable the settings read, with its default where one is written down."""
    tree = ast.parse((ROOT / "playground/settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    readers = [call for call in calls if call.func.id in {"env_str", "env_bool", "env_int", "env_choice"}]
    return {ast.literal_eval(call.args[0]): call.args[1] if len(call.args) > 1 else None for call in readers}


def documented() -> dict[str, str]:
    """Return each variable in the tables of docs/settings.md with its default as written there."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))


def management_calls(service: dict[str, Any]) -> list[list[str]]:
    """Return the arguments of every `python manage.py` that a service of our image runs."""
    entrypoint = service.get("entrypoint", json.loads(of_image("ENTRYPOINT")[0]))
    words = [*entrypoint, *service.get("command", json.loads(of_image("CMD")[0]))]
    lines = words[2].split(" && ") if entrypoint == ["sh", "-c"] else [shlex.join(words)]
    calls = [shlex.split(line) for line in lines]
    assert all(call[:2] == ["python", "manage.py"] for call in calls)
    return [call[2:] for call in calls]


def assert_is_a_management_command(call: list[str]) -> None:
    name, *arguments = call
    assert name in get_commands(), f"manage.py has no command {name}"
    app = get_commands()[name]
    command = app if not isinstance(app, str) else load_command_class(app, name)
    command.create_parser("manage.py", name).parse_args(arguments)


# --- The image ------------------------------------------------------------------------------------------------------


def test_the_image_copies_what_exists_and_is_not_ignored():
    ignore = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    for copied in of_image("COPY"):
        source = copied.split()[0]
        assert (ROOT / source).exists()
        assert f"!{source}" in ignore
    assert ignore[0] == "*"
    assert any(fnmatch("playground/__pycache__", pattern) for pattern in ignore[1:])


def test_the_image_holds_the_whole_product():
    assert {copied.split()[0] for copied in of_image("COPY")} == set(PRODUCT)


def test_the_image_runs_commands_that_exist():
    for call in management_calls({}):
        assert_is_a_management_command(call)
    assert management_calls({}) == [["up"]]


def test_the_image_installs_the_requirements_it_copied():
    assert "pip install --no-cache-dir -r requirements.txt" in of_image("RUN")


def test_the_image_does_not_run_as_root():
    words = [word for word, _ in instructions()]
    made, used = of_image("RUN")[1], of_image("USER")
    assert used == ["playground"]
    assert "useradd" in made
    assert words.index("USER") < words.index("ENTRYPOINT")


def test_every_variable_of_the_image_is_read_by_somebody():
    named = {setting.partition("=")[0] for setting in of_image("ENV")}
    assert named
    assert named <= variables_read().keys() | PYTHON_VARIABLES


def test_the_data_volume_is_the_data_folder_and_belongs_to_the_user():
    assert of_image("VOLUME") == ["/data"]
    assert "PLAYGROUND_DATA=/data" in of_image("ENV")
    assert "--owner=playground --group=playground /data" in of_image("RUN")[1]


def test_the_image_asks_an_address_that_exists_for_its_health(client):
    command = of_image("HEALTHCHECK")[0].partition("CMD ")[2]
    python, option, code = json.loads(command)
    assert (python, option) == ("python", "-c")
    ast.parse(code)
    path = re.search(r"\['PORT'\]\}(/\w+)", code)
    assert path is not None
    assert client.get(path[1]).content == b"ok"


# --- The composition --------------------------------------------------------------------------------------------------


def test_every_process_of_a_playground_is_a_service(compose: dict[str, Any]):
    assert compose["services"].keys() == {program.name for program in supervision.programs()} | {
        "prepare",
        "gpu",
        "postgres",
        "valkey",
    }


def test_every_service_runs_commands_that_exist(own_services: dict[str, dict[str, Any]]):
    for name, service in own_services.items():
        calls = management_calls(service)
        assert calls, f"{name} runs nothing"
        for call in calls:
            assert_is_a_management_command(call)


@pytest.mark.parametrize("name", ["web", "remote", "enhance", "local", "gpu"])
def test_a_service_serves_the_process_of_its_name(own_services: dict[str, dict[str, Any]], name: str):
    assert own_services[name]["command"] == ["serve", name]


def test_tables_and_static_files_are_made_before_any_process_starts(own_services: dict[str, dict[str, Any]]):
    assert [call[0] for call in management_calls(own_services["prepare"])] == ["migrate", "collectstatic"]
    for name in own_services.keys() - {"prepare"}:
        assert own_services[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_every_variable_of_a_service_is_read_by_somebody(compose: dict[str, Any], own_services: dict[str, dict[str, Any]]):
    for name, service in compose["services"].items():
        known = variables_read().keys() if name in own_services else IMAGE_VARIABLES[name]
        assert service.get("environment", {}).keys() <= known, name


def test_every_variable_that_compose_fills_in_has_a_default_and_a_reader():
    filled_in = re.findall(r"\$\{(\w+)(:-)?", (ROOT / "compose.yaml").read_text())
    assert filled_in
    for name, default in filled_in:
        assert default, f"{name} has no default"
        assert name in variables_read().keys() | IMAGE_VARIABLES["postgres"]


def test_services_wait_for_services_that_exist(compose: dict[str, Any]):
    for service in compose["services"].values():
        for awaited, how in service.get("depends_on", {}).items():
            assert awaited in compose["services"]
            assert how["condition"] != "service_healthy" or "test" in compose["services"][awaited]["healthcheck"]


def test_every_volume_is_declared_and_used(compose: dict[str, Any]):
    used = {volume.partition(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == compose["volumes"].keys()


def test_all_processes_share_one_data_folder(own_services: dict[str, dict[str, Any]]):
    assert {tuple(service["volumes"]) for service in own_services.values()} == {("data:/data",)}


def test_the_addresses_of_database_and_broker_name_services(compose: dict[str, Any], own_services: dict[str, dict[str, Any]]):
    for service in own_services.values():
        for variable in ("DATABASE_URL", "REDIS_URL"):
            host = re.search(r"//(?:.*@)?([a-z]+):\d+/", service["environment"][variable])
            assert host is not None
            assert host[1] in compose["services"]


def test_a_container_is_given_longer_to_stop_than_a_worker_takes(own_services: dict[str, dict[str, Any]]):
    for service in own_services.values():
        assert int(service["stop_grace_period"].removesuffix("s")) > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 10


# --- The commands of the containers, for real ---------------------------------------------------------------------------


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_the_served_processes_make_a_picture(installation: Installation, ask: Callable[..., Generation]):
    generation = ask()
    for name in ("remote", "local"):
        installation.start("manage", "serve", name)
    made = Generation.objects.filter(pk=generation.pk, state=State.SUCCEEDED)
    wait_until(made.exists, "the sweep of one worker hints at the row, and the other paints it")
    assert_made_exactly_once(generation, settings.DATA_DIR / "media")


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what a process has loaded")
def test_the_worker_for_vendors_never_loads_the_painter(installation: Installation):
    worker = installation.start("manage", "serve", "remote", SWEEP_EVERY_S="1")
    wait_until(Lease.objects.filter(name="poller", holder__isnull=False).exists, "it asks vendors")
    assert "skia" not in Path(f"/proc/{worker.pid}/maps").read_text()


# --- Documents ----------------------------------------------------------------------------------------------------------


def test_every_setting_is_documented_and_nothing_else():
    assert documented().keys() == variables_read().keys() | TEST_VARIABLES


def test_documented_defaults_are_the_real_ones():
    for name, default in variables_read().items():
        if isinstance(default, ast.Constant):
            assert documented()[name] == f"`{default.value}`", name


def test_the_readme_says_where_the_settings_are_described():
    assert "docs/settings.md" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_a_document_names_exists(document: str):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (ROOT / document).read_text()
    named = set(re.findall(r"(?:`|^\s*)(?:[A-Z]+=\S+ )*make ([a-z-]+)", text, re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_in_a_document_leads_somewhere(document: str):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", (ROOT / document).read_text())
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []


# --- Continuous integration -----------------------------------------------------------------------------------------------


def test_the_ci_script_can_be_run():
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


def test_the_ci_script_runs_the_commands_of_the_readme():
    script = (ROOT / ".ci/run").read_text()
    assert "\nmake check\n" in script
    # Every run that names no other target is one of `make test`.
    assert "targets[$name]=${TARGET:-test}\n" in script and 'make "${targets[$name]}" ARGS=' in script
