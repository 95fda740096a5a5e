"""What the pages need is in the package: every file that a template names, and nothing unnamed."""

from __future__ import annotations

import re
from importlib.resources import files

from confab_sync.server.assets import read_assets

NAMED = re.compile(r"static\('([^']+)'\)|\{% (?:extends|include) \"([^\"]+)\"")


def templates() -> dict[str, str]:
    directory = files("confab_sync.server") / "templates"
    return {each.name: each.read_text(encoding="utf-8") for each in directory.iterdir()}


def test_every_file_that_a_template_names_is_there() -> None:
    there = {*read_assets(), *templates()}
    for name, text in templates().items():
        for match in NAMED.finditer(text):
            assert (match[1] or match[2]) in there, name


def test_no_template_has_a_script_a_style_or_a_handler_of_its_own() -> None:
    for name, text in templates().items():
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), name
        for script in re.findall(r"<script[^>]*>", text):
            assert " src=" in script, name
