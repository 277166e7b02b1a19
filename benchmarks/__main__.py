"""Run benchmarks and write docs/benchmarks.md: all of them, or those that are named.

python -m benchmarks                     # all, an hour
python -m benchmarks leadership live     # these two; the other chapters stay as they were measured
python -m benchmarks --quick             # small books, on the screen only
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    at_risk,
    beside,
    bringing,
    build,
    concentration,
    contested,
    leadership,
    live,
    losses,
    page,
    reading,
    record,
    robustness,
    weights,
    workshop,
)
from benchmarks.shelf import FINE, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from benchmarks.harness import Section

ROOT = Path(__file__).resolve().parents[1]
PAGE, RESULTS = ROOT / "docs" / "benchmarks.md", ROOT / "benchmarks" / "results"
QUICK, FULL = (1_000, 10_000), (10_000, 100_000, 1_000_000)
LARGEST = 10_000_000
PACKAGES = ("duckdb", "numpy", "pandas", "polars", "pyarrow", "scikit-criteria", "inequality")

ALL: dict[str, tuple[ModuleType, tuple[Callable[[Shelf, tuple[int, ...], bool], Section], ...]]] = {
    "weights": (
        weights,
        (lambda books, sizes, _: weights.run(books, sizes), lambda books, sizes, _: weights.run(books, sizes, FINE)),
    ),
    "build": (build, (lambda books, sizes, quick: build.run(books, sizes if quick else (*sizes, LARGEST)),)),
    "page": (page, (lambda books, sizes, _: page.run(books, sizes),)),
    "at_risk": (at_risk, (lambda books, sizes, _: at_risk.run(books, sizes),)),
    "concentration": (concentration, (lambda books, sizes, _: concentration.run(books, sizes[1:]),)),
    "leadership": (leadership, (lambda books, sizes, _: leadership.run(books, sizes[1:]),)),
    "losses": (losses, (lambda books, sizes, quick: losses.run(books, (2_000,) if quick else (2_000, *sizes[1:])),)),
    "robustness": (robustness, (lambda _, sizes, __: robustness.run((sizes[0], sizes[-1])),)),
    "reading": (
        reading,
        (lambda books, sizes, _: reading.run(books, sizes), lambda books, sizes, _: reading.large(books, max(sizes))),
    ),
    "bringing": (bringing, (lambda books, sizes, _: bringing.run(books, sizes),)),
    "beside": (beside, (lambda _, sizes, quick: beside.measure(50_000 if quick else max(sizes)),)),
    "live": (live, (lambda _, sizes, quick: live.measure(sizes, drags=4 if quick else live.DRAGS),)),
    "contested": (contested, (lambda *_: contested.run(),)),
    "workshop": (workshop, (lambda _, __, quick: workshop.measure(*((10, 0.2) if quick else (50, 5.0))),)),
}
"""What there is to measure, in the order of the page: one section or more each, of a shelf of books and their sizes."""
ORDER = (
    "Weights changed: Tier 1", "Weights changed", "While a weight is dragged", "Cube built", "A page of accounts",
    "At risk", "Concentration", "The Concentration page", "Loss distribution", "Robustness", "Reading a file",
    "From a file", "A large book", "Others", "What a room", "A workshop",
)  # fmt: skip
"""How the chapters follow each other: the beginnings of their titles."""


def sections(books: Shelf, names: list[str], *, quick: bool) -> Iterator[tuple[ModuleType, Section, float]]:
    """Run one benchmark after the other; each with the load before it."""
    for name in names:
        module, runs = ALL[name]
        for run in runs:
            before = record.load()
            yield module, run(books, QUICK if quick else FULL, quick), before


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


def main() -> int:
    """Run what is named; exit 1 where something promised does not hold."""
    about = (__doc__ or "").partition("\n\n")[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=about)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which to run: {', '.join(ALL)}; all if none is given"
    )
    parser.add_argument("--quick", action="store_true", help="small books, on the screen only")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in ALL]
    if unknown:
        parser.error(f"there is no benchmark named {unknown[0]}; there are {', '.join(ALL)}")
    found, facts = [], machine()
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        for module, section, before in sections(Shelf(Path(folder)), asked.names or list(ALL), quick=asked.quick):
            print(f"{section.title}\n{section.table}\n", file=sys.stderr, flush=True)
            kept = record.made(module, section, facts, before)
            found.append(kept)
            if not asked.quick:
                record.keep(RESULTS, kept)
                PAGE.write_text(record.document(record.everything(RESULTS, ORDER)), encoding="utf-8")
    if asked.quick:
        print(record.document(found))
    return int(not all(claim.holds for kept in found for claim in kept.claims))


if __name__ == "__main__":
    sys.exit(main())
