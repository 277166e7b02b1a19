"""Periods: concentration and retention of every period of a book's history as plain rows, for the command line.

In: a prepared book and how long a period is. Out: one mapping a period, money in units of the currency, shares as
fractions; what is undefined or not known is None.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.accounts import timeline
from core.measures import basis as basis_measure
from core.measures import retention, through_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.timeline import Period, Step, Timeline
    from core.measures.basis import Basis
    from core.measures.portfolio import Portfolio
    from core.measures.retention import Retention

STEPS: tuple[Step, ...] = ("month", "quarter", "year")


def report(prepared: Portfolio, step: Step) -> dict[str, Any]:
    """Say how concentrated each period was, and what stayed of the revenue of a year before.

    calendar: months, quarters or years of the calendar, whole ones only; trailing: twelve months each, counted back
    from the newest month of the history that is not after the as-of date. Both are empty without a history.
    """
    past = timeline.read(prepared.book)
    if past is None:
        return {"step": step, "calendar": [], "trailing": []}
    basis = basis_measure.of_listing(prepared.listing)
    calendar = timeline.calendar(past, step, prepared.as_of)
    trailing = timeline.trailing(past, step, prepared.as_of)
    return {"step": step, "calendar": _rows(past, basis, calendar), "trailing": _rows(past, basis, trailing)}


def _rows(past: Timeline, basis: Basis, periods: Sequence[Period]) -> list[dict[str, Any]]:
    points = through_time.trend(past, basis, periods)
    kept = _retained(past, basis, periods)
    rows = []
    for period, point in zip(periods, points, strict=True):
        found = kept.get(period.last)
        row: dict[str, Any] = {"period": period.label, "known": period.known}
        if point is not None:
            facts = asdict(point)
            row |= {"accounts_counted": facts["accounts"], "total_revenue": facts["total"] / 100}
            row |= {name: facts[name] for name in through_time.MEASURES}
        rows.append(row | {"nrr": found.nrr if found else None, "grr": found.grr if found else None})
    return rows


def _retained(past: Timeline, basis: Basis, periods: Sequence[Period]) -> dict[int, Retention]:
    """Measure what each period kept of the same one a year before, where both are known."""
    known = {period.last: period for period in periods if period.known}
    found = {}
    for last, period in known.items():
        before = known.get(last - timeline.YEAR)
        if before is not None:
            start, end = (basis.take(by_row) for by_row in past.sums([before, period]))
            found[last] = retention.measure(start, end)
    return found
