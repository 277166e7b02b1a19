"""What changes when a criterion matters more?"""

from __future__ import annotations

import contextlib
from pathlib import Path

import streamlit as st

from core.errors import TierwiseError
from core.measures import influence
from pages import _account as account
from pages import _board as board
from pages import _effect as effect
from pages import _moves as moves
from pages import _parts as parts
from pages import _plane as plane
from pages import _saving as shown
from pages import _state as state


@st.fragment(key=board.LIVE)
def live() -> None:
    """Show the board and what moves with it while the finger is on a slider."""
    try:
        found, said = effect.found(), st.session_state.get(board.ERROR)
    except TierwiseError as error:
        found, said = effect.found(state.ground()), str(error)
    if said:
        st.error(parts.text(said), icon=":material/error:")
    else:
        st.markdown(parts.text(found.sentence))
    with st.container(key="weights_live"):
        with st.container(key="weights_board"):
            cube, verdict = found.after.cube, found.verdicts[1]
            board.show(state.ground(), influence.effective(cube, verdict, found.models[1]) if not said else ())
        with st.container(key="weights_tiers"):
            effect.accounts(found, "weights.accounts")
        with st.container(key="weights_revenue"):
            effect.revenue(found, "weights.revenue")
        with st.container(key="weights_scores"):
            effect.scores(found, "weights.scores")


@st.fragment(key=board.SETTLED)
def settled() -> None:
    """Show what is worth waiting for until the slider rests."""
    with contextlib.suppress(TierwiseError):  # the sentence stands above the board
        found = effect.found()
        moves.show(found.joint, found.models, found.verdicts)
        with st.expander("Fit and need", icon=":material/scatter_plot:", key="weights.plane", on_change="rerun") as box:
            if box.open:
                plane.show(found.after, found.verdicts[1], found.models[1])
        # Reading a fine model through takes seconds, so it waits until somebody asks.
        with st.expander(
            "Remarks on this model", icon=":material/rule:", key="weights.remarks", on_change="rerun"
        ) as box:
            if box.open:
                effect.remarks(found)
        account.open_asked()


def show() -> None:
    """Show the board, what moves with it, and what follows when it rests."""
    st.title("What changes when a criterion matters more?", anchor=False)
    if not len(state.portfolio().cube):
        parts.empty()
        return
    st.html(Path(__file__).with_name("_weights.css"))
    live()
    shown.save_button()
    settled()


parts.run(show)
