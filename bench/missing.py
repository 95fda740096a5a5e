"""What a measurement needs and this machine does not have."""

from __future__ import annotations


class Unmeasurable(Exception):
    """Something that a measurement needs is missing; the message says what."""
