"""Concentration through time: its measures at every period of the revenue history, and the ranks of the largest.

In: a timeline, a basis (whose shares), periods. Out: frozen records, one a period; a period that the history does not
cover is None, never a fall to nothing. Formulas are those of `core.measures.concentration`; what several of them need
(the order, the running total) is worked once a period, since a filter asks for all periods at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core import parallel
from core.measures import basis as basis_measure
from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.timeline import Period, Ranking, Timeline
    from core.measures.basis import Basis
    from core.measures.concentration import Money

TOP = (1, 5, 10, 20)
SHARE = 0.2
RANKED = 20

Whole = npt.NDArray[np.integer]


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
    ordered = np.compress(amounts > 0, amounts)
    ordered.sort()
    return _of(label, last, ordered[::-1])


def _of(label: str, last: int, ordered: Money) -> Point:
    """Measure one period, of amounts above 0 with the largest first."""
    if not ordered.size:
        return Point(label, last, 0, 0, None, None, None, None, None, None, None, None, None)
    found = concentration.summed(ordered)
    top_1, top_5, top_10, top_20 = (found.share_of(n) for n in TOP)
    share, reached, hhi = found.share(SHARE).share, found.reaching(Fraction(4 * found.total, 5)), found.hhi()
    return Point(
        label, last, len(found), found.total, top_1, top_5, top_10, top_20, share, hhi, 10_000 / hhi, found.gini(),
        reached,
    )  # fmt: skip


def trend(timeline: Timeline, basis: Basis, periods: Sequence[Period]) -> list[Point | None]:
    """Measure every period; one that the history does not cover is None."""
    known = [period for period in periods if period.known]
    if basis.joined:
        # Amounts are netted within a customer before they are ranked, so no order can be kept from before the filter.
        work = ((period, basis.take(by_row)) for period, by_row in zip(known, timeline.sums(known), strict=True))
        points = parallel.two_at_once(lambda one: point(one[0].label, one[0].last, one[1]), work)
    else:
        listed = basis.among(timeline.rows)
        ranked = zip(known, timeline.ranked(known), strict=True)
        points = parallel.two_at_once(lambda one: _of(one[0].label, one[0].last, _passing(one[1], listed)), ranked)
    found = {one.last: one for one in points}
    return [found.get(period.last) for period in periods]


def _passing(ranking: Ranking, listed: npt.NDArray[np.bool_]) -> Money:
    return np.compress(listed.take(ranking.row), ranking.cents)


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
    if basis.joined:
        chosen, by_period = _ranked_joined(timeline, basis, known, most)
    else:
        chosen, by_period = _ranked(timeline, basis, known, most)
    if not chosen.size:
        return []
    nothing: tuple[list[int], list[int | None]] = ([0] * chosen.size, [None] * chosen.size)
    columns = [by_period.get(period.last, nothing) for period in periods]
    return [
        Ranked(int(customer), tuple(c[0][at] for c in columns), tuple(c[1][at] for c in columns))
        for at, customer in enumerate(chosen)
    ]


ByPeriod = dict[int, tuple[list[int], list[int | None]]]
"""What the chosen customers paid, and their ranks, by the last month of a period."""


def _ranked(timeline: Timeline, basis: Basis, known: Sequence[Period], most: int) -> tuple[Whole, ByPeriod]:
    """Rank accounts: in the order that is kept of each period, count those that pass the filter before each amount."""
    listed, rankings = basis.among(timeline.rows), timeline.ranked(known)
    last = rankings[-1]
    passing = np.flatnonzero(listed.take(last.row))
    if not passing.size:
        return passing, {}
    least = last.cents[passing[min(most, passing.size) - 1]]
    rows = last.row[passing[: np.searchsorted(-last.cents[passing], -least, side="right")]]
    order = np.lexsort((rows, -last.cents[passing[: rows.size]]))  # of equal amounts those that stand first in the book
    rows = rows[order][:most]
    paid = timeline.paid(rows, known)
    by_period: ByPeriod = {}
    for period, ranking, now in zip(known, rankings, paid, strict=True):
        ends = np.searchsorted(-ranking.cents, -now, side="left")
        above = np.concatenate(([0], np.cumsum(listed.take(ranking.row[: int(ends[now > 0].max(initial=0))]))))
        places = [int(above[end]) + 1 if cents > 0 else None for end, cents in zip(ends, now, strict=True)]
        by_period[period.last] = ([int(cents) for cents in now], places)
    return np.searchsorted(basis.rows, rows), by_period


def _ranked_joined(timeline: Timeline, basis: Basis, known: Sequence[Period], most: int) -> tuple[Whole, ByPeriod]:
    """Rank customers of several accounts: their amounts are netted first, so each period is sorted anew."""
    amounts = [basis.take(by_row) for by_row in timeline.sums(known[-1:])]
    chosen = basis_measure.largest(amounts[0], most)
    by_period: ByPeriod = {}
    if not chosen.size:
        return chosen, by_period
    for period, by_row in zip(known, timeline.sums(known), strict=True):
        now = basis.take(by_row)
        mine = [int(value) for value in now[chosen]]
        least = min((value for value in mine if value > 0), default=0)
        larger = np.sort(np.compress(now > least, now))
        above = larger.size - np.searchsorted(larger, now[chosen], side="right")
        places = [int(more) + 1 if value > 0 else None for more, value in zip(above, mine, strict=True)]
        by_period[period.last] = (mine, places)
    return chosen, by_period
