"""Sentences: what the numbers of a book say, for the top of a page.

In: measures that are already computed.  Out: plain sentences, in the order a reader should meet them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import wording
from core.measures.tiers import UNRATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.concentration import Concentration
    from core.measures.portfolio import Risk, RiskCell
    from core.measures.tiers import TierRow


def overview(rows: Sequence[TierRow], currency: str) -> str:
    """Say in one sentence what the first tier is and brings."""
    top = rows[0]
    if not top.accounts:
        none = f"No account reaches {top.tier} under this model"
        rated = any(row.accounts for row in rows if row.tier != UNRATED)
        return f"{none}." if rated else f"{none}: too little is known of any to rate it."
    everyone = wording.count(sum(row.accounts for row in rows))
    verb, who = ("is", "it brings") if top.accounts == 1 else ("are", "they bring")
    brings = f"{wording.money_short(top.revenue, currency)}, {wording.share(top.share_revenue)} of revenue"
    if top.share_revenue is None:
        return f"{wording.accounts(top.accounts)} of {everyone} {verb} {top.tier}; no account has revenue yet."
    return f"{wording.accounts(top.accounts)} of {everyone} {verb} {top.tier}: {who} {brings}."


def outstanding(
    rows: Sequence[TierRow], found: Concentration, risk: Risk, cells: Sequence[RiskCell], currency: str
) -> list[str]:
    """Say in three sentences what stands out: the tiers, the concentration, the danger."""
    return [_tiers(rows, currency), _concentration(found), _danger(rows, risk, cells, currency)]


def _tiers(rows: Sequence[TierRow], currency: str) -> str:
    top = rows[0]
    text = f"{top.tier} holds no revenue yet"
    if top.lift is not None:
        text = f"An account of {top.tier} brings {top.lift:.1f} times the revenue of the average account"
    provisional = sum(row.provisional for row in rows)
    if provisional:
        verb = "hangs" if provisional == 1 else "hang"
        text += f"; {wording.accounts(provisional)} {verb} between tiers until missing values are known"
    if sum(row.credits for row in rows):
        credited = wording.accounts(sum(row.credits for row in rows))
        amount = wording.money_short(-sum(row.credit_amount for row in rows), currency)
        text += f"; {credited} with credits of {amount} are set apart"
    return f"{text}."


def _concentration(found: Concentration) -> str:
    top, pareto = found.top_n[10], found.pareto_80
    if top is None or pareto is None:
        return "No account has revenue yet, so there is nothing to concentrate."
    many = found.accounts_counted > 10
    largest = f"The 10 largest of {wording.count(found.accounts_counted)} paying accounts bring {wording.share(top)}"
    text = f"{largest} of revenue, and" if many else "Of the paying accounts,"
    return f"{text} {wording.count(pareto.accounts)} {'brings' if pareto.accounts == 1 else 'bring'} 80{wording.NBSP}%."


def _danger(rows: Sequence[TierRow], risk: Risk, cells: Sequence[RiskCell], currency: str) -> str:
    if not risk.accounts:
        return _nobody(risk)
    if not risk.total:
        return _unpaid(risk)
    who = f"{wording.accounts(risk.accounts)} {_are(risk.accounts)} At Risk or Critical"
    text = f"{who}, with {_money(risk, currency)} of revenue"
    critical = [cell for cell in cells if cell.tier == rows[0].tier and cell.health == "Critical"]
    count, revenue = sum(cell.accounts for cell in critical), sum(cell.revenue for cell in critical)
    if count:
        money = wording.money_short(revenue, currency)
        text += f"; {wording.count(count)} of {rows[0].tier} {_are(count)} Critical, with {money}"
    return f"{text}."


REVENUE_NOT_KNOWN = "Revenue is not known: the book has no column “annual_revenue”."


def concentration(found: Concentration, before: Concentration | None, *, who: str = "paying accounts") -> str:
    """Say in one sentence how much rests on how few, and what has changed in a year; `who` are counted."""
    top = found.top_n[10]
    if top is None:
        return "No account has revenue yet."
    if found.accounts_counted <= 10:
        return f"All revenue comes from {wording.plural(found.accounts_counted, who.removesuffix('s'))}."
    text = f"The top 10 of {wording.count(found.accounts_counted)} {who} bring {wording.share(top)} of revenue"
    earlier = before.top_n[10] if before else None
    return f"{text}." if earlier is None else f"{text}; that is {_more(top - earlier)} a year ago."


def joined(found: Concentration, alone: Concentration) -> str:
    """Say what it changes that subsidiaries count as one customer with their parents; `alone` is without."""
    top, before = found.top_n[10], alone.top_n[10]
    if top is None or before is None:
        return "No account has revenue yet."
    fewer = (
        f"{wording.count(alone.accounts_counted)} paying accounts are {wording.count(found.accounts_counted)} customers"
    )
    return f"With subsidiaries joined, the top 10 hold {wording.share(top)}, {_more(top - before, '')}; {fewer}."


def _more(change: float, than: str = " than") -> str:
    """Say a change of a share in points: more, less, or none."""
    points = wording.change_points(change)
    if points == wording.change_points(0.0):
        return "as much as" if than else "as much as without"
    return f"{points.lstrip('+' + wording.MINUS)} {'more' if change > 0 else 'less'}{than}"


def at_risk(risk: Risk, currency: str) -> str:
    """Say in one sentence how much is in danger."""
    if not risk.accounts:
        return _nobody(risk)
    if not risk.total:
        return _unpaid(risk)
    who = f"{wording.accounts(risk.accounts)} with {_money(risk, currency)} of revenue"
    who = f"{who} {_are(risk.accounts)} At Risk or Critical"
    loss = wording.money_short(round(risk.expected_loss), currency)
    whose = f"the probabilities of {wording.accounts(risk.told)} in the book, and assumed ones," if risk.told else ""
    return f"{who}; {whose or 'the assumed probabilities'} expect a loss of {loss} in the whole book."


def _nobody(risk: Risk) -> str:
    """Say that nobody is in danger, unless nothing is known of anybody's health."""
    if risk.blind:
        return "The health of no account is known: too few of its signals are in the book."
    return "No account is At Risk or Critical."


def _unpaid(risk: Risk) -> str:
    return f"{wording.accounts(risk.accounts)} {_are(risk.accounts)} At Risk or Critical; no account has revenue."


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _money(risk: Risk, currency: str) -> str:
    return wording.money_share(risk.revenue, risk.revenue / risk.total, currency)
