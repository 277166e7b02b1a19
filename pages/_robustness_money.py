"""What moves the most money between tiers: weights, cut-offs and the edges of bands, a little lower and higher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import streamlit as st

from core import wording
from core.decisions.robustness import sensitivity
from core.figures import robustness as figures
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.decisions.robustness.sensitivity import Bar
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

EDGES = "robustness.edges"
MOST = 14


def show(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    """Show the tornado of weights and cut-offs, and of edges once somebody asks for it."""
    step = st.segmented_control(
        "How far", (1, 5, 10), key="robustness.step", default=5, required=True, persist_state="session",
        format_func=lambda points: f"± {wording.plural(points, 'point')}",
    )  # fmt: skip
    bars = sensitivity.tornado(prepared.cube, model, verdict, step=step)
    _tornado(bars, f"{step} points", "robustness.tornado")
    st.caption(
        "Revenue that changes tier when a weight moves by so many points (the others keeping their proportions) or a "
        "cut-off by so many points of score."
    )
    parts.downloads("sensitivity", lambda: _export(bars))
    _edges(prepared, model, verdict, step)


def _tornado(bars: Sequence[Bar], step: str, key: str) -> None:
    table = _rows(bars[:MOST])
    parts.figure(figures.tornado(table, step=step, **state.look()), key)
    if len(bars) > MOST:
        st.caption(f"The {MOST} that move the most of {len(bars)}.")


def _rows(bars: Sequence[Bar]) -> pd.DataFrame:
    names = ("value", "moved_revenue", "moved", "top", "top_revenue")
    columns = ("", "_revenue", "_accounts", "_best_tier", "_best_tier_revenue")
    made = []
    for bar in bars:
        row: dict[str, object] = {"kind": bar.kind, "name": bar.name, "now": bar.now}
        for side, effect in (("lower", bar.lower), ("higher", bar.higher)):
            row |= {f"{side}{c}": getattr(effect, n, None) for c, n in zip(columns, names, strict=True)}
        made.append(row)
    return pd.DataFrame(made).astype(object).where(lambda table: table.notna(), None)


def _export(bars: Sequence[Bar]) -> pa.Table:
    table = _rows(bars)
    money = {
        name: [None if cents is None else cents / 100 for cents in table[name]]
        for name in table
        if "revenue" in str(name)
    }
    return pa.table({name: money.get(name, table[name].tolist()) for name in table})


def _edges(prepared: Portfolio, model: Model, verdict: Verdict, step: int) -> None:
    st.subheader("Edges of bands", anchor=False)
    count = len(sensitivity.edges(model))
    if not count:
        st.markdown("No criterion of this model has bands with edges.")
        return
    asked = (prepared.listing.name, model.weights, model.cut_offs, step)
    held = st.session_state.get(EDGES)
    if held is None or held[0] != asked:
        st.markdown(f"Moving {count} edges by {step} % either way bands the whole book {2 * count} times.")
        if not st.button("Move every edge", icon=":material/swap_horiz:"):
            return
        bar = st.progress(0.0, "Banding the book anew …")
        bars = sensitivity.edge_bars(
            prepared, model, verdict, filters=state.filters(), step=step, progress=bar.progress
        )
        bar.empty()
        held = asked, sensitivity.ranked(bars)
        st.session_state[EDGES] = held
    _tornado(held[1], f"{step} %", "robustness.edges")
