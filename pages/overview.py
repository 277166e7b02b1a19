"""Which accounts matter, and what rests on them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.figures import concentration as concentration_figures
from core.figures import health as health_figures
from core.figures import tiers as tier_figures
from core.measures import portfolio, tiers
from core.report import sentences
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.concentration import Concentration
    from core.measures.portfolio import Portfolio, Risk, RiskCell
    from core.measures.tiers import TierRow

QUESTION = "Which accounts matter, and what rests on them?"


def show() -> None:
    """Show the headline figures, the tiers, what stands out, and a door to each page."""
    prepared, model = state.portfolio(), state.current()
    if not len(prepared.cube):
        parts.heading(QUESTION, "")
        parts.empty()
        return
    verdict = tiers.weigh(prepared.cube, model)
    rows = tiers.distribution(prepared.cube, verdict)
    found, risk = store.concentration(prepared), portfolio.risk(prepared.cube, model.health, prepared.told)
    cells = portfolio.risk_matrix(prepared.cube, verdict)
    currency = prepared.book.currency
    parts.heading(QUESTION, sentences.overview(rows, currency))
    parts.cards(_headline(rows, found, risk, currency, known=prepared.book.has(parts.REVENUE)))
    left, right = st.columns([3, 2], gap="large")
    with left:
        held = [row for row in rows if row.accounts or row.tier != tiers.UNRATED]
        parts.figure(tier_figures.distribution(parts.records(held), **state.look()), "overview.tiers")
    with right:
        st.subheader("What stands out", anchor=False)
        for sentence in sentences.outstanding(rows, found, risk, cells, currency):
            st.markdown(f"- {parts.text(sentence)}")
        st.page_link("pages/weights.py", label="Change what matters", icon=":material/tune:")
    _doors(prepared, found, cells)


def _headline(
    rows: Sequence[TierRow], found: Concentration, risk: Risk, currency: str, *, known: bool
) -> list[parts.Card]:
    top, everyone = rows[0], sum(row.accounts for row in rows)
    paying = f"{wording.count(found.accounts_counted)} with revenue"
    few = f"{wording.share(top.share_accounts)} of accounts"
    total, danger = (wording.money_short(cents if known else None, currency) for cents in (found.total, risk.revenue))
    return [
        parts.Card("Accounts", wording.count(everyone), paying if known else "revenue not known"),
        parts.Card("Revenue", total, "a year"),
        parts.Card(f"{top.tier} revenue", wording.share(top.share_revenue), few, meaning=parts.TERMS["tier"]),
        parts.Card("Top 10 accounts", wording.share(found.top_n[10]), "of revenue"),
        parts.Card("Revenue at risk", danger, wording.accounts(risk.accounts), meaning=parts.TERMS["risk"]),
    ]


def _doors(prepared: Portfolio, found: Concentration, cells: Sequence[RiskCell]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        pareto = found.pareto_80.accounts if found.pareto_80 else None
        curve = store.curves(prepared)["pareto"]
        parts.figure(concentration_figures.pareto(curve, pareto, **state.look()), "overview.pareto")
        st.page_link("pages/concentration.py", label="How much rests on how few", icon=":material/donut_large:")
    with right:
        parts.figure(health_figures.matrix(parts.risk_table(cells), **state.look()), "overview.risk")
        st.page_link("pages/at_risk.py", label="Which accounts are in danger", icon=":material/heart_broken:")


parts.run(show)
