"""How did the last action go? What a button did, or why it could not, is kept and said once, with the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import TierwiseError
from pages import _parts as parts

if TYPE_CHECKING:
    from collections.abc import Callable


def tried(where: str, write: Callable[[], str]) -> bool:
    """Do what a button asks; keep the sentence that it did, or why not, for one place. Tells whether it did."""
    try:
        st.session_state[where] = ("done", write())
    except TierwiseError as error:
        st.session_state[where] = ("error", str(error))
        return False
    return True


def say(where: str) -> None:
    """Show how the last action of a place went."""
    kind, words = st.session_state.pop(where, ("", ""))
    if kind == "done":
        st.toast(parts.text(words), icon=":material/check:")
    elif kind == "error":
        st.error(parts.text(words), icon=":material/error:")
