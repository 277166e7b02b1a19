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

from core.measures import concentration

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.measures.concentration import Money

KINDS = ("lost", "new", "grown", "shrunk")
_SCALE = 10_000
_LIMB = 21
_LOW = (1 << _LIMB) - 1
_AT_ONCE = 1 << 20
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
    rates = _rates(before, after)
    kind = _kinds(before, after)
    parts = [_part(name, before[kind == at], after[kind == at], rates) for at, name in enumerate(KINDS)]
    start, end = (_SCALE * Fraction(_squares(side), concentration.total(side) ** 2) for side in (before, after))
    return Bridge(float(start), float(end), tuple(parts), _movers(rates, kind, before, after, movers))


def _rates(before: Money, after: Money) -> tuple[Fraction, Fraction]:
    """Give what a unit more of squares and a unit more of revenue do to the index: w, and q (R0 + R1) / (R0 R1)^2.

    Exact, since the two nearly cancel where the total has grown many times over.
    """
    total_0, total_1 = concentration.total(before), concentration.total(after)
    own = Fraction(total_0**2 + total_1**2, 2 * (total_0 * total_1) ** 2)
    squares = _squares(before) + _squares(after)
    return _SCALE * own, _SCALE * Fraction(squares * (total_0 + total_1), 2 * (total_0 * total_1) ** 2)


def _squares(amounts: Money) -> int:
    """Sum of squares, exact: in three parts of 21 bits, so many at a time that no product or sum leaves 64 bits."""
    found = 0
    for start in range(0, amounts.size, _AT_ONCE):
        some = amounts[start : start + _AT_ONCE]
        parts = [(some >> shift) & _LOW for shift in (0, _LIMB, 2 * _LIMB)]
        for i, one in enumerate(parts):
            for j, other in enumerate(parts):
                found += int(np.dot(one, other)) << (_LIMB * (i + j))
    return found


def _kinds(before: Money, after: Money) -> npt.NDArray[np.int8]:
    """Number what became of each customer by its place in KINDS; -1 where its amount is the same."""
    kind = np.full(before.size, -1, dtype=np.int8)
    kind[(before > 0) & (after == 0)] = 0
    kind[(before == 0) & (after > 0)] = 1
    both = (before > 0) & (after > 0)
    kind[both & (after > before)] = 2
    kind[both & (after < before)] = 3
    return kind


def _part(name: str, before: Money, after: Money, rates: tuple[Fraction, Fraction]) -> Part:
    first, last = concentration.total(before), concentration.total(after)
    own = rates[0] * (_squares(after) - _squares(before))
    total = -rates[1] * (last - first)
    return Part(name, before.size, first, last, float(own), float(total), float(own + total))


def _movers(
    rates: tuple[Fraction, Fraction], kind: npt.NDArray[np.int8], before: Money, after: Money, most: int
) -> tuple[Mover, ...]:
    """Find the customers with the largest parts in floats, and work those few out exactly."""
    own, whole = map(float, rates)
    change = after.astype(np.float64) - before
    size = np.abs(change * (own * (before.astype(np.float64) + after) - whole))
    some = np.argpartition(size, -most)[-most:] if size.size > most else np.arange(size.size)
    found = []
    for at in some[kind[some] >= 0].tolist():
        first, last = int(before[at]), int(after[at])
        points = rates[0] * (last**2 - first**2) - rates[1] * (last - first)
        found.append(Mover(at, KINDS[kind[at]], first, last, float(points)))
    return tuple(sorted(found, key=lambda mover: (-abs(mover.points), mover.customer)))
