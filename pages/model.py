"""What earns points, and how many?"""

from __future__ import annotations

import streamlit as st

from core.errors import TierwiseError
from pages import _editor as editor
from pages import _effect as effect
from pages import _parts as parts
from pages import _saving as saving
from pages import _state as state

QUESTION = "What earns points, and how many?"


def show() -> None:
    """Show the editor, and what the edited model does to the book before anything is saved."""
    st.title(QUESTION, anchor=False)
    if not len(state.portfolio_before().cube):
        parts.empty()
        return
    answer, edited = st.container(), state.edited()
    left, right = st.columns([3, 2], gap="large")
    with left:
        editor.show()
    try:
        found, said = effect.found(), ""
    except TierwiseError as error:
        found, said = effect.found(state.ground()), str(error)
    with answer:
        if said:
            st.error(parts.text(said), icon=":material/error:")
        else:
            st.markdown(parts.text(found.sentence))
    with right:
        _consequences(found)
    if edited != state.edited():  # the sidebar, which was drawn first, says so
        st.rerun()


def _consequences(found: effect.Effect) -> None:
    st.caption("Before, the model as it was chosen; after, with the edits and the weights on screen.")
    effect.accounts(found, "model.accounts")
    effect.revenue(found, "model.revenue")
    with st.container(horizontal=True, vertical_alignment="center"):
        saving.save_button()
        st.page_link("pages/weights.py", label="Weights and who moves", icon=":material/tune:")
    st.subheader("Remarks", anchor=False)
    effect.remarks(found)


parts.run(show)
