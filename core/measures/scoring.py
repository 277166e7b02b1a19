"""Scores: ten times the weighted mean of points, renormalised over what is known of an account.

In: points in tenths (255 missing) and weights in basis points.  Out: integers from which every score, interval and tier
follows exactly, by profile.

    score = Σ_present W p / Σ_present W      W basis points, p tenths (0..100), so the score is 0..100
    low, high: the score if everything missing earned 0, or 10, points; low <= score <= high always

Sources: weighted sum model, Fishburn (1967); the treatment of missing values, OECD/JRC Handbook on Constructing
Composite Indicators (2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Exact scores: `earned` = Σ_present W p (basis points x tenths) and `present` = Σ_present W (basis points).

    One entry a profile (or an account). The properties are for showing; a tier is decided by the integers.
    """

    earned: Whole
    present: Whole

    @property
    def score(self) -> npt.NDArray[np.float64]:
        """The score, 0 to 100; NaN where nothing is known."""
        known = self.present > 0
        return _ratio(self.earned, self.present, known)

    @property
    def coverage(self) -> npt.NDArray[np.float64]:
        """The share of weight that is known, 0 to 1."""
        return self.present / FULL_WEIGHT

    @property
    def low(self) -> npt.NDArray[np.float64]:
        """The score if everything missing earned 0 points."""
        return self.earned / FULL_WEIGHT

    @property
    def high(self) -> npt.NDArray[np.float64]:
        """The score if everything missing earned 10 points."""
        return (self.earned + 100 * (FULL_WEIGHT - self.present)) / FULL_WEIGHT


def score(points: npt.NDArray[np.uint8], weights: Sequence[int]) -> Scores:
    """Score every row of a (P, J) matrix of points.

    >>> acme = np.array([[100, 80, 100, 100, 80, 50]], dtype=np.uint8)
    >>> score(acme, (3000, 2000, 1500, 1500, 1000, 1000)).score
    array([89.])
    """
    # One look-up a criterion, in a table by points, adds both sums up at once: `earned` (at most 1,000,000) in the low
    # 32 bits, `present` above them. P is long and J short, and numpy is not quick at matrix products of integers.
    tenths = np.arange(MISSING + 1, dtype=np.int64)
    both = np.zeros(len(points), dtype=np.int64)
    for column, weight in zip(points.T, weights, strict=True):
        both += np.where(tenths == MISSING, 0, (tenths + (1 << 32)) * weight)[column]
    return Scores(earned=both & 0xFFFFFFFF, present=both >> 32)


def contributions(points: npt.NDArray[np.uint8], weights: Sequence[int]) -> npt.NDArray[np.float64]:
    """Split each score into what each criterion brings: a (P, J) matrix of score points, NaN where a value is missing.

    A row adds up to the score. With everything known, criterion j brings at most its weight in percent.

    >>> acme = np.array([[100, 80, 100, 100, 80, 50]], dtype=np.uint8)
    >>> contributions(acme, (3000, 2000, 1500, 1500, 1000, 1000))
    array([[30., 16., 15., 15.,  8.,  5.]])
    """
    known = points != MISSING
    parts = np.where(known, points, 0) * np.asarray(weights, dtype=np.int64)
    present = score(points, weights).present[:, None]
    return _ratio(parts, np.broadcast_to(present, parts.shape), known & (present > 0))


def unweighted(points: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Give points earned as a share of points that could be earned, 0 to 1, without any weight: a check, not a score.

    >>> unweighted(np.array([[100, 80, 100, 100, 80, 50]], dtype=np.uint8))
    array([0.85])
    """
    known = points != MISSING
    possible = known.sum(axis=1) * 100
    earned = np.where(known, points, 0).sum(axis=1)
    return _ratio(earned, possible, possible > 0)


def _ratio(above: Whole, below: Whole, defined: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Divide where it is defined; NaN elsewhere."""
    quotient: npt.NDArray[np.float64] = np.divide(above, below, out=np.full(above.shape, np.nan), where=defined)
    return quotient
