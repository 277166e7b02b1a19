"""Exact: on which side of a cut-off every profile stands under any weights, decided by integers.

In: points in tenths (255 missing) and a cut-off τ in hundredths of a score point.  Out: for each criterion how far its
points lie above the cut-off, from which every margin follows:

    u_j = 100 p_j - τ        hundredths of a score point; 0 where the value is missing
    margin = Σ W_j u_j >= 0  iff the score reaches τ, W being any whole weights, whatever they add to

That a missing value counts as the cut-off itself is no guess about it: the score is renormalised over what is known,
and Σ_known W p / Σ_known W >= τ is the same as Σ_known W (p - τ) >= 0. Source: docs/methods.md, Missing values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.model.model import Model

    Whole = npt.NDArray[np.int64]


def above(points: npt.NDArray[np.uint8], cut_off: int) -> Whole:
    """Give u: a (P, J) matrix of hundredths of a score point above the cut-off, 0 where the value is missing.

    >>> above(np.array([[100, 50, 255]], dtype=np.uint8), 7_500)
    array([[ 2500, -2500,     0]])
    """
    hundredths = np.where(np.arange(MISSING + 1) == MISSING, 0, np.arange(MISSING + 1) * 100 - cut_off)
    found: Whole = hundredths.astype(np.int64)[points]
    return found


def tier(points: npt.NDArray[np.uint8], gate: npt.NDArray[np.uint8], weights: Sequence[int], model: Model) -> Whole:
    """Give the tier of every profile (0 the best, the number of tiers is unrated) under whole weights of any sum.

    The same answer as `tiers.weigh`, without rounding weights to basis points first: shares in a ratio of large whole
    numbers stay exact. Weights may add to at most 10^10.
    """
    whole = np.asarray(weights, dtype=np.int64)
    found = np.zeros(len(points), dtype=np.int64)
    for cut_off in model.cut_offs[:-1]:
        found += above(points, cut_off) @ whole < 0
    present = (points != MISSING) @ whole
    unrated = (present * FULL_WEIGHT < model.floor * int(whole.sum())) | (present == 0)
    return np.where(unrated, len(model.tiers), np.maximum(found, gate))


def moved_to(weights: Sequence[int], criterion: int, share: int) -> list[int]:
    """Give whole weights in which one criterion has `share` basis points and the others keep their proportions.

    They add to 10,000 times what the others had. Where the others had nothing they share equally what is left.

    >>> moved_to((3000, 2000, 5000), 0, 6500)
    [45500000, 7000000, 17500000]
    """
    others = [weight for j, weight in enumerate(weights) if j != criterion]
    if others and not sum(others):
        others = [1] * len(others)
    whole = sum(others)
    if not whole:
        return [FULL_WEIGHT]
    rest = iter(others)
    return [share * whole if j == criterion else (FULL_WEIGHT - share) * next(rest) for j in range(len(weights))]
