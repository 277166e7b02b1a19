"""The server, noting how long it takes to answer: `python -m benchmarks.stamped FILE --port 8501`.

One line of FILE an answer: milliseconds from the moment the server takes a report of the browser until the page's run
for it has ended and everything is on its way. Taken inside the server, since a browser on the same machine competes
for the same cores.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

SERVER = Path(__file__).parents[1] / "server.py"


def stamp(file: Path) -> None:
    """Note every run of a page in a file. One browser is on the other side, so one report is under way at a time."""
    taken = [0.0]
    take, run = AppSession.request_rerun, ScriptRunner._run_script  # noqa: SLF001  Streamlit offers no such clock

    def noted_take(session: AppSession, *args: Any) -> None:
        taken[0] = time.perf_counter()
        take(session, *args)

    def noted_run(runner: ScriptRunner, *args: Any) -> None:
        try:
            run(runner, *args)
        finally:
            with file.open("a", encoding="utf-8") as out:
                out.write(f"{1_000 * (time.perf_counter() - taken[0]):.2f}\n")

    AppSession.request_rerun = noted_take  # type: ignore[method-assign]
    ScriptRunner._run_script = noted_run  # type: ignore[method-assign]  # noqa: SLF001


if __name__ == "__main__":
    stamp(Path(sys.argv.pop(1)))
    sys.argv[0] = str(SERVER)
    runpy.run_path(str(SERVER), run_name="__main__")
