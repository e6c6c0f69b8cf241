"""Keys from the command line: the key alone on standard output, everything else on standard error."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from generations.keys import KEY, live_key
from generations.models import ApiKey, User
from tests.installation import ROOT, Installation

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> tuple[str, str]:
    """Return what the command writes to standard output and to standard error."""
    out, err = StringIO(), StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_prints_the_key_alone_and_only_once(teammate: User):
    out, err = create("Teammate@example.org", "--name", "Blog")
    secret = out.removesuffix("\n")
    assert KEY.fullmatch(secret)
    assert secret not in err
    assert "it cannot be shown again" in err
    key = live_key(secret)
    assert key is not None
    assert (key.member.user, key.name, key.scope, key.backend, key.expires_at) == (teammate, "Blog", "run", "", None)


def test_scope_engine_and_days_are_taken(owner: User):
    create("owner@example.org", "--name", "Blog", "--scope", "read", "--backend", "easel", "--days", "30")
    key = ApiKey.objects.get()
    assert (key.scope, key.backend) == ("read", "easel")
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody@example.org", "--name", "Blog"), "Nobody with the address nobody@example.org may make pictures here."),
        (("viewer@example.org", "--name", "Blog"), "Nobody with the address viewer@example.org may make pictures here."),
        (("owner@example.org", "--name", " "), "Write a name for the key."),
        (("owner@example.org", "--name", "x" * 61), "Use at most 60 characters."),
        (("owner@example.org", "--name", "Blog", "--scope", "admin"), "The scope can be read or run."),
        (("owner@example.org", "--name", "Blog", "--backend", "gone"), "Your team cannot use this engine. Choose another one."),
        (("owner@example.org", "--name", "Blog", "--days", "0"), "The days can be a whole number from 1 to 3650."),
        (("owner@example.org", "--name", "Blog", "--days", "-1"), "The days can be a whole number from 1 to 3650."),
        (("owner@example.org", "--name", "Blog", "--days", "9" * 99), "The days can be a whole number from 1 to 3650."),
        (("owner@example.org", "--name", "Blog", "--days", "soon"), "The days can be a whole number from 1 to 3650."),
    ],
)
def test_bad_input_ends_with_status_2_and_a_sentence_and_makes_no_key(
    owner: User, viewer: User, arguments: tuple[str, ...], sentence: str
):
    with pytest.raises(CommandError) as caught:
        create(*arguments)
    assert (caught.value.returncode, str(caught.value)) == (2, sentence)
    assert not ApiKey.objects.exists()


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_shell_can_keep_the_key_in_a_variable(installation: Installation, owner: User):
    command = [sys.executable, "manage.py", "create_api_key", "owner@example.org", "--name", "Blog"]
    environment = installation.environment({})
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert live_key(done.stdout.strip()) is not None
    assert done.stdout.count("\n") == done.stderr.count("\n") == 1
