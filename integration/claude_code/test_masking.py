"""What the real client writes is archived as it is: there is no secret in it."""

import random

from confab_sync.redaction.configured import masker_from
from confab_sync.redaction.literal import MARKER
from integration.claude_code.workbench import Workbench
from tests.redaction.corpus import clean

SEED = 20260204
SMALL = 2_000
"""Bytes of text that the client keeps in the transcript itself, many of them together."""


def test_nothing_is_found_in_what_the_client_wrote(workbench: Workbench) -> None:
    """Lock files, minified scripts, Base64, hashes and prose about secrets, as tools print them."""
    texts = dict(clean.lines(random.Random(SEED)))
    for number, (_, text) in enumerate(texts.items()):
        size = "small" if len(text) < SMALL else "large"
        (workbench.home.project / f"{size}-{number}").write_bytes(text + b"\n")
    prose = "\n".join(clean.PROSE_AND_CODE)
    sessions = (
        workbench.headless("RUN cat small-*"),
        workbench.headless("RUN cat large-*"),
        workbench.headless(f"AGENT RUN cat small-*\n{prose}"),
    )
    masker = masker_from(None)
    assert masker is not None
    seen = b""
    for session in sessions:
        for name, content in workbench.files(session).items():
            result = masker.mask_bytes(content)
            assert result.data is content, f"{name}: {MARKER.findall(result.data)}"
            seen += content
    digest = texts["yarn.lock"].rpartition(b"#")[2].rstrip(b'"')
    assert digest in seen
    assert texts["hexadecimal"][-10_000:-100] in seen
    workbench.assert_all_is_well(*sessions)
