"""Where lines go: one small protocol and its implementations."""
