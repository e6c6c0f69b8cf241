"""What schemathesis makes up from the OpenAPI document never breaks the server, and every answer fits the document."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.site import Site
from tests.clients.test_runs import MODEL, SMALL

CHECKS = (
    "not_a_server_error",
    "response_schema_conformance",
    "ignored_auth",
    "content_type_conformance",
    "status_code_conformance",
)
EXAMPLES = 20
"""An operation."""
WITHIN_S = 300
# What is made up is never the id of a run.
RUN_THAT_IS_THERE = """
[[operations]]
include-path-regex = "/predictions/\\\\{{id\\\\}}"
include-method = "GET"
parameters = {{ "path.id" = "{id}" }}
"""


@pytest.mark.timeout(WITHIN_S + 60)
def test_whatever_is_sent_the_answers_fit_the_document(site: Site, tmp_path: Path, prompt: str) -> None:
    made = site.ask("POST", f"/api/v3/{MODEL}", {**SMALL, "prompt": prompt, "enable_sync_mode": True})
    (tmp_path / "schemathesis.toml").write_text(RUN_THAT_IS_THERE.format(id=made["id"]))
    options = [
        *("--header", f"Authorization: Bearer {site.keys['sorry']}"),
        *("--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(EXAMPLES)),
        *("--request-timeout", "60"),
        *("--warnings", "off"),
        "--generation-deterministic",
        "--no-color",
    ]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), "run", f"{site.url}/api/openapi.json", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
