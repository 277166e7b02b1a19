"""A group's weights out of its members'.

    mean        Σ_k w_kj / K, which adds to 1 by itself
    median      of each criterion, renormalised: no extreme ballot moves it far
    trimmed     the mean without the ⌊K/5⌋ lowest and highest of each criterion, renormalised
    geometric   (Π_k w_kj)^(1/K), renormalised: the one that goes with comparisons in pairs

In: a (K, J) array of weights, one row a person, each adding to one whole (1, or 10,000 basis points).  Out: fractions.

Source: aggregation of priorities, Forman and Peniwati, “Aggregating individual judgments and priorities with the
analytic hierarchy process”, EJOR 108, 1998.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import UnknownName
from core.model.numbers import weights_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    Weights = npt.NDArray[np.float64]

TRIMMED = 5
"""One in so many is left out at each end of the trimmed mean."""


def mean(weights: npt.ArrayLike) -> Weights:
    """The mean of each criterion."""
    return _normalised(np.mean(_shares(weights), axis=0))


def median(weights: npt.ArrayLike) -> Weights:
    """The median of each criterion, renormalised; the mean where all medians are 0."""
    found = np.median(_shares(weights), axis=0)
    return _normalised(found) if found.sum() else mean(weights)


def trimmed(weights: npt.ArrayLike) -> Weights:
    """The mean of each criterion without its lowest and highest fifth, renormalised; with fewer than five, the mean."""
    shares = np.sort(_shares(weights), axis=0)
    cut = len(shares) // TRIMMED
    found = np.mean(shares[cut : len(shares) - cut], axis=0)
    return _normalised(found) if found.sum() else mean(weights)


def geometric(weights: npt.ArrayLike) -> Weights:
    """The geometric mean of each criterion, renormalised. One weight of 0 makes a criterion's mean 0.

    Where that leaves nothing, the mean.
    """
    shares = _shares(weights)
    with np.errstate(divide="ignore"):
        found = np.exp(np.mean(np.log(shares), axis=0))
    return _normalised(found) if found.sum() else mean(weights)


WAYS: Mapping[str, Callable[[Any], Weights]] = MappingProxyType(
    {"mean": mean, "median": median, "trimmed mean": trimmed, "geometric mean": geometric}
)


def way_for(method: str) -> str:
    """Name the way that goes with a method to weigh: comparisons in pairs are ratios, all else is amounts."""
    return "geometric mean" if method == "pairs" else "mean"


def combine(weights: Sequence[Sequence[int]], way: str) -> tuple[int, ...]:
    """Combine ballots, in basis points, to a group's weights in basis points.

    Raises `UnknownName` for a way that does not exist.

    >>> combine([(6000, 4000), (5000, 5000), (1000, 9000)], "median")
    (5000, 5000)
    """
    if way not in WAYS:
        raise UnknownName.of("way to combine ballots", way, WAYS)
    return weights_from([float(share) for share in WAYS[way](weights)])


def _shares(weights: npt.ArrayLike) -> Weights:
    rows = np.asarray(weights, dtype=np.float64)
    shares: Weights = rows / rows.sum(axis=1, keepdims=True)
    return shares


def _normalised(weights: Weights) -> Weights:
    shares: Weights = weights / weights.sum()
    return shares
