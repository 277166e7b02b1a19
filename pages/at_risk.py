"""Which accounts are in danger, and what comes next?"""

from __future__ import annotations

from dataclasses import asdict
from math import ceil
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import streamlit as st

from core import wording
from core.accounts import listing
from core.accounts.listing import Wanted
from core.figures import health as figures
from core.measures import at_risk, portfolio, tiers
from core.measures.health import STATUS_NAMES
from core.report import sentences
from pages import _account as account
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.at_risk import AccountAtRisk
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.health import Health
    from core.model.model import Model

ROWS, MARKS = 50, 400
SORTS = {
    "Most revenue": ("cents", True),
    "Worst health": ("health_score", False),
    "Best score": ("score", True),
    "Name": ("name", False),
}


def show() -> None:
    """Show the danger in one picture, and the accounts behind it."""
    prepared, model = state.portfolio(), state.current()
    risk = portfolio.risk(prepared.cube, model.health)
    parts.heading("Which accounts are in danger, and what comes next?", sentences.at_risk(risk, prepared.book.currency))
    if not len(prepared.cube):
        parts.empty()
        return
    verdict = tiers.weigh(prepared.cube, model)
    left, right = st.columns([2, 3], gap="large")
    with left:
        cells = portfolio.risk_matrix(prepared.cube, verdict)
        parts.figure(figures.matrix(parts.risk_table(cells), **state.look()), "risk.matrix")
    with right:
        _scatter(prepared, verdict, model.health)
    _table(prepared, verdict, model, _wanted(verdict))
    assumed = [f"{status} {wording.share(p)}" for status, p in model.health.loss_probability.by_status().items()]
    account.open_asked()
    st.caption(f"Assumed probability of loss within a year: {', '.join(assumed)}. An assumption, not a forecast.")


def _scatter(prepared: Portfolio, verdict: Verdict, health: Health) -> None:
    found = portfolio.accounts(prepared, verdict, Wanted(statuses=[0, 1, 2]), limit=MARKS)
    columns = ["name", "cents", "health_score", "status", "tier"]
    paying = [row for row in found.select(columns).to_pylist() if (row["cents"] or 0) > 0]
    table = pd.DataFrame(paying, columns=columns).rename(columns={"cents": "revenue", "status": "health"})
    table["health"] = [STATUS_NAMES[code] for code in table["health"]]
    table["tier"] = [verdict.labels[code] for code in table["tier"]]
    cut_offs = (health.healthy_from, health.critical_below)
    parts.figure(figures.value_against_risk(table, cut_offs=cut_offs, **state.look()), "risk.scatter")
    if found.num_rows == MARKS:
        st.caption(f"The {MARKS} accounts with the most revenue.")


def _wanted(verdict: Verdict) -> Wanted:
    keep = {"selection_mode": "multi", "persist_state": "session"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        statuses = st.pills("Health", STATUS_NAMES, default=["At Risk", "Critical"], key="risk.health", **keep)
        chosen = st.pills("Tier", verdict.labels, key=f"risk.tiers.{'/'.join(verdict.names)}", **keep)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Find", placeholder="Name or account id", key="risk.search", persist_state="session")
        order = st.selectbox("Sort by", list(SORTS), key="risk.sort", persist_state="session")
    column, descending = SORTS[order]
    return Wanted(
        tiers=tuple(verdict.labels.index(label) for label in chosen) or None,
        statuses=tuple(STATUS_NAMES.index(status) for status in statuses) or None,
        search=search or "",
        sort=column,
        descending=descending,
    )


def _table(prepared: Portfolio, verdict: Verdict, model: Model, wanted: Wanted) -> None:
    count, revenue = listing.summary(prepared.listing, portfolio.by_profile(verdict), wanted)
    if not count:
        parts.empty("No account is like that.")
        return
    money = wording.money_short(revenue, prepared.book.currency)
    st.markdown(parts.text(f"{wording.accounts(count)} with {money} of revenue"))
    pages = ceil(count / ROWS)
    page = st.pagination(pages, key=f"risk.page.{wanted}") if pages > 1 else 1
    found = at_risk.rows(prepared, verdict, model, wanted, limit=ROWS, offset=ROWS * (page - 1))
    account.at_risk_table(found, prepared.book.currency, "risk.table")
    parts.downloads("at-risk", lambda: _export(at_risk.rows(prepared, verdict, model, wanted)))


def _export(rows: Sequence[AccountAtRisk]) -> pa.Table:
    plain = [asdict(row) | {"reasons": "; ".join(row.reasons)} for row in rows]
    for row in plain:
        for amount in ("annual_revenue", "revenue_at_risk"):
            row[amount] = None if row[amount] is None else row[amount] / 100
    return pa.Table.from_pylist(plain)


parts.run(show)
