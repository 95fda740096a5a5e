"""Turns every skip into a failure where `CONFAB_REQUIRE_ALL` says that nothing may be missing."""

import os
from collections.abc import Generator

import pytest


def _nothing_may_be_skipped() -> bool:
    return os.environ.get("CONFAB_REQUIRE_ALL", "") not in ("", "0")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    # An expected failure is reported as skipped too, but it did run.
    if report.skipped and not hasattr(report, "wasxfail") and _nothing_may_be_skipped():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CONFAB_REQUIRE_ALL is set, so nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look at the report of each phase of a test, after every other plugin has."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Look at the report of each module too: a module can skip itself as a whole."""
    report = yield
    _fail_if_skipped(report)
    return report
