"""Margins: the least weight that must move before a tier changes, for every profile at once.

In: profiles, a model and its verdict.  Out: points of weight (a share; 0.28 is 28 points), and for one profile the two
weightings side by side. It is the greedy of `core/decisions/nearest.py`: everything goes to the criterion that is
furthest on the other side, and is taken first from those furthest from it; a fractional knapsack, so no reweighting
that moves less can do it. The weight moved is half the L1 distance of the two weightings.

On the way down the margin is an infimum: at it the account still stands on the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING
from core.decisions import nearest
from core.decisions.robustness import exact
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.decisions.nearest import Shift
    from core.measures.tiers import Verdict
    from core.model.model import Model

    Floats = npt.NDArray[np.float64]

_CLASSES = (0.01, 0.025, 0.05, 0.10, 0.20)


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """The least weight that must move by profile, as shares: to a better tier, to a worse one, and to be unrated.

    Infinite where no weights would do, NaN for a profile that is unrated now.
    """

    up: Floats
    down: Floats
    unrated: Floats

    @property
    def least(self) -> Floats:
        """The least weight that changes anything: any weighting that moves less keeps the tier."""
        found: Floats = np.minimum(np.minimum(self.up, self.down), self.unrated)
        return found


def measure(cube: Cube, model: Model, verdict: Verdict) -> Margins:
    """Give the margin of every profile to both adjacent tiers. Costs O(profiles x criteria)."""
    count, tier = len(model.tiers), verdict.tier
    up, down = np.full(len(cube), np.inf), np.full(len(cube), np.inf)
    for cut, cut_off in enumerate(model.cut_offs[:-1]):
        rises = (tier == cut + 1) & (cube.gate <= cut)
        up[rises] = least_moved(cube.points[rises], model.weights, cut_off, up=True)
        falls = tier == cut
        down[falls] = least_moved(cube.points[falls], model.weights, cut_off, up=False)
    missing = (cube.points == MISSING).any(axis=1)
    unrated = np.where(missing, (verdict.scores.present - model.floor) / FULL_WEIGHT, np.inf)
    unknown = tier == count
    for values in (up, down, unrated):
        values[unknown] = np.nan
    return Margins(up, down, unrated)


def least_moved(points: npt.NDArray[np.uint8], weights: Sequence[int], cut_off: int, *, up: bool) -> Floats:
    """Give the least weight moved that takes each profile over a cut-off, up to it or down from it; else infinite.

    >>> acme = np.array([[100, 80, 100, 100, 80, 50]], dtype=np.uint8)
    >>> least_moved(acme, (3000, 2000, 1500, 1500, 1000, 1000), 7_500, up=False).round(12)
    array([0.28])
    """
    whole = np.asarray(weights, dtype=np.int64)
    towards = exact.above(points, cut_off) * (1 if up else -1)
    known = points != MISSING
    best = np.where(known, towards, np.iinfo(np.int64).min).max(axis=1, initial=np.iinfo(np.int64).min)
    possible = known.any(axis=1) & (best >= 0 if up else best > 0)
    left = np.maximum(-(towards @ whole), 0).astype(np.float64)
    moved = np.zeros(len(points))
    order = np.argsort(towards, axis=1, kind="stable")
    for place in range(len(weights)):
        j = order[:, place : place + 1]
        gap = best - np.take_along_axis(towards, j, axis=1)[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(gap > 0, np.minimum(whole[j[:, 0]], left / gap), 0.0)
        moved += part
        left -= part * gap
    return np.where(possible, moved / FULL_WEIGHT, np.inf)


@dataclass(frozen=True, slots=True)
class Distance:
    """Accounts and revenue (cents) whose tier changes once so much weight moves: from `low` on, below `high` (shares).

    low is None for those that no weights change.
    """

    low: float | None
    high: float | None
    accounts: int
    revenue: int


def distances(cube: Cube, found: Margins) -> list[Distance]:
    """Count rated accounts by the least weight that changes their tier, nearest first."""
    least = found.least
    rows = []
    for low, high in pairwise((0.0, *_CLASSES, np.inf)):
        where = (least >= low) & (least < high)
        high_ = None if high == np.inf else high
        rows.append(Distance(low, high_, int(cube.accounts[where].sum()), int(cube.revenue[where].sum())))
    never = np.isposinf(least)
    return [*rows, Distance(None, None, int(cube.accounts[never].sum()), int(cube.revenue[never].sum()))]


@dataclass(frozen=True, slots=True)
class Certificate:
    """The smallest change of weights that changes a tier: the tier it leads to, and the weights now and then.

    now and then: shares by criterion, in the model's order.
    """

    tier: str
    better: bool
    shift: Shift
    now: tuple[float, ...]
    then: tuple[float, ...]


def certificate(model: Model, points: Sequence[int], *, tier: int, gate: int = 0) -> Certificate | None:
    """Give the smallest change of weights that takes a rated profile to another tier; None where none does.

    Exact, in fractions. Of a way up and a way down that are equally long, the way down is given.
    """
    ways = []
    for up, cut, target in ((False, tier, tier + 1), (True, tier - 1, tier - 1)):
        if not (0 <= cut < len(model.tiers) - 1) or target < gate:
            continue
        profile = nearest.Profile(tuple(points), model.weights, model.cut_offs[cut], model.floor)
        shift = nearest.shift(profile, model.criteria, up=up)
        if shift is not None:
            then = tuple(float(weight) for weight in shift.weights)
            now = tuple(weight / FULL_WEIGHT for weight in model.weights)
            ways.append(Certificate(model.tier_names[target], up, shift, now, then))
    return min(ways, key=lambda way: way.shift.moved, default=None)
