"""One account explained: a dialog that every table of accounts opens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.listing import Wanted
from core.decisions import explanation
from core.figures import flow, theme
from core.measures import portfolio, tiers
from core.report import reasons
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.at_risk import AccountAtRisk

OPEN = "account.open"


def table(shown: Any, ids: Sequence[str], key: str, **look: Any) -> None:
    """Show a table of accounts; choosing a row opens the account. `ids` are those of the rows."""
    choose = partial(_choose, key, tuple(ids))
    st.dataframe(shown, key=key, hide_index=True, on_select=choose, selection_mode="single-row", **look)


def _choose(key: str, ids: tuple[str, ...]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        st.session_state[OPEN] = ids[rows[0]]


def at_risk_table(rows: Sequence[AccountAtRisk], currency: str, key: str) -> None:
    """Show accounts with health, money, reasons and the next action."""
    shown = pd.DataFrame(
        [
            {
                "Account": row.name,
                "Tier": row.tier,
                "Health": theme.health_label(row.health),
                "Health score": row.health_score,
                f"Revenue ({currency})": None if row.annual_revenue is None else row.annual_revenue / 100,
                "Next action": row.next_action,
                "Why": "; ".join(row.reasons),
                "Renewal (days)": row.days_to_renewal,
                "Owner": row.owner,
                "Score": row.score,
                "Account id": row.account_id,
            }
            for row in rows
        ]
    )
    config = {
        "Account": st.column_config.TextColumn(pinned=True),
        "Health score": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.0f"),
        f"Revenue ({currency})": st.column_config.NumberColumn(format="%,.0f", help="What the account paid in a year."),
        "Why": st.column_config.TextColumn(width="large", help="Strongest reason first."),
        "Score": st.column_config.NumberColumn(format="%.1f", help="Score under the weights on screen, 0 to 100."),
    }
    height = min(38 + 35 * len(shown), 640)
    table(shown, [row.account_id for row in rows], key, column_config=config, height=height)


def open_asked() -> None:
    """Open the account that was chosen just now, once."""
    asked = st.session_state.pop(OPEN, None)
    if asked:
        _dialog(asked)


@st.dialog("Why is this account there?", width="large")
def _dialog(account_id: str) -> None:
    with parts.says_errors():
        prepared, model = state.portfolio(), state.current()
        verdict = tiers.weigh(prepared.cube, model)
        found = portfolio.accounts(prepared, verdict, Wanted(account_id=account_id), limit=1).to_pylist()
        if not found:
            parts.empty("This account does not pass the filters.")
            return
        account = found[0]
        cube = prepared.cube
        why = explanation.explain(
            model, cube.points[account["profile"]].tolist(), gate=int(cube.gate[account["profile"]])
        )
        st.subheader(parts.text(account["name"]), anchor=False)
        owner = account["owner"] or "no owner"
        revenue = wording.money(account["cents"], prepared.book.currency)
        st.caption(parts.text(f"{account['account_id']} · {owner} · revenue {revenue} · health {_health(account)}"))
        st.markdown(parts.text(reasons.standing(why)))
        cut_offs = [(tier.name, tier.cut_off) for tier in model.tiers]
        parts.figure(
            flow.waterfall(parts.records(why.parts), cut_offs=cut_offs, dark=state.dark()), "account.waterfall"
        )
        for sentence in reasons.ways(why, {c.id: c.name for c in model.criteria}):
            st.markdown(f"- {parts.text(sentence)}")


def _health(account: dict[str, Any]) -> str:
    return "not known" if account["health_score"] is None else f"{account['health_score']:.0f} of 100"
