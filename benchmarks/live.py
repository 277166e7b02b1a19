"""While a finger drags a weight: how often do the charts move, and how soon are they right after it lets go?

A real browser drags a slider of the weights page of a real server, on books of three sizes. An update counts when the
chart's title, which says how many accounts stand in the first tier, is drawn anew on its canvas. The server's time is
taken inside the server, from the report of the browser to the end of the run that answers it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from benchmarks import served
from benchmarks.harness import Claim, Section, table
from core.accounts import books, ingest
from core.workspace.folder import Workspace
from data import make_demo

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = (10_000, 100_000, 1_000_000)
DRAGS, STEPS, STEP_MS = 30, 60, 16
# Notes when a text that begins like the chart's title is drawn on a canvas, and what it says.
WATCH = """
  window.drawn = [];
  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    if (/^Tier 1: [0-9,]+ account/.test(text)) {
      const last = window.drawn[window.drawn.length - 1];
      if (!last || last[1] !== text) window.drawn.push([performance.now(), text]);
    }
    return draw.call(this, text, ...rest);
  };
"""


def measure(sizes: tuple[int, ...] = SIZES, drags: int = DRAGS) -> Section:
    """Drag on every size of book, and say what was seen."""
    rows, seen = [], {}
    with tempfile.TemporaryDirectory(prefix="tierwise-live-") as home:
        names = [_book(Path(home), size) for size in sizes]
        stamps = Path(home) / "stamps"
        with (
            served.running(Path(home), ("-m", "benchmarks.stamped", str(stamps))) as address,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
            for size, name in zip(sizes, names, strict=True):
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                found = (*_on_book(page, address, name, drags, stamps), _median(stamps))
                page.close()
                seen[size] = found
                rows.append([f"{size:,}", *(f"{value:,.1f}" for value in found)])
            browser.close()
    heading = ["accounts", "chart updates a second", "release to final picture, ms", "server time an update, ms"]
    return Section("While a weight is dragged", "", table(heading, rows), _claims(seen))


def _claims(seen: dict[int, tuple[float, float, float]]) -> tuple[Claim, ...]:
    updates, settled, _ = seen[max(seen)]
    servers = {size: found[2] for size, found in seen.items()}
    spread = max(servers.values()) / min(servers.values())
    return (
        Claim(f"at least 8 chart updates a second at {max(seen):,}", f"{updates:.1f}", updates >= 8),
        Claim(f"final picture within 300 ms of release at {max(seen):,}", f"{settled:.0f} ms", settled <= 300),
        Claim("server time at most 40 ms", f"{max(servers.values()):.0f} ms", max(servers.values()) <= 40),
        Claim(
            "server time does not depend on the size of the book", f"largest over smallest {spread:.2f}", spread <= 1.5
        ),
    )


def _book(home: Path, size: int) -> str:
    """Make a book and keep it in the workspace that the server will open."""
    name = f"Book of {size:,}"
    with tempfile.TemporaryDirectory(prefix="tierwise-book-") as folder:
        file, *_ = make_demo.write(Path(folder), size, suffix="parquet", history=False)
        books.keep(Workspace(home), ingest.trusted(file), name=name, source=file.name)
    return name


def _median(stamps: Path) -> float:
    return statistics.median(float(line) for line in stamps.read_text(encoding="utf-8").split())


def _on_book(page: Page, address: str, name: str, drags: int, stamps: Path) -> tuple[float, float]:
    """Give updates a second while dragging, and milliseconds from release to the final picture."""
    page.add_init_script(WATCH)
    page.goto(f"{address}/weights")
    page.wait_for_selector("input[type=range]", timeout=60_000)
    page.get_by_role("combobox", name="Book").click()
    page.get_by_role("option", name=name).click()
    page.get_by_text(f"{name.removeprefix('Book of ')} accounts").first.wait_for(timeout=120_000)
    page.wait_for_timeout(3_000)
    slider = page.locator("input[type=range]").first
    stamps.write_text("", encoding="utf-8")
    rates, settles = [], []
    for i in range(drags):
        rate, settled = _drag(page, slider, forwards=i % 2 == 0)
        rates.append(rate)
        settles.append(settled)
    return statistics.median(rates), statistics.median(settles)


def _drag(page: Page, slider: Any, *, forwards: bool) -> tuple[float, float]:
    box = slider.bounding_box()
    low, high = box["x"] + 0.2 * box["width"], box["x"] + 0.8 * box["width"]
    start, end = (low, high) if forwards else (high, low)
    y = box["y"] + box["height"] / 2
    page.mouse.move(start, y)
    page.mouse.down()
    page.wait_for_timeout(200)
    page.evaluate("() => { window.drawn = []; window.began = performance.now(); }")
    for step in range(1, STEPS + 1):
        page.mouse.move(start + (end - start) * step / STEPS, y)
        page.wait_for_timeout(STEP_MS)
    moved = page.evaluate("() => [window.drawn.length, performance.now() - window.began]")
    released = page.evaluate("() => { window.drawn = window.drawn.slice(-1); return performance.now(); }")
    page.mouse.up()
    page.wait_for_timeout(1_500)
    last = page.evaluate("() => window.drawn.length ? window.drawn[window.drawn.length - 1][0] : 0")
    return 1_000 * moved[0] / moved[1], max(0.0, last - released)


if __name__ == "__main__":
    section = measure()
    sys.stdout.write(
        section.table + "\n" + "\n".join(f"{c.holds}: {c.what}: {c.measured}" for c in section.claims) + "\n"
    )
