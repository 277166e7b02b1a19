"""Lint: what is odd about a model, in plain sentences.

A model with remarks still works. Reachability is exact: every score a model can give is a sum of weights times
points, all whole numbers, so the sums that can occur are found one criterion at a time.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from core.model.criteria import BandCriterion
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.model.model import Model

MISSING = 255
NEARLY_THE_SAME = 0.95
"""Two criteria whose points correlate this much in a book say the same thing twice."""


def check(
    model: Model, points: npt.NDArray[np.uint8] | None = None, accounts: npt.NDArray[np.int64] | None = None
) -> list[str]:
    """Give the remarks on a model; with the profiles of a book (`points`, 255 missing, and `accounts`), on both."""
    remarks = [*_bands(model), *_cut_offs(model), *_criteria(model)]
    if points is not None and accounts is not None and len(points):
        remarks += [*_in_book(model, points, accounts), *_alike(model, points, accounts)]
    return remarks


def _bands(model: Model) -> list[str]:
    remarks = []
    for criterion in model.criteria:
        if not isinstance(criterion, BandCriterion):
            continue
        lowest = criterion.bands[0].lower
        if lowest is not None:
            remarks.append(f"{criterion.name}: values below {lowest:,g} fall into no band and count as missing.")
        steps = [b - a for a, b in pairwise(criterion.levels)]
        if any(step > 0 for step in steps) and any(step < 0 for step in steps):
            remarks.append(f"{criterion.name}: points rise and fall again from band to band.")
        if any(step == 0 for step in steps):
            remarks.append(f"{criterion.name}: two neighbouring bands earn the same points.")
    return remarks


def _cut_offs(model: Model) -> list[str]:
    """Find tiers that no combination of points can reach, or fall into."""
    sums = np.flatnonzero(_reachable(model, range(len(model.criteria))))  # basis points x tenths; 10,000 is one point
    remarks = []
    best = float(sums[-1]) / FULL_WEIGHT
    edges = [tier.hundredths * 100 for tier in model.tiers]
    for i, tier in enumerate(model.tiers):
        upper = edges[i - 1] if i else sums[-1] + 1
        if edges[i] > sums[-1]:
            remarks.append(
                f"{tier.name}: nobody can reach its cut-off of {tier.cut_off:g}; the best score is {best:.1f}."
            )
        elif not np.any((sums >= edges[i]) & (sums < upper)):
            remarks.append(f"{tier.name}: no combination of points gives a score between its cut-off and the next.")
    return remarks


def _criteria(model: Model) -> list[str]:
    """Find criteria that cannot change any tier, whatever an account's other points."""
    remarks = []
    for j, criterion in enumerate(model.criteria):
        if criterion.importance == 0:
            remarks.append(f"{criterion.name} has importance 0 and decides nothing.")
        elif not _can_decide(model, j):
            share = model.weights[j] / 100
            remarks.append(f"{criterion.name} cannot change any tier: {share:.1f} % is too little to cross a cut-off.")
    return remarks


def _can_decide(model: Model, j: int) -> bool:
    others = np.flatnonzero(_reachable(model, [k for k in range(len(model.criteria)) if k != j]))
    levels = model.criteria[j].levels
    low, high = others + model.weights[j] * min(levels), others + model.weights[j] * max(levels)
    edges = np.array([tier.hundredths * 100 for tier in model.tiers[:-1]])
    return bool(np.any((low[:, None] < edges) & (high[:, None] >= edges)))


def _reachable(model: Model, which: range | list[int]) -> npt.NDArray[np.bool_]:
    """Mark every sum of weight (basis points) x points (tenths) that the criteria named can give together."""
    reached = np.zeros(FULL_WEIGHT * 100 + 1, dtype=np.bool_)
    reached[0] = True
    for k in which:
        steps = sorted({model.weights[k] * level for level in model.criteria[k].levels})
        grown = np.zeros_like(reached)
        for step in steps:
            grown[step:] |= reached[: len(reached) - step]
        reached = grown
    return reached


def _in_book(model: Model, points: npt.NDArray[np.uint8], accounts: npt.NDArray[np.int64]) -> list[str]:
    """Find criteria that tell no account of this book from another, and those that are mostly missing."""
    remarks = []
    total = int(accounts.sum())
    for criterion, column in zip(model.criteria, points.T, strict=True):
        known = column != MISSING
        unknown = int(accounts[~known].sum()) / total
        if not known.any():
            remarks.append(f"{criterion.name} is missing for every account of this book.")
        elif len(np.unique(column[known])) == 1:
            remarks.append(f"{criterion.name} tells no account of this book from another: all earn the same points.")
        elif unknown > 1 / 3:
            remarks.append(f"{criterion.name} is missing for {100 * unknown:.0f} % of the accounts.")
    return remarks


def _alike(model: Model, points: npt.NDArray[np.uint8], accounts: npt.NDArray[np.int64]) -> list[str]:
    return [
        f"{a.name} and {b.name} are nearly the same in this book (correlation {r:.2f}): together they count twice."
        for (i, a), (j, b) in combinations(enumerate(model.criteria), 2)
        if (r := _correlation(points[:, i], points[:, j], accounts)) >= NEARLY_THE_SAME
    ]


def _correlation(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], accounts: npt.NDArray[np.int64]) -> float:
    """Give Pearson's correlation over the accounts where both are known; 0 where one of them does not vary."""
    both = (one != MISSING) & (other != MISSING)
    if accounts[both].sum() < 3:  # two points always lie on a line
        return 0.0
    x, y, n = one[both].astype(float), other[both].astype(float), accounts[both]
    spread = np.cov(np.vstack([x, y]), fweights=n)
    scale = float(np.sqrt(spread[0, 0] * spread[1, 1]))
    return float(spread[0, 1]) / scale if scale else 0.0
