"""Tipping points: how far one weight can move, the others keeping their proportions, before a tier changes.

In: profiles and a model.  Out: for every profile and criterion the interval of that weight in which the profile keeps
its tier, the interval in which the whole tier list stays, and what a tier holds at every weight from 0 to 1. Nothing is
sampled: whether a cut-off is reached is linear in the weight x,

    f(x) = x u_k + (1 - x) r_k        r_k = (Σ W u - W_k u_k) / (10,000 - W_k), the others on their own
    x* = r_k / (r_k - u_k)            where u_k and r_k lie on either side of 0

A cut-off is reached where f(x) >= 0, so an account in a tier still has it at x*, and one below does not have its own
tier any more: ends are open or closed accordingly. Below the coverage floor an account is unrated, which is linear in x
as well. Every x* is one division of two whole numbers. Related: Triantaphyllou and Sánchez, A sensitivity analysis
approach for some deterministic multi-criteria decision-making methods, Decision Sciences 28(1), 1997.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING
from core.decisions.robustness import exact
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict
    from core.model.model import Model

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Intervals of one weight (shares, 0 to 1), one a profile; an end that is `open` does not belong to it.

    An empty interval has low 1 and high 0. Where the criterion has all the weight, the others have no proportions to
    keep and both ends are NaN.
    """

    low: Floats
    high: Floats
    low_open: Flags
    high_open: Flags

    @property
    def empty(self) -> Flags:
        """Tell which intervals hold no weight at all."""
        found: Flags = (self.low > self.high) | ((self.low == self.high) & (self.low_open | self.high_open))
        return found

    def hold(self, share: float) -> Flags:
        """Tell which intervals hold a weight."""
        after = np.where(self.low_open, share > self.low, share >= self.low)
        found: Flags = after & np.where(self.high_open, share < self.high, share <= self.high)
        return found

    def of(self, which: Flags) -> Spans:
        """Give the intervals of some profiles only."""
        return Spans(self.low[which], self.high[which], self.low_open[which], self.high_open[which])


def _where(at_0: Whole, at_1: Whole, *, negative: bool) -> Spans:
    """Give where a linear function of x, known by its values at 0 and 1, is at least 0 (or, `negative`, below 0)."""
    below_0, below_1 = at_0 < 0, at_1 < 0
    crosses = below_0 != below_1
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(crosses, at_0 / (at_0 - at_1), 0.0)
    wanted_0, wanted_1 = (below_0, below_1) if negative else (~below_0, ~below_1)
    nowhere = ~wanted_0 & ~wanted_1
    low = np.where(crosses & wanted_1, at, nowhere.astype(np.float64))
    high = np.where(crosses & wanted_0, at, (~nowhere).astype(np.float64))
    return Spans(low, high, crosses & wanted_1 & negative, crosses & wanted_0 & negative)


def _both(one: Spans, other: Spans) -> Spans:
    """Give what two intervals share."""
    low, high = np.maximum(one.low, other.low), np.minimum(one.high, other.high)
    low_open = (one.low_open & (one.low == low)) | (other.low_open & (other.low == low))
    high_open = (one.high_open & (one.high == high)) | (other.high_open & (other.high == high))
    return Spans(low, high, low_open, high_open)


class Lines:
    """One criterion's weight from 0 to 1, the others in proportion: in which tier is every profile, and where?"""

    def __init__(
        self, points: npt.NDArray[np.uint8], gate: npt.NDArray[np.uint8], model: Model, criterion: int
    ) -> None:
        """Work out once what every question needs: cost O(profiles x cut-offs)."""
        self._weight = model.weights[criterion]
        self._points, self._gate, self._model, self._criterion = points, gate, model, criterion
        self._rest = FULL_WEIGHT - self._weight
        known = points != MISSING
        present = known @ np.asarray(model.weights, dtype=np.int64)
        own = known[:, criterion].astype(np.int64)
        # Coverage less the floor, and coverage itself, at weight 0 and 1, times the weight of the others.
        others = FULL_WEIGHT * (present - self._weight * own)
        self._covered = others - model.floor * self._rest, (FULL_WEIGHT * own - model.floor) * self._rest
        self._nothing = -others, -own * FULL_WEIGHT * self._rest

    def reached(self, cut: int, *, negative: bool = False) -> Spans:
        """Give where the cut-off of tier number `cut` is reached, or is not, whatever is known of an account."""
        above = exact.above(self._points, self._model.cut_offs[cut])
        margin = above @ np.asarray(self._model.weights, dtype=np.int64)
        own = above[:, self._criterion]
        return _where(margin - self._weight * own, own * self._rest, negative=negative)

    def rated(self) -> Spans:
        """Give where enough of an account is known for a tier."""
        # Some weight must be known even where the floor is 0.
        return _both(_where(*self._covered, negative=False), _where(*self._nothing, negative=True))

    def unrated(self) -> Spans:
        """Give where too little of an account is known for a tier."""
        if self._model.floor:
            return _where(*self._covered, negative=True)
        return _where(*self._nothing, negative=False)

    def within(self, tier: npt.NDArray[np.int8]) -> Spans:
        """Give where each profile has the tier that is named for it (the number of tiers is unrated)."""
        count = len(self._model.tiers)
        if not self._rest:
            nan, flags = np.full(len(tier), np.nan), np.zeros(len(tier), dtype=bool)
            return Spans(nan, nan, flags, flags)
        everywhere = np.ones(len(tier))
        never = np.zeros(len(tier), dtype=bool)
        found = Spans(0 * everywhere, everywhere, never, never)
        for cut in range(count - 1):
            # In tier `cut` or better; and what is below it, unless a gate holds the account there anyway.
            found = _chosen(tier <= cut, _both(found, self.reached(cut)), found)
            lower = (tier > cut) & (self._gate <= cut)
            found = _chosen(lower, _both(found, self.reached(cut, negative=True)), found)
        found = _both(found, self.rated())
        found = _chosen(tier < self._gate, Spans(everywhere, 0 * everywhere, never, never), found)
        return _chosen(tier == count, self.unrated(), found)


def _chosen(which: Flags, one: Spans, other: Spans) -> Spans:
    return Spans(
        np.where(which, one.low, other.low),
        np.where(which, one.high, other.high),
        np.where(which, one.low_open, other.low_open),
        np.where(which, one.high_open, other.high_open),
    )


def intervals(cube: Cube, model: Model, verdict: Verdict) -> tuple[Spans, ...]:
    """Give for every criterion the interval of its weight in which each profile keeps the tier it has."""
    lines = (Lines(cube.points, cube.gate, model, j) for j in range(len(model.criteria)))
    return tuple(line.within(verdict.tier) for line in lines)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of a weight (shares); an end that is open does not belong to it. None where nothing can move."""

    low: float | None
    high: float | None
    low_open: bool = False
    high_open: bool = False


def whole_list(spans: Spans) -> Interval:
    """Give the interval in which every one of the profiles keeps its tier: what all their intervals share."""
    if not len(spans.low):
        return Interval(0.0, 1.0)
    low, high = float(spans.low.max()), float(spans.high.min())
    if not low <= high:  # NaN: one criterion has all the weight
        return Interval(None, None)
    low_open = bool(spans.low_open[spans.low == low].any())
    return Interval(low, high, low_open, bool(spans.high_open[spans.high == high].any()))


@dataclass(frozen=True, slots=True, eq=False)
class Staircase:
    """What a tier holds at every weight of one criterion: `at` each breakpoint, and `after` it up to the next one.

    weight: breakpoints, shares, from 0 to 1; accounts and revenue (cents); the last `after` repeats `at`.
    """

    weight: Floats
    accounts_at: Whole
    accounts_after: Whole
    revenue_at: Whole
    revenue_after: Whole

    def holds(self, share: float) -> tuple[int, int]:
        """Give accounts and revenue at a weight."""
        place = int(np.searchsorted(self.weight, share, side="right")) - 1
        if self.weight[place] == share:
            return int(self.accounts_at[place]), int(self.revenue_at[place])
        return int(self.accounts_after[place]), int(self.revenue_after[place])


def thinned(found: Staircase, most: int) -> Staircase:
    """Give a staircase of at most so many breakpoints for drawing; the ends stay, and what is kept is exact."""
    count = len(found.weight)
    if count <= most:
        return found
    kept = np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))
    sums = (found.accounts_at, found.accounts_after, found.revenue_at, found.revenue_after)
    return Staircase(found.weight[kept], *(column[kept] for column in sums))


def staircase(cube: Cube, model: Model, criterion: int, tier: int = 0) -> Staircase:
    """Give the step function of what a tier holds against one criterion's weight: exact, by sorting the ends."""
    lines = Lines(cube.points, cube.gate, model, criterion)
    return stairs(cube, lines.within(np.full(len(cube), tier, dtype=np.int8)))


def stairs(cube: Cube, spans: Spans) -> Staircase:
    """Add up, at every weight, the accounts and the revenue of the profiles whose interval holds that weight."""
    there = ~spans.empty & ~np.isnan(spans.low)
    low, high = spans.low[there], spans.high[there]
    weight = np.unique(np.concatenate([[0.0, 1.0], low, high]))
    # Events lie on a grid of two places a breakpoint: at it (even) and after it (odd).
    enters = 2 * np.searchsorted(weight, low) + spans.low_open[there]
    leaves = 2 * np.searchsorted(weight, high) + ~spans.high_open[there]
    columns = []
    for values in (cube.accounts[there], cube.revenue[there]):
        change = np.zeros(2 * len(weight) + 1, dtype=np.int64)
        np.add.at(change, enters, values)
        np.subtract.at(change, leaves, values)
        held = np.cumsum(change)
        after = held[1:-1:2].copy()
        after[-1] = held[2 * len(weight) - 2]
        columns += [held[0:-1:2], after]
    return Staircase(weight, *columns)


def keeping(cube: Cube, spans: Spans, now: float, share: float = 0.95) -> Interval:
    """Give the widest interval around a weight in which at least this share of the accounts keep their tier.

    Its ends are breakpoints; where the first account already tips at the present weight it may be that weight alone.
    """
    found = stairs(cube, spans)
    needed = share * int(cube.accounts.sum())
    here = int(np.searchsorted(found.weight, now, side="right")) - 1
    if np.isnan(spans.low).any() or not len(cube):
        return Interval(None, None)
    on_it = bool(found.weight[here] == now)
    last, first = here, here
    if not on_it:
        if found.accounts_after[here] < needed:
            return Interval(now, now)
        last = here + 1
    while last + 1 < len(found.weight) and min(found.accounts_at[last], found.accounts_after[last]) >= needed:
        last += 1
    while first > 0 and min(found.accounts_at[first], found.accounts_after[first - 1]) >= needed:
        first -= 1
    return Interval(
        float(found.weight[first]), float(found.weight[last]),
        bool(found.accounts_at[first] < needed), bool(found.accounts_at[last] < needed),
    )  # fmt: skip
