"""Weights from examples: say where some accounts belong, and get the nearest weights that agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.listing import Wanted
from core.decisions import board
from core.decisions.robustness import examples
from core.decisions.robustness.examples import Above, Contradiction, InTier, Subject
from core.errors import TierwiseError
from core.measures import portfolio
from core.report import robustness as said
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from core.decisions.robustness.examples import Found, Statement
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

OFFERED = 200
ABOVE = "stands above"
DONE = "robustness.done"


def show(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    """Collect statements about accounts, and show the weights they lead to or why there are none."""
    st.markdown(
        "Name accounts whose place everybody agrees on; the weights that follow differ least from those on screen."
    )
    _ask(prepared, model, verdict)
    held = _held()
    subjects = _subjects(prepared, verdict, held)
    kept = [made for made in held if all(name in subjects for name in _named(made))]
    if len(kept) < len(held):
        st.caption(f"{wording.plural(len(held) - len(kept), 'statement')} about accounts that the filters leave out.")
    for place, made in enumerate(held):
        if made in kept:
            _line(place, said.statement(made, subjects, model.tier_names))
    if not kept:
        st.caption("No statement yet.")
        return
    st.button("Clear all statements", on_click=_clear, icon=":material/clear_all:")
    try:
        found = examples.nearest(model, subjects, kept)
    except TierwiseError as error:
        st.warning(parts.text(str(error)), icon=":material/rule:")
        return
    if isinstance(found, Contradiction):
        _contradiction([said.statement(kept[place], subjects, model.tier_names) for place in found.places], found)
    else:
        _weights(found, model)


def _key() -> str:
    return f"robustness.statements.{st.session_state[state.BOOK]}.{st.session_state[state.MODEL]}"


def _held() -> list[Statement]:
    found: list[Statement] = st.session_state.setdefault(_key(), [])
    return found


def _named(made: Statement) -> tuple[str, ...]:
    return (made.one, made.other) if isinstance(made, Above) else (made.account,)


def _ask(prepared: Portfolio, model: Model, verdict: Verdict) -> None:
    search = st.text_input(
        "Find accounts by a part of their name or id", key="examples.search", persist_state="session"
    )
    # What is searched for stands in front; the largest stay on offer, since a statement may need one of each.
    asked = (Wanted(search=search), Wanted()) if search.strip() else (Wanted(),)
    found = [portfolio.accounts(prepared, verdict, wanted, limit=OFFERED).to_pylist() for wanted in asked]
    if not found[0]:
        st.caption("No account has that in its name or id; the largest are on offer.")
    names = {row["account_id"]: f"{row['name']} ({row['account_id']})" for rows in found for row in rows}
    one, how, what = st.columns([3, 2, 3], vertical_alignment="bottom")
    with one:
        st.selectbox("Account", list(names), key="examples.one", format_func=lambda i: names.get(i, i))
    with how:
        st.selectbox("Belongs", [ABOVE, *(f"is {way}" for way in examples.HOW)], key="examples.how")
    with what:
        if st.session_state["examples.how"] == ABOVE:
            others = [name for name in names if name != st.session_state["examples.one"]]
            st.selectbox("Other account", others, key="examples.other", format_func=lambda i: names.get(i, i))
        else:
            names_ = model.tier_names
            st.selectbox("Tier", range(len(names_)), key="examples.tier", format_func=names_.__getitem__)
    st.button("Add this statement", on_click=_add, icon=":material/add:")
    if len(names) >= OFFERED and not search.strip():
        st.caption(f"The {OFFERED} with the most revenue; search for others.")


def _add() -> None:
    one, how = st.session_state.get("examples.one"), st.session_state.get("examples.how")
    other = st.session_state.get("examples.other")
    if one is None or (how == ABOVE and other is None):
        return
    made: Statement
    if how == ABOVE:
        made = Above(one, str(other))
    else:
        made = InTier(one, int(st.session_state["examples.tier"]), str(how).removeprefix("is "))
    if made not in _held():
        st.session_state[_key()] = [*_held(), made]


def _clear() -> None:
    st.session_state[_key()] = []


def _drop(place: int) -> None:
    st.session_state[_key()] = [made for i, made in enumerate(_held()) if i != place]


def _line(place: int, text: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Remove", key=f"examples.drop.{place}", on_click=_drop, args=(place,), icon=":material/close:")
        st.markdown(parts.text(text))


def _subjects(prepared: Portfolio, verdict: Verdict, held: list[Statement]) -> dict[str, Subject]:
    """Look up the accounts that statements name; one that the filters leave out is not there."""
    found = {}
    for name in dict.fromkeys(name for made in held for name in _named(made)):
        rows = portfolio.accounts(prepared, verdict, Wanted(account_id=name), limit=1).to_pylist()
        if rows:
            profile = rows[0]["profile"]
            points = tuple(prepared.cube.points[profile].tolist())
            found[name] = Subject(rows[0]["name"], points, int(prepared.cube.gate[profile]))
    return found


def _contradiction(texts: list[str], found: Contradiction) -> None:
    if len(texts) == 1:
        st.warning(parts.text(f"No weights make this true: {texts[0]}."), icon=":material/rule:")
        return
    how = "the smallest such set" if found.smallest else "leave out any one of them"
    text = f"No weights make these {len(texts)} statements true together ({how}): {'; '.join(texts)}."
    st.warning(parts.text(text), icon=":material/rule:")


def _weights(found: Found, model: Model) -> None:
    st.markdown(parts.text(said.example(found)))
    shown = pd.DataFrame(
        {
            "Criterion": [c.name for c in model.criteria],
            "Now": [weight / 100 for weight in model.weights],
            "From the examples": [weight / 100 for weight in found.weights],
            "Change": [(new - old) / 100 for new, old in zip(found.weights, model.weights, strict=True)],
        }
    )
    look = {name: st.column_config.NumberColumn(format="%.2f %%") for name in ("Now", "From the examples")}
    look["Change"] = st.column_config.NumberColumn(format="%+.2f", help="Points of weight.")
    st.dataframe(shown, hide_index=True, column_config=look, key="examples.weights")
    if found.moved:
        st.button("Put these weights on the board", type="primary", on_click=_put, args=(found.weights,))
    if st.session_state.pop(DONE, False):
        st.success("These weights are on the board; undo there brings the others back.", icon=":material/check:")


def _put(weights: tuple[int, ...]) -> None:
    state.take(state.history().then(board.with_weights(state.draft(), weights)))
    st.session_state[DONE] = True
