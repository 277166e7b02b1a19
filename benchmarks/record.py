"""What was measured, kept section by section, so that one can be measured anew without the others.

A section is a file in `benchmarks/results/`: its chapter, what it promises, when it was measured, and how busy the
machine was then. docs/benchmarks.md is written from all of them, in the order of `order`.
"""

from __future__ import annotations

import datetime as dt
import inspect
import json
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from benchmarks.harness import Claim, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    from benchmarks.harness import Section

OPENING = """# Benchmarks

Every hot path, beside what one would use instead. Written by `make bench`; change `benchmarks/`, not this page.
`python -m benchmarks NAME` measures one chapter anew and leaves the others.

Each cell is the median of several rounds, in brackets the quartiles, and in bold how many times as long as Tierwise
(the first row) it took: **2×** is twice our time, below 1 is quicker than we are. In every round every contender runs
once, in shuffled order, within one process, so that a busy moment of a shared machine meets all alike. Python's garbage
is collected before each and not during any, which also means that nobody finds the processor's caches warm. Absolute
times differ between machines and hours; ratios much less. Before anything is timed, all contenders must give the same
answer. Books are made by `data/make_demo.py`; making them, and bringing data into the form that a contender likes best,
is not timed.

Each chapter says how many programs were at work on average (the load) before and after it. Beyond the number of cores,
times are longer than they would be, and what must hold in seconds can only be judged on a quiet machine.
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A section as it was measured: the load before and after, the day, the machine, and its chapter in Markdown."""

    title: str
    about: str
    text: str
    table: str
    claims: tuple[Claim, ...]
    day: str
    machine: str
    load: tuple[float, float]

    @property
    def said(self) -> str:
        """Say when and how it was measured."""
        before, after = self.load
        return f"Measured on {self.day} at a load of {before:.1f} before and {after:.1f} after. {self.machine}."


def load() -> float:
    """Say how many programs were at work on average in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def made(module: ModuleType, section: Section, machine: str, before: float) -> Kept:
    """Take a section that has just been measured."""
    about = (inspect.getdoc(module) or "").partition("\n\n    python")[0]
    day = dt.datetime.now(dt.UTC).date().isoformat()
    told = (section.title, about, section.text, section.table, section.claims)
    return Kept(*told, day, machine, (round(before, 1), round(load(), 1)))


def keep(folder: Path, kept: Kept) -> None:
    """Write a section in place of what stood under its title."""
    folder.mkdir(parents=True, exist_ok=True)
    words = json.dumps(asdict(kept), indent=1, ensure_ascii=False, sort_keys=True)
    (folder / f"{_name(kept.title)}.json").write_text(f"{words}\n", encoding="utf-8")


def everything(folder: Path, order: Sequence[str]) -> list[Kept]:
    """Read all sections; those whose title begins like an entry of `order` in that order, then the others by name."""

    def place(kept: Kept) -> tuple[int, str]:
        named = (i for i, title in enumerate(order) if kept.title.startswith(title))
        return next(named, len(order)), kept.title

    return sorted(map(_read, folder.glob("*.json")), key=place)


def document(found: Sequence[Kept]) -> str:
    """Write the page: what is measured, what is promised, then a chapter a section."""
    parts = [OPENING]
    rows = [
        [claim.what, claim.measured, "yes" if claim.holds else "**no**", f"{max(kept.load):.1f}"]
        for kept in found
        for claim in kept.claims
    ]
    if rows:
        parts.append("## What must hold\n\n" + table(["", "measured", "holds", "load"], rows) + "\n")
    told: set[str] = set()
    for kept in found:
        about = "" if kept.about in told else kept.about
        told.add(kept.about)
        chapter = (f"## {kept.title}", about, kept.text, kept.table, kept.said)
        parts.append("\n\n".join(part for part in chapter if part) + "\n")
    return "\n".join(parts)


def _name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _read(file: Path) -> Kept:
    raw = json.loads(file.read_text(encoding="utf-8"))
    claims = tuple(Claim(**claim) for claim in raw.pop("claims"))
    before, after = raw.pop("load")
    return Kept(**raw, claims=claims, load=(before, after))
