"""A server of our own and a real browser, for tests and for the pictures in docs/."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SECONDS = 60


@contextmanager
def server(home: Path, *options: str) -> Iterator[str]:
    """Start server.py on a free port with its workspace in `home`, with more options; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "TIERWISE_HOME": str(home)}
    command = [sys.executable, str(ROOT / "server.py"), "--port", str(port), *options]
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait(process, f"{address}/healthz")
            yield address
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the server stopped before it answered"
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the system's Chromium, or the one that Playwright brings."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()
