"""Which decisions have we made, and which one holds?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import pandas as pd
import streamlit as st

from core import wording
from core.decisions import scenarios
from pages import _parts as parts
from pages import _said as said
from pages import _saving as shown
from pages import _side_by_side as side_by_side
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.decisions.scenarios import Scenario

QUESTION = "Which decisions have we made, and which one holds?"
CHOSEN = "scenario.chosen"


def show() -> None:
    """Show the scenarios of the book, what can be done with them, and how they differ."""
    found = store.scenarios_of(state.book())
    holds = next((scenario.name for scenario in found if scenario.published_version), None)
    answer = f"“{holds}” is published for this book." if holds else "No scenario is published for this book yet."
    parts.heading(QUESTION, f"{wording.plural(len(found), 'scenario')}. {answer}")
    with st.container(horizontal=True):
        shown.save_button()
        shown.toml_buttons()
    if not found:
        st.info("Move weights on the Weights page, then save what you have as a scenario.", icon=":material/bookmarks:")
    chosen = _chosen(found) if found else []
    if len(chosen) == 1:
        _actions(chosen[0])
        st.subheader("Versions", anchor=False)
        shown.versions(chosen[0])
    elif chosen:
        st.subheader("Side by side", anchor=False)
        side_by_side.show(chosen[:3])
    shown.deleted()


def _chosen(found: list[Scenario]) -> list[Scenario]:
    opened = state.scenario()
    table = pd.DataFrame(
        {
            "Scenario": [scenario.name for scenario in found],
            "Status": ["Published" if scenario.published_version else "Draft" for scenario in found],
            "Open": [opened is not None and scenario.id == opened.id for scenario in found],
            "Version": [scenario.version for scenario in found],
            "Author": [scenario.author or "not named" for scenario in found],
            "Saved (UTC)": [scenario.time for scenario in found],
            "Reason": [scenario.reason for scenario in found],
        }
    )
    st.caption("Choose one to work with it, two or three to compare them.")
    look = {"Saved (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC")}
    key = table_key(found)
    held = st.session_state.get(CHOSEN, [])
    first = st.session_state.setdefault(f"{key}.first", [i for i, s in enumerate(found) if s.id in held])
    picked = st.dataframe(
        table, hide_index=True, key=key, on_select="rerun", selection_mode="multi-row", column_config=look,
        selection_default={"selection": {"rows": first}},
    )  # fmt: skip
    chosen = [found[row] for row in picked["selection"]["rows"] if row < len(found)]
    st.session_state[CHOSEN] = [scenario.id for scenario in chosen]
    return chosen


def table_key(found: Sequence[Scenario]) -> str:
    """Name the table by the order of its rows, by which a browser remembers what is chosen: it changes as they do."""
    return f"scenario.table.{crc32(' '.join(scenario.id for scenario in found).encode()):08x}"


def _actions(found: Scenario) -> None:
    keep, key = store.state_store(), found.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Open", type="primary", on_click=_open, args=(key,), icon=":material/open_in_new:")
        if found.published_version == found.version:
            _button("Withdraw", lambda: scenarios.withdraw(keep, found.book, shown.stamp()), "is a draft again", found)
        else:
            _button("Publish", lambda: scenarios.publish(keep, key, shown.stamp()), "is published", found)
        _button("Duplicate", lambda: scenarios.duplicate(keep, key, shown.stamp()), "has a copy", found)
        _button("Delete", lambda: scenarios.delete(keep, key, shown.stamp()), "is deleted; bring it back below", found)
        name = st.text_input("New name", value=found.name, key=f"rename.{key}", max_chars=scenarios.LONGEST_NAME)
        _button("Rename", lambda: scenarios.rename(keep, key, name, shown.stamp()), "has a new name", found)
    st.caption("A link to it, for whoever can reach this address:")
    st.code(f"/?scenario={key}", language=None)


def _button(label: str, write: Callable[[], object], done: str, found: Scenario) -> None:
    def act() -> None:
        said.tried(shown.SAID, lambda: (write(), f"“{found.name}” {done}.")[1])

    st.button(label, key=f"do.{label}", on_click=act)


def _open(key: str) -> None:
    state.open_model(key)
    st.query_params["scenario"] = key


parts.run(show)
