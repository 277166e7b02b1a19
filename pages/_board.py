"""The weight board on screen: a small component that reports while the finger is still on the slider.

The script beside this module shows and reports; every weight is computed in `core/decisions/board.py`. Two fragments
hang on it: LIVE follows every report, SETTLED (what is heavy) follows when the slider rests.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import wording
from core.decisions import board
from core.errors import TierwiseError
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.measures.influence import Influence
    from core.model.model import Model

LIVE, SETTLED = "weights.live", "weights.settled"
ERROR = "weights.error"
CUT = "cut-off of "
"""What the name of a cut-off begins with among the criteria of the board; no criterion's id has a space."""

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "weight_board",
    html='<div class="board"></div>',
    css=(_HERE / "_board.css").read_text(encoding="utf-8"),
    js=(_HERE / "_board.js").read_text(encoding="utf-8"),
)


def key() -> str:
    """Name the board's widget; each model has its own."""
    return f"board.widget.{st.session_state[state.MODEL]}"


def show(model: Model, found: Sequence[Influence]) -> None:
    """Show the board: what is held, what weight that gives, and how much of the scores each criterion explains."""
    acts = {influence.criterion: _acts(influence) for influence in found}
    history, draft = state.history(), state.draft()
    try:
        shares = board.weights(draft)
    except TierwiseError:  # the page says the sentence; the sliders must stay, so that it can be mended
        shares = dict.fromkeys(draft.importance, 0)
    rows = [
        {
            "id": c.id,
            "name": c.name,
            "group": c.group.capitalize(),
            "help": c.description,
            "importance": draft.importance[c.id],
            "made": c.importance,
            "weight": wording.share(shares[c.id] / 10_000),
            "acts": acts.get(c.id, ""),
            "locked": c.id in draft.locked,
        }
        for group in dict.fromkeys(c.group for c in model.criteria)
        for c in model.criteria
        if c.group == group
    ]
    rows += [_cut_off(tier.name, draft.cut_offs[tier.name], tier.cut_off) for tier in model.tiers[:-1]]
    data = {"rows": rows, "seq": st.session_state.get(_seq(), 0), "changed": state.changed()}
    data |= {"canUndo": bool(history.past), "canRedo": bool(history.future)}
    _component(key=key(), data=data, on_moved_change=_moved, on_action_change=_acted)


def _cut_off(tier: str, now: float, made: float) -> dict[str, Any]:
    return {
        "id": f"{CUT}{tier}",
        "name": tier,
        "group": "Cut-offs, lowest score of a tier",
        "help": "Accounts with this score or more are in the tier.",
        "importance": now,
        "made": made,
        "weight": f"from {now:g}",
        "acts": "",
        "locked": False,
        "plain": True,
    }


def _acts(found: Influence) -> str:
    """Say what a criterion does in this book beside what it says."""
    if found.acts_as is None:
        return "explains no difference between accounts here"
    return f"says {100 * found.says:.0f}\u00a0%, acts as {100 * found.acts_as:.0f}\u00a0% of the differences in score"


def _seq() -> str:
    return f"board.seq.{st.session_state[state.MODEL]}"


def _moved() -> None:
    """Take a report of the sliders: follow it at once, and make it a step of the history when it rests."""
    sent = st.session_state[key()]["moved"]
    st.session_state[_seq()] = int(sent["seq"])
    with _said():
        cuts = {name.removeprefix(CUT): value for name, value in sent["values"].items() if name.startswith(CUT)}
        importance = {name: value for name, value in sent["values"].items() if not name.startswith(CUT)}
        state.hold(board.cut(board.move(state.history().now, importance), cuts))
    if sent["dragging"]:
        st.rerun(LIVE)
    state.rest()
    st.rerun([LIVE, SETTLED])


def _acted() -> None:
    """Take a press of a button."""
    sent = st.session_state[key()]["action"]
    if not sent:
        return
    st.session_state[_seq()] = int(sent["seq"])
    with _said():
        _do(str(sent["verb"]), str(sent["id"]))
    st.rerun([LIVE, SETTLED])


def _do(verb: str, name: str) -> None:
    history, model = state.history(), state.ground()
    if verb in ("undo", "redo"):
        state.take(history.undo() if verb == "undo" else history.redo())
        return
    verbs: dict[str, Any] = {
        "equal": lambda: board.equal(history.now),
        "reset": lambda: board.reset(history.now, model, name.removeprefix(CUT) or None),
        "lock": lambda: board.lock(history.now, name),
        "unlock": lambda: board.unlock(history.now, name),
    }
    if verb in verbs:  # a browser can send anything
        state.take(history.then(verbs[verb]()))


@contextmanager
def _said() -> Iterator[None]:
    """Keep the sentence of an error for the page to show, since a callback cannot draw."""
    st.session_state.pop(ERROR, None)
    try:
        yield
    except TierwiseError as error:
        st.session_state[ERROR] = str(error)
