"""The nearest way over a cut-off: fewest steps of bands, least weight moved, or one weight alone.

In: a profile (points, weights, one cut-off) on either side of the cut-off.  Out: the least change that takes it to the
other side, exact, as integers and fractions. A score reaches a cut-off τ iff the margin is at least 0:

    margin = Σ_known W_j (v_j - τ)        W_j basis points, v_j the points as a score (0..100), held in hundredths

A missing value adds nothing to the margin under any weights, and is never changed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from core.accounts.banding import MISSING
from core.model.criteria import BandCriterion, CategoryCriterion
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.criteria import Criterion

POINT = 10
"""One point, in tenths: the step of a criterion without bands."""
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Profile:
    """Points in tenths (255 missing), weights in basis points, one cut-off in hundredths, the floor in basis points."""

    points: tuple[int, ...]
    weights: tuple[int, ...]
    cut_off: int
    floor: int = 0

    @property
    def known(self) -> tuple[int, ...]:
        """The places of the criteria whose value is known."""
        return tuple(j for j, tenths in enumerate(self.points) if tenths != MISSING)

    @property
    def present(self) -> int:
        """The weight that is known."""
        return sum(self.weights[j] for j in self.known)

    def above(self, j: int) -> int:
        """Give v_j - τ in hundredths; 0 where the value is missing."""
        return 0 if self.points[j] == MISSING else 100 * self.points[j] - self.cut_off

    @property
    def margin(self) -> int:
        """At least 0 iff the score reaches the cut-off."""
        return sum(weight * self.above(j) for j, weight in enumerate(self.weights))

    @property
    def distance(self) -> Fraction:
        """The score less the cut-off, in score points."""
        return Fraction(self.margin, 100 * self.present)


# By bands ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One criterion that goes `steps` bands up or down: the points (0 to 10) and what earns them, before and after."""

    id: str
    criterion: str
    steps: int
    points_before: float
    points_after: float
    value_before: str
    value_after: str


@dataclass(frozen=True, slots=True)
class Climb:
    """The fewest steps in total, by criterion in the model's order, and the score they give."""

    steps: int
    changes: tuple[Step, ...]
    score: Fraction


def climb(profile: Profile, criteria: Sequence[Criterion], *, up: bool) -> Climb | None:
    """Find the fewest steps of bands that take a profile over its cut-off; None where no points would do.

    A step goes from a level of points to the criterion's next one up (or down); where every tenth is a level (a linear
    criterion, or a column of points) a step is one point, or what is left of it. Of all ways with the fewest steps the
    one that passes the cut-off by least is given, and of those with equal scores the one that steps in earlier
    criteria. Exact: a dynamic program over all sums that so many steps can give.
    """
    ladders = [_ladder(profile, criterion, j, up=up) for j, criterion in enumerate(criteria)]
    gains = [
        [weight * abs(to - ladder[0]) for to in ladder] for weight, ladder in zip(profile.weights, ladders, strict=True)
    ]
    needed = -(profile.margin // 100) if up else profile.margin // 100 + 1
    taken = _fewest(gains, needed)
    if taken is None:
        return None
    gained = sum(gain[n] for gain, n in zip(gains, taken, strict=True))
    changes = tuple(
        Step(c.id, c.name, n, ladder[0] / 10, ladder[n] / 10, value(c, ladder[0]), value(c, ladder[n]))
        for c, ladder, n in zip(criteria, ladders, taken, strict=True)
        if n
    )
    over = Fraction(profile.cut_off, 100) + profile.distance
    return Climb(sum(taken), changes, over + Fraction(gained if up else -gained, profile.present))


def value(criterion: Criterion, tenths: int) -> str:
    """Name what earns these points: the band or bands, the listed values, or for other criteria the points themselves.

    >>> from core.model.criteria import Category
    >>> fits = (Category(values=("Strong",), points=10), Category(values=("Weak", "None"), points=0))
    >>> fit = CategoryCriterion(id="fit", name="Fit", column="Fit", importance=20, categories=fits, otherwise=0)
    >>> value(fit, 100), value(fit, 0), value(fit, 255)
    ('Strong', 'Weak, None or anything else', 'not known')
    """
    if tenths == MISSING:
        return NOT_KNOWN
    if isinstance(criterion, BandCriterion | CategoryCriterion):
        named = zip(criterion.labels(), criterion.levels, strict=True)
        return " or ".join(name for name, level in named if level == tenths)
    return f"{tenths / 10:g} of 10 points"


def _ladder(profile: Profile, criterion: Criterion, j: int, *, up: bool) -> list[int]:
    """List the points that a criterion has now and after each step, in tenths."""
    now = profile.points[j]
    if now == MISSING or not profile.weights[j]:
        return [now]
    if isinstance(criterion, BandCriterion | CategoryCriterion):
        levels = sorted(set(criterion.levels), reverse=not up)
        return [now, *(level for level in levels if (level > now if up else level < now))]
    end, step = (100, POINT) if up else (0, -POINT)
    return [now, *range(now + step, end, step), *([end] if now != end else [])]


def _fewest(gains: Sequence[Sequence[int]], needed: int) -> list[int] | None:
    """Choose one gain of each list so that the places add to as little as can be, and the gains to `needed` or more.

    Of those with the fewest places in total, the smallest sum; of equal sums, the places as far to the front as can be.
    """
    fewest = _how_many(gains, needed)
    if fewest is None:
        return None
    unit = gcd(*(gain for each in gains for gain in each)) or 1
    # sums[j][n] holds, as bits, every sum (in units) of the first j lists with n places in total.
    sums = [[1] + [0] * fewest]
    for each in gains:
        row = [0] * (fewest + 1)
        for n in range(fewest + 1):
            for place, gain in enumerate(each[: n + 1]):
                row[n] |= sums[-1][n - place] << gain // unit
        sums.append(row)
    least = -(-needed // unit)
    enough = sums[-1][fewest] >> least
    total = least + (enough & -enough).bit_length() - 1
    taken = []
    for each, before in zip(reversed(gains), reversed(sums[:-1]), strict=True):
        place = next(i for i, gain in enumerate(each) if _holds(before[fewest - i], total - gain // unit))
        taken.append(place)
        fewest, total = fewest - place, total - each[place] // unit
    return taken[::-1]


def _holds(sums: int, total: int) -> bool:
    return total >= 0 and bool(sums >> total & 1)


def _how_many(gains: Sequence[Sequence[int]], needed: int) -> int | None:
    """Count the fewest places in total whose gains can add to `needed`; None where all of them do not."""
    best = [0]  # the largest sum by number of places
    for each in gains:
        longer = [0] * (len(best) + len(each) - 1)
        for n, so_far in enumerate(best):
            for place, gain in enumerate(each):
                longer[n + place] = max(longer[n + place], so_far + gain)
        best = longer
    return next((n for n, most in enumerate(best) if most >= needed), None)


# By weights ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shift:
    """The least weight that must move: `moved`, a share of all weight (0.28 is 28 points), to the criterion `to`.

    weights: what the weights would then be, as shares, in the model's order. On the way up this reaches the tier; on
    the way down the account still stands on the cut-off, and any more weight takes it below.
    """

    moved: Fraction
    to: str
    weights: tuple[Fraction, ...]


def shift(profile: Profile, criteria: Sequence[Criterion], *, up: bool) -> Shift | None:
    """Find the least weight moved that takes a profile over its cut-off; None where no weights would do.

    Greedy and exact: all that moves goes to the criterion with the most points (up; least, down), and is taken first
    from those furthest from it. It is a fractional knapsack, so no other change with the same sum of moves gets
    further: m = L1 distance / 2. Source: docs/methods.md, the least weight that must move.
    """
    if not profile.known:
        return None
    sign = 1 if up else -1
    to = max(profile.known, key=lambda j: (sign * profile.above(j), -j))
    if profile.above(to) < 0 if up else profile.above(to) >= 0:
        return None
    weights = [Fraction(weight, FULL_WEIGHT) for weight in profile.weights]
    left = Fraction(abs(profile.margin), FULL_WEIGHT)
    moved = Fraction(0)
    for j in sorted(range(len(weights)), key=lambda j: (sign * profile.above(j), j)):
        gap = abs(profile.above(to) - profile.above(j))
        if not left or not gap:
            continue
        part = min(weights[j], left / gap)
        weights[j] -= part
        moved += part
        left -= part * gap
    weights[to] += moved
    return Shift(moved, criteria[to].id, tuple(weights))


@dataclass(frozen=True, slots=True)
class Flip:
    """The weight (a share) at which one criterion alone, the others in proportion, takes a profile over its cut-off.

    On the way up the tier is reached at `at`; on the way down it is left as soon as the weight passes `at`.
    """

    id: str
    criterion: str
    weight: Fraction
    at: Fraction

    @property
    def change(self) -> Fraction:
        """How far the weight must move; above 0 it must rise."""
        return self.at - self.weight


def flips(profile: Profile, criteria: Sequence[Criterion], *, up: bool) -> tuple[Flip, ...]:
    """List the criteria whose weight alone takes a profile over its cut-off, the smallest change first.

    With a = v_k - τ and b the margin of the others on their own, the margin at weight x is x a + (1 - x) b, so that it
    changes sign at x* = b / (b - a) iff a and b lie on either side of 0 (for the way up, 0 counts as above). Left out
    is a criterion at whose x* too little of the weight would be known for a tier. Source: docs/methods.md, one weight
    alone.
    """
    found = []
    for k in profile.known:
        weight = Fraction(profile.weights[k], FULL_WEIGHT)
        if weight == 1:
            continue  # the others have no proportions to keep
        a = Fraction(profile.above(k))
        b = (Fraction(profile.margin, FULL_WEIGHT) - weight * a) / (1 - weight)
        if not (max(a, b) >= 0 if up else min(a, b) < 0):
            continue
        at = b / (b - a)
        others = (Fraction(profile.present, FULL_WEIGHT) - weight) / (1 - weight)
        if at + (1 - at) * others >= Fraction(profile.floor, FULL_WEIGHT):
            found.append(Flip(criteria[k].id, criteria[k].name, weight, at))
    return tuple(sorted(found, key=lambda flip: abs(flip.change)))
