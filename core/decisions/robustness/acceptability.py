"""Acceptability: the share of all weightings that are thought possible under which an account has a tier.

In: profiles, a model, and a belief about the weights.  Out: for each profile the share of weightings by tier, and so
how sure its present tier is. Nothing is drawn by lot: with weights w ~ Dirichlet(α), α whole,

    P(Σ w_j u_j <= 0) = A_K        A_0 = 1, A_1..A_K = 0;  for each x < 0, for k = 1..K:
                                   A_k <- (y_k A_k - x A_(k-1)) / (y_k - x)

x runs over the negative u and y_1..y_K over the others, each u_j taken α_j times. Every step is an average of two
numbers, so that no digits are lost however large α is. A profile and a cut-off take (number of x) (number of y) steps.

u is the distance of points from a cut-off (`exact.above`); what is missing has u = 0. Whether enough of an account is
known for a tier at all is judged under the present weights: an unrated account has no acceptability.

Sources: tier acceptability, Lahdelma and Salminen, SMAA-2, Operations Research 49(3), 2001; the recursion, Varsi, The
multidimensional content of the frustum of the simplex, Pacific Journal of Mathematics 46, 1973.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.decisions.robustness import exact
from core.errors import TierwiseError
from core.measures import portfolio, scoring, tiers
from core.model.numbers import FULL_WEIGHT, weights_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict
    from core.model.model import Model

    Floats = npt.NDArray[np.float64]

ROBUST, LIKELY, TOSS_UP = "robust", "likely", "toss-up"
ROBUST_FROM, LIKELY_FROM = 0.95, 0.75
USUAL_SPREAD = 5.0
"""Points by which the largest weight is thought to be open, where nobody says otherwise."""
MOST_ALPHA = 400
"""The most that the numbers of a belief may add to: about ± 2 points on a weight of 30 %."""

_CHUNK = 4_096
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Belief:
    """What is thought of the weights: Dirichlet(`alphas`), whole numbers in the model's order; 0 is a weight of 0.

    The mean of weight j is α_j / Σα and its standard deviation √(m(1 - m) / (Σα + 1)).
    """

    alphas: tuple[int, ...]

    @property
    def means(self) -> tuple[float, ...]:
        """The mean of every weight, a share."""
        whole = sum(self.alphas)
        return tuple(alpha / whole for alpha in self.alphas)

    @property
    def spread(self) -> float:
        """The standard deviation of the weight with the largest mean, in points of weight."""
        largest = max(self.means)
        return 100 * sqrt(largest * (1 - largest) / (sum(self.alphas) + 1))


def anything(criteria: int) -> Belief:
    """Think any weights equally possible: uniform over all that add to 1.

    >>> round(anything(6).spread, 1)
    14.1
    """
    return Belief((1,) * criteria)


def around(weights: Sequence[int], spread: float = USUAL_SPREAD) -> Belief:
    """Think weights near these (basis points) possible: the largest one ± `spread` points (a standard deviation).

    κ = w(1 - w) / sd² - 1 and α = κ w, in whole numbers of 1 or more (0 for a weight of 0) that add to κ or up to a
    tenth less or more, whichever keeps the means nearest to the weights; at most to `MOST_ALPHA`. `Belief.spread` says
    what comes of it. Raises `TierwiseError` for a spread that is not above 0.

    >>> around((3000, 2000, 1500, 1500, 1000, 1000), 10)
    Belief(alphas=(6, 4, 3, 3, 2, 2))
    >>> around((10000, 0))
    Belief(alphas=(1, 0))
    """
    if not spread > 0:
        what = f"a spread of {spread:g} points is not above 0"
        raise TierwiseError(what, where="spread", way_out="Give the points by which the largest weight may be off")
    largest = max(weights) / FULL_WEIGHT
    kappa = min(largest * (1 - largest) / (spread / 100) ** 2 - 1, MOST_ALPHA)
    fewest = sum(weight > 0 for weight in weights)
    totals = range(max(fewest, ceil(0.9 * kappa)), max(fewest, min(MOST_ALPHA, floor(1.1 * kappa))) + 1)
    tried = [
        (_off(alphas, weights), abs(total - kappa), alphas) for total in totals if (alphas := _whole(weights, total))
    ]
    return Belief(min(tried)[2])


def _whole(weights: Sequence[int], total: int) -> tuple[int, ...]:
    """Share a total out in whole numbers by weight, at least 1 for every weight above 0."""
    base = [int(weight > 0) for weight in weights]
    wanted = [max(0, weight * total - FULL_WEIGHT * own) for weight, own in zip(weights, base, strict=True)]
    rest = total - sum(base)
    extra = weights_from(wanted, rest) if rest and any(wanted) else (0,) * len(weights)
    return tuple(own + more for own, more in zip(base, extra, strict=True))


def _off(alphas: Sequence[int], weights: Sequence[int]) -> int:
    """Say how far the means are from the weights, in whole numbers so that equal is equal."""
    total = sum(alphas)
    return max(
        abs(alpha * FULL_WEIGHT - weight * total) * MOST_ALPHA // total
        for alpha, weight in zip(alphas, weights, strict=True)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Acceptability:
    """How sure each profile's tier is: the share of weightings under which it is the tier that it has now.

    confidence: that share, NaN for an unrated profile. error: its standard error where weightings were drawn, None
    where it is exact. by_tier: the share of weightings for every tier (column), best first, where that was asked for.
    draws: how many weightings were drawn, 0 where it is exact.
    """

    confidence: Floats
    error: Floats | None = None
    by_tier: Floats | None = None
    draws: int = 0

    @property
    def labels(self) -> npt.NDArray[np.object_]:
        """“robust”, “likely” or “toss-up” by profile; None where unrated."""
        return labels(self.confidence)


def labels(confidence: Floats) -> npt.NDArray[np.object_]:
    """Name how sure a tier is: robust from 95 %, likely from 75 %, a toss-up below.

    >>> labels(np.array([0.95, 0.9499, 0.75, 0.2, np.nan])).tolist()
    ['robust', 'likely', 'likely', 'toss-up', None]
    """
    found = np.full(len(confidence), None, dtype=object)
    for name, low in ((TOSS_UP, 0.0), (LIKELY, LIKELY_FROM), (ROBUST, ROBUST_FROM)):
        # A share that is 95 % in fractions may come out a hair below it in floating point.
        found[confidence >= low - 1e-12] = name
    return found


def measure(
    cube: Cube, model: Model, verdict: Verdict, belief: Belief, *, progress: Callable[[float], None] | None = None
) -> Acceptability:
    """Give how sure the tier of every profile is, exactly; `progress` is told the share that is done.

    Only the cut-offs next to a profile's tier matter to it, which is half of the work of `every_tier`.
    """
    count = len(model.tiers)
    reached = np.zeros((len(cube), count))
    reached[:, -1] = 1.0
    beside = [
        np.flatnonzero((verdict.tier == cut) | ((verdict.tier == cut + 1) & (cube.gate <= cut)))
        for cut in range(count - 1)
    ]
    above = [exact.above(cube.points[rows], model.cut_offs[cut]) for cut, rows in enumerate(beside)]
    # All cut-offs at once: what matters is the number of rows, not whose they are.
    found = reach(np.concatenate(above), belief.alphas, progress=progress)
    for cut, part in enumerate(np.split(found, np.cumsum([len(rows) for rows in beside])[:-1])):
        reached[beside[cut], cut] = part
    return of_reached(reached, cube.gate, verdict)


def every_tier(cube: Cube, model: Model, verdict: Verdict, belief: Belief) -> Acceptability:
    """Give the share of weightings of every tier for every profile, exactly; a row adds up to 1."""
    return _every_tier(cube.points, cube.gate, model, verdict, belief)


def of_one(model: Model, points: Sequence[int], gate: int, belief: Belief) -> Acceptability:
    """Give the share of weightings of every tier for one profile: points in tenths, and the best tier gates allow."""
    return of_rows(model, np.array([points], dtype=np.uint8), np.array([gate], dtype=np.uint8), belief)


def of_rows(model: Model, points: npt.NDArray[np.uint8], gate: npt.NDArray[np.uint8], belief: Belief) -> Acceptability:
    """Give the share of weightings of every tier for some profiles: a (P, J) matrix of tenths, and what gates allow."""
    verdict = tiers.assign(scoring.score(points, model.weights), model, gate)
    return _every_tier(points, gate, model, verdict, belief)


def _every_tier(
    points: npt.NDArray[np.uint8], gate: npt.NDArray[np.uint8], model: Model, verdict: Verdict, belief: Belief
) -> Acceptability:
    reached = [reach(exact.above(points, cut_off), belief.alphas) for cut_off in model.cut_offs[:-1]]
    return of_reached(np.column_stack([*reached, np.ones(len(points))]), gate, verdict, every=True)


def of_reached(
    reached: Floats, gate: npt.NDArray[np.uint8], verdict: Verdict, *, draws: int = 0, every: bool = False
) -> Acceptability:
    """Turn the share of weightings that reach each cut-off (a column each, best first, the last 1) into shares by tier.

    A gate gives what would reach a better tier to the tier that it allows. `draws` is how many weightings were drawn.
    Without `every`, only the columns of a profile's own tier and of the next better one are read.
    """
    places, rows = np.arange(reached.shape[1]), np.arange(len(reached))
    rated = verdict.tier < len(places)
    held = np.where(places < gate[:, None], 0.0, reached)
    own = np.where(rated, verdict.tier, 0).astype(np.int64)
    better = np.where(own > 0, held[rows, own - 1], 0.0)
    confidence = np.where(rated, np.maximum(held[rows, own] - better, 0.0), np.nan)
    error = np.sqrt(np.maximum(confidence * (1 - confidence), 0) / draws) if draws else None
    if not every:
        return Acceptability(confidence, error, draws=draws)
    by_tier = np.diff(np.maximum.accumulate(held, axis=1), axis=1, prepend=0.0)
    return Acceptability(confidence, error, np.where(rated[:, None], by_tier, np.nan), draws)


def reach(
    above: npt.NDArray[np.int64], alphas: Sequence[int], *, progress: Callable[[float], None] | None = None
) -> Floats:
    """Give P(Σ w u >= 0) for every row of u, with w ~ Dirichlet(alphas): Varsi's recursion for many rows at once.

    >>> reach(exact.above(np.array([[100, 80, 100, 100, 80, 50]], dtype=np.uint8), 7_500), (1,) * 6)
    array([0.91319444])
    """
    repeats = np.asarray(alphas, dtype=np.int64)
    used = above[:, repeats > 0]
    repeats = repeats[repeats > 0]
    below = (used < 0) @ repeats
    found = np.where(below > 0, 0.0, 1.0)
    open_ = np.flatnonzero((below > 0) & (used > 0).any(axis=1))
    rows, back = _distinct(used[open_], repeats)
    below = (rows < 0) @ repeats
    shares = np.empty(len(rows))
    order = np.argsort(-below, kind="stable")
    for start in range(0, len(order), _CHUNK):
        some = order[start : start + _CHUNK]
        shares[some] = 1 - _varsi(rows[some], below[some], repeats)
        if progress:
            progress(min(start + _CHUNK, len(order)) / len(order))
    found[open_] = shares[back]
    return found


def _distinct(
    rows: npt.NDArray[np.int64], repeats: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the rows that differ, and where each row is among them; criteria with the same α may change places.

    Rows are numbered like a number is written, a digit a criterion; where that number would not fit, all are kept.
    """
    values, digits = np.unique(rows, return_inverse=True)
    if not len(rows) or len(values) ** rows.shape[1] > _LARGEST:
        return rows, np.arange(len(rows))
    digits = digits.reshape(rows.shape)
    number = np.zeros(len(rows), dtype=np.int64)
    # Sorted within an α, so that a row comes out the same to the last digit whatever other rows there are.
    alike = rows.copy()
    for alpha in np.unique(repeats):
        columns = np.flatnonzero(repeats == alpha)
        some = np.sort(digits[:, columns], axis=1)
        alike[:, columns] = values[some]
        for column in some.T:
            number = number * len(values) + column
    _, first, back = np.unique(number, return_index=True, return_inverse=True)
    return alike[first], back


def _varsi(above: npt.NDArray[np.int64], below: npt.NDArray[np.int64], repeats: npt.NDArray[np.int64]) -> Floats:
    """Run the recursion for rows that are sorted by how many terms are negative, most first.

    All rows share n = Σα terms: `below` negative ones and n - `below` others. Row i of the terms takes part in step
    (i, k) iff i < below and k <= n - below, which is one slice of the sorted rows.
    """
    n = int(repeats.sum())
    first = np.argsort(above >= 0, axis=1, kind="stable")  # the negative terms in front
    terms = np.repeat(np.take_along_axis(above, first, axis=1).ravel(), repeats[first].ravel())
    terms = np.ascontiguousarray(terms.reshape(len(above), n).T.astype(np.float64))
    share = np.zeros((n + 1, len(above)))
    share[0] = 1.0
    ends = np.searchsorted(-below, -np.arange(n), side="left")  # rows with more than i negative terms
    starts = np.searchsorted(-below, np.arange(n + 1) - n, side="left")  # the first row with at least k others
    buffer, other = np.empty(len(above)), np.empty(len(above))
    for i in range(int(below[0])):
        for k in range(1, n - i):
            rows = slice(starts[k], ends[i])
            if rows.start >= rows.stop:
                break
            x, y = terms[i, rows], terms[n - k, rows]
            weight, step = buffer[rows], other[rows]
            np.subtract(y, x, out=weight)
            np.divide(y, weight, out=weight)
            np.subtract(share[k, rows], share[k - 1, rows], out=step)
            step *= weight
            np.add(share[k - 1, rows], step, out=share[k, rows])
    result: Floats = share[n - below, np.arange(len(above))]
    return result


def work(cube: Cube, model: Model, belief: Belief) -> int:
    """Say about how many steps `measure` takes, to know beforehand whether to wait: about 10 ns each."""
    repeats = np.asarray(belief.alphas, dtype=np.int64)
    total = 0
    for cut_off in model.cut_offs[:-1]:
        below = (exact.above(cube.points, cut_off) < 0) @ repeats
        total += int((below * (sum(belief.alphas) - below)).sum())
    return total * 2 // max(2, len(model.cut_offs) - 1)


def central_weights(points: Sequence[int], cut_off: int, belief: Belief) -> tuple[float, ...] | None:
    """Give the mean of the weights under which a profile (tenths) reaches a cut-off (hundredths); None where none do.

    E[w_j | reached] = (α_j / Σα) P_(α + e_j)(reached) / P_α(reached): the weights that speak for the account.

    >>> found = central_weights((100, 80, 100, 100, 80, 50), 7_500, anything(6))
    >>> [round(weight, 4) for weight in found]
    [0.1746, 0.1693, 0.1746, 0.1746, 0.1693, 0.1376]
    """
    u = exact.above(np.array([points], dtype=np.uint8), cut_off)
    whole = float(reach(u, belief.alphas)[0])
    if whole <= 0:
        return None
    found = []
    for j, mean in enumerate(belief.means):
        more = [alpha + (i == j) for i, alpha in enumerate(belief.alphas)]
        found.append(mean * float(reach(u, more)[0]) / whole if mean else 0.0)
    return tuple(found)


def by_profile(verdict: Verdict, found: Acceptability) -> pa.Table:
    """Give what a verdict says of each profile, with how sure its tier is, to be joined to accounts.

    Columns: those of `portfolio.by_profile`, then confidence (null where unrated), doubt (1 - confidence; an unrated
    profile has none) and label.
    """
    table = portfolio.by_profile(verdict)
    table = table.append_column("confidence", pa.array(found.confidence, from_pandas=True))
    table = table.append_column("doubt", pa.array(1 - np.nan_to_num(found.confidence, nan=1.0)))
    return table.append_column("label", pa.array(found.labels, pa.string()))
