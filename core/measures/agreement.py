"""Agreement: how alike two verdicts on the same book are, in rank and in what follows from it.

Kendall's tau-b over accounts, counted exactly from profiles and how many accounts each has:

    tau_b = (C - D) / √((n₀ - n₁)(n₀ - n₂))        -1..1, no unit
    C - D = n₀ - n₁ - n₂ + n₃ - 2 D

with n₀ = n(n - 1)/2 pairs of accounts, n₁ and n₂ the pairs tied in the one and in the other, n₃ those tied in both, and
D the pairs in opposite order. Bands tie heavily, so the form with ties is the only right one. A rank correlation is
dominated by the middle of a book; therefore it never stands alone, but beside the share of accounts and of revenue
whose tier stays.

Source: Kendall, “The treatment of ties in ranking problems”, Biometrika 33(3), 1945.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.measures.tiers import Verdict

    Whole = npt.NDArray[np.int64]


class Weighed(Protocol):
    """What verdicts are weighed by: accounts and revenue (cents) of each profile, or of each pair of profiles."""

    @property
    def accounts(self) -> Whole:
        """Accounts of each."""

    @property
    def revenue(self) -> Whole:
        """Revenue of each, in cents."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two verdicts are; None where undefined.

    tau_b over the `compared` accounts, those rated in both; same_tier and same_tier_revenue: the share of all accounts
    and of all revenue that keep their tier, being unrated counted as one.
    """

    tau_b: float | None
    compared: int
    same_tier: float | None
    same_tier_revenue: float | None


def agreement(cube: Weighed, before: Verdict, after: Verdict) -> Agreement:
    """Compare two verdicts on one cube, or on a book that two models band differently, put side by side."""
    rated = (before.tier < len(before.names)) & (after.tier < len(after.names))
    stays = same_tier(before, after)
    counts = cube.accounts[rated]
    return Agreement(
        tau_b(before.scores.score[rated], after.scores.score[rated], counts),
        int(counts.sum()),
        _share(cube.accounts, stays),
        _share(cube.revenue, stays),
    )


def same_tier(before: Verdict, after: Verdict) -> npt.NDArray[np.bool_]:
    """Tell which profiles keep their tier, by its place from the best; unrated counts as a tier of its own.

    The two models need not have the same number of tiers.
    """
    rated_before, rated_after = before.tier < len(before.names), after.tier < len(after.names)
    same: npt.NDArray[np.bool_] = np.where(
        rated_before & rated_after, before.tier == after.tier, rated_before == rated_after
    )
    return same


def tau_b(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], counts: Whole) -> float | None:
    """Kendall's tau-b of two scores, each pair of scores standing for `counts` accounts, in O(P log P).

    Scores are compared as floats, and exactly: they are quotients e/p of integers with p <= 10,000, so two that differ
    do so by 1e-8 or more, and two that are equal divide to the same float. None where either ties every account.

    >>> tau_b(np.array([4.0, 3, 2, 1]), np.array([9.0, 8, 6, 7]), np.array([1, 1, 1, 1]))
    0.6666666666666666
    """
    if not len(counts):
        return None
    first, second = np.unique(one, return_inverse=True)[1], np.unique(other, return_inverse=True)[1]
    accounts = int(counts.sum())
    pairs = accounts * (accounts - 1) // 2
    tied_first, tied_second = _tied(first, counts), _tied(second, counts)
    tied_both = _tied(first * (int(second.max()) + 1) + second, counts)
    below = (pairs - tied_first) * (pairs - tied_second)
    if not below:
        return None
    above = pairs - tied_first - tied_second + tied_both - 2 * _opposed(first, second, counts)
    return above / sqrt(below)


def _tied(ranks: npt.NDArray[np.intp], counts: Whole) -> int:
    """Count the pairs of accounts with equal ranks."""
    place = np.unique(ranks, return_inverse=True)[1]
    together = np.zeros(int(place.max()) + 1, dtype=np.int64)
    np.add.at(together, place, counts)
    return int(np.sum(together * (together - 1) // 2))


def _opposed(first: npt.NDArray[np.intp], second: npt.NDArray[np.intp], counts: Whole) -> int:
    """Count the pairs of accounts that the two ranks put in opposite order.

    In order of the first rank, a pair is opposed iff the second falls. Two second ranks part at the highest bit in
    which they differ; so, bit by bit, among those that agree above it: how many ones stand before each zero?
    """
    order = np.lexsort((second, first))  # ties of the first rise in the second, and are not counted
    ranks = second[order].astype(np.min_scalar_type(int(second.max())))  # small integers are sorted by radix
    counts = counts[order]
    opposed = 0
    for bit in range(int(ranks.max()).bit_length()):
        group = np.right_shift(ranks, bit + 1)
        place = np.argsort(group, kind="stable")
        group, held = group[place], counts[place]
        one = (np.right_shift(ranks[place], bit) & 1).astype(np.bool_)
        ones = np.cumsum(np.where(one, held, 0))
        begins = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
        before_group = np.r_[0, ones][begins]
        sizes = np.diff(np.r_[begins, len(group)])
        seen = ones - np.repeat(before_group, sizes)
        opposed += int(np.sum(np.where(one, 0, held * seen)))
    return opposed


def _share(values: Whole, where: npt.NDArray[np.bool_]) -> float | None:
    whole = int(values.sum())
    return int(values[where].sum()) / whole if whole else None
