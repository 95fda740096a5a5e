"""How many examples the models run: hundreds for every change, thousands when asked for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

EXAMPLES = "CONFAB_MODEL_EXAMPLES"
"""The environment variable that asks for so many examples of each model, chosen anew."""


PATIENCE = 3600 if os.environ.get(EXAMPLES) else 600
"""Seconds for one model: what fails is made small before it is told, and that takes a while."""


_ONLY_THE_VERDICT = os.environ.get("CONFAB_TEST_PATIENCE") is not None
"""Where the check of the switches runs: nobody looks at the example, so it may stay long."""


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
        phases=[phase for phase in Phase if phase is not Phase.shrink or not _ONLY_THE_VERDICT],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
