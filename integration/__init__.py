"""Tests with real processes, signals and files against the installed wheel."""
