"""What matters to you, and how much?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from core.decisions.elicitation import swings
from core.decisions.workshop import sessions
from core.workspace.state import Stamp
from pages import _access as access
from pages import _ballot_forms as forms
from pages import _ballot_results as results
from pages import _parts as parts
from pages import _store as store

if TYPE_CHECKING:
    from core.decisions.workshop.access import Joined
    from core.decisions.workshop.sessions import Seat, Workshop

QUESTION = "What matters to you, and how much?"
POLL = 3.0  # seconds between two looks at whether the session has gone on
WORDS_OUT = 0.2  # seconds until a run's words are on their way


def show() -> None:
    """Show a participant what the session asks of them now, and nothing else."""
    here = access.joined()
    found = sessions.find(store.state_store(), here.workshop) if here else None
    if here is None or found is None:
        parts.heading(QUESTION, "This browser has not joined a workshop. Open the link that the facilitator shows.")
        return
    if not found.live(access.now()):
        parts.heading(QUESTION, f"“{found.title}” has ended. Thank you.")
        return
    parts.heading(QUESTION, found.title)
    seat = _seat(found, here)
    if seat is None or seat.removed:
        _say("The facilitator has removed you from this workshop." if seat else "Nobody else is let in right now.")
    elif found.named and not seat.name:
        _ask_name(found, here)
    else:
        _phase(found, seat)
    # At the very end: what still runs must never be overtaken by a look, or else its last parts do not arrive.
    _watch(found.id, found.version, here.seat)


def _seat(found: Workshop, here: Joined) -> Seat | None:
    keep = store.state_store()
    sitting = sessions.seat(keep, found.id, here.seat)
    if sitting is None and found.admits:
        sitting = sessions.sit(keep, found.id, here.seat, Stamp(access.now()))
    return sitting


def _phase(found: Workshop, seat: Seat) -> None:
    if found.phase == sessions.LOBBY:
        _say(f"You are in, as {seat.label}. The facilitator opens the first round; this page goes on by itself.")
        results.criteria(found)
    elif found.phase == sessions.WEIGHING:
        _weighing(found.id, found.version, seat.id)
    else:
        results.outcome(found, seat)


@st.fragment
def _weighing(key: str, version: int, who: str) -> None:
    """Show the ballot of the round that is open; handing it in runs this part of the page alone."""
    keep, now = store.state_store(), access.now()
    found, seat = sessions.find(keep, key), sessions.seat(keep, key, who)
    if found is None or seat is None or seat.removed or found.version != version or not found.live(now):
        st.rerun()
    given = sessions.own(keep, key, found.round, who)
    st.caption(f"Round {found.round}. Your ballot is private until it is shown to the whole room.")
    pressed = False
    if not found.open_for_ballots(now):
        _say("Ballots are locked. The facilitator shows the result in a moment.")
    else:
        pressed = forms.ballot(found, seat, [swings.of(criterion) for criterion in found.model.criteria], given)
    if given := sessions.own(keep, key, found.round, who):  # with what was handed in just now
        results.own(found, given)
    if pressed:  # a run that ends while its words are on their way loses them where a look by the clock begins
        time.sleep(WORDS_OUT)


@st.fragment(run_every=POLL)
def _watch(key: str, version: int, who: str) -> None:
    """Say how much time is left and what is kept; run the page anew once the session has gone on.

    One look for all: fifty phones that look every second twice would keep a small server busy with nothing else. What
    is kept is said again, since the word that follows the button may get lost on its way.
    """
    keep, now = store.state_store(), access.now()
    found = sessions.find(keep, key)
    if found is None or found.version != version or not found.live(now):
        st.rerun()
    if found.phase == sessions.WEIGHING:
        results.standing(found, sessions.own(keep, key, found.round, who), now)


def _ask_name(found: Workshop, here: Joined) -> None:
    with st.form("ballot.name", border=False):
        name = st.text_input("Your name, as the room sees it", max_chars=sessions.LONGEST_NAME)
        if st.form_submit_button("Take your seat", type="primary", width="stretch") and name.strip():
            sessions.sit(store.state_store(), found.id, here.seat, Stamp(access.now()), name=name)
            st.rerun()


def _say(sentence: str) -> None:
    st.info(parts.text(sentence), icon=":material/info:")


parts.run(show, framed=access.framed())
