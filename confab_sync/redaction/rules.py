"""The table of secrets that are known by their shape, each with its source.

A source `gitleaks:x` is the rule x of gitleaks 8.28 (config/gitleaks.toml), whose shapes are
the reference; many are wider here, because vendors make their keys longer without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.redaction.shapes import (
    applications,
    clouds,
    forges,
    messaging,
    models,
    money,
    operations,
    vendorless,
)

if TYPE_CHECKING:
    from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    *models.RULES,
    *clouds.RULES,
    *forges.RULES,
    *messaging.RULES,
    *money.RULES,
    *operations.RULES,
    *applications.RULES,
    *vendorless.RULES,
)
"""All of them, what is no vendor's own last."""
