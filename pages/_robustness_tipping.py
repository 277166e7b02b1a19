"""How far each weight can move before tiers change: exact intervals, and what a tier holds at every weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.decisions.robustness import fragile, tipping
from core.figures import robustness as figures
from core.model.numbers import FULL_WEIGHT
from core.report import robustness as said
from pages import _confidence as confidence
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

DRAWN = 1_500
MANY = 100_000
"""Profiles above which only the chosen criterion is worked through, which takes a second by itself."""


def show(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    """Show one criterion's weight from 0 to 100 %, and how far every weight can move."""
    cube = prepared.cube
    left, right = st.columns(2)
    names = {c.id: c.name for c in model.criteria}
    with left:
        chosen = st.selectbox("Criterion", list(names), key="robustness.criterion", format_func=names.__getitem__)
    with right:
        tier = st.selectbox(
            "Tier", range(len(model.tiers)), key="robustness.tier", format_func=model.tier_names.__getitem__
        )
    j = list(names).index(chosen)
    now = model.weights[j] / FULL_WEIGHT
    if model.weights[j] == FULL_WEIGHT:
        st.markdown(parts.text(f"{names[chosen]} has all the weight, so no others can keep their proportions."))
        return
    spans = tipping.Lines(cube.points, cube.gate, model, j).within(verdict.tier)
    keeps = tipping.keeping(cube, spans, now)
    found = tipping.thinned(tipping.staircase(cube, model, j, tier), DRAWN)
    band = (keeps.low, keeps.high) if keeps.low is not None and keeps.high is not None else None
    look = {"names": (names[chosen], model.tier_names[tier]), "now": now, "keeps": band, **state.look()}
    for column, money in zip(st.columns(2, gap="large"), (False, True), strict=True):
        with column:
            drawn = figures.staircase(confidence.stairs(found, money=money), money=money, **look)
            parts.figure(drawn, f"robustness.stairs.{'revenue' if money else 'accounts'}")
    st.caption(
        "Exact at every weight, the others keeping their proportions. Shaded: 95 % of all accounts keep their tier."
    )
    if len(cube) <= MANY:
        _intervals(prepared, model, verdict)


def _intervals(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    cube = prepared.cube
    line = fragile.on_the_line(cube, model, verdict)
    found = tipping.intervals(cube, model, verdict)
    shares = [weight / FULL_WEIGHT for weight in model.weights]
    shown = pd.DataFrame(
        {
            "Criterion": [c.name for c in model.criteria],
            "Weight": [100 * share for share in shares],
            "Whole tier list stays": [said.interval(tipping.whole_list(spans.of(~line))) for spans in found],
            "95 % of accounts stay": [
                said.interval(tipping.keeping(cube, spans, share)) for spans, share in zip(found, shares, strict=True)
            ],
        }
    )
    look = {
        "Weight": st.column_config.NumberColumn(format="%.1f %%"),
        "Whole tier list stays": st.column_config.TextColumn(
            help="Where every account keeps its tier, those exactly on a cut-off aside: any move may take those."
        ),
    }
    st.dataframe(shown, hide_index=True, column_config=look, key="robustness.intervals")
    on_line = int(cube.accounts[line].sum())
    if on_line:
        st.caption(f"Without the {on_line:,} accounts that stand exactly on a cut-off.")
