"""Stress: what stays of a book when its largest accounts go, or some that are chosen, and what it takes to refill it.

In: revenue in cents, one amount per account, as `concentration.shares_base` orders it. Out: frozen records in cents and
shares; what is undefined is None. Nothing here is a forecast: it says what follows if the accounts are lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.concentration import Money

LADDER = (1, 3, 5, 10)
TYPICAL = 10


@dataclass(frozen=True, slots=True)
class Rest:
    """Concentration of what stays: shares 0 to 1, HHI 0 to 10,000; undefined is None."""

    accounts: int
    revenue: int
    top1: float | None
    top10: float | None
    hhi: float | None
    effective_accounts: float | None
    gini: float | None


@dataclass(frozen=True, slots=True)
class Stress:
    """`accounts` are lost, with `lost` cents and their `share` of revenue; `rest` is what stays.

    `refill_mean` and `refill_median` say how many new accounts of today's mean and median revenue bring as much again.
    """

    accounts: int
    lost: int
    share: float
    rest: Rest
    refill_mean: int
    refill_median: int

    def __post_init__(self) -> None:
        """Refuse a loss below nothing or above all."""
        if not (self.lost >= 0 and 0.0 <= self.share <= 1.0):
            raise ValueError(f"not a loss: {self}")


@dataclass(frozen=True, slots=True)
class LargestAgainstTypical:
    """The largest account against `typical` accounts around the median, in cents; `worth` is how many of them it is."""

    largest: int
    typical: int
    typical_revenue: int
    worth: float

    @property
    def largest_hurts_more(self) -> bool:
        """Whether losing the largest account takes more revenue than losing the typical ones together."""
        return self.largest > self.typical_revenue


def ladder(counted: Money, steps: Sequence[int] = LADDER) -> list[Stress]:
    """Lose the top 1, 3, 5 and 10: one row for each that the book has accounts for.

    Share left after losing the top n is 1 - CR_n.

    >>> [(row.accounts, row.share, round(row.rest.hhi)) for row in ladder(np.array([50, 30, 10, 10]))]
    [(1, 0.5, 4400), (3, 0.9, 10000)]
    """
    return [_stress(counted, counted[:n], counted[n:]) for n in steps if n <= counted.size]


def lose(counted: Money, chosen: Sequence[int]) -> Stress | None:
    """Lose accounts with these amounts (cents), each of which the book has; None where none of them brings revenue.

    Accounts without revenue and credits among them change nothing here. Raises `ValueError` for an amount that no
    account has.

    >>> lose(np.array([50, 30, 10, 10]), [30, 10]).rest.accounts
    2
    """
    gone = -np.sort(-np.array([cents for cents in chosen if cents > 0], dtype=np.int64))
    if not gone.size:
        return None
    return _stress(counted, gone, np.delete(counted, _places(counted, gone)))


def largest_against_typical(counted: Money, typical: int = TYPICAL) -> LargestAgainstTypical | None:
    """Ask whether losing the largest account hurts more than losing ten typical ones.

    Typical are those in the middle of the order by revenue. None where the book has too few accounts for the largest
    to stay out of the middle.

    >>> test = largest_against_typical(np.array([90, 20, 15, 10, 5]), typical=3)
    >>> test.typical_revenue, test.largest_hurts_more, test.worth
    (45, True, 6.0)
    """
    first = (counted.size - typical) // 2
    if first < 1 or not counted.size or not int(counted[0]):
        return None
    middle = concentration.total(counted[first : first + typical])
    median = _median(counted)
    largest = int(counted[0])
    return LargestAgainstTypical(largest, typical, middle, float(largest / median) if median else math.inf)


def _stress(counted: Money, gone: Money, rest: Money) -> Stress:
    whole, lost = concentration.total(counted), concentration.total(gone)
    if not whole:
        raise ZeroDivisionError("no revenue to lose: ask Base.defined first")
    return Stress(
        accounts=gone.size,
        lost=lost,
        share=lost / whole,
        rest=_rest(rest),
        refill_mean=math.ceil(Fraction(lost * counted.size, whole)),
        refill_median=math.ceil(lost / median) if (median := _median(counted)) else 0,
    )


def _rest(counted: Money) -> Rest:
    revenue = concentration.total(counted)
    if not revenue:
        return Rest(counted.size, 0, None, None, None, None, None)
    found = concentration.summed(counted)
    return Rest(
        accounts=counted.size,
        revenue=revenue,
        top1=found.share_of(1),
        top10=found.share_of(10),
        hhi=(hhi := found.hhi()),
        effective_accounts=10_000 / hhi,
        gini=found.gini(),
    )


def _median(counted: Money) -> Fraction:
    """Give the median in exact cents: the middle amount, or the mean of the middle two."""
    n = counted.size
    return Fraction(int(counted[(n - 1) // 2]) + int(counted[n // 2]), 2)


def _places(counted: Money, gone: Money) -> list[int]:
    """Find a place in a descending array for every amount, equal amounts one after the other."""
    first = np.searchsorted(-counted, -gone, side="left")
    again = np.arange(gone.size) - np.searchsorted(-gone, -gone, side="left")
    places = first + again
    inside = places < counted.size
    if not bool(np.all(inside)) or bool(np.any(counted[places] != gone)):
        raise ValueError("no account of the book has this revenue")
    return [int(place) for place in places]
