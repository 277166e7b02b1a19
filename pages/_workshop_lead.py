"""What a facilitator does: the door with its code, the phases, the clock, the participants, the key."""

from __future__ import annotations

import io
import socket
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import segno
import streamlit as st

from core import wording
from core.decisions.elicitation import methods
from core.decisions.workshop import access as doors
from core.decisions.workshop import sessions
from core.errors import TierwiseError, UnknownName
from core.workspace.state import Stamp
from pages import _access as access
from pages import _parts as parts
from pages import _said as said
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.decisions.workshop.sessions import Workshop

SAID, ADDRESS, NEW_KEY = "workshop.said", "workshop.address", "workshop.new_key"
METHODS = {
    "swing": "Best for most rooms: what is the way from the worst to the best band worth?",
    "points": "Quick and familiar: 100 points are shared out.",
    "ranking": "The quickest: an order, ties allowed, turned into weights by its rank order centroid.",
    "best_worst": "With a consistency check, at fewer comparisons than pairs.",
    "pairs": "Every two criteria compared (AHP), with the comparisons that contradict the others pointed out.",
}
PHASES = {
    sessions.LOBBY: "people are joining.",
    sessions.WEIGHING: "round {} is under way.",
    sessions.REVEAL: "round {} is shown.",
    sessions.DISCUSSION: "the room discusses round {}.",
    sessions.DECIDED: "decided.",
    sessions.CLOSED: "closed.",
}
THIS_MACHINE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", ""}  # noqa: S104 (recognised, never chosen)


def sentence(found: Workshop) -> str:
    """Say where the session stands."""
    return PHASES[found.phase].format(found.round)


def taken(key: str) -> Workshop:
    """Find the session that a key opens; wrong keys are limited like wrong codes."""
    limiter, moment = _limiter(), time.monotonic()
    if wait := limiter.wait("page", moment):
        what = "too many wrong keys"
        raise TierwiseError(what, where="key", way_out=f"Wait {int(wait) + 1} seconds, then try again")
    found = sessions.led_by(store.state_store(), key, access.now())
    if found is None:
        limiter.failed("page", moment)
        raise UnknownName("no workshop is led with this key", way_out="Check it, or ask who started the workshop")
    return found


@st.cache_resource
def _limiter() -> doors.Limiter:
    return doors.Limiter()


def elsewhere() -> None:
    """Lead the way to a workshop that this browser leads on another book."""
    for found in access.led():
        book = state.key_of(found.book)
        if found.phase != sessions.CLOSED and book:
            with st.container(border=True):
                st.markdown(parts.text(f"You lead “{found.title}” on the book “{found.book_name}”."))
                st.button(
                    "Go on with it", key=f"workshop.go.{found.id}", type="primary", on_click=open_book, args=(book,)
                )


def open_book(book: str) -> None:
    """Put another book on screen, from a callback."""
    st.session_state[state.BOOK] = book


# The phases ---------------------------------------------------------------------------------------------------------


def controls(found: Workshop, key: str) -> None:
    """Offer what the phase allows."""
    keep, name = store.state_store(), found.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if found.phase == sessions.WEIGHING:
            _do(
                "Reveal", lambda: sessions.reveal(keep, name, key, _stamp()), "The room sees its ballots.", primary=True
            )
            if found.open_for_ballots(access.now()):
                _do("Lock", lambda: sessions.lock(keep, name, key, _stamp()), "No ballots are taken.")
            else:
                _do("Reopen", lambda: sessions.reopen(keep, name, key, _stamp()), "Ballots are taken again.")
        if found.phase == sessions.REVEAL:
            _do("Discuss", lambda: sessions.discuss(keep, name, key, _stamp()), "The discussion is open.", primary=True)
        if found.phase not in (sessions.DECIDED, sessions.CLOSED):
            _rounds(found, key)
        _door_button(found, key)
        _key(found, key)
        with st.popover("Close", icon=":material/close:"):
            st.caption("The code ends, and nobody can change anything any more. What was said and decided is kept.")
            _do("Close the workshop", lambda: sessions.close(keep, name, key, _stamp()), "The workshop is closed.")


def _rounds(found: Workshop, key: str) -> None:
    first = found.phase == sessions.LOBBY
    label = "Open round 1" if first else "Start over with a new round" if found.phase == sessions.WEIGHING else (
        f"Open round {found.round + 1}")  # fmt: skip
    with st.popover(label, icon=":material/play_arrow:", type="primary" if first else "secondary"):
        options = list(methods.NAMES)
        method = st.selectbox(
            "How to weigh",
            options,
            options.index(found.method),
            format_func=methods.NAMES.__getitem__,
            key=f"round.method.{found.round}",
        )
        minutes = st.number_input("Minutes (0: no timer)", 0, 60, 5, key=f"round.minutes.{found.round}")
        _do(label, lambda: sessions.open_round(store.state_store(), found.id, key, _stamp(), method=method,
                                               minutes=int(minutes) or None), "The round is open.", primary=True,
            key=f"open.{found.round}")  # fmt: skip


def _door_button(found: Workshop, key: str) -> None:
    label = "Let nobody else in" if found.admits else "Let newcomers in"
    _do(label, lambda: sessions.admit(store.state_store(), found.id, key, _stamp(), open_door=not found.admits),
        "Who sits already stays." if found.admits else "The code works again.")  # fmt: skip


def _key(found: Workshop, key: str) -> None:
    with st.popover("Key", icon=":material/key:"):
        st.caption("Who has this key leads the workshop. Keep it: after a reload this page asks for it.")
        st.code(key, language=None)
        if _has_doors():
            _ticket(key)
        _do("Hand over with a new key", lambda: _hand_over(found, key), "A new key is shown; yours opens nothing now.")
        _do("New code, 24 hours more", lambda: sessions.renew(store.state_store(), found.id, key, _stamp()),
            "The workshop has another code.")  # fmt: skip


@st.fragment(run_every=60)
def _ticket(key: str) -> None:
    """Offer a link that opens once and lasts two minutes; another stands in its place before it ends."""
    ticket = doors.TICKETS.issue(key, time.monotonic())
    st.link_button("Keep it in this browser", f"/lead/{ticket}", icon=":material/cookie:")


def _hand_over(found: Workshop, key: str) -> None:
    successor = sessions.new_key()
    sessions.hand_over(store.state_store(), found.id, key, successor, _stamp())
    access.hold(found.id, successor)


def _do(label: str, act: Callable[[], object], done: str, *, primary: bool = False, key: str = "") -> None:
    st.button(label, key=f"lead.{key or label}", type="primary" if primary else "secondary",
              on_click=lambda: said.tried(SAID, lambda: (act(), done)[1]))  # fmt: skip


def _stamp() -> Stamp:
    return Stamp(access.now())


# The door -----------------------------------------------------------------------------------------------------------


def door(found: Workshop) -> None:
    """Show the code, the link and its QR code, large enough for a room."""
    if not _has_doors():
        st.warning("Phones join through the server: start Tierwise with `python server.py --host 0.0.0.0`.")
        return
    if st.get_option("server.address") in THIS_MACHINE - {"0.0.0.0", "::"}:  # noqa: S104
        st.warning("Only this machine can join: start Tierwise with `python server.py --host 0.0.0.0` for phones.")
    base = st.text_input("Address for phones", _address(), key=ADDRESS, persist_state="session")
    link = f"{base.rstrip('/')}/join/{sessions.spoken(found.code)}"
    picture = io.BytesIO()
    segno.make(link, error="m").save(picture, kind="png", scale=9, border=3)
    st.image(picture.getvalue(), width=330, alt=f"QR code of {link}")
    st.markdown(parts.text(f"Or open {base.rstrip('/')}/join and type"))
    st.title(sessions.spoken(found.code), anchor=False)
    st.code(link, language=None)
    if not found.admits:
        st.caption("Nobody else is let in right now.")


def _has_doors() -> bool:
    return access.DOOR in st.context.headers


def _address() -> str:
    """Guess the address under which phones reach this server: the one in use, or that of this machine's network."""
    here = urlsplit(st.context.url or "http://localhost")
    host = here.hostname or ""
    if host in THIS_MACHINE and st.get_option("server.address") not in {"localhost", "127.0.0.1", "::1"}:
        host = _network_address() or host
    port = f":{here.port}" if here.port else ""
    return f"{here.scheme}://{host}{port}"


def _network_address() -> str:
    """Ask the routing table which address of ours leads out; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


# The room -----------------------------------------------------------------------------------------------------------


@st.fragment(run_every=1.0)
def live(key: str, version: int) -> None:
    """Count who is there and who has handed in, every second; run the page anew once the session has gone on."""
    found = sessions.load(store.state_store(), key)
    if found.version != version:
        st.rerun()
    counted = sessions.progress(store.state_store(), found)
    if found.phase == sessions.LOBBY:
        parts.cards([parts.Card("Joined", wording.count(counted.seats))])
    else:
        parts.cards(
            [
                parts.Card("Handed in", f"{counted.handed_in} of {counted.seats}"),
                parts.Card("Time left", _left(found)),
            ]
        )
        st.progress(counted.handed_in / counted.seats if counted.seats else 0.0)
    given = sessions.handed_in(store.state_store(), found)
    names = [f"{seat.label}{' ✓' if seat.id in given else ''}" for seat in sessions.seats(store.state_store(), key)]
    st.markdown(parts.text(", ".join(names)) or "Nobody has joined yet.")
    if names and (held := access.key_of(key)):
        people(found, held)


def _left(found: Workshop) -> str:
    if found.locked:
        return "locked"
    if found.ends is None:
        return "no timer"
    seconds = max(0, round((found.ends - access.now()).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}" if seconds else "time is up"


def _remove(found: Workshop, key: str, who: str) -> None:
    sessions.remove(store.state_store(), found.id, key, who, _stamp())


def people(found: Workshop, key: str) -> None:
    """List the participants, each of whom can be removed."""
    seated = sessions.seats(store.state_store(), found.id)
    with st.expander("Participants", icon=":material/group:", key="workshop.people"):
        for seat in seated:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(parts.text(seat.label))
                _do("Remove", partial(_remove, found, key, seat.id),
                    f"{seat.label} is removed.", key=f"remove.{seat.id}")  # fmt: skip
