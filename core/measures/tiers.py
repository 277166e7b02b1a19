"""Tiers: from scores to an ordered class, and what each class holds.

A tier is decided by integers: a score reaches a cut-off iff 100·Σ W p >= cut-off·Σ W, both sides whole. A gate limits
the best tier whatever the score. Below the coverage floor an account is unrated, listed and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.measures import scoring
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.measures.scoring import Scores, Whole
    from core.model.model import Model

Gates = npt.NDArray[np.uint8]
"""The best tier, 0 being the first, that the gates allow each profile."""

UNRATED = "Unrated"


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Scores and tiers under one model, one entry a profile.

    tier: 0 is the best, `len(names)` is unrated; provisional: the interval from worst to best case spans two tiers.
    """

    names: tuple[str, ...]
    scores: Scores
    tier: npt.NDArray[np.int8]
    provisional: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Refuse a profile without a tier or with one that does not exist."""
        if len(self.tier) and not (int(self.tier.min()) >= 0 and int(self.tier.max()) <= len(self.names)):
            message = "a profile has a tier that the model does not have"
            raise ValueError(message)

    @property
    def labels(self) -> tuple[str, ...]:
        """The tiers' names, best first, then “Unrated”."""
        return (*self.names, UNRATED)


@dataclass(frozen=True, slots=True)
class TierRow:
    """What one tier holds. revenue, potential, credit_amount: cents; shares: fractions, None where the whole is 0.

    lift is the share of revenue over the share of accounts: above 1, the tier brings more than its number.
    """

    tier: str
    accounts: int
    revenue: int
    potential: int
    share_accounts: float | None
    share_revenue: float | None
    lift: float | None
    provisional: int
    credits: int
    credit_amount: int


def assign(scores: Scores, model: Model, gate: Gates, *, spread: tuple[Gates, Gates] | None = None) -> Verdict:
    """Give every profile its tier; it is provisional where a missing value could change it.

    `gate` is the best tier that gates allow; `spread` what they would allow at best and at worst, were the values known
    that gates miss (by default the same).
    """
    at_best, at_worst = spread or (gate, gate)
    tier = np.maximum(_reached(scores.earned, scores.present, model.cut_offs), gate)
    most = scores.earned + 100 * (FULL_WEIGHT - scores.present)
    worst = np.maximum(_reached(scores.earned, FULL_WEIGHT, model.cut_offs), at_worst)
    best = np.maximum(_reached(most, FULL_WEIGHT, model.cut_offs), at_best)
    unrated = (scores.present < model.floor) | (scores.present == 0)
    tier = np.where(unrated, len(model.tiers), tier)
    return Verdict(model.tier_names, scores, tier.astype(np.int8), (worst != best) & ~unrated)


def _reached(earned: Whole, present: Whole | int, cut_offs: tuple[int, ...]) -> npt.NDArray[np.int8]:
    """Count the cut-offs a score does not reach: 0 for the best tier."""
    tier = np.zeros(len(earned), dtype=np.int8)
    hundredfold = 100 * earned
    for cut_off in cut_offs[:-1]:  # the last is 0, and everything reaches it
        tier += hundredfold < cut_off * present
    return tier


def weigh(cube: Cube, model: Model) -> Verdict:
    """Score and tier every profile of a cube: what a change of weights costs."""
    spread = (cube.gate_best, cube.gate_worst)
    return assign(scoring.score(cube.points, model.weights), model, cube.gate, spread=spread)


def total(values: Whole, tier: npt.NDArray[np.int8], tiers: int) -> Whole:
    """Add integers up by tier, exactly; the last entry is unrated."""
    sums = np.zeros(tiers + 1, dtype=np.int64)
    np.add.at(sums, tier, values)
    return sums


def distribution(cube: Cube, verdict: Verdict) -> list[TierRow]:
    """Say what each tier holds, best first, unrated last; unrated is there even when it is empty."""
    count = len(verdict.names)
    columns = {
        name: total(getattr(cube, name), verdict.tier, count)
        for name in ("accounts", "revenue", "potential", "credits", "credit_amount")
    }
    provisional = total(np.where(verdict.provisional, cube.accounts, 0), verdict.tier, count)
    all_accounts, all_revenue = int(columns["accounts"].sum()), int(columns["revenue"].sum())
    rows = []
    for i, label in enumerate(verdict.labels):
        numbers = {name: int(column[i]) for name, column in columns.items()}
        share_accounts = numbers["accounts"] / all_accounts if all_accounts else None
        share_revenue = numbers["revenue"] / all_revenue if all_revenue else None
        lift = share_revenue / share_accounts if share_accounts and share_revenue is not None else None
        rows.append(
            TierRow(
                tier=label,
                share_accounts=share_accounts,
                share_revenue=share_revenue,
                lift=lift,
                provisional=int(provisional[i]),
                **numbers,
            )
        )
    return rows


def histogram(cube: Cube, verdict: Verdict, *, width: float = 5.0) -> npt.NDArray[np.int64]:
    """Count the rated accounts by score, in classes of `width` points from 0; 100 falls into the last."""
    classes = round(100 / width)
    rated = verdict.tier < len(verdict.names)
    place = np.minimum((verdict.scores.score[rated] // width).astype(np.int64), classes - 1)
    counts = np.zeros(classes, dtype=np.int64)
    np.add.at(counts, place, cube.accounts[rated])
    return counts


def moved(cube: Cube, before: Verdict, after: Verdict) -> Whole:
    """Count accounts by tier before (row) and after (column), unrated last."""
    size = len(before.names) + 1
    flow = np.zeros((size, size), dtype=np.int64)
    np.add.at(flow, (before.tier, after.tier), cube.accounts)
    return flow
