"""Which accounts are in danger, and what comes next?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.listing import Wanted
from core.figures import health as figures
from core.measures import portfolio, tiers
from core.measures.health import STATUS_NAMES
from core.report import sentences
from pages import _account as account
from pages import _actions as actions
from pages import _calibration as calibration
from pages import _health_rules as rules
from pages import _parts as parts
from pages import _risk as risk_table
from pages import _state as state

if TYPE_CHECKING:
    from core.measures.portfolio import Portfolio, Risk, RiskCell
    from core.measures.tiers import Verdict
    from core.model.health import Health

MARKS = 400


def show() -> None:
    """Show the danger in one picture, and the accounts behind it."""
    prepared, model = state.portfolio(), state.current()
    found = portfolio.risk(prepared.cube, model.health, prepared.told)
    parts.heading(
        "Which accounts are in danger, and what comes next?", sentences.at_risk(found, prepared.book.currency)
    )
    if not len(prepared.cube):
        parts.empty()
        return
    verdict = tiers.weigh(prepared.cube, model)
    cells = portfolio.risk_matrix(prepared.cube, verdict)
    _headline(found, cells, verdict.labels[0], prepared)
    left, right = st.columns([2, 3], gap="large")
    with left:
        drawn = figures.matrix(parts.risk_table(cells), clickable=True, **state.look())
        parts.figure(drawn, "risk.matrix", partial(risk_table.clicked, "risk.matrix", verdict))
    with right:
        _scatter(prepared, verdict, model.health)
    risk_table.table(prepared, verdict, model, risk_table.wanted(verdict))
    assumed = [f"{status} {wording.share(p)}" for status, p in model.health.loss_probability.by_status().items()]
    told = (
        f" {wording.accounts(found.told)} have a probability in the book, which holds for them." if found.told else ""
    )
    st.caption(f"Assumed probability of loss within a year: {', '.join(assumed)}. An assumption, not a forecast.{told}")
    account.open_asked()
    calibration.section(prepared, model.health)
    rules.section()
    actions.watch()


def _headline(found: Risk, cells: list[RiskCell], best: str, prepared: Portfolio) -> None:
    def money(cents: int) -> str:
        return wording.money_short(cents if known else None, prepared.book.currency)

    known = prepared.book.has(parts.REVENUE)
    held = sum(cell.revenue for cell in cells if cell.tier == best)
    danger = sum(cell.revenue for cell in cells if cell.tier == best and cell.health in risk_table.DANGER)
    share = found.revenue / found.total if found.total else None
    parts.cards(
        [
            parts.Card("Accounts in danger", wording.count(found.accounts), "At Risk or Critical"),
            parts.Card(
                "Revenue at risk",
                money(found.revenue),
                f"{wording.share(share)} of revenue" if known else "revenue not known",
                meaning=parts.TERMS["risk"],
            ),
            parts.Card(
                "Expected loss",
                money(round(found.expected_loss)),
                "book and assumptions" if found.told else "by assumption",
                meaning="Revenue times the probability of loss within a year, over the whole book.",
            ),
            parts.Card(
                f"{best} in danger",
                wording.share(danger / held if held else None),
                f"{money(danger)} of {money(held)}" if known else "revenue not known",
            ),
        ],
        columns=4,
    )


def _scatter(prepared: Portfolio, verdict: Verdict, health: Health) -> None:
    columns = ["account_id", "name", "cents", "health_score", "status", "tier"]
    found = portfolio.accounts(prepared, verdict, Wanted(statuses=[0, 1, 2]), limit=MARKS, columns=columns)
    paying = [row for row in found.to_pylist() if (row["cents"] or 0) > 0]
    table = pd.DataFrame(paying, columns=columns).rename(columns={"cents": "revenue", "status": "health"})
    table["health"] = [STATUS_NAMES[code] for code in table["health"]]
    table["tier"] = [verdict.labels[code] for code in table["tier"]]
    cut_offs = (health.healthy_from, health.critical_below)
    drawn = figures.value_against_risk(table, cut_offs=cut_offs, **state.look())
    parts.figure(drawn, "risk.scatter", partial(risk_table.picked, "risk.scatter"))
    many = f"The {MARKS} accounts with the most revenue. " if found.num_rows == MARKS else ""
    if paying:
        st.caption(f"{many}Click a mark to open the account; hold Shift to list several.")


parts.run(show)
