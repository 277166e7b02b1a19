"""Bridge: why the HHI is another than it was, split exactly among the accounts lost, new, grown and shrunk.

In: the amounts of the same customers at two dates, in cents. Out: points of HHI (0 to 10,000) that add up to it.

With r the amounts, Q the sum of r squared, R the sum of r and H = Q / R squared, an account changes H in two ways: by
its own square, and by the total that everybody's share is taken of. The change of a product of two factors is split
evenly between them,

    H1 - H0 = w (Q1 - Q0) + q (1/R1^2 - 1/R0^2),    w = (1/R0^2 + 1/R1^2) / 2,    q = (Q0 + Q1) / 2,

which is exact, and the Shapley value of two factors (Shorrocks, Decomposition procedures for distributional analysis,
Journal of Economic Inequality 11, 2013). Q1 - Q0 is a sum over accounts already. So is the other bracket, since

    1/R1^2 - 1/R0^2 = -(R0 + R1) / (R0 R1)^2 * (R1 - R0),

and R1 - R0 is the sum of the changes of the accounts. Each account therefore has a part of its own,

    w (b^2 - a^2) - q (R0 + R1) / (R0 R1)^2 (b - a),        a before, b after,

the parts add up to H1 - H0, and an account whose amount has not changed has none: a share that moves only because
others grew is put down to those others. A small account that grows lowers the HHI, a large one raises it; with small
changes a part tends to the derivative, 2 (s - H) / R times the change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from core import parallel
from core.measures import concentration

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.measures.concentration import Money

KINDS = ("lost", "new", "grown", "shrunk")
_SCALE = 10_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """What accounts of one kind did to the HHI, in points; before and after are their revenue in cents.

    own: by their own squared shares; total: by the total that all shares are taken of; own + total = points.
    """

    kind: str
    accounts: int
    before: int
    after: int
    own: float
    total: float
    points: float


@dataclass(frozen=True, slots=True)
class Mover:
    """One customer's part: its number in the basis, kind, revenue before and after in cents, points of HHI."""

    customer: int
    kind: str
    before: int
    after: int
    points: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """HHI before and after, the four parts between them in the order of KINDS, and the customers that moved it most."""

    before: float
    after: float
    parts: tuple[Part, ...]
    movers: tuple[Mover, ...]

    def __post_init__(self) -> None:
        """Refuse parts that do not add up to the change."""
        change = math.fsum(part.points for part in self.parts)
        largest = max(1.0, self.before, self.after, *(abs(part.points) for part in self.parts))
        if abs(change - (self.after - self.before)) > _ROUNDING * largest:
            raise ValueError(f"the parts come to {change}, the change to {self.after - self.before}")


def hhi(before: Money, after: Money, movers: int = 5) -> Bridge | None:
    """Split the change of the HHI; None where there is no revenue before or after. Credits count as no revenue.

    >>> found = hhi(np.array([50, 50, 0]), np.array([50, 25, 25]))
    >>> round(found.before), round(found.after), [round(part.points) for part in found.parts]
    (5000, 3750, [0, -1562, 0, 312])
    """
    if before.shape != after.shape:
        raise ValueError(f"{before.size} amounts before but {after.size} after")
    before, after = np.maximum(before, 0), np.maximum(after, 0)
    total_0, total_1 = concentration.total(before), concentration.total(after)
    if not total_0 or not total_1:
        return None
    squares = concentration.squares(before), concentration.squares(after)
    rates = _rates((total_0, total_1), squares)
    kind = _kinds(before, after)
    parts = parallel.two_at_once(lambda at: _part(at, kind, before, after, rates), range(len(KINDS)))
    start, end = (
        _SCALE * Fraction(square, whole**2) for square, whole in zip(squares, (total_0, total_1), strict=True)
    )
    return Bridge(float(start), float(end), tuple(parts), _movers(rates, kind, before, after, movers))


def _rates(totals: tuple[int, int], squares: tuple[int, int]) -> tuple[Fraction, Fraction]:
    """Give what a unit more of squares and a unit more of revenue do to the index: w, and q (R0 + R1) / (R0 R1)^2.

    Exact, since the two nearly cancel where the total has grown many times over.
    """
    total_0, total_1 = totals
    own = Fraction(total_0**2 + total_1**2, 2 * (total_0 * total_1) ** 2)
    return _SCALE * own, _SCALE * Fraction(sum(squares) * (total_0 + total_1), 2 * (total_0 * total_1) ** 2)


def _kinds(before: Money, after: Money) -> npt.NDArray[np.int8]:
    """Number what became of each customer by its place in KINDS; -1 where its amount is the same."""
    # 4 x (was there) + 2 x (is there) + (brings more): each of the eight has one kind.
    state = (before > 0).view(np.int8) * np.int8(4)
    state += (after > 0).view(np.int8) * np.int8(2)
    state += (after > before).view(np.int8)
    kind = _OF_STATE.take(state)
    kind[after == before] = -1
    return kind


_OF_STATE = np.array([-1, -1, -1, 1, 0, -1, 3, 2], dtype=np.int8)


def _part(at: int, kind: npt.NDArray[np.int8], before: Money, after: Money, rates: tuple[Fraction, Fraction]) -> Part:
    mine = np.flatnonzero(kind == at)
    before, after = before.take(mine), after.take(mine)
    first, last = concentration.total(before), concentration.total(after)
    own = rates[0] * (concentration.squares(after) - concentration.squares(before))
    total = -rates[1] * (last - first)
    return Part(KINDS[at], mine.size, first, last, float(own), float(total), float(own + total))


def _movers(
    rates: tuple[Fraction, Fraction], kind: npt.NDArray[np.int8], before: Money, after: Money, most: int
) -> tuple[Mover, ...]:
    """Find the customers with the largest parts in floats, and work those few out exactly."""
    own, whole = map(float, rates)
    size = np.add(before, after, dtype=np.float64)
    size *= own
    size -= whole
    size *= after - before
    np.abs(size, out=size)
    some = np.argpartition(size, -most)[-most:] if size.size > most else np.arange(size.size)
    found = []
    for at in some[kind[some] >= 0].tolist():
        first, last = int(before[at]), int(after[at])
        points = rates[0] * (last**2 - first**2) - rates[1] * (last - first)
        found.append(Mover(at, KINDS[kind[at]], first, last, float(points)))
    return tuple(sorted(found, key=lambda mover: (-abs(mover.points), mover.customer)))
