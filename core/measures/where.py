"""Where revenue rests: the groups of a book (an industry, a region, a tier), and how concentrated each is within.

In: the amounts of customers in cents, their groups as numbers. Out: frozen records. How unequal a book is splits
exactly into what lies between its groups and within them (Theil), and its HHI into the points of each group.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core import parallel
from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.arrays import Coded
    from core.measures.basis import Basis
    from core.measures.concentration import Base, Money, Shares, TheilSplit

    Codes = npt.NDArray[np.integer]

Order = Literal["revenue", "points", "top1", "name"]
CURVE_POINTS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One group. revenue: cents; share, top1, gini and part: fractions; hhi: 0 to 10,000; undefined is None.

    top1: the largest customer's share of its group; points: of the book's HHI that come from the group; part: their
    share of it.
    """

    group: str
    accounts: int
    revenue: int
    share: float | None
    top1: float | None
    hhi: float | None
    gini: float | None
    points: float | None
    part: float | None


EQUAL = 1e-12
"""Of an inequality that is no larger, in nats, nothing is left but what floats round."""


@dataclass(frozen=True, slots=True)
class Where:
    """The groups of a book. theil: between and within, in nats, None without revenue; hhi: of the whole book.

    effective_groups: how many groups of equal revenue would be as concentrated, from 1 to their number.
    """

    places: tuple[Place, ...]
    theil: TheilSplit | None
    hhi: float | None
    effective_groups: float | None

    @property
    def between(self) -> float | None:
        """The share of all inequality (Theil) that lies between groups, 0 to 1; None where all is equal or nothing."""
        if self.theil is None or self.theil.between + self.theil.within <= EQUAL:
            return None
        return self.theil.between / (self.theil.between + self.theil.within)


def codes(basis: Basis, coded: Coded) -> tuple[Codes, list[str]]:
    """Give the group of every customer, by the account that names it, and the groups' names, the missing one last."""
    code = coded.code[basis.head]
    return np.where(code < 0, len(coded.values), code), [*coded.values, concentration.NOT_GIVEN]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Customers cut into groups, each put in order once for all that is asked of them.

    amounts: cents of every customer; code: its group, a place in `names`; bases: what shares are taken of, by group.
    """

    amounts: Money
    code: Codes
    names: Sequence[str]
    bases: Sequence[Base]

    def base(self, group: str) -> Base:
        """Find what the shares of a group are taken of."""
        return self.bases[self.names.index(group)]


def cut(amounts: Money, code: Codes, names: Sequence[str]) -> Cut:
    """Cut customers into groups."""
    return Cut(amounts, code, list(names), concentration.bases_by_code(amounts, code, len(names)))


def measure(amounts: Money, code: Codes, names: Sequence[str]) -> Where:
    """Measure every group, most revenue first.

    >>> found = measure(np.array([70_00, 30_00]), np.array([0, 1]), ["A", "B"])
    >>> [(place.group, round(place.points), round(place.part, 3)) for place in found.places], round(found.between, 9)
    ([('A', 4900, 0.845), ('B', 900, 0.155)], 1.0)
    """
    return of_cut(cut(amounts, code, names))


def of_cut(parts: Cut) -> Where:
    """Measure every group of customers that are cut already, most revenue first."""
    bases = zip(parts.names, parts.bases, strict=True)
    groups = concentration.of_bases([(name, base) for name, base in bases if base.accounts])
    points = concentration.hhi_split(groups)
    whole = math.fsum(points.values()) if points else None
    places = tuple(
        Place(
            group=row.group,
            accounts=row.accounts_counted,
            revenue=row.revenue,
            share=row.share,
            top1=row.top1,
            hhi=row.hhi,
            gini=row.gini,
            points=points.get(row.group),
            part=points[row.group] / whole if whole and row.group in points else None,
        )
        for row in groups
    )
    squared = math.fsum(row.share**2 for row in groups if row.share is not None)
    return Where(places, concentration.theil_split(groups), whole, 1 / squared if squared else None)


def ordered(places: Sequence[Place], by: Order) -> list[Place]:
    """Sort the groups by what the reader asks; most first, ties by name."""
    if by == "name":
        return sorted(places, key=lambda place: place.group.casefold())
    return sorted(places, key=lambda place: (-(getattr(place, by) or 0), place.group.casefold()))


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a group on a map of the book: its largest customers one by one, then all others (customer -1)."""

    group: str
    customer: int
    accounts: int
    revenue: int


def tiles(parts: Cut, groups: Sequence[str], most: int) -> list[Tile]:
    """Cut each of the groups into its `most` largest customers and the rest; equal ones in the order of the book."""
    least = np.array([_least(base, most) for base in parts.bases], dtype=np.int64)
    some = np.flatnonzero(parts.amounts >= least.take(parts.code))
    cents, code = parts.amounts.take(some), parts.code.take(some)
    order = np.lexsort((some, -cents, code))
    some, code = some[order], code[order]
    found = []
    for group in groups:
        at = parts.names.index(group)
        start, end = np.searchsorted(code, (at, at + 1))
        first = some[start:end][:most]
        amounts = parts.amounts[first]
        found += [Tile(group, int(one), 1, int(amount)) for one, amount in zip(first, amounts, strict=True)]
        base = parts.bases[at]
        rest = base.counted.size - first.size
        if rest:
            found.append(Tile(group, -1, rest, base.total - concentration.total(amounts)))
    return found


def _least(base: Base, most: int) -> int:
    """Give the smallest amount that may be among the largest of a group, which is above 0."""
    return int(base.counted[min(most, base.counted.size) - 1]) if base.counted.size else np.iinfo(np.int64).max


def curves(parts: Cut, groups: Sequence[str]) -> dict[str, tuple[Shares, Shares]]:
    """Give each group's concentration curve: share of its customers, largest first (x), and of its revenue (y)."""
    bases = [(group, base) for group in groups if (base := parts.base(group)).defined]
    drawn = parallel.two_at_once(lambda one: concentration.concentration_curve(one[1].counted, CURVE_POINTS), bases)
    return {
        group: (count / base.counted.size, share) for (group, base), (count, share) in zip(bases, drawn, strict=True)
    }
