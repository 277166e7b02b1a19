"""Run every benchmark and write docs/benchmarks.md; `--quick` takes small books and writes to the screen only."""

from __future__ import annotations

import argparse
import inspect
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    at_risk,
    build,
    concentration,
    contested,
    harness,
    leadership,
    live,
    losses,
    page,
    reading,
    robustness,
    weights,
    workshop,
)
from benchmarks.shelf import FINE, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from benchmarks.harness import Section

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
QUICK, FULL = (1_000, 10_000), (10_000, 100_000, 1_000_000)
LARGEST = 10_000_000
PACKAGES = ("duckdb", "numpy", "pandas", "polars", "pyarrow", "scikit-criteria", "inequality")
OPENING = """# Benchmarks

Every hot path, beside what one would use instead. Written by `make bench`; change `benchmarks/`, not this page.

Each cell is the median of several rounds, in brackets the quartiles, and in bold how many times as long as Tierwise
(the first row) it took: **2×** is twice our time, below 1 is quicker than we are. In every round every contender runs
once, in shuffled order, within one process, so that a busy moment of a shared machine meets all alike. Python's garbage
is collected before each and not during any, which also means that nobody finds the processor's caches warm. Absolute
times differ between machines and hours; ratios much less. Before anything is timed, all contenders must give the same
answer. Books are made by `data/make_demo.py`; making them, and bringing data into the form that a contender likes best,
is not timed.
"""
BUSY = """

**The machine was busy**: more programs were at work than it has cores. Times are longer than they would be, most of all
for contenders that use every core (Tierwise building a cube or paging, DuckDB, polars), and so their ratios are off,
too. What must hold in seconds can only be judged on a quiet machine: run it again there."""


def sections(books: Shelf, *, quick: bool) -> Iterator[tuple[ModuleType, Section]]:
    """Run one benchmark after the other."""
    sizes = QUICK if quick else FULL
    yield weights, weights.run(books, sizes)
    yield weights, weights.run(books, sizes, FINE)
    yield build, build.run(books, sizes if quick else (*sizes, LARGEST))
    yield page, page.run(books, sizes)
    yield at_risk, at_risk.run(books, sizes)
    yield concentration, concentration.run(books, sizes[1:])
    yield leadership, leadership.run(books, sizes[1:])
    yield losses, losses.run(books, (2_000,) if quick else (2_000, *sizes[1:]))
    yield robustness, robustness.run((sizes[0], sizes[-1]))
    yield reading, reading.run(books, sizes)
    yield reading, reading.large(books, max(sizes))
    yield live, live.measure(sizes, drags=4 if quick else live.DRAGS)
    yield contested, contested.run()
    yield workshop, workshop.measure(*((10, 0.2) if quick else (50, 5.0)))


def machine() -> str:
    """Say what ran this, without a name of a machine or a folder."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = models[0] if models else cpu
    memory = "memory not known"
    if hasattr(os, "sysconf"):
        memory = f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB of memory"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    where = f"{os.cpu_count()} cores ({cpu}), {memory}, {platform.system()}"
    return f"{where}; Python {platform.python_version()}, {packages}"


def load() -> float:
    """Say how many programs were at work on average in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def document(facts: str, found: list[tuple[ModuleType, Section]]) -> str:
    """Write the page: what is measured, where, what is promised, then a chapter a benchmark."""
    claims = [claim for _, section in found for claim in section.claims]
    parts = [OPENING, f"Machine: {facts}\n"]
    if claims:
        rows = [[claim.what, claim.measured, "yes" if claim.holds else "**no**"] for claim in claims]
        parts.append("## What must hold\n\n" + harness.table(["", "measured", "holds"], rows) + "\n")
    told: set[ModuleType] = set()
    for module, section in found:
        about = "" if module in told else (inspect.getdoc(module) or "").partition("\n\n    python")[0]
        told.add(module)
        chapter = (f"## {section.title}", about, section.text, section.table)
        parts.append("\n\n".join(part for part in chapter if part) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Run all; exit 1 where something promised does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small books, on the screen only")
    quick = parser.parse_args().quick
    found, loads = [], [load()]
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        for module, section in sections(Shelf(Path(folder)), quick=quick):
            print(f"{section.title}\n{section.table}\n", file=sys.stderr, flush=True)
            found.append((module, section))
            loads.append(load())
    busy = ", ".join(f"{value:.1f}" for value in loads)
    warning = BUSY if max(loads) > (os.cpu_count() or 1) else ""
    text = document(f"{machine()}. Load average at the start and after each benchmark: {busy}.{warning}", found)
    if quick:
        print(text)
    else:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    return int(not all(claim.holds for _, section in found for claim in section.claims))


if __name__ == "__main__":
    sys.exit(main())
