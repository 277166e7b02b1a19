"""Rules of others: what accounting standards, merger guidelines, lenders and buyers ask about concentration.

In: revenue in cents per customer, as `concentration.shares_base` orders it; customers under common control count as
one, so give amounts already added up by parent where parents are known. Out: whether each rule is met, and by whom.

Only the first kind are standards. The others are written down because a reader will meet them: an analogy from another
field, and rules of thumb of the trade that disagree with each other. Every cut-off can be changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from core import wording
from core.measures import concentration

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from core.measures.concentration import Money
    from core.measures.tiers import TierRow

Kind = Literal["standard", "analogy", "rule of thumb", "our benchmark"]
Measured = Literal["top1", "top3", "top5", "hhi", "tier_accounts", "tier_revenue"]

MEASURED: dict[Measured, str] = {
    "top1": "Largest customer, share of revenue",
    "top3": "Top 3 customers, share of revenue",
    "top5": "Top 5 customers, share of revenue",
    "hhi": "HHI, 0 to 10,000",
    "tier_accounts": "Best tier, share of accounts",
    "tier_revenue": "Best tier, share of revenue",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement about a book, and who makes it: the measured value is at least, or above, the cut-off.

    Cut-offs are shares from 0 to 1, or HHI from 0 to 10,000. `upto` closes a range at its upper end, which is included.
    """

    id: str
    statement: str
    measured: Measured
    cut_off: float
    kind: Kind
    source: str
    inclusive: bool = False
    upto: float | None = None

    def __post_init__(self) -> None:
        """Refuse a cut-off that the measure cannot reach, and a range that is none."""
        most = self.most
        if not 0 <= self.cut_off <= most or (self.upto is not None and not self.cut_off <= self.upto <= most):
            raise ValueError(f"{self.id}: a cut-off lies between 0 and {most:g}")

    @property
    def most(self) -> float:
        """Give the highest value that can be measured."""
        return 10_000.0 if self.measured == "hhi" else 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule held against a book: the value (None: undefined), whether the statement holds, and how many customers.

    `customers` counts those whose own share reaches the cut-off, or the largest ones that are measured together.
    """

    rule: Rule
    value: float | None
    met: bool | None
    customers: int


_SBA = "practitioners' guides to loans under SBA programmes"
_DEALS = "practitioners' guides to buying and selling companies, which disagree with each other"
_MERGERS = "U.S. Department of Justice and Federal Trade Commission, Merger Guidelines 2023, section 2.1, of markets"
_OURS = "the benchmark of the scorecard, our own"

RULES: tuple[Rule, ...] = (
    Rule("customer", "A customer is large enough to be disclosed", "top1", 0.10, "standard",
         "ASC 280-10-50-42; IFRS 8.34", inclusive=True),
    Rule("hhi_moderate", "As a market, it would be at least moderately concentrated", "hhi", 1_000, "analogy",
         _MERGERS, inclusive=True),
    Rule("hhi_high", "As a market, it would be highly concentrated", "hhi", 1_800, "analogy", _MERGERS),
    Rule("lender_limit", "A lender against receivables would set part of a customer's debt aside", "top1", 0.20,
         "rule of thumb", "concentration limits of asset-based lenders, typically 20 %, from 10 to 25 %"),
    Rule("single_moderate", "Buyers call one customer a moderate risk", "top1", 0.10, "rule of thumb", _DEALS,
         inclusive=True),
    Rule("single_elevated", "Buyers call one customer an elevated risk", "top1", 0.20, "rule of thumb", _DEALS,
         inclusive=True),
    Rule("single_high", "Buyers call one customer a high risk", "top1", 0.35, "rule of thumb", _DEALS),
    Rule("top5", "Buyers are concerned about the top 5", "top5", 0.50, "rule of thumb", _DEALS),
    Rule("sba_one", "A guide to loans for small companies warns of one customer", "top1", 0.25, "rule of thumb", _SBA),
    Rule("sba_three", "A guide to loans for small companies warns of the top 3", "top3", 0.50, "rule of thumb", _SBA),
    Rule("tier_accounts", "The best tier holds as many accounts as it should", "tier_accounts", 0.05, "our benchmark",
         _OURS, inclusive=True, upto=0.15),
    Rule("tier_revenue", "The best tier brings as much revenue as it should", "tier_revenue", 0.50, "our benchmark",
         _OURS, inclusive=True, upto=0.70),
)  # fmt: skip
"""The rules in the order they are shown: standards first, rules of thumb last."""

_TOGETHER: dict[Measured, int] = {"top1": 1, "top3": 3, "top5": 5}


def with_cut_offs(cut_offs: Mapping[str, float], rules: Sequence[Rule] = RULES) -> list[Rule]:
    """Give the rules with other cut-offs, by the id of the rule.

    >>> with_cut_offs({"customer": 0.05})[0].cut_off
    0.05
    """
    return [replace(rule, cut_off=cut_offs[rule.id]) if rule.id in cut_offs else rule for rule in rules]


def judge(counted: Money, best_tier: TierRow | None = None, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """Hold every rule against a book; shares are compared in exact fractions, so 10 % is 10 %.

    `best_tier` is the first row of `tiers.distribution`, for the two benchmarks of our own.

    >>> import numpy as np
    >>> found = judge(np.array([10, 9, 9, *[1] * 72]))
    >>> found[0].value, found[0].met, found[0].customers
    (0.1, True, 1)
    """
    values = _measures(counted, best_tier)
    return [_judged(counted, values, rule) for rule in rules]


def customers(counted: Money, cut_off: float = 0.10) -> list[tuple[int, float]]:
    """List the customers that bring this share of revenue or more: cents and share, largest first.

    >>> import numpy as np
    >>> customers(np.array([60, 30, 10]), 0.3)
    [(60, 0.6), (30, 0.3)]
    """
    whole = concentration.total(counted)
    goal = _exact(cut_off) * whole
    reached = [cents for cents in _large(counted, cut_off) if whole and cents >= goal]
    return [(cents, cents / whole) for cents in reached]


def disclosure(found: Sequence[tuple[int, float]], cut_off: float, currency: str, as_of: dt.date | None) -> str:
    """Draft the sentence that ASC 280-10-50-42 and IFRS 8.34 ask for; neither asks for names.

    A draft: the segments that report the revenue are to be added, and the period and amounts are to be those of the
    financial statements.

    >>> print(disclosure([(540_000_00, 0.142)], 0.1, "USD", None).replace(wording.NBSP, " "))
    In the period, one customer accounted for 10 % or more of revenue: Customer A with $540,000 (14.2 %).
    """
    when = f"In the twelve months to {as_of.day} {as_of:%B %Y}" if as_of else "In the period"
    least = f"{wording.share(cut_off).replace(f'.0{wording.NBSP}', wording.NBSP)} or more of revenue"
    if not found:
        return f"{when}, no single customer accounted for {least}."
    each = [
        f"Customer {_letter(i)} with {wording.money(cents, currency)} ({wording.share(share)})"
        for i, (cents, share) in enumerate(found)
    ]
    who = "one customer accounted" if len(found) == 1 else f"{_number(len(found))} customers each accounted"
    return f"{when}, {who} for {least}: {_listed(each)}."


def _measures(counted: Money, best_tier: TierRow | None) -> dict[Measured, Fraction | float | None]:
    """Measure all that a rule may ask for; None is undefined."""
    tier = (best_tier.share_accounts, best_tier.share_revenue) if best_tier else (None, None)
    found: dict[Measured, Fraction | float | None] = {"tier_accounts": tier[0], "tier_revenue": tier[1]}
    whole = concentration.total(counted)
    for measured, n in _TOGETHER.items():
        found[measured] = Fraction(concentration.total(counted[:n]), whole) if whole else None
    # Ten equal customers are 1,000 and not a hair below.
    found["hhi"] = round(concentration.hhi(counted), 6) if whole else None
    return found


def _judged(counted: Money, values: dict[Measured, Fraction | float | None], rule: Rule) -> Finding:
    value = values[rule.measured]
    if value is None:
        return Finding(rule, None, None, 0)
    low = _exact(rule.cut_off)
    met = value >= low if rule.inclusive else value > low
    if rule.upto is not None:
        met = met and value <= _exact(rule.upto)
    return Finding(rule, float(value), met, _concerned(counted, values["top1"], rule))


def _concerned(counted: Money, top1: Fraction | float | None, rule: Rule) -> int:
    if rule.measured != "top1":
        return min(_TOGETHER.get(rule.measured, 0), counted.size)
    # The largest account and its share give the whole, exactly.
    goal = _exact(rule.cut_off) * (Fraction(int(counted[0])) / Fraction(top1 or 1))
    return sum(cents >= goal if rule.inclusive else cents > goal for cents in _large(counted, rule.cut_off))


def _large(counted: Money, cut_off: float) -> list[int]:
    """Give the largest amounts, as many as can each be this share of the whole, and one more."""
    most = counted.size if cut_off <= 0 else math.floor(1 / cut_off) + 1
    return [int(cents) for cents in counted[:most]]


def _exact(share: float) -> Fraction:
    """Take the decimal that was meant."""
    return Fraction(str(share))


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _number(n: int) -> str:
    names = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return names[n - 2] if n - 2 < len(names) else str(n)


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
