"""What no weights can change: who is always or never in a tier, and who stands above whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import streamlit as st

from core import wording
from core.accounts import listing
from core.accounts.listing import Wanted
from core.decisions.robustness import dominance
from core.measures import portfolio
from pages import _account as account
from pages import _parts as parts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.decisions.robustness.dominance import Fate
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

FOUND, SHOWN = 50, 20


def show(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    """Show the tiers that no weights change, and for one account those above and below it under any weights."""
    reach = dominance.reach(prepared.cube, model, verdict)
    _fates(dominance.fates(prepared.cube, verdict, reach), prepared.book.currency)
    found = dominance.order(prepared.cube, verdict)
    if found and found.share is not None:
        pairs = wording.count(found.pairs)
        st.markdown(
            parts.text(f"No weights can change the order of {wording.share(found.share)} of all {pairs} pairs.")
        )
    _one(prepared, model, verdict)


def _fates(rows: list[Fate], currency: str) -> None:
    top = rows[0]
    worth = wording.money_short(top.always_revenue, currency)
    always = f"{wording.accounts(top.always)} worth {worth}" if top.always else "No account"
    verb = "are" if top.always > 1 else "is"
    never = f"no weights bring {wording.accounts(top.never)} there" if top.never else "any may get there under some"
    text = f"{always} {verb} {top.tier} whatever the weights; {never}."
    st.markdown(parts.text(text))
    shown = pd.DataFrame(
        {
            "Tier": [row.tier for row in rows],
            "In it now": [row.accounts for row in rows],
            "Always": [row.always for row in rows],
            f"Always, revenue ({currency})": [row.always_revenue / 100 for row in rows],
            "Under some weights": [row.sometimes for row in rows],
            "Never": [row.never for row in rows],
        }
    )
    look = {name: st.column_config.NumberColumn(format="%,.0f") for name in shown.columns if name != "Tier"}
    st.dataframe(shown, hide_index=True, column_config=look, key="robustness.fates")


def _one(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    st.subheader("One account against all others", anchor=False)
    search = st.text_input("Account, by a part of its name or id", key="robustness.search", persist_state="session")
    wanted = Wanted(search=search, tiers=tuple(range(len(model.tiers))))
    found = portfolio.accounts(prepared, verdict, wanted, limit=FOUND).to_pylist()
    if not found:
        st.markdown("No account with a tier has that in its name or id.")
        return
    row = st.selectbox(
        "Account", range(len(found)), key="robustness.one",
        format_func=lambda i: f"{found[i]['name']} ({found[i]['account_id']})" if i < len(found) else "",
    )  # fmt: skip
    chosen = found[min(row, len(found) - 1)]
    cube, points = prepared.cube, prepared.cube.points[chosen["profile"]]
    higher, lower = dominance.beats(cube.points, points), dominance.beaten_by(cube.points, points)
    rated = verdict.tier < len(model.tiers)
    over, under = higher & ~lower & rated, lower & ~higher & rated
    counts = [wording.accounts(int(cube.accounts[mask].sum())) for mask in (under, over)]
    text = f"{chosen['name']} stands above {counts[0]} and below {counts[1]} whatever the weights."
    st.markdown(parts.text(text))
    for column, mask, title in zip(st.columns(2, gap="large"), (over, under), ("Above it", "Below it"), strict=True):
        with column:
            _listed(prepared, verdict, mask, title)


def _listed(prepared: Portfolio, verdict: Verdict, mask: npt.NDArray[np.bool_], title: str) -> None:
    st.caption(f"{title} under any weights, the most revenue first")
    table = portfolio.by_profile(verdict).append_column("moved", pa.array(mask))
    found = listing.page(prepared.listing, table, Wanted(moved=True), limit=SHOWN).to_pylist()
    if not found:
        st.markdown("None.")
        return
    currency = prepared.book.currency
    shown = pd.DataFrame(
        {
            "Account": [row["name"] for row in found],
            "Tier": [verdict.labels[row["tier"]] for row in found],
            "Score": [row["score"] for row in found],
            f"Revenue ({currency})": [None if row["cents"] is None else row["cents"] / 100 for row in found],
        }
    )
    look = {
        "Score": st.column_config.NumberColumn(format="%.1f"),
        f"Revenue ({currency})": st.column_config.NumberColumn(format="%,.0f"),
    }
    ids = [row["account_id"] for row in found]
    account.table(shown, ids, f"robustness.{title}", column_config=look, height=parts.tall(len(shown), 300))
