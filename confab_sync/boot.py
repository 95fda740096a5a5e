"""The first file of every process that confab starts: find the package, run one lane of it.

Run as a script by the launcher and by daemons, isolated from the user's Python settings
(`-I`), so the package's own parent directory has to be put on the path here. A script is
compiled at each start, so there is no more in it than hooks need.
"""

import posix
import sys

posix.umask(0o077)  # whatever the user's is: what we create is ours alone, and we can open it again
sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0])

if sys.argv[1:2] == ["hook"]:
    try:
        from confab_sync.hooks import placeholders

        placeholders.install()
        from confab_sync.hooks.lane import main
    except Exception:  # the package is being replaced under us; a hook never fails its user
        sys.stdout.write('{"continue":true,"suppressOutput":true}\n')
        sys.exit(0)
    main(sys.argv[2:])
else:
    from confab_sync.lanes import run

    run(sys.argv[1:])
