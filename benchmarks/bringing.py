"""A large book is brought through the page: how long each step takes, and what memory the server and its child hold.

A real server and a real browser, as one who works with Tierwise does it: choose the file, wait for what was found, use
the book, go to the overview. Memory is what the system says a process holds at most (`VmHWM`), pages of files that are
mapped included; the child that reads is looked at every tenth of a second.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from playwright.sync_api import sync_playwright

from benchmarks import served
from benchmarks.harness import Claim, Section, duration, table
from benchmarks.reading import GIGABYTES, LARGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

    from benchmarks.shelf import Shelf

PATIENCE = 300_000
RESTED = "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"


class Memory:
    """Watch the largest memory of a process and of those that it starts, in bytes, from one look to the next."""

    def __init__(self, process: int) -> None:
        self._process, self._done = process, threading.Event()
        self._child, self._most = 0, 0
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    def since(self) -> tuple[int, int]:
        """Give what the process, and the largest of its children, have held at most since the last look."""
        found = _held(self._process, "VmHWM"), self._child
        self._most = max(self._most, *found)
        Path(f"/proc/{self._process}/clear_refs").write_text("5")  # the largest begins anew
        self._child = 0
        return found

    @property
    def most(self) -> int:
        """Give the most that any of them has held."""
        return self._most

    def _look(self) -> None:
        listed = Path(f"/proc/{self._process}/task")
        while not self._done.wait(0.1):
            for task in list(listed.glob("*/children")):
                try:
                    children = task.read_text().split()
                except OSError:
                    continue
                self._child = max([self._child, *(_held(int(child), "VmHWM") for child in children)])


def _held(process: int, what: str) -> int:
    """Give a figure of the system's report on a process in bytes; 0 where it has ended."""
    try:
        report = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    lines = [line.split() for line in report.splitlines() if line.startswith(f"{what}:")]
    return int(lines[0][1]) * 1024 if lines else 0


def brought(page: Page, address: str, file: Path, memory: Memory) -> dict[str, tuple[float, int, int]]:
    """Bring a file; give seconds, the server's memory and the child's for each step."""
    steps: dict[str, tuple[float, int, int]] = {}

    def step(name: str, start: float) -> float:
        page.wait_for_function(RESTED, timeout=PATIENCE)
        steps[name] = (time.perf_counter() - start, *memory.since())
        return time.perf_counter()

    start = time.perf_counter()
    page.goto(f"{address}/data")
    page.locator("[data-testid=stFileUploader] input").wait_for(state="attached", timeout=PATIENCE)
    start = step("the page with the demo book", start)
    page.locator("[data-testid=stFileUploader] input").set_input_files(str(file))
    page.get_by_role("button", name="Use this book").wait_for(timeout=PATIENCE)
    start = step("the file brought, read, and its findings shown", start)
    page.get_by_role("button", name="Use this book").click()
    page.get_by_role("button", name="Use this book").wait_for(state="detached", timeout=PATIENCE)
    start = step("the book used", start)
    page.get_by_role("link", name="Overview", exact=True).click()
    page.get_by_text("Accounts", exact=False).first.wait_for(timeout=PATIENCE)
    step("the overview of it", start)
    return steps


def measure(file: Path) -> Section:
    """Bring one file to a server of its own."""
    with tempfile.TemporaryDirectory(prefix="tierwise-bringing-") as folder, sync_playwright() as playwright:
        port = served.free_port()
        server = served.started(Path(folder), port)
        browser = playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
        try:
            with Memory(server.pid) as memory:
                steps = brought(browser.new_page(), f"http://127.0.0.1:{port}", file, memory)
        finally:
            browser.close()
            server.terminate()
            server.wait(20)
    rows = [[name, duration(took), f"{own / 1e9:.2f} GB", f"{child / 1e9:.2f} GB" if child else "–"]
            for name, (took, own, child) in steps.items()]  # fmt: skip
    said = f"{file.suffix[1:].upper()}, {file.stat().st_size / 1e6:.0f} MB"
    promised = f"{said}, through the page: no process above {GIGABYTES} GB"
    claim = Claim(promised, f"{memory.most / 1e9:.2f} GB", memory.most < GIGABYTES * 1e9)
    heading = [said, "took", "server", "child"]
    return Section("A large book through the page", "", table(heading, rows), (claim,))


def run(shelf: Shelf, sizes: Sequence[int]) -> Section:
    """Bring a CSV of the size that is promised, or the largest there is."""
    return measure(shelf.file(min(max(sizes), LARGE), "csv"))


if __name__ == "__main__":
    section = measure(Path(sys.argv[1]))
    sys.stdout.write(
        section.table + "\n" + "\n".join(f"{c.holds}: {c.what}: {c.measured}" for c in section.claims) + "\n"
    )
