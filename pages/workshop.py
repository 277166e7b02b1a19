"""What does the room agree on, and which accounts does the rest touch?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.decisions.elicitation import methods
from core.decisions.workshop import sessions
from core.workspace.state import Stamp
from pages import _access as access
from pages import _parts as parts
from pages import _said as said
from pages import _state as state
from pages import _store as store
from pages import _workshop_decide as decide
from pages import _workshop_lead as lead
from pages import _workshop_reveal as reveal

if TYPE_CHECKING:
    from core.decisions.workshop.sessions import Workshop

QUESTION = "What does the room agree on, and which accounts does the rest touch?"


def show() -> None:
    """Show the session that this browser leads, or the way to start one."""
    past = sessions.of_book(store.state_store(), state.book().digest)
    led = next((found for found in past if found.phase != sessions.CLOSED and access.key_of(found.id)), None)
    said.say(lead.SAID)
    if led is None:
        parts.heading(QUESTION, "Nobody leads a workshop on this book from this browser.")
        lead.elsewhere()
        _start()
    else:
        parts.heading(QUESTION, f"“{led.title}”: {lead.sentence(led)}")
        _led(led, access.key_of(led.id))
    _records([found for found in past if found.revealed and found is not led])


def _start() -> None:
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(border=True):
        st.subheader("Start a workshop", anchor=False)
        model = state.shown()
        st.caption(parts.text(f"The room weighs the criteria of “{model.name}” for “{state.book().name}”."))
        title = st.text_input("Title", value=model.name, max_chars=80, key=f"workshop.title.{model.name}")
        method = st.selectbox(
            "How to weigh", list(methods.NAMES), format_func=methods.NAMES.__getitem__, key="workshop.method"
        )
        count = methods.comparisons(method, len(model.criteria))
        st.caption(f"{wording.plural(count, 'answer')} a person. {lead.METHODS[method]}")
        named = st.toggle("Ballots carry names", key="workshop.named")
        st.button("Start", type="primary", on_click=_begin, args=(title, method, named))
    with right, st.container(border=True):
        st.subheader("Lead one that is under way", anchor=False)
        typed = st.text_input("Facilitator's key", type="password", key="workshop.key")
        st.button("Take the lead", on_click=_take, args=(typed,), disabled=not typed)


def _begin(title: str, method: str, named: bool) -> None:  # noqa: FBT001
    def write() -> str:
        key = sessions.new_key()
        book = state.book()
        setup = sessions.Setup(title, state.shown(), book.digest, state.title(), method, named)
        found = sessions.start(store.state_store(), setup, key, Stamp(access.now()))
        access.hold(found.id, key)
        return f"“{found.title}” has started."

    said.tried(lead.SAID, write)


def _take(typed: str) -> None:
    def write() -> str:
        found = lead.taken(typed)
        access.hold(found.id, typed)
        if book := state.key_of(found.book):
            lead.open_book(book)
        return f"You lead “{found.title}”."

    said.tried(lead.SAID, write)


def _led(found: Workshop, key: str) -> None:
    lead.controls(found, key)
    if found.phase in (sessions.LOBBY, sessions.WEIGHING):
        left, right = st.columns([1, 1], gap="large")
        with left:
            lead.door(found)
        with right:
            lead.live(found.id, found.version)
    else:
        reveal.show(found)
        if found.phase in (sessions.REVEAL, sessions.DISCUSSION) and reveal.given(found):
            decide.form(found, key)
        elif found.phase == sessions.DECIDED:
            decide.decided(found)
            decide.downloads(found)
        if found.phase != sessions.DECIDED:
            lead.people(found, key)


def _records(past: list[Workshop]) -> None:
    if past:
        with st.expander("Workshops before", icon=":material/history:"):
            for found in past:
                how = f"decided “{found.decision['name']}”" if found.decision else "without a decision"
                st.markdown(parts.text(f"{found.title}, {found.started:%Y-%m-%d}, {how}"))
                decide.downloads(found)


parts.run(show)
