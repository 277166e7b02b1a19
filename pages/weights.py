"""What changes when a criterion matters more?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.decisions import comparison
from core.figures import theme
from core.figures import tiers as tier_figures
from core.measures import tiers
from core.model import lint
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict
    from core.model.model import Model


@st.fragment
def board() -> None:
    """Show the sliders and all that moves with them, without running the rest of the page."""
    with parts.says_errors():
        prepared = state.portfolio()
        headline = st.empty()
        controls, charts = st.columns([2, 3], gap="large")
        with controls:
            _sliders(state.baseline())
        before, after = (tiers.weigh(prepared.cube, model) for model in (state.baseline(), state.current()))
        moves = comparison.movement(prepared.cube, before, after)
        headline.markdown(parts.text(comparison.sentence(moves, prepared.book.currency)))
        with charts:
            _charts(prepared.cube, before, after)


def _sliders(model: Model) -> None:
    importance = state.importance()
    total = sum(importance.values())
    for group in dict.fromkeys(criterion.group for criterion in model.criteria):
        st.caption(parts.text(group.capitalize()))
        for criterion in (c for c in model.criteria if c.group == group):
            weight = 100 * importance[criterion.id] / total if total else 0
            st.slider(
                f"{parts.text(criterion.name)} :gray[· {weight:.1f} %]", 0.0, 100.0, step=1.0, format="%d",
                key=state.importance_key(criterion.id), help=parts.text(criterion.description) or None,
                persist_state="session",
            )  # fmt: skip
    as_made = {c.id: c.importance for c in model.criteria}
    equal = dict.fromkeys(as_made, 50.0)
    off = not state.changed()
    with st.container(horizontal=True):
        st.button("Reset weights", on_click=state.set_importance, args=(as_made,), icon=":material/undo:", disabled=off)
        st.button("Equal weights", on_click=state.set_importance, args=(equal,), icon=":material/balance:")


def _charts(cube: Cube, before: Verdict, after: Verdict) -> None:
    look = state.look()
    then, now = (parts.records(tiers.distribution(cube, verdict)) for verdict in (before, after))
    # The axis leaves room above the tallest tier of before, and grows in round steps only, so that it rarely moves.
    top = max(theme.nice_ceiling(1.6 * max(then["accounts"])), theme.nice_ceiling(max(now["accounts"])))
    left, right = st.columns(2, gap="medium")
    with left:
        parts.live(tier_figures.live_accounts(then, now, axis_max=top, **look), "weights.accounts", 270)
    with right:
        parts.live(tier_figures.live_revenue(then, now, **look), "weights.revenue", 62 * len(then))
    cut_offs = [(tier.name, tier.cut_off) for tier in state.baseline().tiers]
    scores = (_spread(cube, verdict) for verdict in (before, after))
    parts.live(tier_figures.live_scores(*scores, cut_offs, dark=look["dark"]), "weights.scores", 260)


def _spread(cube: Cube, verdict: Verdict) -> pd.DataFrame:
    counts = tiers.histogram(cube, verdict)
    width = 100 / len(counts)
    lows = [width * i for i in range(len(counts))]
    return pd.DataFrame({"low": lows, "high": [low + width for low in lows], "accounts": counts})


def show() -> None:
    """Show the board, and what the model's lint has to say."""
    st.title("What changes when a criterion matters more?", anchor=False)
    prepared = state.portfolio()
    if not len(prepared.cube):
        parts.empty()
        return
    board()
    with st.expander("Remarks on this model", icon=":material/rule:"):
        remarks = lint.check(state.current(), prepared.cube.points, prepared.cube.accounts)
        for remark in remarks or ["Nothing to remark: every criterion can change a tier, every tier can be reached."]:
            st.markdown(f"- {parts.text(remark)}")


show()
