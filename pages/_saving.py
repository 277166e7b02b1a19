"""Scenarios on screen: saving what is in hand, one scenario's versions, those that were deleted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.decisions import scenarios
from core.model import toml
from core.model.difference import difference
from core.workspace.state import Stamp
from pages import _parts as parts
from pages import _said as said
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from core.decisions.scenarios import Scenario

AUTHOR, SAID = "scenario.author", "scenario.said"


def stamp() -> Stamp:
    """Say who writes now. The wall clock is read here and nowhere below."""
    return Stamp(dt.datetime.now(dt.UTC), author=st.session_state.get(AUTHOR, ""))


def save_button() -> None:
    """Offer to save what is on screen, and say how the last saving went."""
    said.say(SAID)
    if st.button("Save scenario", icon=":material/bookmark_add:"):
        _save_dialog()


@st.dialog("Save scenario")
def _save_dialog() -> None:
    opened = state.scenario()
    name = st.text_input("Name", value=opened.name if opened else "", max_chars=scenarios.LONGEST_NAME)
    author = st.text_input("Author", value=st.session_state.get(AUTHOR, ""), max_chars=80)
    reason = st.text_area("Reason", max_chars=scenarios.LONGEST_REASON, placeholder="Why these weights?")
    with st.container(horizontal=True):
        new = st.button("Save as new", type="primary")
        next_one = bool(opened) and st.button(f"Save version {opened.version + 1 if opened else 1}")
    if new or next_one:
        st.session_state[AUTHOR] = author
        if said.tried(SAID, lambda: _saved(name, reason, opened.id if opened and next_one else "")):
            st.rerun()
        said.say(SAID)


def _saved(name: str, reason: str, key: str) -> str:
    model = state.current()
    model = model.model_copy(update={"name": name.strip() or model.name})
    draft = scenarios.Draft(name, model, state.book().digest, base=state.baseline().name, reason=reason)
    saved = scenarios.save(store.state_store(), draft, stamp(), key=key)
    state.ask(saved.id)
    st.query_params["scenario"] = saved.id
    return f"“{saved.name}” is saved, version {saved.version}."


def versions(found: Scenario) -> None:
    """Show every version of a scenario, what changed in it, and the way back to it."""
    kept = scenarios.versions(store.state_store(), found.id)
    for before, now in zip([None, *kept[:-1]], kept, strict=True):
        who = f"{now.author or 'not named'}, {now.time:%Y-%m-%d %H:%M} UTC"
        with st.expander(parts.text(f"Version {now.version}: {now.reason or 'no reason given'} ({who})")):
            rows = difference(store.parsed(before.toml), store.parsed(now.toml)) if before else []
            if rows:
                shown = [{"What": row.path, "Before": row.before or "–", "After": row.after or "–"} for row in rows]
                st.dataframe(pd.DataFrame(shown), hide_index=True)
            else:
                st.caption("The first version." if before is None else "The same model as before.")
            if now.version != found.version:
                st.button(
                    "Return to this version",
                    key=f"return.{now.version}",
                    on_click=_return,
                    args=(found.id, now.version),
                )


def _return(key: str, version: int) -> None:
    def write() -> str:
        saved = scenarios.restore(store.state_store(), key, version, stamp())
        if st.session_state[state.MODEL] == key:
            state.open_model(key)
        return f"“{saved.name}” is as it was in version {version}; that is now version {saved.version}."

    said.tried(SAID, write)


def toml_buttons() -> None:
    """Offer the model on screen as TOML, and take another."""
    model = state.current()
    name = f"{model.name.lower().replace(' ', '-')}.toml"
    st.download_button("Download TOML", lambda: toml.dumps(model), name, icon=":material/download:", on_click="ignore")
    with st.popover("Upload TOML", icon=":material/upload:"):
        file = st.file_uploader("A model as TOML", type=["toml"], key="scenario.file")
        if file:
            st.button("Save it as a scenario", type="primary", on_click=_upload, args=(file.getvalue(), file.name))


def _upload(content: bytes, source: str) -> None:
    def write() -> str:
        model = toml.loads(content.decode("utf-8", errors="replace"), source=source)
        draft = scenarios.Draft(model.name, model, state.book().digest, base=source, reason=f"from {source}")
        return f"“{scenarios.save(store.state_store(), draft, stamp()).name}” is saved."

    said.tried(SAID, write)


def deleted() -> None:
    """Offer to bring deleted scenarios back."""
    gone = scenarios.deleted(store.state_store(), state.book().digest)
    if gone:
        with st.expander(f"{wording.plural(len(gone), 'deleted scenario')}", icon=":material/delete:"):
            for found in gone:
                st.markdown(parts.text(f"{found.name}, version {found.version}"))
                st.button("Bring back", key=f"back.{found.id}", on_click=_bring_back, args=(found.id,))


def _bring_back(key: str) -> None:
    said.tried(SAID, lambda: f"“{scenarios.undelete(store.state_store(), key, stamp()).name}” is back.")
