"""What a run of pytest says about one test, read from its exit status and its JUnit report."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

FAILED, PASSED = "failed", "passed"


def verdict(status: int, report: Path) -> str:
    """Say `FAILED` when a test itself failed, `PASSED` when all passed, else what went wrong.

    A test that never ran proves nothing: collection errors, fixtures that broke, skips and
    an interpreter that died are told in words.
    """
    if status not in (0, 1):
        return f"pytest ended with status {status}"
    try:
        cases = ET.parse(report).getroot().findall(".//testcase")
    except (OSError, ET.ParseError):
        return "pytest wrote no report"
    if any(case.find("failure") is not None for case in cases):
        return FAILED if status == 1 else "pytest told of a failure and ended with status 0"
    if broken := [case for case in cases if case.find("error") is not None]:
        return f"{broken[0].get('name')} could not run: {_message(broken[0], 'error')}"
    if skipped := [case for case in cases if case.find("skipped") is not None]:
        return f"{skipped[0].get('name')} was skipped: {_message(skipped[0], 'skipped')}"
    if not cases:
        return "no test was found"
    return PASSED if status == 0 else "pytest ended with status 1 and told of no failure"


def _message(case: ET.Element, kind: str) -> str:
    element = case.find(kind)
    message = "" if element is None else element.get("message", "")
    return " ".join(message.split())[:200]
