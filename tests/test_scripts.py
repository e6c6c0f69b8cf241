"""The pages' scripts share one scope: a name that two of them declare breaks the second one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

SCRIPTS = sorted((Path(__file__).parent.parent / "static" / "js").glob("*.js"))
DECLARED = re.compile(r"^(?:const|let|class|function) (\w+)", re.MULTILINE)


def test_no_name_is_declared_by_two_scripts():
    names = Counter(name for script in SCRIPTS for name in DECLARED.findall(script.read_text(encoding="utf-8")))
    assert [name for name, count in names.items() if count > 1] == []


def test_each_script_is_short_enough_to_be_read_at_once():
    assert {script.name for script in SCRIPTS if len(script.read_text(encoding="utf-8").splitlines()) > 83} == set()
