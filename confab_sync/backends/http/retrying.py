"""Asking again within one call: a few times, soon, and only where that can do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tenacity

from confab_sync.backends.http.client import Unanswered
from confab_sync.backends.http.failures import failure
from confab_sync.errors import BackendUnavailable, FileUnavailable

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from confab_sync.backends.http.answers import Answer
    from confab_sync.backends.http.holdoff import HoldOff

ATTEMPTS = 3
FIRST_WAIT = 0.5
"""Seconds before the second attempt; the third waits twice as long."""

PATIENCE = 3.0
"""Seconds: a longer wait that the server asks for is left to the next cycle."""


class Asking:
    """Sends a request until there is an answer to work with, or until it is pointless.

    `pause` waits for so many seconds and may be interrupted; the waits for longer than
    `PATIENCE` are shared by all daemons of the machine through `hold_off`.
    """

    def __init__(
        self, hold_off: HoldOff, pause: Callable[[float], None], rng: random.Random
    ) -> None:
        self._hold_off = hold_off
        self._pause = pause
        self._rng = rng

    def ask(self, send: Callable[[], Answer], *, repeatable: bool = True) -> Answer:
        """The answer, unless it says "later"; then `BackendUnavailable`.

        What is not `repeatable` is repeated only after 429, which says that nothing was done.
        """
        self._hold_off.check()
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: _is_worth_another_try(error, repeatable=repeatable)
            ),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=self._wait,
            sleep=self._pause,
            reraise=True,
        )
        try:
            answer: Answer = retrying(self._once, send)
        except _Later as later:
            # A server that fails on one request may well serve the others of this machine.
            if not isinstance(later.error, FileUnavailable):
                later.error.retry_after = self._hold_off.failed(
                    str(later.error), later.error.retry_after
                )
            raise later.error from None
        except Unanswered as error:
            wait = self._hold_off.failed(str(error), None)
            raise BackendUnavailable(str(error), retry_after=wait) from None
        self._hold_off.succeeded()
        return answer

    def _once(self, send: Callable[[], Answer]) -> Answer:
        answer = send()
        if answer.status in (408, 425, 429) or answer.status >= 500:
            error = failure(answer)
            if isinstance(error, BackendUnavailable):
                raise _Later(answer.status, error)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.error.retry_after if isinstance(error, _Later) else None
        if asked is not None:
            return float(asked)
        if isinstance(error, Unanswered):
            return 0.0
        wait: float = FIRST_WAIT * 2 ** (state.attempt_number - 1)
        return wait * self._rng.uniform(0.75, 1.25)


class _Later(Exception):
    """An answer that says "not now". Never leaves this module."""

    def __init__(self, status: int, error: BackendUnavailable) -> None:
        self.status = status
        self.error = error


def _is_worth_another_try(error: BaseException, *, repeatable: bool) -> bool:
    if isinstance(error, _Later):
        soon = error.error.retry_after is None or error.error.retry_after <= PATIENCE
        return soon and (repeatable or error.status == 429)
    # A connection that was idle for too long; anything slower is for the next cycle.
    return isinstance(error, Unanswered) and error.dropped and repeatable
