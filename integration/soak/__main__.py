"""`make soak MINUTES=n [SEED=s]`: run a soak, print its balance, fail unless that is zero."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from integration.installed import installed_confab
from integration.soak.run import Soak


def main(arguments: list[str] | None = None) -> int:
    """Run as the command line says; the exit status."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (%(default)s)")
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier soak")
    chosen = parser.parse_args(arguments)
    seed = chosen.seed if chosen.seed is not None else int.from_bytes(os.urandom(4))
    print(f"soak: {chosen.minutes:g} minutes, seed {seed}", flush=True)
    directory = Path(tempfile.mkdtemp(prefix="confab-soak-"))
    soak = Soak(directory, installed_confab(), random.Random(seed))
    balance = soak.run(chosen.minutes * 60)
    for line in soak.log.table():
        print(f"  {line}")
    idle = [armed.kind for armed in soak.log.faults if not armed.is_observed]
    for complaint in balance.complaints:
        print(f"  {complaint}")
    print(
        f"sessions {balance.sessions}, lines {balance.lines}, faults {len(soak.log.faults)},"
        f" lost {balance.lost}, doubled {balance.doubled},"
        f" repaired {balance.repaired} (not UTF-8, over HTTP),"
        f" left running {balance.left_running}, seed {seed}"
    )
    if balance.is_good and not idle:
        shutil.rmtree(directory)
        return 0
    print(f"the evidence is in {directory}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
