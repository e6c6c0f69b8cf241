"""A pytest plugin for places where everything can run: a skipped test fails the run. Use it as `-p tests.no_skips`."""

from __future__ import annotations

import pytest

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # A test that is expected to fail, and does, is reported as skipped too.
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped:
        terminalreporter.section("skipped, which is not allowed here", red=True)
        terminalreporter.write_line(f"Nothing may be skipped in this run, but {len(_skipped)} were:")
        for name in _skipped:
            terminalreporter.write_line(f"  {name}")
