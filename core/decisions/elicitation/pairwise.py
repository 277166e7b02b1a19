"""Analytic hierarchy process: every pair of criteria compared, a_ij being how many times as much i matters as j.

    A w = λ w                                  the weights are the principal eigenvector of A, or
    w_i ∝ (Π_j a_ij)^(1/n)                      its geometric means, which aggregate without contradiction
    CI = (λ - n) / (n - 1),   CR = CI / RI      0 is perfect; above 0.1 the comparisons deserve a second look
    GCI = 2 / ((n-1)(n-2)) Σ_{i<j} ln²(a_ij w_j / w_i)

RI is Saaty's own table of 1980 (0.58, 0.90, 1.12, 1.24 … for 3, 4, 5, 6 criteria). Later tables differ, for three
criteria by 11 %, so the name of the table stands beside the ratio wherever it is shown.

Sources: Saaty, The Analytic Hierarchy Process (1980); geometric means and GCI, Crawford and Williams, “A note on the
analysis of subjective judgment matrices”, J. of Mathematical Psychology 29, 1985, and Aguarón and Moreno-Jiménez, EJOR
147, 2003.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from core.errors import TierwiseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Matrix = npt.NDArray[np.float64]

TABLE = "Saaty 1980"
"""The table of random indices that is used."""
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""For 1 to 15 criteria."""
ACCEPTABLE = 0.1
SCALE = 9
SHOWN = 3
"""So many of the comparisons that fit least are pointed out."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A comparison that fits the others badly: places, what was said, and what the other answers come to."""

    first: int
    second: int
    said: float
    implied: float


@dataclass(frozen=True, slots=True)
class Pairwise:
    """Weights as fractions that add to 1, by eigenvector and by geometric means, and how well the answers agree.

    CI and CR are None where undefined: CR has no random index above 15 criteria, GCI needs three.
    """

    weights: tuple[float, ...]
    geometric: tuple[float, ...]
    largest_eigenvalue: float
    ci: float
    cr: float | None
    gci: float | None
    misfits: tuple[Misfit, ...]

    @property
    def acceptable(self) -> bool | None:
        """Whether CR is at most 0.1; None where there is no CR."""
        return None if self.cr is None else self.cr <= ACCEPTABLE


def matrix(comparisons: Mapping[tuple[int, int], float], n: int) -> Matrix:
    """Put n(n-1)/2 comparisons (i < j, from 1/9 to 9) into a reciprocal matrix; raises where one is missing."""
    made = np.ones((n, n))
    for i, j in combinations(range(n), 2):
        value = comparisons.get((i, j))
        if value is None:
            raise TierwiseError("a comparison is missing", where="pairs", way_out="Answer for every pair of criteria")
        if not 1 / SCALE - 1e-12 <= value <= SCALE:
            what = "a comparison is not between 1/9 and 9"
            raise TierwiseError(what, where="pairs", way_out="1 is “as much”, 9 “nine times as much”")
        made[i, j], made[j, i] = value, 1 / value
    return made


def solve(compared: Matrix) -> Pairwise:
    """Find weights and consistency of a reciprocal matrix.

    >>> leader = matrix({(0, 1): 4, (0, 2): 3, (0, 3): 7, (1, 2): 1/3, (1, 3): 3, (2, 3): 5}, 4)
    >>> found = solve(leader)
    >>> [round(weight, 3) for weight in found.weights], round(found.cr, 3)
    ([0.548, 0.127, 0.27, 0.056], 0.044)
    """
    n = len(compared)
    values, vectors = np.linalg.eig(compared)
    place = int(np.argmax(values.real))
    vector = np.abs(vectors[:, place].real)
    weights = vector / vector.sum()
    largest = float(values[place].real)
    ci = max(0.0, (largest - n) / (n - 1)) if n > 1 else 0.0
    return Pairwise(
        weights=tuple(weights.tolist()),
        geometric=geometric_means(compared),
        largest_eigenvalue=largest,
        ci=ci,
        cr=_ratio(ci, n),
        gci=_geometric_index(compared),
        misfits=misfits(compared),
    )


def geometric_means(compared: Matrix) -> tuple[float, ...]:
    """Weights from the geometric means of the rows."""
    means = np.exp(np.log(compared).mean(axis=1))
    return tuple((means / means.sum()).tolist())


def misfits(compared: Matrix, most: int = SHOWN) -> tuple[Misfit, ...]:
    """Name the comparisons that contradict the others most; those that agree are left out.

    What the others come to is the geometric mean of every way round: (Π_k a_ik a_kj)^(1/(n-2)), k neither i nor j.
    """
    n, found = len(compared), []
    logs = np.log(compared)
    for i, j in combinations(range(n), 2) if n > 2 else ():
        around = [float(logs[i, k] + logs[k, j]) for k in range(n) if k not in (i, j)]
        implied = sum(around) / len(around)
        found.append((abs(float(logs[i, j]) - implied), Misfit(i, j, float(compared[i, j]), exp(implied))))
    found.sort(key=lambda pair: (-round(pair[0], 9), pair[1].first, pair[1].second))
    return tuple(misfit for off, misfit in found[:most] if off > 1e-6)


def combined(matrices: Sequence[Matrix]) -> Matrix:
    """Combine the judgements of several people into one matrix, by the geometric mean of each entry.

    Geometric means of its rows are the geometric mean of everybody's weights, exactly. Source: Aczél and Saaty, 1983;
    Forman and Peniwati, EJOR 108, 1998.
    """
    whole: Matrix = np.exp(np.mean([np.log(each) for each in matrices], axis=0))
    return whole


def _ratio(ci: float, n: int) -> float | None:
    if n <= 2:
        return 0.0  # one comparison cannot contradict another
    return ci / RANDOM_INDEX[n - 1] if n <= len(RANDOM_INDEX) else None


def _geometric_index(compared: Matrix) -> float | None:
    n = len(compared)
    if n < 3:
        return None
    weights = np.array(geometric_means(compared))
    off = [log(compared[i, j] * weights[j] / weights[i]) ** 2 for i, j in combinations(range(n), 2)]
    return 2 / ((n - 1) * (n - 2)) * sum(off)
