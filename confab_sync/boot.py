"""The first file of every process that confab starts: find the package, run one lane of it.

Run as a script by the launcher and by daemons, isolated from the user's Python settings
(`-I`), so the package's own parent directory has to be put on the path here.
"""

import sys

sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0])

lane = sys.argv[1] if len(sys.argv) > 1 else ""
if lane == "hook":
    from confab_sync.hooks.lane import main

    main(sys.argv[2:])
elif lane == "daemon-rest":
    from confab_sync.daemon.rest import main

    main(sys.argv[2:])
elif lane == "daemon-work":
    from confab_sync.daemon.work import main

    main(sys.argv[2:])
elif lane == "cli":
    from confab_sync.__main__ import main

    sys.argv = ["confab", *sys.argv[2:]]
    sys.exit(main())
