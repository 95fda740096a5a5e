"""How many examples the models run: hundreds for every change, thousands when asked for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = "CONFAB_MODEL_EXAMPLES"
"""The environment variable that asks for so many examples of each model, chosen anew."""


PATIENCE = 3600 if os.environ.get(EXAMPLES) else 600
"""Seconds for one model: what fails is made small before it is told, and that takes a while."""


def chosen(examples: int, *, steps: int = 30) -> settings:
    """The settings of one model: `examples` of `steps` steps, always the same ones.

    With `CONFAB_MODEL_EXAMPLES` as many as that says, longer, and others in every run.
    """
    asked = int(os.environ.get(EXAMPLES, "0"))
    return settings(
        max_examples=asked or examples,
        stateful_step_count=50 if asked else steps,
        derandomize=not asked,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
