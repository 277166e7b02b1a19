"""`python -m core.workspace`: check what people made, make a backup of it, or bring back all that can be read.

The folder is the one that TIERWISE_HOME names. Exit 0: all is well or done; 1: there is a fault, on standard error.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from contextlib import closing

from core.errors import TierwiseError
from core.workspace import backups, log
from core.workspace.document import Stamp
from core.workspace.folder import Workspace
from core.workspace.state import Store


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m core.workspace", description="Look after what people made.")
    parser.add_argument("task", choices=["check", "backup", "restore"], nargs="?", default="check")
    task = parser.parse_args().task
    home = Workspace.here().home.resolve()
    stamp = Stamp(dt.datetime.now(dt.UTC), author="the command line")
    try:
        sys.stdout.write(_restore(stamp) if task == "restore" else _look(task, stamp))
    except TierwiseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f" ({home})\n")
    return 0


def _look(task: str, stamp: Stamp) -> str:
    with closing(Store(Workspace.here().home.resolve())) as store:
        if task == "backup":
            return f"Backup made: {store.back_up(stamp.now).name}"
        return f"All is well: {store.verify().entries} entries, each as it was written"


def _restore(stamp: Stamp) -> str:
    done = backups.restore(Workspace.here().home.resolve() / log.NAME, stamp)
    began = done.source.name if done.source else "no backup"
    lost = "it is not known whether any are lost" if done.lost is None else f"{done.lost} are lost"
    return f"Restored from {began} and {done.carried} later entries; {lost}. The damaged file lies in {done.aside.name}"


if __name__ == "__main__":
    sys.exit(main())
