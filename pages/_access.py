"""Who looks at the app: what their cookies and the doors say of them, and the facilitator's key that they hold.

Cookies are those of the moment at which the browser connected; what they open is looked up anew at every run.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from core.decisions.workshop import access, sessions
from core.decisions.workshop.access import May
from core.workspace.folder import Workspace
from core.workspace.secret import Secret, open_secret
from pages import _store as store

if TYPE_CHECKING:
    from core.decisions.workshop.access import Joined
    from core.decisions.workshop.sessions import Workshop

DOOR = "Tierwise-Door"
"""The header in which the doors say who comes: near, known or far. Without doors there is one person, right here."""
KEYS, FRAMED = "workshop.keys", "access.framed"


def now() -> dt.datetime:
    """Read the wall clock, here and nowhere below."""
    return dt.datetime.now(dt.UTC)


def secret() -> Secret:
    """Open the workspace's secret."""
    return open_secret(Workspace.here())


def ballot_only() -> bool:
    """Tell whether this browser may see nothing but its ballot."""
    cookies, door = st.context.cookies, st.context.headers.get(DOOR, "near")
    if access.PARTICIPANT not in cookies and door != "far":
        return False  # the usual case, which touches no file
    found = access.may(store.state_store(), secret(), cookies, now(), near=door == "near", known=door == "known")
    return found is not May.WHOLE


def frame() -> None:
    """Note that app.py has run for a browser that sees its ballot only."""
    st.session_state[FRAMED] = True


def framed() -> bool:
    """Tell whether app.py has run for a browser that sees its ballot only."""
    return FRAMED in st.session_state


def joined() -> Joined | None:
    """Give the session and the seat of this browser; None where it joined nothing."""
    cookie = st.context.cookies.get(access.PARTICIPANT, "")
    return access.participant(secret(), cookie) if cookie else None


def key_of(workshop: str) -> str:
    """Give the facilitator's key that this browser holds for a session; empty where it holds none, or a wrong one."""
    held = st.session_state.get(KEYS, {}).get(workshop, "")
    for key in (held, st.context.cookies.get(access.LEAD, "")):
        if key and sessions.leads(store.state_store(), workshop, key):
            return str(key)
    return ""


def led() -> list[Workshop]:
    """List the sessions whose keys this browser holds."""
    keys = {*st.session_state.get(KEYS, {}).values(), st.context.cookies.get(access.LEAD, "")} - {""}
    found = (sessions.led_by(store.state_store(), key, now()) for key in sorted(keys))
    return [session for session in found if session]


def hold(workshop: str, key: str) -> None:
    """Keep a facilitator's key for as long as this page stays open."""
    st.session_state[KEYS] = st.session_state.get(KEYS, {}) | {workshop: key}
