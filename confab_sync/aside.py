"""A function that runs in a thread of its own, and what came of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Aside(Generic[T]):
    """`function`, called once in a thread that is started at once.

    Raises `RuntimeError` when there are no more threads to be had.
    """

    def __init__(self, function: Callable[[], T], name: str) -> None:
        self._function = function
        self._came_of_it: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._came_of_it.append(self._function())
        except BaseException as error:
            self._error = error

    def wait(self) -> None:
        """Wait until the function has ended, however it did."""
        self._thread.join()

    def result(self) -> T:
        """Wait for what the function returns. Raises what it has raised."""
        self.wait()
        if self._error is not None:
            raise self._error
        return self._came_of_it.pop()
