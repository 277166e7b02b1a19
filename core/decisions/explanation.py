"""Explanation: why an account is in its tier, and what is the least that would take it to the next one.

In: the points of one profile and a model.  Out: what each criterion brings against what it could, how far the cut-offs
are, and three kinds of nearest way up and down: by bands (`nearest`), by weight moved, and by a single weight.
Everything is decided in integers and fractions; floats are made last, for showing.

What a missing value would change is no way: nobody can decide it. It is left out as the score leaves it out, which is
the same as giving it the points of the cut-off (score >= τ iff Σ W_j (v_j - τ) >= 0 over the known criteria).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING
from core.decisions import nearest
from core.measures import scoring, tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.decisions.nearest import Climb, Flip, Shift
    from core.measures.tiers import Verdict
    from core.model.criteria import Criterion
    from core.model.model import Model


@dataclass(frozen=True, slots=True)
class Part:
    """What one criterion brings.

    value: the band or the listed values that earn these points; points: 0 to 10; contribution, possible, lost: score
    points, possible being the criterion's share of the weight that is known. None where the value is missing.
    """

    id: str
    criterion: str
    value: str
    points: float | None
    contribution: float | None
    possible: float | None
    lost: float | None


@dataclass(frozen=True, slots=True)
class Way:
    """What takes an account to a neighbouring tier, past the cut-off between the two.

    distance: score points from the score to the cut-off, 0 or more. steps: the fewest steps of bands, None where no
    points would do. weight: the least weight moved, None where no weights would do. flips: the criteria whose weight
    alone would do, the others keeping their proportions; the smallest change first.
    """

    tier: str
    cut_off: float
    distance: float
    steps: Climb | None
    weight: Shift | None
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a profile is in its tier.

    score and low and high: 0 to 100; coverage and unweighted: fractions; earned_points of possible_points: the
    unweighted check, a sum of points that no tier depends on. held_by_gate: the score reaches a better tier, and a gate
    does not allow it. up and down are None where there is no better or worse tier, where a gate stands before the
    better one, and where the account is unrated.
    """

    tier: str
    score: float | None
    low: float
    high: float
    coverage: float
    provisional: bool
    held_by_gate: bool
    earned_points: float
    possible_points: float
    unweighted: float | None
    parts: tuple[Part, ...]
    up: Way | None
    down: Way | None


def explain(
    model: Model, points: Sequence[int], *, gate: int = 0, spread: tuple[int, int] | None = None
) -> Explanation:
    """Explain one profile: its points in tenths (255 missing), and the best tier (0 is the first) its gates allow.

    `spread`: what they would allow at best and at worst, were the values known that gates miss.
    """
    row = np.array([points], dtype=np.uint8)
    allowed, *ends = (np.array([tier], dtype=np.uint8) for tier in (gate, *(spread or (gate, gate))))
    verdict = tiers.assign(scoring.score(row, model.weights), model, allowed, spread=(ends[0], ends[1]))
    tier, scores, known = int(verdict.tier[0]), verdict.scores, row[0] != MISSING
    rated = tier < len(model.tiers)
    reached = tiers.assign(scores, model, np.zeros(1, dtype=np.uint8)).tier[0]
    possible = int(known.sum()) * 10
    earned = int(row[0][known].sum()) / 10
    return Explanation(
        tier=verdict.labels[tier],
        score=float(scores.score[0]) if int(scores.present[0]) else None,
        low=float(scores.low[0]),
        high=float(scores.high[0]),
        coverage=float(scores.coverage[0]),
        provisional=bool(verdict.provisional[0]),
        held_by_gate=bool(rated and reached < tier),
        earned_points=earned,
        possible_points=float(possible),
        unweighted=earned / possible if possible else None,
        parts=_parts(model, points, verdict),
        up=_way(model, points, tier - 1, up=True) if rated and tier > gate else None,
        down=_way(model, points, tier, up=False) if rated and tier < len(model.tiers) - 1 else None,
    )


def _parts(model: Model, points: Sequence[int], verdict: Verdict) -> tuple[Part, ...]:
    present = int(verdict.scores.present[0])
    return tuple(_part(*each, present) for each in zip(model.criteria, points, model.weights, strict=True))


def _part(criterion: Criterion, tenths: int, weight: int, present: int) -> Part:
    if tenths == MISSING or not present:
        points = None if tenths == MISSING else tenths / 10
        return Part(criterion.id, criterion.name, nearest.value(criterion, tenths), points, None, None, None)
    whole = Fraction(weight, present)
    contribution, possible = whole * tenths, whole * 100
    return Part(
        criterion.id,
        criterion.name,
        nearest.value(criterion, tenths),
        tenths / 10,
        float(contribution),
        float(possible),
        float(possible - contribution),
    )


def _way(model: Model, points: Sequence[int], above: int, *, up: bool) -> Way:
    """Find the ways over the cut-off of the tier `above`: up to it, or down from it."""
    cut_off = model.cut_offs[above]
    profile = nearest.Profile(tuple(points), model.weights, cut_off, model.floor)
    target = above if up else above + 1
    return Way(
        tier=model.tier_names[target],
        cut_off=cut_off / 100,
        distance=float(abs(profile.distance)),
        steps=nearest.climb(profile, model.criteria, up=up),
        weight=nearest.shift(profile, model.criteria, up=up),
        flips=nearest.flips(profile, model.criteria, up=up),
    )
