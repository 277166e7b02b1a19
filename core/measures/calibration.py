"""Calibration: is the at-risk list any good? What it said, against what became of the accounts.

In: what was expected of each account (a probability of loss, or anything that ranks accounts by danger), whether it was
lost (bool), and its revenue.  Out: figures of merit, None where undefined.

Two questions are kept apart. Does the list *rank* well: AUC, and how much of the lost revenue stands at its top? Are
its *probabilities* right: Brier score, and its parts after Murphy? A list may do one and not the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 10
DECILE = 0.1
Z_95 = 1.959963984540054
"""Half of a 95 % interval, in standard deviations of a normal distribution."""
FEWEST = 10
"""With fewer lost or fewer kept accounts than this nothing is said: ten events per parameter is the usual least."""
_STEPS, _ENOUGH = 50, 1e-12


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve with its 95 % interval: the chance that a lost account stood above a kept one."""

    value: float
    low: float
    high: float

    @property
    def informs(self) -> bool:
        """Tell whether the interval leaves out 0.5, the value of a list in random order."""
        return self.low > 0.5 or self.high < 0.5


@dataclass(frozen=True, slots=True)
class Murphy:
    """Brier score of binned forecasts, taken apart: brier = reliability - resolution + uncertainty."""

    reliability: float
    resolution: float
    uncertainty: float
    brier: float


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of the reliability curve: mean forecast, share lost with its 95 % interval (Wilson), accounts."""

    forecast: float
    observed: float
    low: float
    high: float
    accounts: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good a list was. accounts, lost: those judged; capture: share of lost revenue at the top (see `capture`).

    brier, reference, skill, murphy, bins, bias are None or empty where the list gives no probabilities.
    """

    accounts: int
    lost: int
    auc: Auc | None
    capture: float | None
    brier: float | None = None
    reference: float | None = None
    skill: float | None = None
    murphy: Murphy | None = None
    bins: tuple[Bin, ...] = ()
    bias: float | None = None

    @property
    def enough(self) -> bool:
        """Tell whether enough accounts were lost, and kept, to say anything."""
        return min(self.lost, self.accounts - self.lost) >= FEWEST


def judge(danger: Numbers, lost: Flags, revenue: Numbers, probability: Numbers | None = None) -> Calibration:
    """Judge a list: `danger` ranks the accounts (more is worse); `probability` is given where the list has any."""
    ranked = Calibration(len(lost), int(lost.sum()), auc(danger, lost), capture(danger, lost, revenue))
    if probability is None or not len(lost):
        return ranked
    score, base = brier(probability, lost), reference(lost)
    return Calibration(
        ranked.accounts,
        ranked.lost,
        ranked.auc,
        ranked.capture,
        brier=score,
        reference=base,
        skill=1 - score / base if base > 0 else None,
        murphy=murphy(probability, lost),
        bins=reliability(probability, lost),
        bias=float(probability.mean() - lost.mean()),
    )


def brier(probability: Numbers, lost: Flags) -> float:
    """Brier score: mean of (p - y)²; 0 is perfect. Brier (1950), Monthly Weather Review 78.

    >>> brier(np.array([1.0, 0.5, 0.0]), np.array([True, True, False]))
    0.08333333333333333
    """
    return float(np.mean((probability - lost) ** 2))


def reference(lost: Flags) -> float:
    """Brier score of saying the share of lost accounts, ȳ, of every account: ȳ(1 - ȳ).

    >>> reference(np.array([True, False, False, False]))
    0.1875
    """
    share = float(lost.mean())
    return share * (1 - share)


def murphy(probability: Numbers, lost: Flags, bins: int = BINS) -> Murphy:
    """Take the Brier score apart: reliability - resolution + uncertainty. Murphy (1973), J. Applied Meteorology 12.

    Forecasts are grouped into `bins` of equal width and stand for their mean there; only of these the three add up
    exactly, so the Brier score given is theirs.
    """
    place = _places(probability, bins)
    n = np.bincount(place, minlength=bins)
    held = n > 0
    said = np.bincount(place, probability, bins)[held] / n[held]
    was = np.bincount(place, lost, bins)[held] / n[held]
    share, part = float(lost.mean()), n[held] / len(lost)
    parts = float(part @ (said - was) ** 2), float(part @ (was - share) ** 2), share * (1 - share)
    return Murphy(*parts, brier=parts[0] - parts[1] + parts[2])


def _places(probability: Numbers, bins: int) -> npt.NDArray[np.int64]:
    return np.clip((probability * bins).astype(np.int64), 0, bins - 1)


def reliability(probability: Numbers, lost: Flags, bins: int = BINS) -> tuple[Bin, ...]:
    """Give the reliability curve: of the accounts that were given a probability, how many were lost?

    Where the list says few different probabilities (one a status), each is a point; else bins of equal width are.
    """
    values = np.unique(probability)
    place = np.searchsorted(values, probability) if len(values) <= bins else _places(probability, bins)
    found = []
    for each in np.unique(place):
        here = place == each
        n, k = int(here.sum()), int(lost[here].sum())
        low, high = wilson(k, n)
        found.append(Bin(float(probability[here].mean()), k / n, low, high, n))
    return tuple(found)


def wilson(k: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Give the interval of a share, k of n. Wilson (1927), J. American Statistical Association 22.

    >>> [round(edge, 4) for edge in wilson(1, 10)]
    [0.0179, 0.4042]
    """
    middle, spread = (k + z * z / 2) / (n + z * z), z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def auc(danger: Numbers, lost: Flags, z: float = Z_95) -> Auc | None:
    """Area under the ROC curve, ties counted half, with the interval of DeLong, DeLong and Clarke-Pearson.

    Biometrics 44 (1988), computed from midranks as Sun and Xu do (IEEE Signal Processing Letters 21, 2014). None where
    nobody was lost, or everybody. Where all lost accounts stand above all kept ones the interval has no width: with few
    accounts that is more certainty than there is.

    >>> auc(np.array([3.0, 2.0, 1.0, 0.0]), np.array([True, False, True, False])).value
    0.75
    """
    m, n = int(lost.sum()), int((~lost).sum())
    if not m or not n:
        return None
    high, low = danger[lost], danger[~lost]
    among, among_high, among_low = _midranks(danger), _midranks(high), _midranks(low)
    value = float((among[lost].sum() - m * (m + 1) / 2) / (m * n))
    above, below = (among[lost] - among_high) / n, 1 - (among[~lost] - among_low) / m
    variance = sum(float(part.var(ddof=1)) / len(part) for part in (above, below) if len(part) > 1)
    spread = z * math.sqrt(variance)
    return Auc(value, max(0.0, value - spread), min(1.0, value + spread))


def _midranks(values: Numbers) -> Numbers:
    """Rank from 1; equals share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Numbers = (ends - (counts - 1) / 2)[inverse].astype(np.float64)
    return ranks


def capture(danger: Numbers, lost: Flags, revenue: Numbers, part: float = DECILE) -> float | None:
    """Share of the lost revenue that stands in the most endangered `part` of all revenue.

    Accounts are taken from the worst on until they hold that part of the revenue; those of equal danger, and the last
    one, count in proportion, so that no order of rows decides. A list in random order captures `part`. None where no
    revenue was lost. Amounts below 0 count as 0.

    >>> capture(np.array([9.0, 5.0, 1.0]), np.array([True, False, True]), np.array([10.0, 60.0, 30.0]))
    0.25
    """
    weight = np.maximum(revenue, 0)
    gone = float(weight[lost].sum())
    if gone <= 0:
        return None
    _, group = np.unique(-danger, return_inverse=True)
    held, taken = np.bincount(group, weight), np.bincount(group, weight * lost)
    room = part * float(weight.sum()) - np.concatenate([[0.0], np.cumsum(held)[:-1]])
    share = np.clip(np.divide(room, held, out=np.zeros_like(held), where=held > 0), 0, 1)
    return float(taken @ share) / gone


def logit(score: Numbers, lost: Flags) -> tuple[float, float] | None:
    """Fit log(p / (1 - p)) = a + b·score by maximum likelihood; give (a, b).

    Newton's method. None where there are fewer than `FEWEST` lost or kept accounts, or where the score parts them
    without a remainder, so that no finite b is the best.
    """
    if min(int(lost.sum()), int((~lost).sum())) < FEWEST or float(score.std()) == 0:
        return None
    middle, spread = float(score.mean()), float(score.std())
    x = np.column_stack([np.ones(len(score)), (score - middle) / spread])
    beta = np.zeros(2)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -_FAR, _FAR)))
        information = x.T @ (x * (p * (1 - p))[:, None])
        if np.linalg.cond(information) > 1 / _ENOUGH:
            return None
        step = np.linalg.solve(information, x.T @ (lost - p))
        beta += step
        if float(np.abs(step).max()) < _ENOUGH:
            slope = float(beta[1]) / spread
            return float(beta[0]) - slope * middle, slope
    return None


_FAR = 500.0


def probability(score: Numbers, fitted: tuple[float, float]) -> Numbers:
    """Turn scores into probabilities of loss by a fit of `logit`."""
    return 1 / (1 + np.exp(-(fitted[0] + fitted[1] * score)))


# Outcomes ------------------------------------------------------------------------------------------------------------

LOST_WORDS = {"true", "yes", "y", "1", "1.0", "churned", "lost", "left", "cancelled", "canceled", "churn"}
KEPT_WORDS = {"false", "no", "n", "0", "0.0", "active", "kept", "stayed", "retained", "current", "not churned"}


def outcomes(values: Sequence[object]) -> Numbers | None:
    """Read what a column says of accounts: 1 lost, 0 kept, NaN not said; None where it says something else.

    >>> outcomes(["Yes", "no", None]).tolist()
    [1.0, 0.0, nan]
    """
    found = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        word = "" if value is None else str(value).strip().lower()
        if word in LOST_WORDS or word in KEPT_WORDS:
            found[i] = word in LOST_WORDS
        elif word:
            return None
    return found
