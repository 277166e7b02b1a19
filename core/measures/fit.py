"""Fit and need: what each profile scores, beside how well its accounts are or how much they deal with us.

A score says whom we want; health and engagement say what they need of us now. An account that fits and is not well is
the first call to make. One point a profile, so that a book of any size is one picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict

Axis = Literal["health", "engagement"]
AXES: tuple[Axis, ...] = ("health", "engagement")
MOST = 2_000
"""Points of one picture; more than a browser selects among without a pause."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The profiles with the most revenue (then the most accounts), one entry each; what has no place is counted.

    profile: its row in the cube; score, need: 0 to 100; need is the mean of those accounts of the profile of which it
    is known; revenue in cents. `unplaced` counts accounts without a score or without a need, `beyond` those of
    profiles that the picture has no room for.
    """

    profile: npt.NDArray[np.int64]
    tier: npt.NDArray[np.int8]
    score: npt.NDArray[np.float64]
    need: npt.NDArray[np.float64]
    accounts: npt.NDArray[np.int64]
    revenue: npt.NDArray[np.int64]
    unplaced: int
    beyond: int


def plane(cube: Cube, verdict: Verdict, axis: Axis, *, most: int = MOST) -> Plane:
    """Give every profile its place: score across, mean health or engagement up."""
    known, total = getattr(cube, f"{axis}_known"), getattr(cube, f"{axis}_sum")
    rated = verdict.tier < len(verdict.names)
    placed = np.flatnonzero((known > 0) & rated)
    largest = np.lexsort((-cube.accounts[placed], -cube.revenue[placed]))
    shown = np.sort(placed[largest[:most]])
    everybody, drawn = int(cube.accounts.sum()), int(known[shown].sum())
    unplaced = everybody - int(known[placed].sum())
    return Plane(
        profile=shown,
        tier=verdict.tier[shown],
        score=verdict.scores.score[shown],
        need=total[shown] / (100 * known[shown]),
        accounts=cube.accounts[shown],
        revenue=cube.revenue[shown],
        unplaced=unplaced,
        beyond=everybody - unplaced - drawn,
    )


def marked(cube: Cube, profiles: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Mark some profiles among all of a cube, for a listing of their accounts."""
    chosen = np.zeros(len(cube), dtype=bool)
    chosen[profiles] = True
    return chosen
