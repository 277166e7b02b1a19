"""What a loss would do, and what others ask about it: sentences for the screen, and tables to be handed over.

In: what `core/measures/stress.py`, `loss_distribution.py` and `rules.py` have found. Out: plain sentences, and Arrow
tables with money in units of the currency and shares as fractions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from core import wording
from core.measures.rules import MEASURED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.loss_distribution import LossRisk, Quantile
    from core.measures.rules import Finding, Rule
    from core.measures.stress import LargestAgainstTypical, Stress


def largest(found: LargestAgainstTypical | None, currency: str, *, who: str = "account") -> str:
    """Say whether losing the largest account (or customer of several) hurts more than losing ten typical ones.

    >>> from core.measures.stress import LargestAgainstTypical
    >>> print(largest(LargestAgainstTypical(90_00, 10, 150_00, 6.0), "USD"))
    Losing the largest account ($90) hurts less than losing ten typical ones ($150 together); it is worth 6.0 of them.
    """
    if found is None:
        return f"There are too few paying {who}s to tell typical ones from the largest."
    more = "more than" if found.largest_hurts_more else "less than" if found.largest < found.typical_revenue else (
        "as much as")  # fmt: skip
    one, ten = (wording.money_short(cents, currency) for cents in (found.largest, found.typical_revenue))
    many = "ten" if found.typical == 10 else wording.count(found.typical)
    losing = f"Losing the largest {who} ({one}) hurts {more} losing {many} typical ones ({ten} together)"
    return f"{losing}; it is worth {found.worth:,.1f} of them."


def refill(found: Stress, currency: str) -> str:
    """Say what it takes to bring as much revenue again."""
    money = wording.money_short(found.lost, currency)
    mean, median = wording.accounts(found.refill_mean), wording.count(found.refill_median)
    return f"Refilling {money} takes {mean} of today's average revenue, or {median} of today's median."


def expected(found: LossRisk, currency: str) -> str:
    """Say what the assumptions expect, and how far a bad year lies from it."""
    if not found.quantiles:
        return "Nothing is asked of the loss."
    worst = found.quantiles[len(found.quantiles) // 2]
    mean, bad = wording.money_short(round(found.expected), currency), wording.money_short(worst.value, currency)
    share = wording.share(found.expected / found.total if found.total else None)
    many = wording.count(round(1 / (1 - worst.level)))
    # The loss is at least its quantile with this chance; more than it only where no single loss is likely by itself.
    year = f"one year in {many} loses {bad} or more"
    if not worst.value:
        year = f"{wording.share(worst.level)} of years lose nothing"
    return f"These probabilities expect a loss of {mean} ({share} of revenue); {year}."


def method(found: LossRisk, currency: str) -> str:
    """Say how the distribution was found, and how exact it is."""
    if found.correlation:
        way = f"One common factor with a correlation of {found.correlation:.2f}, taken in 261 steps"
    elif found.step:
        way = f"Exact for independent losses on a grid of {wording.money(found.step, currency)}"
    else:
        way = "Exact: every outcome was counted"
    if found.exact:
        return f"{way}."
    widest = max(abs(end - q.value) for q in found.quantiles for end in (q.low, q.high))
    share = wording.share(widest / found.total) if widest > found.total / 1000 else "less than 0.1\N{NO-BREAK SPACE}%"
    return f"{way}; no value at risk is further off than {whole(widest, currency)}, {share} of revenue."


def within(found: Quantile, currency: str) -> str:
    """Write how far the exact value at risk may be off, or that it is exact."""
    off = max(found.high - found.value, found.value - found.low)
    return f"± {whole(off, currency)}" if off else "exact"


def whole(cents: int, currency: str) -> str:
    """Write money without its cents: no reader of a risk asks for them.

    >>> whole(1_234_567_89, "USD")
    '$1,234,568'
    """
    return wording.money(100 * round(cents / 100) if abs(cents) >= 100_00 else cents, currency)


def met(found: Finding) -> str:
    """Say whether a rule is met."""
    return wording.UNDEFINED if found.met is None else "Met" if found.met else f"Not{wording.NBSP}met"


def measured(found: Finding) -> str:
    """Write the value of a book in the unit of the rule."""
    return _in_unit(found.rule, found.value)


def cut_off(rule: Rule) -> str:
    """Write the cut-off of a rule in its unit.

    >>> from core.measures.rules import RULES
    >>> [cut_off(RULES[i]).replace(wording.NBSP, " ") for i in (0, 2, 10)]
    ['10.0 % or more', 'above 1,800', '5.0 % to 15.0 %']
    """
    least = _in_unit(rule, rule.cut_off)
    if rule.upto is not None:
        return f"{least} to {_in_unit(rule, rule.upto)}"
    return f"{least} or more" if rule.inclusive else f"above {least}"


def _in_unit(rule: Rule, value: float | None) -> str:
    return wording.hhi(value) if rule.measured == "hhi" else wording.share(value)


def stress_table(rows: Sequence[Stress]) -> pa.Table:
    """Give losses of accounts as a table, one row each."""
    return pa.table(
        {
            "accounts_lost": [row.accounts for row in rows],
            "revenue_lost": [row.lost / 100 for row in rows],
            "share_lost": [row.share for row in rows],
            "accounts_left": [row.rest.accounts for row in rows],
            "revenue_left": [row.rest.revenue / 100 for row in rows],
            "largest_share_after": pa.array([row.rest.top1 for row in rows], pa.float64()),
            "top10_share_after": pa.array([row.rest.top10 for row in rows], pa.float64()),
            "hhi_after": pa.array([row.rest.hhi for row in rows], pa.float64()),
            "effective_accounts_after": pa.array([row.rest.effective_accounts for row in rows], pa.float64()),
            "gini_after": pa.array([row.rest.gini for row in rows], pa.float64()),
            "new_accounts_at_mean_revenue": [row.refill_mean for row in rows],
            "new_accounts_at_median_revenue": [row.refill_median for row in rows],
        }
    )


def loss_table(found: LossRisk) -> pa.Table:
    """Give the values at risk as a table, one row a level, with the assumptions' expectation beside each."""
    rows = found.quantiles
    money: dict[str, list[float]] = {
        "value_at_risk": [q.value for q in rows],
        "at_least": [q.low for q in rows],
        "at_most": [q.high for q in rows],
        "expected_shortfall": [q.shortfall for q in rows],
        "shortfall_error": [q.shortfall_error for q in rows],
        "normal_approximation": [q.normal for q in rows],
        "cornish_fisher_approximation": [q.cornish_fisher for q in rows],
        "expected_loss": [found.expected] * len(rows),
        "standard_deviation": [found.deviation] * len(rows),
        "revenue": [found.total] * len(rows),
    }
    columns = {name: [cents / 100 for cents in amounts] for name, amounts in money.items()}
    return pa.table({"level": [q.level for q in rows], **columns, "correlation": [found.correlation] * len(rows)})


def rules_table(found: Sequence[Finding]) -> pa.Table:
    """Give the rules as a table, one row each."""
    return pa.table(
        {
            "rule": [row.rule.statement for row in found],
            "measured": [MEASURED[row.rule.measured] for row in found],
            "value": pa.array([row.value for row in found], pa.float64()),
            "cut_off": [row.rule.cut_off for row in found],
            "up_to": pa.array([row.rule.upto for row in found], pa.float64()),
            "met": pa.array([row.met for row in found], pa.bool_()),
            "customers": [row.customers for row in found],
            "kind": [row.rule.kind for row in found],
            "source": [row.rule.source for row in found],
        }
    )
