"""A real PostgreSQL server on a free port, with a folder of its own that goes when it ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def _binary(name: str) -> str:
    found = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return found[-1] if found else shutil.which(name) or ""


def _as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root, so then it runs as nobody."""
    if os.name != "posix" or os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if shutil.which("setpriv") else ["false"]


@contextmanager
def server() -> Iterator[str]:
    """Start a server of our own and give its address; the test is skipped where PostgreSQL is not installed."""
    if not (_binary("postgres") and _binary("initdb")):
        pytest.skip("PostgreSQL is not installed here")
    folder = Path(tempfile.mkdtemp(prefix="tierwise-pg-"))
    somebody = _as_somebody()
    if somebody:
        shutil.chown(folder, 65534, 65534)
    data = folder / "data"
    made = subprocess.run(
        [*somebody, _binary("initdb"), "-D", str(data), "-U", "reader", "-A", "trust", "-E", "UTF8", "--no-sync"],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be set up here: {made.stderr[-200:]}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = subprocess.Popen(
        [*somebody, _binary("postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    address = f"postgresql://reader@127.0.0.1:{port}/postgres"
    try:
        _wait(port)
        yield address
    finally:
        run.terminate()
        run.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.3)
                return
        time.sleep(0.1)
    pytest.fail("PostgreSQL did not start")
