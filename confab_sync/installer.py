"""By which program confab was installed, and so with which command it is upgraded."""

from __future__ import annotations

import os
import shlex
import sys

PACKAGE = "confab-sync"

PIPX = "pipx"
UV_TOOL = "uv tool"
UV = "uv pip"
PIP = "pip"

_MARKS = (("pipx_metadata.json", PIPX), ("uv-receipt.toml", UV_TOOL))
"""Files that these put into the environments they make."""


def installer(prefix: str = sys.prefix) -> str:
    """Who installed confab into the environment at `prefix`; in doubt pip."""
    for name, found in _MARKS:
        if os.path.exists(os.path.join(prefix, name)):
            return found
    return UV if _recorded() == "uv" else PIP


def upgrade_command(found: str | None = None, python: str = sys.executable) -> str:
    """What to type to upgrade confab. Nothing is asked of any network."""
    found = found or installer()
    return {
        PIPX: f"pipx upgrade {PACKAGE}",
        UV_TOOL: f"uv tool upgrade {PACKAGE}",
        UV: f"uv pip install --python {shlex.quote(python)} --upgrade {PACKAGE}",
    }.get(found, f"{shlex.quote(python)} -m pip install --upgrade {PACKAGE}")


def add_command(library: str, found: str | None = None, python: str = sys.executable) -> str:
    """What to type to have `library` in confab's environment as well."""
    found = found or installer()
    return {
        PIPX: f"pipx inject {PACKAGE} {library}",
        UV_TOOL: f"uv tool install --with {library} {PACKAGE}",
        UV: f"uv pip install --python {shlex.quote(python)} {library}",
    }.get(found, f"{shlex.quote(python)} -m pip install {library}")


def remove_command(found: str | None = None, python: str = sys.executable) -> str:
    """What to type to take confab itself off the machine."""
    found = found or installer()
    return {
        PIPX: f"pipx uninstall {PACKAGE}",
        UV_TOOL: f"uv tool uninstall {PACKAGE}",
        UV: f"uv pip uninstall --python {shlex.quote(python)} {PACKAGE}",
    }.get(found, f"{shlex.quote(python)} -m pip uninstall {PACKAGE}")


def server_command(found: str | None = None, python: str = sys.executable) -> str:
    """What to type to have what `confab serve` needs in confab's environment as well."""
    found = found or installer()
    extra = shlex.quote(f"{PACKAGE}[server]")
    return {
        PIPX: f"pipx install --force {extra}",
        UV_TOOL: f"uv tool install --force {extra}",
        UV: f"uv pip install --python {shlex.quote(python)} {extra}",
    }.get(found, f"{shlex.quote(python)} -m pip install {extra}")


def _recorded() -> str:
    """What the INSTALLER file beside the package says (PEP 376)."""
    from importlib import metadata

    try:
        return (metadata.distribution(PACKAGE).read_text("INSTALLER") or "").strip()
    except metadata.PackageNotFoundError:  # run from a checkout
        return ""
