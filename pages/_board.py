"""The weight board on screen: a small component that reports while the finger is still on the slider.

The script beside this module shows and reports; every weight is computed in `core/decisions/board.py`. Two fragments
hang on it: LIVE follows every report, SETTLED (what is heavy) follows when the slider rests.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.decisions import board
from core.errors import TierwiseError
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.model.model import Model

LIVE, SETTLED = "weights.live", "weights.settled"
ERROR = "weights.error"

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


def show(model: Model, acts: Mapping[str, float | None]) -> None:
    """Show the board: what is held, what weight that gives, and how much of the scores' spread each criterion explains.

    `acts` gives that share by criterion, None where it is undefined.
    """
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
            "weight": f"{shares[c.id] / 100:.1f}\u00a0%",
            "acts": _acts(shares[c.id], acts.get(c.id)),
            "locked": c.id in draft.locked,
        }
        for group in dict.fromkeys(c.group for c in model.criteria)
        for c in model.criteria
        if c.group == group
    ]
    data = {"rows": rows, "seq": st.session_state.get(_seq(), 0), "changed": state.changed()}
    data |= {"canUndo": bool(history.past), "canRedo": bool(history.future)}
    _component(key=key(), data=data, on_moved_change=_moved, on_action_change=_acted)


def _acts(weight: int, share: float | None) -> str:
    """Say what a criterion does beside what it says, where the two differ by more than a point."""
    if share is None:
        return "tells no account from another here"
    return f"says {weight / 100:.0f}\u00a0%, acts as {100 * share:.0f}\u00a0% of the differences in score"


def _seq() -> str:
    return f"board.seq.{st.session_state[state.MODEL]}"


def _moved() -> None:
    """Take a report of the sliders: follow it at once, and make it a step of the history when it rests."""
    sent = st.session_state[key()]["moved"]
    st.session_state[_seq()] = int(sent["seq"])
    with _said():
        state.hold(board.move(state.history().now, sent["importance"]))
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
    history, model = state.history(), state.baseline()
    if verb in ("undo", "redo"):
        state.go(history.undo() if verb == "undo" else history.redo())
        return
    verbs: dict[str, Any] = {
        "equal": lambda: board.equal(history.now),
        "reset": lambda: board.reset(history.now, model, name or None),
        "lock": lambda: board.lock(history.now, name),
        "unlock": lambda: board.unlock(history.now, name),
    }
    if verb in verbs:  # a browser can send anything
        state.go(history.then(verbs[verb]()))


@contextmanager
def _said() -> Iterator[None]:
    """Keep the sentence of an error for the page to show, since a callback cannot draw."""
    st.session_state.pop(ERROR, None)
    try:
        yield
    except TierwiseError as error:
        st.session_state[ERROR] = str(error)
