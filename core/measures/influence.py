"""Effective importance: how much of the differences between scores each criterion really makes in this book.

A weight of 30 % moves nothing if every account has the same points. What a criterion explains is the correlation ratio
of the score on it, over the rated accounts:

    η_j² = Σ_l n_l (m_l - m)² / Σ_i n_i (s_i - m)²        0..1, no unit

with l the levels of criterion j, n accounts, m_l the mean score of level l, m the mean score, s_i the score of profile
i. “Says 30 %, acts as 9 %” compares the weight with η_j² / Σ η², since the η² of criteria that go together add to more
than 1 (and to 1 where they are independent).

A missing value is a level of its own: the accounts that have it have a mean score like any others. Unrated accounts are
left out: their score decides nothing. Where every score is the same there is nothing to explain, and both are None.

Source: Paruolo, Saisana & Saltelli, “Ratings and rankings: voodoo or science?”, JRSS-A 176(3), 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict
    from core.model.model import Model

_LEVELS = 256  # every value that a uint8 of points can have, missing included


@dataclass(frozen=True, slots=True)
class Influence:
    """What a criterion says and does: `says` its weight, `explains` η², `acts_as` η² / Σ η²; fractions, or None."""

    criterion: str
    says: float
    explains: float | None
    acts_as: float | None


def effective(cube: Cube, verdict: Verdict, model: Model) -> tuple[Influence, ...]:
    """Give the effective importance of every criterion, in the model's order. Costs the profiles only."""
    rated = verdict.tier < len(verdict.names)
    scores = verdict.scores
    explained = correlation_ratios(
        cube.points[rated], scores.earned[rated], scores.present[rated], cube.accounts[rated]
    )
    acting = shares(explained)
    return tuple(
        Influence(criterion.id, weight / FULL_WEIGHT, eta, acts)
        for criterion, weight, eta, acts in zip(model.criteria, model.weights, explained, acting, strict=True)
    )


def correlation_ratios(
    points: npt.NDArray[np.uint8],
    earned: npt.NDArray[np.int64],
    present: npt.NDArray[np.int64],
    accounts: npt.NDArray[np.int64],
) -> list[float | None]:
    """Give η² of the score `earned` / `present` on every column of points; None where the score does not vary.

    >>> points = np.array([[0, 0], [0, 100], [100, 0], [100, 100]], dtype=np.uint8)
    >>> full = np.full(4, 10_000)
    >>> correlation_ratios(points, np.array([0, 200_000, 800_000, 1_000_000]), full, np.ones(4, dtype=np.int64))
    [0.9411764705882353, 0.058823529411764705]
    """
    # Whether anything varies is decided by integers: e/p = e₀/p₀ iff e·p₀ = e₀·p.
    if not len(earned) or bool(np.all(earned * present[0] == earned[0] * present)):
        return [None] * points.shape[1]
    score = earned / present
    away = score - np.average(score, weights=accounts)
    total = float(np.sum(accounts * away**2))
    return [min(_between(column, away, accounts) / total, 1.0) for column in points.T]


def shares(explained: Sequence[float | None]) -> list[float | None]:
    """Divide by the sum, so that what the criteria act as adds to 1; None where nothing is explained.

    >>> shares([0.75, 0.25, 0.25])
    [0.6, 0.2, 0.2]
    """
    known = [eta for eta in explained if eta is not None]
    whole = sum(known)
    return [None if eta is None or not whole else eta / whole for eta in explained]


def _between(column: npt.NDArray[np.uint8], away: npt.NDArray[np.float64], accounts: npt.NDArray[np.int64]) -> float:
    """Add up, over the levels of a column, accounts times the squared distance of the level's mean from the mean."""
    counts = np.bincount(column, weights=accounts, minlength=_LEVELS)
    sums = np.bincount(column, weights=accounts * away, minlength=_LEVELS)
    there = counts > 0
    return float(np.sum(sums[there] ** 2 / counts[there]))
