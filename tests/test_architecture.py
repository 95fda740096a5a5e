"""docs/architecture.md says the first sentence of every module; run this module to write it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- modules -->\n", "<!-- /modules -->"


def first_sentence(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split())


def module_table() -> str:
    """The table of all modules, by room."""
    rows = ["| module | what it is for |", "|---|---|"]
    for path in sorted((ROOT / "confab_sync").rglob("*.py")):
        if path.name != "__init__.py":
            sentence = first_sentence(path).replace("|", "\\|")
            rows.append(f"| `{path.relative_to(ROOT / 'confab_sync')}` | {sentence} |")
    return "\n".join(rows) + "\n"


def test_every_module_begins_with_a_sentence() -> None:
    silent = [
        path.name
        for path in (ROOT / "confab_sync").rglob("*.py")
        if not first_sentence(path).endswith(".")
    ]
    assert silent == []


def test_the_document_names_every_module_as_it_names_itself() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written == module_table()


def write() -> None:
    """Bring the document up to date."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(before + BEGIN + module_table() + END + after, encoding="utf-8")


if __name__ == "__main__":
    write()
