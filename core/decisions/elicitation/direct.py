"""Direct methods: weights out of one number, or one rank, a criterion.

    points     w_j = a_j / Σ a
    swing      the same, a_j being what the swing from the worst band to the best is worth, the largest swing being 100
    ranking    w_r = (1/n) Σ_{k=r..n} 1/k          rank order centroid; tied criteria share the mean of their places

Every function takes one entry a criterion and gives weights as fractions that add to 1.

Sources: swing weighting, von Winterfeldt and Edwards, Decision Analysis and Behavioral Research (1986); rank order
centroid, Barron and Barrett, “Decision quality using ranked attribute weights”, Management Science 42(11), 1996, and
the SMARTER of Edwards and Barron (1994).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import TierwiseError

if TYPE_CHECKING:
    from collections.abc import Sequence

TOTAL = 100
"""What the points of a ballot should add to …"""
SLACK = 5
"""… and how far off they may be; then they are normalised, which is said."""
LARGEST_SWING = 100


def swing(worth: Sequence[float]) -> tuple[float, ...]:
    """Weights from the worth of each swing, 0 to 100; the largest must be 100, so that the scale is used alike by all.

    >>> [round(weight, 3) for weight in swing([100, 70, 50, 50, 40, 30])]
    [0.294, 0.206, 0.147, 0.147, 0.118, 0.088]
    """
    _numbers(worth)
    if max(worth) != LARGEST_SWING:
        raise TierwiseError(
            f"the largest swing is worth {max(worth):g}",
            where="swing",
            way_out="Give 100 to the swing that matters most, and compare the others with it",
        )
    return _normalised(worth)


def points(given: Sequence[float]) -> tuple[float, ...]:
    """Weights from 100 points shared out; a total from 95 to 105 is normalised, any other is refused.

    >>> [round(weight, 4) for weight in points([30, 25, 15, 15, 10, 10])]
    [0.2857, 0.2381, 0.1429, 0.1429, 0.0952, 0.0952]
    """
    _numbers(given)
    whole = sum(given)
    if abs(whole - TOTAL) > SLACK:
        way_out = f"Share out {TOTAL}, or from {TOTAL - SLACK} to {TOTAL + SLACK}: then they are scaled to {TOTAL}"
        raise TierwiseError(f"the points add to {whole:g}", where="100 points", way_out=way_out)
    return _normalised(given)


def remainder(given: Sequence[float]) -> float:
    """What is left of the 100 points; negative where more are given.

    >>> remainder([30, 25, 15])
    30
    """
    return TOTAL - sum(given)


def ranking(places: Sequence[int]) -> tuple[float, ...]:
    """Weights from places, 1 being the first; equal places are a tie, whatever number they then carry.

    >>> [round(weight, 4) for weight in ranking([1, 2, 3, 3, 5, 5])]
    [0.4083, 0.2417, 0.1306, 0.1306, 0.0444, 0.0444]
    >>> ranking([1, 1]) == ranking([2, 2])
    True
    """
    _numbers(places)
    centroid = centroids(len(places))
    order = sorted(places)
    shared = {}
    for place in set(places):
        first = order.index(place)
        tied = centroid[first : first + order.count(place)]
        shared[place] = sum(tied) / len(tied)
    return tuple(shared[place] for place in places)


def centroids(n: int) -> tuple[float, ...]:
    """The rank order centroid weights of n criteria, the first place first.

    >>> [round(weight, 4) for weight in centroids(3)]
    [0.6111, 0.2778, 0.1111]
    """
    return tuple(sum(1 / k for k in range(place, n + 1)) / n for place in range(1, n + 1))


def _numbers(values: Sequence[float]) -> None:
    if not values or any(not 0 <= value < float("inf") for value in values):
        raise TierwiseError("an answer is negative or not a number", where="ballot", way_out="Give a number from 0 up")


def _normalised(values: Sequence[float]) -> tuple[float, ...]:
    whole = sum(values)
    if not whole:
        what = "every answer is 0, so no criterion can be told from another"
        raise TierwiseError(what, where="ballot", way_out="Give at least one criterion more than 0")
    return tuple(value / whole for value in values)
