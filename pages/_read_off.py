"""The curve of concentration, to read off: the reader's own number of accounts, and own share of revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.figures import read_off as figures
from core.measures import concentration
from pages import _parts as parts
from pages import _past as past
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from core.measures.concentration import Money
    from pages._view import View

TOP, SHARE = "concentration.read.top", "concentration.read.share"


@st.fragment
def show(view: View) -> None:
    """Ask for a number of accounts and a share of revenue, and mark both on the curve; only this part runs again."""
    counted = past.counted(view.prepared, joined=view.joined)
    wanted = min(int(st.session_state.get(TOP) or 25), counted.size)
    if TOP in st.session_state:
        st.session_state[TOP] = wanted  # a filter may have left fewer
    drawing = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given: dict[str, Any] = {} if TOP in st.session_state else {"value": wanted}
        top = st.number_input(
            f"How much do the top {view.who}s hold?", 1, counted.size, step=1, key=TOP, persist_state="session", **given
        )
        share = st.slider("Who brings this share?", 1, 100, 80, format="%d %%", key=SHARE, persist_state="session")
    count, goal = int(top or 1), share / 100
    reached = concentration.pareto(counted, goal).accounts
    with drawing:
        held, points = (count, concentration.top_n(counted, count)), curve(view, "pareto", counted)
        parts.figure(figures.pareto(points, held, (reached, goal), who=view.who, **state.look()), "pareto")


def curve(view: View, name: str, counted: Money) -> pd.DataFrame:
    """Give the points of the Pareto or the Lorenz curve, thinned for drawing."""
    if not view.joined:
        return store.curves(view.prepared)[name]
    draw = concentration.lorenz if name == "lorenz" else concentration.concentration_curve
    x, y = draw(counted, store.CURVE_POINTS)
    return pd.DataFrame({"x": x, "y": y})
