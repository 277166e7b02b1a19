"""Concentration through time: its measures at every period of the revenue history, and the ranks of the largest.

In: a timeline, a basis (whose shares), periods. Out: frozen records, one a period; a period that the history does not
cover is None, never a fall to nothing. Formulas are those of `core.measures.concentration`; what several of them need
(the order, the running total) is worked once a period, since a filter asks for all periods at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.measures import basis as basis_measure
from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.timeline import Period, Timeline
    from core.measures.basis import Basis
    from core.measures.concentration import Money

TOP = (1, 5, 10, 20)
SHARE = 0.2
RANKED = 20
_SAFE = 1 << 62


@dataclass(frozen=True, slots=True)
class Point:
    """Concentration in one period. Amounts in cents, shares 0 to 1, HHI 0 to 10,000; undefined is None.

    top_share: of the largest 20 % of the customers; pareto_80: the fewest customers with 80 % of revenue.
    """

    label: str
    last: int
    accounts: int
    total: int
    top_1: float | None
    top_5: float | None
    top_10: float | None
    top_20: float | None
    top_share: float | None
    hhi: float | None
    effective_accounts: float | None
    gini: float | None
    pareto_80: int | None


MEASURES = ("top_1", "top_5", "top_10", "top_20", "top_share", "hhi", "effective_accounts", "gini", "pareto_80")


def point(label: str, last: int, amounts: Money) -> Point:
    """Measure one period, of amounts in cents in any order; credits and zeros are set apart.

    >>> found = point("2026", 0, np.array([400_00, 400_00, 100_00, 50_00, 50_00, -20_00, 0]))
    >>> found.accounts, found.top_1, found.gini, found.pareto_80
    (5, 0.4, 0.42, 2)
    """
    ordered = np.sort(amounts[amounts > 0])[::-1]
    if not ordered.size:
        return Point(label, last, 0, 0, None, None, None, None, None, None, None, None, None)
    total = concentration.total(ordered)
    top_1, top_5, top_10, top_20 = (concentration.total(ordered[:n]) / total for n in TOP)
    if total >= _SAFE:  # beyond 64 bits the careful way, which is the same to the last digit
        share, gini = concentration.top_share(ordered, SHARE).share, concentration.gini(ordered)
        reached = concentration.pareto(ordered, 0.8).accounts
    else:
        running = np.cumsum(ordered)
        share = int(running[-(-ordered.size // 5) - 1]) / total
        reached = int(np.searchsorted(running, -(-4 * total // 5))) + 1
        n = ordered.size
        gini = (2 * concentration.total(running) - (n + 1) * total) / (n * total)
    hhi = concentration.hhi(ordered)
    return Point(
        label, last, ordered.size, total, top_1, top_5, top_10, top_20, share, hhi, 10_000 / hhi, gini, reached
    )


def trend(timeline: Timeline, basis: Basis, periods: Sequence[Period]) -> list[Point | None]:
    """Measure every period; one that the history does not cover is None."""
    known = [period for period in periods if period.known]
    found = {
        period.last: point(period.label, period.last, basis.take(by_row))
        for period, by_row in zip(known, timeline.sums(known), strict=True)
    }
    return [found.get(period.last) for period in periods]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One of the largest customers: its row, its revenue (cents) and its rank in each period.

    A rank is None where the customer had no revenue or the period is not known; equal amounts share the better rank.
    """

    customer: int
    cents: tuple[int, ...]
    ranks: tuple[int | None, ...]


def ranks(timeline: Timeline, basis: Basis, periods: Sequence[Period], most: int = RANKED) -> list[Ranked]:
    """Rank the largest customers of the last period through all periods, the largest first.

    A rank is one more than the number of customers with more revenue (standard competition ranking), so it depends on
    no order of rows. Of equal amounts at the end of the list, those come in that stand first in the book.
    """
    known = [period for period in periods if period.known]
    if not known:
        return []
    amounts = [basis.take(by_row) for by_row in timeline.sums(known[-1:])]
    chosen = basis_measure.largest(amounts[0], most)
    if not chosen.size:
        return []
    by_period: dict[int, tuple[list[int], list[int | None]]] = {}
    for period, by_row in zip(known, timeline.sums(known), strict=True):
        now = basis.take(by_row)
        mine = [int(value) for value in now[chosen]]
        above = now.size - np.searchsorted(np.sort(now), now[chosen], side="right")
        places = [int(more) + 1 if value > 0 else None for more, value in zip(above, mine, strict=True)]
        by_period[period.last] = (mine, places)
    nothing: tuple[list[int], list[int | None]] = ([0] * chosen.size, [None] * chosen.size)
    columns = [by_period.get(period.last, nothing) for period in periods]
    return [
        Ranked(int(customer), tuple(c[0][at] for c in columns), tuple(c[1][at] for c in columns))
        for at, customer in enumerate(chosen)
    ]
