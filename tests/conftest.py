"""No test sees the settings, the home or the Claude Code of the person who runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is, or how busy, is no property of the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

SCRUBBED = ("CONFAB_", "CLAUDE", "XDG_", "_CONFAB")


@pytest.fixture(autouse=True, scope="session")
def scrubbed_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty home, and nothing in the environment that would change what confab does."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            # Whether tests may skip is for the root's conftest to know, and no setting of ours.
            if name.startswith(SCRUBBED) and name != "CONFAB_REQUIRE_ALL":
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield
