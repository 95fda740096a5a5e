"""All that confab knows about Claude Code."""
