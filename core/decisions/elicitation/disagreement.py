"""How far the members of a group are apart.

In: a (K, J) array of weights in basis points, one row a person.  Out: by criterion, by pair of people, for the room.

    spread        standard deviation (K - 1) and quartiles (linear interpolation) of each criterion's weight
    W             Kendall's coefficient of concordance of the orders, with the correction for ties
    distance      total variation ½ Σ_j |w_aj - w_bj|: the share of weight that two people place differently
    consensus     (1/D - 1/q) / (1 - 1/q),  D = e^(H_γ - H_α),  q = min(people, criteria)

H_α is the mean entropy of the members' weights, H_γ the entropy of their mean. The index is 0 where people put
everything on different criteria and 1 where all agree. Goepel divides by the number of criteria and bounds the index
below by what the scale of comparisons allows (`goepel`); that bound holds for comparisons in pairs only, and for free
points it gives values below 0.

Sources: Kendall and Babington Smith (1939), the form with ties as in Legendre, “Species associations: the Kendall
coefficient of concordance revisited”, 2005; consensus, Goepel, “Implementation of an online software tool for the
analytic hierarchy process (AHP-OS)”, IJAHP 10(3), 2018, doi 10.13033/ijahp.v10i3.590.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

ENOUGH = 6
"""Fewer people than this form no camps that one could tell from chance."""
_MOST_CAMPS, _CLEAR = 4, 0.25
"""A division counts where its mean silhouette is at least this (Kaufman and Rousseeuw 1990: below it, no structure)."""
_WORDS = ((0.85, "very high"), (0.75, "high"), (0.65, "moderate"), (0.5, "low"))


@dataclass(frozen=True, slots=True)
class Spread:
    """How a criterion's weight is spread over the room, as fractions; `place` is the criterion's place in the model.

    deviation is None with one person.
    """

    place: int
    low: float
    lower_quartile: float
    median: float
    upper_quartile: float
    high: float
    mean: float
    deviation: float | None


@dataclass(frozen=True, slots=True)
class Camp:
    """People who weigh alike: their places, and the mean of their weights as fractions."""

    members: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """How far a room is apart; None where undefined. `spreads` has the most disputed criterion first."""

    people: int
    spreads: tuple[Spread, ...]
    kendall_w: float | None
    consensus: float | None
    distance: Floats
    camps: tuple[Camp, ...]


def measure(weights: Sequence[Sequence[int]]) -> Disagreement:
    """Measure how far ballots are apart; at least one is needed."""
    rows = np.asarray(weights, dtype=np.int64)
    distance = distances(rows)
    return Disagreement(
        people=len(rows),
        spreads=tuple(sorted(spreads(rows), key=lambda s: (-(s.deviation or 0), -(s.high - s.low), s.place))),
        kendall_w=kendall_w(rows),
        consensus=consensus(rows),
        distance=distance,
        camps=camps(rows, distance),
    )


def spreads(weights: npt.ArrayLike) -> list[Spread]:
    """Describe how each criterion's weight is spread, in the order of the criteria."""
    shares = _shares(weights)
    edges = np.quantile(shares, [0, 0.25, 0.5, 0.75, 1], axis=0)
    deviation = np.std(shares, axis=0, ddof=1) if len(shares) > 1 else [None] * shares.shape[1]
    return [
        Spread(
            place=j,
            low=float(low),
            lower_quartile=float(lower),
            median=float(middle),
            upper_quartile=float(upper),
            high=float(high),
            mean=float(shares[:, j].mean()),
            deviation=_plain(deviation[j]),
        )
        for j, (low, lower, middle, upper, high) in enumerate(edges.T)
    ]


def kendall_w(weights: npt.ArrayLike) -> float | None:
    """Kendall's W of the orders that the weights give, 0 to 1; None for one person, or where all tie everything.

        W = (12 Σ R² - 3 m² n (n+1)²) / (m² n (n² - 1) - m Σ T),   T = Σ (t³ - t) over each person's ties

    >>> round(kendall_w([[3000, 2000, 5000], [3000, 1000, 6000]]), 3)
    1.0
    """
    ranks = rankdata(-np.asarray(weights), axis=1)
    people, n = ranks.shape
    ties = sum(int(np.sum(counts**3 - counts)) for counts in (np.unique(row, return_counts=True)[1] for row in ranks))
    below = people**2 * n * (n**2 - 1) - people * ties
    if people < 2 or not below:
        return None
    sums = ranks.sum(axis=0)
    return float((12 * np.sum(sums**2) - 3 * people**2 * n * (n + 1) ** 2) / below)


def consensus(weights: npt.ArrayLike) -> float | None:
    """How much the room agrees, 0 to 1; None for one person or one criterion.

    >>> consensus([[10000, 0, 0], [0, 10000, 0]]), consensus([[5000, 5000], [5000, 5000]])
    (0.0, 1.0)
    """
    shares = _shares(weights)
    most = min(shares.shape)
    if most < 2:
        return None
    found = (1 / _beta(shares) - 1 / most) / (1 - 1 / most)
    return 0.0 if abs(found) < 1e-9 else min(1.0, found)


def goepel(weights: npt.ArrayLike, scale: int = 9) -> float:
    """Goepel's S* for weights out of comparisons in pairs on a scale up to `scale`; below 0 for free points.

    S* = (1/D - c) / (1 - c),   c = e^(H_αmin) / n
    """
    shares = _shares(weights)
    n = shares.shape[1]
    least = np.array([[scale, *[1] * (n - 1)]]) / (n + scale - 1)
    cor = exp(float(_entropy(least)[0])) / n
    return float((1 / _beta(shares) - cor) / (1 - cor))


def word(index: float | None) -> str:
    """Name a consensus index by the scale of Goepel (2018): 50, 65, 75 and 85 %.

    >>> word(0.7), word(0.2), word(None)
    ('moderate', 'very low', 'n/a')
    """
    if index is None:
        return "n/a"
    return next((name for least, name in _WORDS if index >= least), "very low")


def distances(weights: npt.ArrayLike) -> Floats:
    """The share of weight that each pair of people places differently: a (K, K) array of fractions."""
    shares = _shares(weights)
    found: Floats = np.abs(shares[:, None, :] - shares[None, :, :]).sum(axis=2) / 2
    return found


def camps(weights: npt.ArrayLike, distance: Floats) -> tuple[Camp, ...]:
    """Divide the room into camps of people who weigh alike, the largest first; none where it does not fall apart.

    Average linkage on the distances; of two, three or four camps with two people or more each, the division with the
    largest mean silhouette. No chance is involved: the same ballots give the same camps.
    """
    people = len(distance)
    if people < ENOUGH or not distance.any():
        return ()
    tree = linkage(squareform(distance, checks=False), method="average")
    best, found = _CLEAR, None
    for count in range(2, min(_MOST_CAMPS, people // 2) + 1):
        labels = fcluster(tree, count, criterion="maxclust")
        sizes = np.bincount(labels)[1:]
        if len(sizes) == count and sizes.min() >= 2 and (clear := _silhouette(distance, labels)) > best:
            best, found = clear, labels
    if found is None:
        return ()
    shares = _shares(weights)
    groups = [tuple(int(i) for i in np.flatnonzero(found == label)) for label in np.unique(found)]
    made = [Camp(members, tuple(shares[list(members)].mean(axis=0).tolist())) for members in groups]
    return tuple(sorted(made, key=lambda camp: (-len(camp.members), camp.members)))


def _silhouette(distance: Floats, labels: npt.NDArray[np.int32]) -> float:
    """The mean over people of (b - a) / max(a, b): a the mean distance to one's own camp, b to the nearest other."""
    values = []
    for i, own in enumerate(labels):
        mates = (labels == own) & (np.arange(len(labels)) != i)
        within = float(distance[i, mates].mean())
        other = min(float(distance[i, labels == label].mean()) for label in np.unique(labels) if label != own)
        most = max(within, other)
        values.append((other - within) / most if most else 0.0)
    return sum(values) / len(values)


def _beta(shares: Floats) -> float:
    alpha = float(_entropy(shares).mean())
    gamma = float(_entropy(shares.mean(axis=0, keepdims=True))[0])
    return exp(gamma - alpha)


def _entropy(shares: Floats) -> Floats:
    """Entropy of each row, in nats; 0 ln 0 is 0."""
    found: Floats = -np.sum(np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1)), 0), axis=1)
    return found


def _plain(value: float | None) -> float | None:
    return None if value is None else float(value)


def _shares(weights: npt.ArrayLike) -> Floats:
    rows = np.asarray(weights, dtype=np.float64)
    shares: Floats = rows / rows.sum(axis=1, keepdims=True)
    return shares
