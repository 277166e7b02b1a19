"""The Concentration page after a filter: everything that it shows of a book with three years of quarterly revenue.

A filter changes, so nothing is cached but what belongs to the whole book: its accounts by profile, who owns whom, the
revenue history with each period in order, the codes of a column; what that costs once is printed. Then the accounts
that pass are taken and grouped, measured as they are and at every known end of a quarter, bridged from a year ago to
now, ranked through time, grouped by industry and by tier, cut into a map; with subsidiaries joined and without. Beside
it stands what pandas takes for the trend alone: the same sums of twelve months by account from the same history, and
shares of the largest, HHI and Gini in floats, held equal to one part in a thousand million.
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
from core.measures import (
    basis,
    bridge,
    concentration,
    exposure,
    loss_distribution,
    portfolio,
    retention,
    rules,
    stress,
    through_time,
    tiers,
    where,
)
from core.model import toml
from data import make_demo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    import pandas as pd

    from benchmarks.harness import Contenders, Result
    from benchmarks.shelf import Shelf
    from core.accounts.arrays import Coded
    from core.accounts.books import Book
    from core.accounts.parents import Customers
    from core.accounts.timeline import Period, Timeline
    from core.measures.basis import Basis
    from core.measures.portfolio import Portfolio
    from core.measures.through_time import Point
    from core.measures.tiers import Verdict
    from core.model.model import Model

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
    prepared: Portfolio


def opened(folder: Path, size: int) -> Whole:
    """Make and open the demo book of that size with its revenue history."""
    where_to = folder / f"leadership-{size}"
    if not where_to.exists():
        make_demo.write(where_to, size, suffix="parquet")
    book = books.open_file(where_to / "accounts.parquet", history=where_to / "history.parquet")
    past = timeline.read(book)
    assert past is not None
    start = time.perf_counter()
    prepared = portfolio.prepare(book, toml.load(shelf.SCORECARD))
    found = Whole(book, past, parents.read(book), arrays.coded(book, "industry"), prepared)
    past.ranked([span for span in timeline.trailing(past) if span.known])
    took = harness.duration(time.perf_counter() - start)
    print(f"leadership: once a book, {size:,} accounts: banded, sorted and numbered in {took}", file=sys.stderr)
    return found


@dataclass(slots=True)
class Page:
    """The page after a filter: what each part of it computes, once, when it is first asked for.

    The headline stands whatever is open; of the tabs below it, only the one that is open runs.
    """

    whole: Whole
    model: Model
    prepared: Portfolio
    mine: Basis
    verdict: Verdict

    def headline(self) -> list[Point | None]:
        """Compute the cards with their lines, the curves and what stands beside them, and give the trend."""
        base = concentration.shares_base(self.mine.cents)
        concentration.of_base(base)
        concentration.lorenz(base.counted, 300), concentration.concentration_curve(base.counted, 300)
        tiers.distribution(self.prepared.cube, self.verdict)
        return through_time.trend(self.whole.past, self.mine, self.spans)

    @property
    def spans(self) -> list[Period]:
        """List the spans of twelve months that are known."""
        return [span for span in timeline.trailing(self.whole.past) if span.known]

    def over_time(self) -> None:
        """What moved the index, what stayed, and who leads."""
        spans = self.spans
        before, after = (self.mine.take(next(self.whole.past.sums([span]))) for span in (spans[-5], spans[-1]))
        bridge.hhi(before, after)
        retention.by_group(before, after, self.verdict.tier[self.mine.profile], self.verdict.labels)
        through_time.ranks(self.whole.past, self.mine, spans)

    def where(self) -> None:
        """Group by industry."""
        self._cut(*where.codes(self.mine, self.whole.industry))

    def by_tier(self) -> None:
        """Group by tier."""
        self._cut(self.verdict.tier[self.mine.profile], list(self.verdict.labels))

    def _cut(self, code: npt.NDArray[np.integer], names: Sequence[str]) -> None:
        parted = where.cut(self.mine.cents, code, names)
        groups = [place.group for place in where.of_cut(parted).places]
        where.tiles(parted, groups, 5), where.curves(parted, groups)

    def losing(self) -> None:
        """Lose the largest, and all with their probabilities."""
        counted = concentration.shares_base(self.mine.cents).counted
        stress.ladder(counted), stress.largest_against_typical(counted)
        held = exposure.exposure(self.prepared)
        assumed = self.model.health.loss_probability.by_status()
        loss_distribution.assess(held.revenue, held.probability(assumed, from_book=False))

    def rules(self) -> None:
        """Judge the rules of others."""
        counted = concentration.shares_base(self.mine.cents).counted
        rules.judge(counted, tiers.distribution(self.prepared.cube, self.verdict)[0])


def filtered(whole: Whole, filters: dict[str, list[str]], *, joined: bool = False) -> Page:
    """Filter the book."""
    model = toml.load(shelf.SCORECARD)
    prepared = portfolio.narrow(whole.prepared, model, filters)
    mine = basis.of_listing(prepared.listing, whole.owned if joined else None)
    return Page(whole, model, prepared, mine, tiers.weigh(prepared.cube, model))


def page(whole: Whole, filters: dict[str, list[str]], *, joined: bool = False) -> list[Point | None]:
    """Compute everything that the page can show of the past and the present after a filter, and give its trend."""
    made = filtered(whole, filters, joined=joined)
    trend = made.headline()
    for part in (made.over_time, made.where, made.by_tier, made.rules):
        part()
    return trend


FIRST = "headline and the tab that is open first"
TABS = {
    FIRST: ("headline", "over_time"),
    "headline alone": ("headline",),
    "tab Over time": ("over_time",),
    "tab Where, by industry": ("where",),
    "tab Where, by tier": ("by_tier",),
    "tab What if we lose them, first opening": ("losing",),
    "tab Rules of others": ("rules",),
}


def by_tab(whole: Whole, filters: dict[str, list[str]], rounds: int) -> dict[str, Result]:
    """Time the filter itself, then what each tab computes after it."""

    def narrowing(_: int) -> None:
        filtered(whole, filters)

    found = harness.race({"the filter": narrowing}, rounds)
    made = filtered(whole, filters)

    def of(names: Sequence[str]) -> Callable[[int], object]:
        return lambda _: [getattr(made, name)() for name in names]

    found |= harness.race({name: of(names) for name, names in TABS.items()}, rounds)
    return found


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
    races, parts, claims = {}, {}, []
    for size in sizes:
        start = time.perf_counter()
        whole = opened(shelves.folder, size)
        print(f"leadership: {size:,} accounts ready after {time.perf_counter() - start:.0f} s", file=sys.stderr)
        extra = memory(whole)
        race = contest(whole, rounds)
        races[f"{size:,} accounts"] = race
        tabs = by_tab(whole, {"region": list(REGIONS)}, rounds)
        parts[f"{size:,} accounts"] = tabs
        took = {"all tabs": race["Tierwise, the whole page"].median}
        took[FIRST] = tabs["the filter"].median + tabs[FIRST].median
        for what, seconds in took.items() if size in LIMITS else ():
            said = f"Concentration page after a filter, {what}, {size:,} accounts: within {LIMITS[size]:g} s"
            claims.append(Claim(said, harness.duration(seconds), seconds <= LIMITS[size]))
        if size in LIMITS and extra is not None:
            more = f"Memory of the page, {size:,} accounts: under {MEMORY} MB above the open book"
            claims.append(Claim(more, f"{extra:.0f} MB", extra < MEMORY))
    table = f"{harness.race_table(races)}\n\n{harness.race_table(parts)}"
    text = "The first table: all of it, but for the loss distribution. The second: the filter, and each tab after it."
    return Section("The Concentration page after a filter", text, table, tuple(claims))
