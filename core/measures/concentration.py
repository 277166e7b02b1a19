"""Concentration: how much revenue rests on how few accounts.

In: amounts in whole cents, one per account. Out: frozen records and plain floats; what is undefined is None, never NaN.
The formulas are naked: they trust a descending array of amounts >= 0 with a total above zero, as `shares_base` makes.
Ranks and shares come from integers, so 80 % is 80 % whatever the order of additions; only squares and logs are floats.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core import parallel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Money = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

NOT_GIVEN = "not given"
TOP_N = (1, 5, 10, 20)
TOP_SHARES = (0.01, 0.05, 0.1, 0.2)

_LIMB = 32
_LOW = (1 << _LIMB) - 1
_PART = 21
_FEW_GROUPS = 24
_WORD = float(1 << 64)
_SURE = float(1 << 62)  # a sum that floats put below this is below 2**63
_SQUARES_SURE = float(1 << 112)  # below it floats are off by less than 2**62, whatever the order of additions
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The accounts that shares are taken of, and what was set apart from them; amounts in cents."""

    counted: Money
    excluded_count: int
    excluded_amount: int
    zeros: int
    accounts: int

    def __post_init__(self) -> None:
        """Refuse an order or a sign that the formulas do not expect, and a count that does not add up."""
        if self.counted.size and (self.counted[-1] < 0 or bool(np.any(self.counted[:-1] < self.counted[1:]))):
            raise ValueError("counted amounts must be descending and not negative")
        if self.counted.size + self.excluded_count not in {self.accounts, self.accounts - self.zeros}:
            raise ValueError("counted, excluded and zero accounts do not add up to the accounts given")
        self.counted.setflags(write=False)

    @property
    def total(self) -> int:
        """Sum of the counted amounts, in cents."""
        return total(self.counted)

    @property
    def defined(self) -> bool:
        """Whether there is any revenue to take shares of; without it no formula below has a value."""
        return bool(self.counted.size) and int(self.counted[0]) > 0


@dataclass(frozen=True, slots=True)
class TopShare:
    """The first `accounts` of `of` accounts hold `share` (0 to 1) of the revenue: "top 2 of 7"."""

    accounts: int
    share: float
    of: int

    def __post_init__(self) -> None:
        """Refuse a share outside 0 to 1 and more accounts than there are."""
        if not (0 <= self.accounts <= self.of and 0.0 <= self.share <= 1.0):
            raise ValueError(f"not a share of the accounts: {self}")


@dataclass(frozen=True, slots=True)
class ParetoPoint:
    """The fewest accounts that reach a share of revenue, and their share (0 to 1) of the accounts."""

    accounts: int
    share_of_accounts: float

    def __post_init__(self) -> None:
        """Refuse no accounts, or more than all."""
        if not (self.accounts >= 1 and 0.0 < self.share_of_accounts <= 1.0):
            raise ValueError(f"not a point on the curve: {self}")


@dataclass(frozen=True, slots=True)
class Concentration:
    """The headline of a book. Amounts in cents, shares 0 to 1, HHI 0 to 10,000; undefined is None."""

    accounts: int
    accounts_counted: int
    total: int
    excluded_count: int
    excluded_amount: int
    zeros: int
    top_n: Mapping[int, float | None]
    top_share: Mapping[float, TopShare | None]
    gini: float | None
    gini_corrected: float | None
    hhi: float | None
    effective_accounts: float | None
    pareto_80: ParetoPoint | None
    theil: float | None

    def __post_init__(self) -> None:
        """Refuse numbers that no book can have."""
        self._check_counts()
        headline = (*self.top_n.values(), *self.top_share.values(), self.gini, self.hhi, self.theil, self.pareto_80)
        if any((value is None) != (self.total == 0) for value in headline):
            raise ValueError("measures are defined exactly when there is revenue")
        n = self.accounts_counted
        shares = [share for share in self.top_n.values() if share is not None]
        _check_within("a top-n share", shares, 0.0, 1.0)
        _check_within("Gini", [self.gini, self.gini_corrected], 0.0, 1.0)
        if n:
            _check_within("HHI", [self.hhi], 10_000 / n, 10_000)
            _check_within("effective accounts", [self.effective_accounts], 1.0, n)
            _check_within("Theil", [self.theil], 0.0, math.log(n))

    def _check_counts(self) -> None:
        if self.total < 0 or self.excluded_amount > 0:
            raise ValueError("counted revenue must not be negative, nor credits positive")
        if self.accounts_counted + self.excluded_count not in {self.accounts, self.accounts - self.zeros}:
            raise ValueError("counted, excluded and zero accounts do not add up to the accounts given")


@dataclass(frozen=True, slots=True)
class GroupConcentration:
    """One group of the book: its share of all revenue, and how concentrated it is within; undefined is None."""

    group: str
    accounts: int
    accounts_counted: int
    revenue: int
    share: float | None
    top1: float | None
    hhi: float | None
    gini: float | None
    theil: float | None

    def __post_init__(self) -> None:
        """Refuse shares and indices outside their range."""
        _check_within("a share", [self.share, self.top1, self.gini], 0.0, 1.0)
        _check_within("HHI", [self.hhi], 0.0, 10_000)


@dataclass(frozen=True, slots=True)
class TheilSplit:
    """Theil of a book as inequality between its groups and within them, in nats; the two add up to the whole."""

    between: float
    within: float


def _check_within(what: str, values: Sequence[float | None], low: float, high: float) -> None:
    """Refuse a value outside low to high; NaN is outside everything."""
    slack = _ROUNDING * max(1.0, high)
    for value in values:
        if value is not None and not low - slack <= value <= high + slack:
            raise ValueError(f"{what} of {value} is outside {low:g} to {high:g}")


# --- the door -------------------------------------------------------------------------------------------------------


def shares_base(amounts: Money, *, include_zeros: bool = False) -> Base:
    """Set credits apart and order the rest: what every share of revenue is taken of.

    An account whose total is negative is a credit: counted and summed apart, never part of a share, so that no share
    passes 100 % and no Gini 1 (Raffinetti, Siletti & Vernizzi 2015 show what happens otherwise).

    >>> base = shares_base(np.array([0, 30_00, -5_00, 70_00]))
    >>> base.counted.tolist(), base.excluded_count, base.excluded_amount, base.zeros
    ([7000, 3000], 1, -500, 1)
    """
    if not np.issubdtype(amounts.dtype, np.signedinteger):
        raise TypeError(f"amounts are whole cents in int64, not {amounts.dtype}")
    amounts = amounts.astype(np.int64, copy=False)
    # `compress` takes a quarter of the time of an index of true and false, where these come in no order.
    credits_ = np.compress(amounts < 0, amounts)
    kept = np.compress(amounts >= 0 if include_zeros else amounts > 0, amounts)
    kept.sort()
    return Base(
        counted=kept[::-1].copy(),
        excluded_count=credits_.size,
        excluded_amount=total(credits_),
        zeros=amounts.size - int(np.count_nonzero(amounts)),
        accounts=amounts.size,
    )


def measure(amounts: Money, *, include_zeros: bool = False) -> Concentration:
    """Everything the headline needs, of amounts in cents in any order.

    >>> book = measure(np.array([400_00, 400_00, 100_00, 50_00, 50_00, -20_00]))
    >>> book.top_n[1], book.gini, book.pareto_80
    (0.4, 0.42, ParetoPoint(accounts=2, share_of_accounts=0.4))
    """
    return of_base(shares_base(amounts, include_zeros=include_zeros))


def of_base(base: Base) -> Concentration:
    """Everything the headline needs, of amounts that are set apart and ordered already."""
    found = summed(base.counted) if base.defined else None
    squared = found.hhi() if found else None
    return Concentration(
        accounts=base.accounts,
        accounts_counted=base.counted.size,
        total=found.total if found else 0,
        excluded_count=base.excluded_count,
        excluded_amount=base.excluded_amount,
        zeros=base.zeros,
        top_n={n: found.share_of(n) if found else None for n in TOP_N},
        top_share={p: found.share(p) if found else None for p in TOP_SHARES},
        gini=found.gini() if found else None,
        gini_corrected=found.gini_corrected() if found else None,
        hhi=squared,
        effective_accounts=10_000 / squared if squared else None,
        pareto_80=_pareto(found, 0.8) if found else None,
        theil=theil(base.counted) if found else None,
    )


def _pareto(found: Summed, share: float) -> ParetoPoint:
    accounts = found.reaching(_decimal(share) * found.total)
    return ParetoPoint(accounts=accounts, share_of_accounts=accounts / len(found))


# --- exact sums -----------------------------------------------------------------------------------------------------


def total(amounts: Money) -> int:
    """Sum of cents, exact beyond 64 bits.

    A sum in 64 bits is right but for a multiple of 2**64, and floats say near enough which one: ten million accounts
    of 1e13 cents overflow an int64. One pass, where summing two halves of 32 bits takes four.

    >>> total(np.full(4, 2**62))
    18446744073709551616
    """
    near = float(np.sum(amounts, dtype=np.float64))
    if abs(near) < _SURE:
        return int(amounts.sum())
    return (int((amounts >> _LIMB).sum()) << _LIMB) + int((amounts & _LOW).sum())


def squares(amounts: Money) -> int:
    """Sum of squared cents, exact.

    The sum in 64 bits is right but for a multiple of 2**64; floats say which, as long as their error is far below that.

    >>> squares(np.array([3, 4])), squares(np.array([2**40, 2**40])) == 2**81
    (25, True)
    """
    if not amounts.size:
        return 0
    floats = amounts.astype(np.float64)
    near = float(np.sum(np.square(floats, out=floats)))
    if near * amounts.size >= _SQUARES_SURE:
        return _squares_in_parts(amounts)
    unsigned = amounts.astype(np.uint64)
    low = int(np.sum(np.multiply(unsigned, unsigned, out=unsigned)))
    return low + (round((near - low) / _WORD) << 64)


def _squares_in_parts(amounts: Money) -> int:
    """Sum of squares in three parts of 21 bits, so many at a time that no product or sum leaves 64 bits."""
    found, low = 0, (1 << _PART) - 1
    for start in range(0, amounts.size, 1 << 20):
        some = np.abs(amounts[start : start + (1 << 20)])
        parts = [(some >> shift) & low for shift in (0, _PART, 2 * _PART)]
        for i, one in enumerate(parts):
            for j, other in enumerate(parts):
                found += int(np.dot(one, other)) << (_PART * (i + j))
    return found


def _positive_total(counted: Money) -> int:
    """Total that a share can be taken of; shares of nothing fail here, loudly, instead of becoming NaN."""
    amount = total(counted)
    if amount <= 0:
        raise ZeroDivisionError("no revenue to take a share of: ask Base.defined first")
    return amount


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """Descending amounts with their total and, where that fits 62 bits, their running totals: worked once for all.

    Every share, rank and curve is read off these, exactly.
    """

    counted: Money
    total: int
    running: Money | None

    def __len__(self) -> int:
        """Count the amounts."""
        return self.counted.size

    def upto(self, n: int) -> int:
        """Give the sum of the n largest amounts, of all where there are fewer."""
        n = min(n, self.counted.size)
        if self.running is None or n <= 0:
            return total(self.counted[: max(n, 0)])
        return int(self.running[n - 1])

    def reaching(self, goal: Fraction) -> int:
        """Count the fewest amounts that come to the goal, which is at most the total."""
        if self.running is not None:
            return int(np.searchsorted(self.running, math.ceil(goal))) + 1
        high, low = _halves(self.counted)

        def is_reached(k: int) -> bool:
            return (int(high[k]) << _LIMB) + int(low[k]) >= goal

        return bisect_left(range(self.counted.size), x=True, key=is_reached) + 1

    def rank_sum(self) -> int:
        """Sum of i * x_i with x ascending and i from 1: the same as the sum of the running totals of x descending."""
        if self.running is not None:
            return total(self.running)
        high, low = _halves(self.counted)
        return (total(high) << _LIMB) + total(low)

    def share_of(self, n: int) -> float:
        """Give the share of the n largest, 0 to 1."""
        return self.upto(n) / self.total

    def share(self, p: float) -> TopShare:
        """Give the share of the largest p of all: ceil(p * N) of them."""
        accounts = math.ceil(_decimal(p) * self.counted.size)
        return TopShare(accounts=accounts, share=self.share_of(accounts), of=self.counted.size)

    def gini(self) -> float:
        """Give the Gini coefficient, population form."""
        n = self.counted.size
        return (2 * self.rank_sum() - (n + 1) * self.total) / (n * self.total)

    def gini_corrected(self) -> float | None:
        """Give the Gini coefficient for a small sample; None for a single amount."""
        n = self.counted.size
        return None if n == 1 else (2 * self.rank_sum() - (n + 1) * self.total) / ((n - 1) * self.total)

    def hhi(self) -> float:
        """Give the HHI, 0 to 10,000: one division of two integers."""
        return 10_000 * squares(self.counted) / self.total**2


def summed(counted: Money) -> Summed:
    """Add descending amounts up, once for all that is asked of them; raises `ZeroDivisionError` without revenue.

    >>> found = summed(np.array([400, 400, 100, 50, 50]))
    >>> found.upto(3), found.reaching(Fraction(800)), found.gini()
    (900, 2, 0.42)
    """
    whole = _positive_total(counted)
    return Summed(counted, whole, np.cumsum(counted) if whole < _SURE else None)


def _halves(amounts: Money) -> tuple[Money, Money]:
    """Run the total up as (high, low) halves: high * 2**32 + low, with 0 <= low < 2**32; exact beyond 64 bits."""
    low = np.cumsum(amounts & _LOW)
    high = np.cumsum(amounts >> _LIMB) + (low >> _LIMB)
    return high, low & _LOW


def _rank_sum(counted: Money) -> int:
    return summed(counted).rank_sum()


def _shares(counted: Money) -> Shares:
    """Each account's share of revenue, 0 to 1."""
    return counted / float(_positive_total(counted))


def _decimal(share: float) -> Fraction:
    """Take the decimal that was meant: 0.2 is 1/5, not the nearest binary fraction, which lies a little above it."""
    return Fraction(str(share))


# --- shares of the largest accounts ---------------------------------------------------------------------------------


def top_n(counted: Money, n: int) -> float:
    """Concentration ratio CR_n: share of revenue (0 to 1) of the n largest accounts; all of it if there are fewer.

    >>> top_n(np.array([400, 400, 100, 50, 50]), 3)
    0.9
    """
    return total(counted[:n]) / _positive_total(counted)


def top_share(counted: Money, p: float) -> TopShare:
    """Share of revenue of the largest p (0 to 1) of N accounts: ceil(p * N) of them, never a part of one.

    >>> top_share(np.array([70, 60, 50, 40, 30, 20, 10]), 0.2)
    TopShare(accounts=2, share=0.4642857142857143, of=7)
    """
    return summed(counted).share(p)


def pareto(counted: Money, share: float = 0.8) -> ParetoPoint:
    """Fewest accounts with at least `share` (0 to 1) of revenue: min k with C_k >= share * R, compared in integers.

    Floats find one account too many here:

    >>> pareto(np.array([30, 19, 18, 13, 12, 8]))
    ParetoPoint(accounts=4, share_of_accounts=0.6666666666666666)
    """
    return _pareto(summed(counted), share)


# --- inequality and concentration indices ---------------------------------------------------------------------------


def gini(counted: Money) -> float:
    """Gini coefficient, population form: 2 * sum(i * x_i) / (N * R) - (N + 1) / N, x ascending; 0 (equal) to 1 - 1/N.

    Depends on whether accounts without revenue are counted: G_all = 1 - (n / N) * (1 - G_positive).
    Worked in integers, divided once. Same as `inequality.gini.Gini` of PySAL.

    >>> gini(np.array([4, 3, 2, 1]))
    0.25
    """
    return summed(counted).gini()


def gini_corrected(counted: Money) -> float | None:
    """Gini for a small sample: G * N / (N - 1), 0 to 1; None for a single account.

    >>> gini_corrected(np.array([4, 3, 2, 1]))
    0.3333333333333333
    """
    return summed(counted).gini_corrected()


def hhi(counted: Money) -> float:
    """Herfindahl-Hirschman index: 10,000 * sum of squared shares; 10,000/N (equal) to 10,000 (one account).

    The 1,000 and 1,800 of the DOJ/FTC Merger Guidelines (2023, 2.1) describe markets, not customer books.
    The example is the Department of Justice's own.

    >>> round(hhi(np.array([30, 30, 20, 20])), 9)
    2600.0
    """
    return 10_000 * squares(counted) / _positive_total(counted) ** 2


def effective_accounts(counted: Money) -> float:
    """Inverse HHI, 1 / sum of squared shares: the number of equal accounts that would be as concentrated.

    >>> effective_accounts(np.array([100, 100, 100, 100]))
    4.0
    """
    return 10_000 / hhi(counted)


def hhi_normalised(counted: Money) -> float | None:
    """HHI with the number of accounts taken out: (H - 1/N) / (1 - 1/N) with H from 0 to 1; None for one account.

    >>> round(hhi_normalised(np.array([70, 30])), 9)
    0.16
    """
    n = counted.size
    if n == 1:
        return None
    return max(0.0, (hhi(counted) / 10_000 - 1 / n) / (1 - 1 / n))


def theil(counted: Money) -> float:
    """Theil T: sum of s * ln(N * s), in nats; 0 (equal) to ln N. An account without revenue adds 0 but counts in N.

    Same as `inequality.theil.Theil` of PySAL.

    >>> round(theil(np.array([4, 3, 2, 1])), 12)
    0.106440135286
    """
    shares = _shares(counted if counted.size and counted[-1] > 0 else counted[counted > 0])
    # Equal shares round to a hair below zero; Theil has no negative values.
    return max(0.0, float(np.sum(shares * np.log(counted.size * shares))))


def entropy(counted: Money) -> float:
    """Shannon entropy of the shares: -sum of s * ln s, in nats; 0 (one account) to ln N (equal).

    >>> entropy(np.array([500]))
    0.0
    """
    shares = _shares(counted[counted > 0])
    return max(0.0, -float(np.sum(shares * np.log(shares))))


def exp_entropy(counted: Money) -> float:
    """Effective number of accounts by entropy, exp(H): between 1/HHI and N in Hill's family.

    >>> round(exp_entropy(np.array([100, 100, 100, 100, 100])), 12)
    5.0
    """
    return math.exp(entropy(counted))


def hall_tideman(counted: Money) -> float:
    """Hall-Tideman (Rosenbluth) index: 1 / (2 * sum(i * s_i) - 1), i = 1 for the largest; 1/N (equal) to 1.

    Equals 1 / (N * (1 - G)), and does not move when accounts without revenue are counted.

    >>> hall_tideman(np.array([70, 30]))
    0.625
    """
    revenue = _positive_total(counted)
    descending_ranks = (counted.size + 1) * revenue - _rank_sum(counted)
    return revenue / (2 * descending_ranks - revenue)


def hoover(counted: Money) -> float:
    """Hoover index: half the sum of |s - 1/N|, the share of revenue to be moved for all accounts to be equal.

    Worked in integers as what lies above the mean: x > R/N exactly when x > floor(R/N).

    >>> hoover(np.array([4, 3, 2, 1]))
    0.2
    """
    n, revenue = counted.size, _positive_total(counted)
    above = counted[counted > revenue // n]
    return (n * total(above) - above.size * revenue) / (n * revenue)


# --- curves ---------------------------------------------------------------------------------------------------------


def lorenz(counted: Money, points: int | None = None) -> tuple[Shares, Shares]:
    """Lorenz curve: share of accounts, smallest first (x), and their share of revenue (y); from 0, 0 to 1, 1.

    >>> x, y = lorenz(np.array([4, 3, 2, 1]))
    >>> x.tolist(), y.tolist()
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.1, 0.3, 0.6, 1.0])
    """
    ranks, shares = _curve(counted[::-1], points)
    return ranks / counted.size, shares


def concentration_curve(counted: Money, points: int | None = None) -> tuple[npt.NDArray[np.int64], Shares]:
    """Concentration curve: number of accounts, largest first (x), and their share of revenue (y); from 0, 0 to N, 1.

    >>> x, y = concentration_curve(np.array([4, 3, 2, 1]))
    >>> x.tolist(), y.tolist()
    ([0, 1, 2, 3, 4], [0.0, 0.4, 0.7, 0.9, 1.0])
    """
    return _curve(counted, points)


def _curve(ordered: Money, points: int | None) -> tuple[npt.NDArray[np.int64], Shares]:
    """Count accounts and cumulate their share of revenue in the order given, at no more than `points` points."""
    found = summed(ordered)
    if found.running is not None:
        reached: Shares = found.running.astype(np.float64)
    else:
        high, low = _halves(ordered)
        reached = (high * float(1 << _LIMB) + low).astype(np.float64)
    shares = np.concatenate(([0.0], reached / float(found.total)))
    ranks = _thinned(shares, points)
    return ranks, shares[ranks]


def _thinned(shares: Shares, points: int | None) -> npt.NDArray[np.int64]:
    """Pick at most `points` (2 or more) positions of a rising curve, both ends among them.

    Half are even in accounts and half in revenue: even steps in accounts alone would jump over the few large accounts
    that the curve is drawn for.
    """
    last = shares.size - 1
    if points is None or points > last:
        return np.arange(last + 1)
    by_rank = points // 2 + 1
    by_revenue = np.linspace(0.0, 1.0, points - by_rank + 2)[1:-1]
    ranks = np.linspace(0, last, by_rank).round().astype(np.int64)
    return np.unique(np.concatenate((ranks, np.searchsorted(shares, by_revenue))))


# --- groups ---------------------------------------------------------------------------------------------------------


def by_group(
    amounts: Money, groups: Sequence[str | None] | npt.NDArray[np.object_], *, include_zeros: bool = False
) -> list[GroupConcentration]:
    """Concentration within each group (a tier, an industry, a region), largest revenue first, then by name.

    A missing group is a group of its own, named "not given". Shares are of the revenue of all groups.

    >>> for row in by_group(np.array([70_00, 30_00, 100_00]), ["A", "A", None]):
    ...     print(row.group, row.revenue, row.share, row.top1)
    A 10000 0.5 0.7
    not given 10000 0.5 1.0
    """
    if len(groups) != amounts.size:
        raise ValueError(f"{amounts.size} amounts but {len(groups)} groups")
    codes: dict[str, int] = {}
    code = np.fromiter((codes.setdefault(_named(group), len(codes)) for group in groups), np.int64, amounts.size)
    return by_code(amounts, code, list(codes), include_zeros=include_zeros)


def by_code(
    amounts: Money, code: npt.NDArray[np.integer], names: Sequence[str], *, include_zeros: bool = False
) -> list[GroupConcentration]:
    """Concentration within each group, as `by_group`, where groups come as numbers: places in `names`.

    A group without an account is left out.

    >>> [row.group for row in by_code(np.array([70_00, 30_00, 100_00]), np.array([0, 0, 2]), ["A", "B", "C"])]
    ['A', 'C']
    """
    bases = bases_by_code(amounts, code, len(names), include_zeros=include_zeros)
    return of_bases([(name, base) for name, base in zip(names, bases, strict=True) if base.accounts])


def bases_by_code(
    amounts: Money, code: npt.NDArray[np.integer], groups: int, *, include_zeros: bool = False
) -> list[Base]:
    """Set credits apart and order the rest within each of the groups, numbered from 0."""
    members = split(amounts, code, groups)
    return parallel.two_at_once(lambda member: shares_base(member, include_zeros=include_zeros), members)


def of_bases(bases: Sequence[tuple[str, Base]]) -> list[GroupConcentration]:
    """Measure groups that are ordered already, largest revenue first, then by name."""
    found = parallel.two_at_once(lambda one: summed(one[1].counted) if one[1].defined else None, bases)
    revenue = sum(one.total for one in found if one is not None)
    rows = parallel.two_at_once(lambda one: _group(*one[0], one[1], revenue), zip(bases, found, strict=True))
    return sorted(rows, key=lambda row: (-row.revenue, row.group))


def split(values: Money, code: npt.NDArray[np.integer], groups: int) -> list[Money]:
    """Give the values of each of the groups 0, 1, 2 …, each in the order given."""
    if groups <= _FEW_GROUPS:  # to pick each out in turn is quicker than to sort, since it reads in order
        return parallel.two_at_once(lambda at: values.take(np.flatnonzero(code == at)), range(groups))
    # A sort of 16-bit numbers takes one pass over them.
    small = code.astype(np.int16) if groups < np.iinfo(np.int16).max else code
    order = np.argsort(small, kind="stable")
    return np.split(values[order], np.cumsum(np.bincount(code, minlength=groups))[:-1])[:groups]


def _named(group: object) -> str:
    """Name of a group; NULL, NaN and blank text are missing."""
    return group if isinstance(group, str) and group.strip() else NOT_GIVEN


def _group(name: str, base: Base, found: Summed | None, revenue: int) -> GroupConcentration:
    """Measure one group against the revenue of all groups."""
    own = found.total if found else 0
    return GroupConcentration(
        group=name,
        accounts=base.accounts,
        accounts_counted=base.counted.size,
        revenue=own,
        share=own / revenue if revenue else None,
        top1=found.share_of(1) if found else None,
        hhi=found.hhi() if found else None,
        gini=found.gini() if found else None,
        theil=theil(base.counted) if found else None,
    )


def theil_split(groups: Sequence[GroupConcentration]) -> TheilSplit | None:
    """Theil between and within groups: sum S_g * ln(S_g / (n_g / N)) and sum S_g * T_g; None without revenue.

    S_g is a group's share of revenue and n_g its counted accounts of N. Same as `inequality.theil.TheilD` of PySAL.

    >>> split = theil_split(by_group(np.array([4, 3, 2, 1]), ["A", "A", "B", "B"]))
    >>> round(split.between + split.within, 12)
    0.106440135286
    """
    accounts = sum(row.accounts_counted for row in groups)
    earning = [(row.share, row.theil, row.accounts_counted) for row in groups if row.share and row.theil is not None]
    if not earning:
        return None
    between = math.fsum(share * math.log(share * accounts / counted) for share, _, counted in earning)
    return TheilSplit(between=max(0.0, between), within=math.fsum(share * within for share, within, _ in earning))


def hhi_split(groups: Sequence[GroupConcentration]) -> dict[str, float]:
    """Points of the book's HHI that come from each group, S_g**2 * HHI_g; they add up to the HHI (0 to 10,000).

    >>> {name: round(points, 6) for name, points in hhi_split(by_group(np.array([70, 30]), ["A", "B"])).items()}
    {'A': 4900.0, 'B': 900.0}
    """
    return {row.group: row.share**2 * row.hhi for row in groups if row.share is not None and row.hhi is not None}
