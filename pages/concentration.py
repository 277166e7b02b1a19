"""How much rests on how few?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.contract import FILTERS
from core.accounts.listing import Wanted
from core.figures import concentration as figures
from core.figures import tiers as tier_figures
from core.measures import portfolio, tiers
from core.report import sentences
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from core.measures.concentration import Concentration
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict

LARGEST, GROUPS = 15, 12


def show() -> None:
    """Show how concentrated revenue is, where, and on whom it rests."""
    prepared = state.portfolio()
    found, before = store.concentration(prepared), store.concentration_a_year_ago(prepared)
    parts.heading("How much rests on how few?", sentences.concentration(found, before))
    if found.top_n[10] is None:
        parts.empty("No account with revenue passes the filters.")
        return
    parts.cards(_headline(found, before))
    if before:
        st.caption("Changes are against the twelve months up to a year ago.")
    _curves(prepared, found)
    verdict = tiers.weigh(prepared.cube, state.current())
    left, right = st.columns(2, gap="large")
    with left:
        parts.figure(
            figures.largest(_largest(prepared, verdict, found.total), verdict.labels, **state.look()), "largest"
        )
    with right:
        rows = parts.records(tiers.distribution(prepared.cube, verdict))
        parts.figure(tier_figures.distribution(rows, **state.look()), "tiers")
    _where(prepared)
    _set_apart(found, prepared.book.currency)


def _headline(found: Concentration, before: Concentration | None) -> list[parts.Card]:
    shares = [("Largest account", 1), ("Top 5", 5), ("Top 10", 10)]
    cards = [
        parts.Card(label, wording.share(found.top_n[n]), *_change(found.top_n[n], before and before.top_n[n]))
        for label, n in shares
    ]
    top, pareto = found.top_share[0.2], found.pareto_80
    if top is not None:
        earlier = before.top_share[0.2] if before else None
        label = f"Top {wording.count(top.accounts)} (20 %)"
        cards.append(parts.Card(label, wording.share(top.share), *_change(top.share, earlier and earlier.share)))
    effective = f"{found.effective_accounts or 0:,.0f} effective"
    cards.append(parts.Card("HHI", wording.hhi(found.hhi), effective, meaning=parts.TERMS["hhi"]))
    makes = f"{wording.count(pareto.accounts)} make 80 %" if pareto else None
    return [*cards, parts.Card("Gini", wording.gini(found.gini), makes, meaning=parts.TERMS["gini"])]


def _change(now: float | None, then: float | None) -> tuple[str, bool]:
    """Give the change in points since a year ago, or what stands in its place."""
    return ("of revenue", False) if now is None or then is None else (wording.change_points(now - then), True)


def _curves(prepared: Portfolio, found: Concentration) -> None:
    curves = store.curves(prepared)
    pareto = found.pareto_80.accounts if found.pareto_80 else None
    left, right = st.columns(2, gap="large")
    with left:
        parts.figure(figures.pareto(curves["pareto"], pareto, **state.look()), "pareto")
    with right:
        parts.figure(figures.lorenz(curves["lorenz"], found.gini, **state.look()), "lorenz")


def _largest(prepared: Portfolio, verdict: Verdict, total: int) -> pd.DataFrame:
    found = portfolio.accounts(prepared, verdict, Wanted(), limit=LARGEST).select(["name", "cents", "tier"])
    rows = [row for row in found.to_pylist() if (row["cents"] or 0) > 0]
    table = pd.DataFrame({"name": [row["name"] for row in rows], "revenue": [row["cents"] for row in rows]})
    table["tier"] = [verdict.labels[row["tier"]] for row in rows]
    table["share"] = table["revenue"] / total
    table["cumulative_share"] = table["share"].cumsum()
    return table


def _where(prepared: Portfolio) -> None:
    offered = [name for name in FILTERS if prepared.book.has(name)]
    if not offered:
        return
    st.subheader("Where it rests", anchor=False)
    default = "industry" if "industry" in offered else offered[0]
    column = st.segmented_control(
        "Group by", offered, key="concentration.by", default=default, required=True, format_func=str.capitalize,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    groups = store.groups(prepared, column)
    parts.figure(figures.by_segment(parts.records(groups[:GROUPS]), **state.look()), "where")
    if len(groups) > GROUPS:
        st.caption(f"The {GROUPS} largest of {len(groups)} groups.")


def _set_apart(found: Concentration, currency: str) -> None:
    if found.excluded_count:
        credit = wording.money(-found.excluded_amount, currency)
        who = f"{wording.accounts(found.excluded_count)} with credits of {credit}"
        st.caption(parts.text(f"Set apart: {who} in all. No share on this page counts them."))


parts.run(show)
