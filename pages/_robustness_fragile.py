"""The accounts whose tier rests on opinion, and the evidence that would settle them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import streamlit as st

from core import wording
from core.decisions.robustness import fragile
from core.report import robustness as said
from pages import _account as account
from pages import _parts as parts

if TYPE_CHECKING:
    from core.decisions.robustness.acceptability import Acceptability
    from core.decisions.robustness.fragile import Blanks, FragileAccount
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

ROWS, MANY = 50, 2_000


def show(prepared: Portfolio, model: Model, verdict: Verdict, measured: Acceptability) -> None:
    """Show the fragile accounts, the most revenue at stake first, and the blanks that decide a tier."""
    rows = fragile.rows(prepared, verdict, model, measured, limit=ROWS)
    if not rows:
        st.markdown("No revenue rests on opinion: every account with revenue has its tier under all these weightings.")
    else:
        _table(rows, prepared.book.currency)
        parts.downloads(
            "fragile-accounts", lambda: _export(fragile.rows(prepared, verdict, model, measured, limit=MANY))
        )
    _blanks(fragile.blanks(prepared.cube, model, verdict), prepared.book.currency)


def _table(rows: list[FragileAccount], currency: str) -> None:
    money = (f"Revenue ({currency})", f"At stake ({currency})")
    shown = pd.DataFrame(
        {
            "Account": [row.name for row in rows],
            "Tier": [row.tier for row in rows],
            "Confidence": [100 * row.confidence for row in rows],
            "Sure": [row.label for row in rows],
            money[0]: [row.revenue / 100 for row in rows],
            money[1]: [row.at_stake / 100 for row in rows],
            "What would settle it": [said.settles(row) for row in rows],
            "Score": [row.score for row in rows],
        }
    )
    look = {name: st.column_config.NumberColumn(format="%,.0f") for name in money}
    look |= {
        "Account": st.column_config.TextColumn(pinned=True),
        "Confidence": st.column_config.ProgressColumn(
            min_value=0, max_value=100, format="%.1f %%", help="Share of the weightings that give it the tier it has."
        ),
        "Score": st.column_config.NumberColumn(format="%.1f"),
        "What would settle it": st.column_config.TextColumn(width="large"),
    }
    st.caption("Revenue times doubt, the most first. Choose a row to see why the account is there.")
    ids = [row.account_id for row in rows]
    account.table(shown, ids, "robustness.fragile", column_config=look, height=parts.tall(len(shown), 420))


def _export(rows: list[FragileAccount]) -> pa.Table:
    return pa.table(
        {
            "account_id": [row.account_id for row in rows],
            "name": [row.name for row in rows],
            "tier": [row.tier for row in rows],
            "score": [row.score for row in rows],
            "confidence": [row.confidence for row in rows],
            "label": [row.label for row in rows],
            "revenue": [row.revenue / 100 for row in rows],
            "at_stake": [row.at_stake / 100 for row in rows],
            "what_would_settle_it": [said.settles(row) for row in rows],
        }
    )


def _blanks(rows: list[Blanks], currency: str) -> None:
    st.subheader("Which missing values decide a tier", anchor=False)
    deciding = [row for row in rows if row.decides]
    if not deciding:
        st.markdown("None: no missing value could move any account to another tier.")
        return
    first = deciding[0]
    worth = wording.money_short(first.revenue, currency)
    who = wording.accounts(first.decides)
    st.markdown(parts.text(f"Find out {first.criterion} first: it decides the tier of {who} worth {worth}."))
    shown = pd.DataFrame(
        {
            "Criterion": [row.criterion for row in rows],
            "Missing": [row.missing for row in rows],
            "Decides the tier of": [row.decides for row in rows],
            f"Their revenue ({currency})": [row.revenue / 100 for row in rows],
        }
    )
    look = {
        f"Their revenue ({currency})": st.column_config.NumberColumn(format="%,.0f"),
        "Missing": st.column_config.NumberColumn(help="Accounts without a value.", format="%,d"),
        "Decides the tier of": st.column_config.NumberColumn(
            help="Accounts that the least or the most of this criterion would move to another tier.", format="%,d"
        ),
    }
    st.dataframe(shown, hide_index=True, column_config=look, key="robustness.blanks")
