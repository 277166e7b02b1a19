"""The decision: adopt the room's weights, or edited ones, as a scenario, with the reason and who saw it otherwise."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import wording
from core.decisions import scenarios
from core.decisions.workshop import decision
from core.model.numbers import FULL_WEIGHT, weights_from
from core.report import record
from core.workspace.state import Stamp
from pages import _access as access
from pages import _parts as parts
from pages import _said as said
from pages import _store as store
from pages import _workshop_lead as lead
from pages import _workshop_reveal as reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.decisions.workshop.sessions import Workshop

REQUEST = "workshop.request"


def form(found: Workshop, key: str) -> None:
    """Ask for what a decision needs, and adopt it."""
    st.subheader("Decide", anchor=False)
    way, weights = reveal.way_of(found), reveal.combined(found)
    with st.container(border=True):
        st.caption(f"The {way} of the ballots becomes a scenario of this book. Edit the weights only with a reason.")
        edited = _weights(found, weights, way)
        left, right = st.columns(2)
        name = left.text_input("Name", f"{found.title}, round {found.revealed[-1]}", max_chars=scenarios.LONGEST_NAME)
        author = right.text_input("Decided by", max_chars=scenarios.LONGEST_NAME, key="workshop.author")
        reason = st.text_area("Reason", max_chars=400, key="workshop.reason", placeholder="Why these weights?")
        dissent = st.text_area("Dissent, as those who hold it would put it", key="workshop.dissent",
                               max_chars=decision.LONGEST_DISSENT)  # fmt: skip
        choice = decision.Choice(way, edited, name, reason, dissent)
        st.button("Adopt as a scenario", type="primary", on_click=_adopt, args=(found, key, choice, author))


def _weights(found: Workshop, weights: tuple[int, ...], way: str) -> tuple[int, ...]:
    with st.expander("Edit the weights"):
        typed = [
            st.number_input(
                parts.text(criterion.name), 0.0, 100.0, weight * 100 / FULL_WEIGHT, 1.0, format="%.2f",
                key=f"edit.{found.id}.{found.round}.{way}.{weights}.{criterion.id}",
            )
            for criterion, weight in zip(found.model.criteria, weights, strict=True)
        ]  # fmt: skip
    return weights_from(typed) if any(typed) else weights


def _adopt(found: Workshop, key: str, choice: decision.Choice, author: str) -> None:
    """Adopt once, however often the button is pressed: a request that failed may be sent again."""

    def write() -> str:
        request = st.session_state.setdefault(REQUEST, {}).setdefault(f"{found.id}.{choice}", secrets.token_hex(16))
        stamp = Stamp(access.now(), author, nonce=request)
        _, saved = decision.adopt(store.state_store(), found.id, key, choice, reveal.prepared(found), stamp)
        return f"“{saved.name}” is saved as a scenario."

    said.tried(lead.SAID, write)


def decided(found: Workshop) -> None:
    """Say what was decided."""
    held = found.decision
    edited = ", edited by hand" if held["edited"] else ""
    st.success(parts.text(f"“{held['name']}” is adopted: {held['way']} of round {held['round']}{edited}."))
    for label in ("reason", "dissent"):
        st.markdown(f"**{label.capitalize()}:** {parts.text(held[label] or wording.NOTHING)}")


def downloads(found: Workshop) -> None:
    """Offer the decision record; it is written only when asked for."""
    with st.container(horizontal=True):
        for label, write, kind in (("HTML", record.html, "text/html"), ("JSON", record.dumps, "application/json")):
            st.download_button(
                f"Decision record, {label}", partial(_record, write, found.id), f"workshop-{found.id}.{label.lower()}",
                kind, key=f"record.{found.id}.{label}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _record(write: Callable[[Mapping[str, Any]], str], key: str) -> str:
    return write(decision.record(store.state_store(), key))
