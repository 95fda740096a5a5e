"""The errors that hooks may meet, apart from the many others, which hooks need not load.

`errors` draws the whole tree and has them all.
"""


class ConfabError(Exception):
    """Something confab knows about went wrong; the message says what, and what to do."""

    exit_status = 1


class ConfigError(ConfabError):
    """config.json is unreadable or wrong; nothing is sent until it is mended."""

    exit_status = 4


class PayloadError(ConfabError):
    """A hook was handed something that is not a payload of Claude Code; it is ignored."""


class UnsupportedPlatform(ConfabError):
    """confab runs on macOS and Linux only."""
