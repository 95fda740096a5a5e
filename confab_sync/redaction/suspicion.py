"""Telling at a glance whether a name or path may hold a secret, without loading the masker.

Imported by hooks: it costs microseconds and needs nothing. It errs on the side of suspicion;
a test holds that whatever the default rules mask in a path is suspicious here.
"""

from __future__ import annotations

MARKS = frozenset("=:?&\"'<>{}|")
"""What stands between a telling name and its value, and seldom in a path."""

ARGUMENT = " --"
"""What a telling name begins with that has only a blank behind it."""

BEGINNINGS = tuple(
    b"-" + each
    for each in (
        *(b"sk-ant-", b"sk-proj-", b"sk-svcacct-", b"sk-admin-", b"AIza", b"GOCSPX-", b"ya29-"),
        *(b"glpat-", b"gldt-", b"glrt-", b"glrtr-", b"glptt-", b"glft-", b"glimt-", b"glagent-"),
        *(b"glcbt-", b"gloas-", b"glffct-", b"glsoat-", b"glsa-", b"glc-"),
        *(b"xoxb-", b"xoxp-", b"xoxa-", b"xoxe-", b"xoxr-", b"xoxs-", b"xoxo-", b"xapp-"),
        *(b"hvs-", b"hvb-", b"hvr-", b"cfb-", b"eyJ", b"SG-", b"pypi-AgE", b"pscale-", b"ATATT3"),
        *(b"ATCTT3", b"AQVN", b"t1-", b"HRKU-", b"NRAK-", b"API-", b"PMAK-", b"v1-0-", b"dapi"),
        *(b"github-pat-", b"dp-", b"lin-", b"ntn-", b"1-0-", b"AGE-SECRET-KEY-", b"rubygems-"),
    )
)
"""How tokens begin whose rest may be broken up by signs, each sign written as `-`."""

LONG = 16
"""Letters and digits in a row, both, from which on they may have been drawn at random."""

VERY_LONG = 24
"""The same where there are only letters, or only digits."""

TELLING = (
    *(b"password", b"passwd", b"passphrase", b"pwd", b"secret", b"token", b"apikey"),
    *(b"secrets", b"tokens", b"credential", b"credentials", b"auth"),
)
TELLING_ALONE = (b"pass", b"key")
"""As a whole word only: there are monkeys and compasses."""

FAR = 8
"""Digits, or letters and digits, of a word that need not follow closely on a telling one."""

BOT_ID = 8
"""Digits at least before the `:AA` of a Telegram bot's token."""

_FLAT = b"".join(
    (
        *(b"-" * 48, b"0123456789", b"-" * 7, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"-" * 6),
        *(b"abcdefghijklmnopqrstuvwxyz", b"-" * 133),
    )
)
"""For `bytes.translate`: a letter or digit of ASCII is itself, everything else is `-`."""


def looks_ordinary(text: str) -> bool:
    """Whether there is nothing in `text` that the default rules could mistake for a secret."""
    if not MARKS.isdisjoint(text) or ARGUMENT in text:
        return False
    if len(text) < LONG:
        return True
    flat = _flat(text)
    return _is_ordinary(flat) and not _tells_of_a_value(flat)


def looks_ordinary_flattened(name: str) -> bool:
    """The same of a name that was made from a path by writing `-` for every sign.

    In it a password has lost the sign that gave it away, so that only the words are left.
    """
    flat = _flat(name)
    return _is_ordinary(flat) and not _tells_of_a_value(flat)


def _tells_of_a_value(flat: bytes) -> bool:
    """Whether there is a word with digits behind a telling one, close to it or long."""
    before = earlier = b""
    told = False
    for word in flat.split(b"-"):
        if word:
            near = _is_mixed(word) and (_tells(before) or _tells(earlier))
            if near or (told and len(word) >= FAR and not word.isalpha()):
                return True
            if word.startswith(b"AA") and before.isdigit() and len(before) >= BOT_ID:
                return True
            earlier, before = before, word
            told = told or _tells(word)
    return False


def _flat(text: str) -> bytes:
    return b"-" + text.encode("utf-8", "surrogatepass").translate(_FLAT)


def _is_ordinary(flat: bytes) -> bool:
    for beginning in BEGINNINGS:
        if beginning in flat:
            return False
    for run in flat.split(b"-"):
        if len(run) >= LONG and (len(run) >= VERY_LONG or _is_mixed(run)):
            return False
        if run.endswith(b"Q") and run[-2:-1].isdigit():  # the middle of a secret of Azure's
            return False
    return True


def _tells(word: bytes) -> bool:
    lower = word.lower()
    return lower.endswith(TELLING) or lower in TELLING_ALONE


def _is_mixed(run: bytes) -> bool:
    """Whether there are both letters and digits in it."""
    return bool(run) and not run.isalpha() and not run.isdigit()
