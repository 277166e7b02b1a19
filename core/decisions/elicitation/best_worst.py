"""Best-worst method, linear form: every criterion compared with the best and with the worst one, 2n - 3 comparisons.

    min ξ   subject to   |w_B - a_Bj w_j| <= ξ,   |w_j - a_jW w_W| <= ξ,   Σ w = 1,   w >= 0

a_Bj says how many times as much the best criterion B matters as criterion j, a_jW how many times as much j matters as
the worst criterion W; both run from 1 to 9. ξ is 0 where the comparisons agree with each other entirely.

Whether they agree can be told before anything is solved, by the input-based consistency ratio

    CR = max_j |a_Bj a_jW - a_BW| / (a_BW² - a_BW)        0 where a_BW = 1

against a threshold by a_BW and n.

Sources: Rezaei, “Best-worst multi-criteria decision-making method: some properties and a linear model”, Omega 64, 2016;
ratio and thresholds, Liang, Brunelli and Rezaei, “Consistency issues in the best worst method”, Omega 96, 2020 (the
table as it stands in three public programs, which agree).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from core.errors import TierwiseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

SCALE = 9
"""The largest answer."""
_FEWEST, _MOST = 3, 9
_THRESHOLDS = {
    3: (0.1667, 0.1667, 0.1667, 0.1667, 0.1667, 0.1667, 0.1667),
    4: (0.1121, 0.1529, 0.1898, 0.2206, 0.2527, 0.2577, 0.2683),
    5: (0.1354, 0.1994, 0.2306, 0.2546, 0.2716, 0.2844, 0.2960),
    6: (0.1330, 0.1990, 0.2643, 0.3044, 0.3144, 0.3221, 0.3262),
    7: (0.1294, 0.2457, 0.2819, 0.3029, 0.3144, 0.3251, 0.3403),
    8: (0.1309, 0.2521, 0.2958, 0.3154, 0.3408, 0.3620, 0.3657),
    9: (0.1359, 0.2681, 0.3062, 0.3337, 0.3517, 0.3620, 0.3662),
}
"""By a_BW; the columns are 3 to 9 criteria."""


@dataclass(frozen=True, slots=True)
class InputConsistency:
    """How well comparisons agree before they are solved.

    ratio: 0 is perfect; threshold: the largest ratio that is acceptable, None where no table has one (more than nine
    criteria); `least_fitting` is the place of the criterion that agrees least, None where all agree.
    """

    ratio: float
    threshold: float | None
    least_fitting: int | None

    @property
    def acceptable(self) -> bool | None:
        """Whether the ratio is within its threshold; None where there is none."""
        return None if self.threshold is None else self.ratio <= self.threshold + 1e-12


@dataclass(frozen=True, slots=True)
class BestWorst:
    """Weights as fractions that add to 1, and ξ, the largest contradiction that is left: 0 is none."""

    weights: tuple[float, ...]
    xi: float


def consistency(best_to_others: Sequence[float], others_to_worst: Sequence[float]) -> InputConsistency:
    """Tell before solving how well the comparisons agree.

    >>> consistency([8, 2, 1], [1, 5, 8])
    InputConsistency(ratio=0.03571428571428571, threshold=0.1309, least_fitting=1)
    """
    n = len(best_to_others)
    _, worst = extremes(best_to_others, others_to_worst)
    whole = best_to_others[worst]
    off = [abs(a * b - whole) for a, b in zip(best_to_others, others_to_worst, strict=True)]
    ratio = max(off) / (whole**2 - whole) if whole > 1 else float(max(off) > 0)
    row = _THRESHOLDS.get(round(whole))
    # Where best and worst are called alike or nearly so, there is nothing to disagree about.
    threshold = None if not _FEWEST <= n <= _MOST else row[n - _FEWEST] if row else 0.0
    return InputConsistency(ratio, threshold, off.index(max(off)) if max(off) else None)


def solve(best_to_others: Sequence[float], others_to_worst: Sequence[float]) -> BestWorst:
    """Find the weights that contradict the comparisons least.

    >>> found = solve([8, 2, 1], [1, 5, 8])
    >>> [round(weight, 4) for weight in found.weights], round(found.xi, 4)
    ([0.0714, 0.3214, 0.6071], 0.0357)
    """
    best, worst = extremes(best_to_others, others_to_worst)
    rows = _differences(best_to_others, others_to_worst, best, worst)
    n = len(best_to_others)
    slack = -np.ones((len(rows), 1))
    limits = np.vstack([np.hstack([rows, slack]), np.hstack([-rows, slack])])
    found = linprog(
        c=[0.0] * n + [1.0],
        A_ub=limits,
        b_ub=np.zeros(len(limits)),
        A_eq=[[1.0] * n + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * (n + 1),
        method="highs",
    )
    if not found.success:  # the equal weights are always feasible, so this is a fault of the solver
        raise TierwiseError(f"the weights cannot be found ({found.message})", where="best-worst")
    weights = [max(0.0, float(weight)) for weight in found.x[:n]]
    whole = sum(weights)
    return BestWorst(tuple(weight / whole for weight in weights), max(0.0, float(found.x[n])))


def _differences(
    best_to_others: Sequence[float], others_to_worst: Sequence[float], best: int, worst: int
) -> npt.NDArray[np.float64]:
    """One row a comparison: what multiplies the weights in it."""
    rows = []
    for j, (from_best, to_worst) in enumerate(zip(best_to_others, others_to_worst, strict=True)):
        for greater, times, less in ((best, from_best, j), (j, to_worst, worst)):
            row = np.zeros(len(best_to_others))
            row[greater] += 1
            row[less] -= times
            rows.append(row)
    return np.array(rows)


def extremes(best_to_others: Sequence[float], others_to_worst: Sequence[float]) -> tuple[int, int]:
    """Find the places of the best and the worst criterion: those that are compared with themselves as 1.

    Others may be as much as they are; then the two are those whose comparison both lists tell alike. Raises
    `TierwiseError` where there are none.
    """
    if len(best_to_others) != len(others_to_worst) or len(best_to_others) < 2:
        raise TierwiseError("a comparison is missing", where="best-worst", way_out="Answer for every criterion")
    if any(not 1 <= value <= SCALE for value in (*best_to_others, *others_to_worst)):
        what = "a comparison is not a number from 1 to 9"
        raise TierwiseError(what, where="best-worst", way_out="1 is “as much”, 9 “nine times as much”")
    whole = max(others_to_worst)
    for best, worst in ((b, w) for b, x in enumerate(best_to_others) for w, y in enumerate(others_to_worst)
                        if x == 1 and y == 1):  # fmt: skip
        if best_to_others[worst] == others_to_worst[best] and (best != worst or whole == 1):
            return best, worst
    what = "the best criterion is not compared with the worst in one way"
    raise TierwiseError(what, where="best-worst", way_out="Choose the best and the worst anew")
