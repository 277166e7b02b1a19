"""The Concentration page after a filter: everything that it shows of a book with three years of quarterly revenue.

A filter changes, so nothing is cached but what belongs to the whole book: who owns whom, the revenue history, the codes
of a column. Then the accounts are banded and grouped, measured as they are and at every known end of a quarter, bridged
from a year ago to now, ranked through time, grouped by industry and by tier, cut into a map; with subsidiaries joined
and without. Beside it stands what pandas takes for the trend alone: the same sums of twelve months by account from the
same history, and shares of the largest, HHI and Gini in floats, held equal to one part in a thousand million.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import harness, shelf
from benchmarks.harness import Claim, Section
from core.accounts import arrays, books, engine, parents, timeline
from core.measures import basis, bridge, concentration, portfolio, retention, through_time, tiers, where
from core.model import toml
from data import make_demo

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from benchmarks.harness import Contenders, Result
    from benchmarks.shelf import Shelf
    from core.accounts.arrays import Coded
    from core.accounts.books import Book
    from core.accounts.parents import Customers
    from core.accounts.timeline import Period, Timeline
    from core.measures.basis import Basis
    from core.measures.through_time import Point

LIMITS = {100_000: 0.25, 1_000_000: 1.0}
"""Seconds that a filter may cost, by accounts."""
MEMORY = 300
"""Megabytes that a filter may take above the book that is open."""
REGIONS = ("EMEA", "North America", "APAC", "LATAM")


@dataclass(frozen=True, slots=True)
class Whole:
    """What belongs to a book, whatever the filters."""

    book: Book
    past: Timeline
    owned: Customers | None
    industry: Coded


def opened(folder: Path, size: int) -> Whole:
    """Make and open the demo book of that size with its revenue history."""
    where_to = folder / f"leadership-{size}"
    if not where_to.exists():
        make_demo.write(where_to, size, suffix="parquet")
    book = books.open_file(where_to / "accounts.parquet", history=where_to / "history.parquet")
    past = timeline.read(book)
    assert past is not None
    return Whole(book, past, parents.read(book), arrays.coded(book, "industry"))


def page(whole: Whole, filters: dict[str, list[str]], *, joined: bool = False) -> list[Point | None]:
    """Compute everything that the page can show after a filter, and give its trend."""
    model = toml.load(shelf.SCORECARD)
    prepared = portfolio.prepare(whole.book, model, filters=filters)
    mine = basis.of_listing(prepared.listing, whole.owned if joined else None)
    verdict = tiers.weigh(prepared.cube, model)
    concentration.measure(mine.cents)
    counted = concentration.shares_base(mine.cents).counted
    concentration.lorenz(counted, 300), concentration.concentration_curve(counted, 300)
    spans = [span for span in timeline.trailing(whole.past) if span.known]
    trend = through_time.trend(whole.past, mine, spans)
    _over_time(whole, mine, spans, verdict.tier[mine.profile], verdict.labels)
    for code, names in (where.codes(mine, whole.industry), (verdict.tier[mine.profile], list(verdict.labels))):
        parted = where.cut(mine.cents, code, names)
        groups = [place.group for place in where.of_cut(parted).places]
        where.tiles(parted, groups, 5), where.curves(parted, groups)
    books.detach(prepared.listing.table)  # so that every round makes it anew
    return trend


def _over_time(
    whole: Whole,
    mine: Basis,
    spans: list[Period],
    tier: npt.NDArray[np.int8],
    names: Sequence[str],
) -> None:
    before, after = (mine.take(by_row) for by_row in whole.past.sums([spans[-5], spans[-1]]))
    bridge.hhi(before, after)
    retention.by_group(before, after, tier, names)
    through_time.ranks(whole.past, mine, spans)


def in_pandas(history: pd.DataFrame, kept: npt.NDArray[np.int64], spans: Sequence[Period]) -> list[dict[str, float]]:
    """Give the trend from a table of account, month and amount, as one writes it."""
    history = history[history["row"].isin(kept)]
    found = []
    for span in spans:
        year = history[(history["month"] >= span.first) & (history["month"] <= span.last)]
        amounts = year.groupby("row")["amount"].sum()
        ordered = np.sort(amounts[amounts > 0].to_numpy())[::-1]
        total, n = ordered.sum(), len(ordered)
        gini = 2 * float(np.arange(n, 0, -1) @ ordered) / (n * total) - (n + 1) / n
        hhi = 10_000 * float(((ordered / total) ** 2).sum())
        found.append({"top_10": ordered[:10].sum() / total, "hhi": hhi, "gini": gini})
    return found


def contest(whole: Whole, rounds: int) -> dict[str, Result]:
    """Hold the trends equal, then time the page and the trend in pandas."""
    given = {"accounts": whole.book.table, "history": whole.book.history_table}
    history = engine.cursor().sql(engine.sql("timeline"), params=given).df()
    history["amount"] = history["cents"] / 100
    spans = [span for span in timeline.trailing(whole.past) if span.known]
    regions = arrays.coded(whole.book, "region")
    chosen = [at for at, name in enumerate(regions.values) if name in REGIONS]
    kept = np.flatnonzero(np.isin(regions.code, chosen))
    filters = {"region": list(REGIONS)}
    theirs, ours = in_pandas(history, kept, spans), page(whole, filters)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine is not None
        assert all(math.isclose(getattr(mine, name), value, rel_tol=1e-9) for name, value in other.items())
    entrants: Contenders = {
        "Tierwise, the whole page": lambda _: page(whole, filters),
        "Tierwise, subsidiaries joined": lambda _: page(whole, filters, joined=True),
        "pandas, the trend alone": lambda _: in_pandas(history, kept, spans),
    }
    return harness.race(entrants, rounds)


def memory(whole: Whole) -> float | None:
    """Give the megabytes that the process holds at most during a filter, above what it held before; Linux only."""
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if not reset.exists():
        return None
    reset.write_text("5")  # the most that has been held starts anew at what is held now
    before = _most(status)
    page(whole, {"region": list(REGIONS)})
    return _most(status) - before


def _most(status: Path) -> float:
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def run(shelves: Shelf, sizes: Sequence[int], rounds: int = 7) -> Section:
    """Time the page at every size, and hold it against what was promised."""
    races, claims = {}, []
    for size in sizes:
        start = time.perf_counter()
        whole = opened(shelves.folder, size)
        print(f"leadership: {size:,} accounts ready after {time.perf_counter() - start:.0f} s", file=sys.stderr)
        extra = memory(whole)
        race = contest(whole, rounds)
        races[f"{size:,} accounts"] = race
        took = race["Tierwise, the whole page"].median
        if size in LIMITS:
            what = f"All figures of the Concentration page after a filter, {size:,} accounts: within {LIMITS[size]:g} s"
            claims.append(Claim(what, harness.duration(took), took <= LIMITS[size]))
        if size in LIMITS and extra is not None:
            more = f"Memory of the page, {size:,} accounts: under {MEMORY} MB above the open book"
            claims.append(Claim(more, f"{extra:.0f} MB", extra < MEMORY))
    return Section("The Concentration page after a filter", "", harness.race_table(races), tuple(claims))
