"""A real server and a real browser for benchmarks: start them, wait until they answer, stop them."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Find the system's Chromium; leaves with one sentence where there is none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        message = "no Chromium: install one, or let CHROMIUM name it"
        raise SystemExit(message)
    return found


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def started(home: Path, port: int, program: tuple[str, ...] = ("server.py",)) -> subprocess.Popen[bytes]:
    """Start a server with its workspace in `home`, and wait until it answers; raises `TimeoutError`."""
    command = [sys.executable, *program, "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603  our own server
        command, cwd=ROOT, env={**os.environ, "TIERWISE_HOME": str(home)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + PATIENCE
    while _status(port, "/healthz") != 200:
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            message = "the server does not answer"
            raise TimeoutError(message)
        time.sleep(0.1)
    return process


@contextmanager
def running(home: Path, program: tuple[str, ...] = ("server.py",)) -> Iterator[str]:
    """Run a server for as long as it is needed; gives its address."""
    port = free_port()
    process = started(home, port, program)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()
