"""What changes when a criterion matters more?"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.decisions import comparison
from core.errors import TierwiseError
from core.figures import theme
from core.figures import tiers as tier_figures
from core.measures import influence, tiers
from core.model import lint
from pages import _account as account
from pages import _board as board
from pages import _moves as moves
from pages import _parts as parts
from pages import _saving as shown
from pages import _state as state

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict

NOTHING = "Nothing to remark: every criterion can change a tier, and every tier can be reached."


@st.fragment(key=board.LIVE)
def live() -> None:
    """Show the board and what moves with it while the finger is on a slider."""
    prepared, model = state.portfolio(), state.baseline()
    before = tiers.weigh(prepared.cube, model)
    try:
        after, said = tiers.weigh(prepared.cube, state.current()), st.session_state.get(board.ERROR)
    except TierwiseError as error:
        after, said = before, str(error)
    if said:
        st.error(parts.text(said), icon=":material/error:")
    else:
        found = comparison.movement(prepared.cube, before, after)
        st.markdown(parts.text(comparison.sentence(found, prepared.book.currency)))
    with st.container(key="weights_live"):
        with st.container(key="weights_board"):
            board.show(model, influence.effective(prepared.cube, after, state.current()) if not said else ())
        _charts(prepared.cube, before, after)


def _charts(cube: Cube, before: Verdict, after: Verdict) -> None:
    look = state.look()
    then, now = (parts.records(tiers.distribution(cube, verdict)) for verdict in (before, after))
    # The axis leaves room above the tallest tier of before, and grows in round steps only, so that it rarely moves.
    top = max(theme.nice_ceiling(1.6 * max(then["accounts"])), theme.nice_ceiling(max(now["accounts"])))
    cut_offs = [*state.draft().cut_offs.items(), (before.names[-1], 0.0)]
    scores = (_spread(cube, verdict) for verdict in (before, after))
    with st.container(key="weights_tiers"):
        parts.live(tier_figures.live_accounts(then, now, axis_max=top, **look), "weights.accounts", 270)
    with st.container(key="weights_revenue"):
        parts.live(tier_figures.live_revenue(then, now, **look), "weights.revenue", 62 * len(then))
    with st.container(key="weights_scores"):
        parts.live(tier_figures.live_scores(*scores, cut_offs, dark=look["dark"]), "weights.scores", 260)


def _spread(cube: Cube, verdict: Verdict) -> pd.DataFrame:
    counts = tiers.histogram(cube, verdict)
    width = 100 / len(counts)
    lows = [width * i for i in range(len(counts))]
    return pd.DataFrame({"low": lows, "high": [low + width for low in lows], "accounts": counts})


@st.fragment(key=board.SETTLED)
def settled() -> None:
    """Show what is worth waiting for until the slider rests."""
    with contextlib.suppress(TierwiseError):  # the sentence stands above the board
        prepared, models = state.portfolio(), (state.baseline(), state.current())
        before, after = (tiers.weigh(prepared.cube, model) for model in models)
        moves.show(prepared, models, (before, after))
        with st.expander("Remarks on this model", icon=":material/rule:"):
            remarks = lint.check(models[1], prepared.cube.points, prepared.cube.accounts)
            for remark in remarks or [NOTHING]:
                st.markdown(f"- {parts.text(remark)}")
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
