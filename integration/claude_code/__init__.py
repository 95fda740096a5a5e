"""Scenarios with the real Claude Code, a fake model API and no network but loopback."""
