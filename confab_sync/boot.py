"""The first file of every process that confab starts: find the package, run one lane of it.

Run as a script by the launcher and by daemons, isolated from the user's Python settings
(`-I`), so the package's own parent directory has to be put on the path here.
"""

import os
import sys

os.umask(0o077)  # whatever the user's is: what we create is ours alone, and we can open it again
sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0])

lane = sys.argv[1] if len(sys.argv) > 1 else ""
if lane == "hook":
    try:
        from confab_sync.hooks.lane import main as run_hook
    except Exception:  # the package is being replaced under us; a hook never fails its user
        sys.stdout.write('{"continue":true,"suppressOutput":true}\n')
        sys.exit(0)
    run_hook(sys.argv[2:])
elif lane == "daemon-rest":
    from confab_sync.daemon.rest import main as run_resting_daemon

    run_resting_daemon(sys.argv[2:])
elif lane == "daemon-work":
    from confab_sync.daemon.work import main as run_working_daemon

    run_working_daemon(sys.argv[2:])
elif lane == "finisher":
    from confab_sync.daemon.finisher import main as run_finisher

    run_finisher()
elif lane == "finisher-wake":
    from confab_sync.presence.finisher import wake_and_end

    wake_and_end(sys.argv[2:])
elif lane == "cli":
    from confab_sync.__main__ import main as run_command

    sys.exit(run_command(sys.argv[2:]))
