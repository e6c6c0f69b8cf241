"""The table in the documentation is what the tests do, with the packages that are installed."""

from __future__ import annotations

import importlib
import json
import pkgutil
from importlib.metadata import version

from tests import clients
from tests.clients import matrix, node

PAGE = node.ROOT / "docs" / "api.md"


def test_the_documentation_has_the_table_of_the_tests() -> None:
    assert matrix.table() in PAGE.read_text()


def test_every_row_has_a_test() -> None:
    for module in pkgutil.iter_modules(clients.__path__):
        if module.name.startswith("test_"):
            importlib.import_module(f"tests.clients.{module.name}")
    assert matrix.covered == set(matrix.ROWS)


def test_the_versions_in_the_table_are_those_that_are_installed() -> None:
    packages = json.loads((node.HERE / "package.json").read_text())["dependencies"]
    for column in matrix.COLUMNS.values():
        found = packages[column.package] if column.registry == "npm" else version(column.package)
        assert column.version == found


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((node.HERE / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if not package.get("integrity")]
