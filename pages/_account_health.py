"""How an account is doing: every signal beside its target, and what it paid through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts import books, details
from core.figures import health as figures
from core.measures import vitals
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from pages._account import One


def signals(found: One) -> None:
    """Show every part of health beside its target, with what it counts and what its lack costs."""
    shown = books.signals(found.prepared.book, found.prepared.as_of, [found.row.row])
    rows = [
        {
            "Signal": vital.name,
            "Value": vital.value,
            "Target": vital.target,
            "Points": vital.points,
            "Weight": f"{100 * vital.weight:.0f} %" if vital.weight else wording.NOTHING,
            "Costs": vital.cost or None,
        }
        for vital in vitals.vitals(shown, found.model.health)
    ]
    if found.row.single_threaded:
        st.markdown("**Single-threaded:** the account hangs on fewer people than the model asks for.")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="account.signals",
        placeholder=wording.NOTHING,
        column_config={
            "Signal": st.column_config.TextColumn(width=122, pinned=True),
            "Value": st.column_config.TextColumn(width=150),
            "Target": st.column_config.TextColumn(width=168),
            "Points": st.column_config.ProgressColumn(width=80, min_value=0, max_value=100, format="%.0f"),
            "Weight": st.column_config.TextColumn(
                width=55, help="Share of the health score, where every signal is known."
            ),
            "Costs": st.column_config.NumberColumn(
                width=50, format="%.1f", help="Points that its lack takes off the score."
            ),
        },
    )


def history(found: One) -> None:
    """Draw what the account paid, period by period, with the reviews of the book marked."""
    if not found.prepared.book.has_history:
        st.caption("The book has no revenue history.")
        return
    rows = details.past(found.prepared.book, found.row.row).to_pylist()
    table = pd.DataFrame(
        {"period": [row["period"].isoformat() for row in rows], "amount": [round(100 * row["amount"]) for row in rows]}
    )
    reviews = [day.isoformat() for day in store.reviews(st.session_state[state.BOOK])]
    parts.figure(figures.revenue_history(table, reviews=reviews, **state.look()), "account.history")
    if reviews:
        st.caption("A dotted line is a review: the day on which a model was published, and every tier settled by it.")
