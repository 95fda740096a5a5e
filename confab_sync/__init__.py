"""confab: a complete, private, searchable copy of every Claude Code session, live."""

__version__ = "0.1.0"
