"""What the processes that confab starts are for, except those of hooks."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def run(words: Sequence[str]) -> None:
    """Run the lane that `words[0]` names with the arguments after it; nothing without a lane."""
    lane, arguments = "".join(words[:1]), list(words[1:])
    if lane == "daemon-rest":
        from confab_sync.daemon.rest import main as run_resting_daemon

        run_resting_daemon(arguments)
    elif lane == "daemon-work":
        from confab_sync.daemon.work import main as run_working_daemon

        run_working_daemon(arguments)
    elif lane == "finisher":
        from confab_sync.daemon.finisher import main as run_finisher

        run_finisher()
    elif lane == "finisher-wake":
        from confab_sync.presence.finisher import wake_and_end

        wake_and_end(arguments)
    elif lane == "cli":
        from confab_sync.__main__ import main as run_command

        sys.exit(run_command(arguments))
