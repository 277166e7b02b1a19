"""Retention: how much of last year's revenue is still there.

A cohort is the accounts with revenue at the start; whoever comes later is left out. Net revenue retention is their
revenue at the end over that at the start; gross revenue retention counts no account for more than it brought at the
start, so it is at most 1 and at most the net one. Both are of recurring business in the usual definition; here they
are of all revenue in the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core import parallel
from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.measures.concentration import Money


@dataclass(frozen=True, slots=True)
class Retention:
    """A cohort's revenue over two dates. Amounts in cents; nrr, grr and kept are fractions, None without a cohort.

    accounts: in the cohort; start, end: its revenue; churned: of accounts that bring nothing at the end; contraction
    and expansion: of those that bring less and more; new: revenue at the end of accounts outside the cohort; nrr, grr:
    net and gross revenue retention; kept: the share of the cohort that still brings revenue.
    """

    name: str
    accounts: int
    start: int
    end: int
    churned: int
    contraction: int
    expansion: int
    new: int
    nrr: float | None
    grr: float | None
    kept: float | None

    def __post_init__(self) -> None:
        """Refuse a gross retention above 1 or above the net one, and sums that do not add up."""
        if self.start - self.churned - self.contraction + self.expansion != self.end:
            raise ValueError(f"the cohort does not add up: {self}")
        if self.grr is not None and self.nrr is not None and not 0 <= self.grr <= min(1.0, self.nrr):
            raise ValueError(f"gross retention must be at most 1 and at most the net one: {self}")


def measure(start: Money, end: Money, name: str = "") -> Retention:
    """Measure the retention of the accounts with revenue at the start.

    NRR = sum of end / sum of start, GRR = sum of min(end, start) / sum of start, over the cohort. An account that has
    only credits at the end counts as having left with nothing, not as less than nothing.

    >>> found = measure(np.array([100, 200, 300, 0, 50]), np.array([120, 150, 300, 80, 0]))
    >>> round(found.nrr, 4), round(found.grr, 4), found.kept
    (0.8769, 0.8462, 0.75)
    >>> found.churned, found.contraction, found.expansion, found.new
    (50, 50, 20, 80)
    """
    if start.shape != end.shape:
        raise ValueError(f"{start.size} amounts at the start but {end.size} at the end")
    before, now = np.maximum(start, 0), np.maximum(end, 0)
    cohort = before > 0
    after = now * cohort
    there = after > 0
    first, last = concentration.total(before), concentration.total(after)
    return _of(
        name,
        (int(np.count_nonzero(cohort)), int(np.count_nonzero(there))),
        (first, last),
        least=concentration.total(np.minimum(before, after)),
        churned=first - concentration.total(before * there),
        new=concentration.total(now) - last,
    )


def _of(
    name: str, counts: tuple[int, int], totals: tuple[int, int], *, least: int, churned: int, new: int
) -> Retention:
    """Put a cohort together: how many there were and still are, their revenue then and now, in cents."""
    (accounts, still), (first, last) = counts, totals
    return Retention(
        name=name,
        accounts=accounts,
        start=first,
        end=last,
        churned=churned,
        contraction=first - least - churned,
        expansion=last - least,
        new=new,
        nrr=last / first if first else None,
        grr=least / first if first else None,
        kept=still / accounts if accounts else None,
    )


def by_group(
    start: Money, end: Money, group: npt.NDArray[np.integer], names: Sequence[str], everybody: str = "All"
) -> list[Retention]:
    """Measure the retention of each group (a tier, as it is now), in the order of `names`, then of all together.

    `group` gives the place in `names` of every account. A group without a cohort is left out.
    """

    def of(at: int) -> Retention:
        mine = np.flatnonzero(group == at)
        return measure(start.take(mine), end.take(mine), names[at])

    rows = parallel.two_at_once(of, range(len(names)))
    whole = measure(start, end, everybody)
    return [row for row in rows if row.accounts] + [whole]
