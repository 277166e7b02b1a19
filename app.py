"""The frame: configuration, navigation, the shared sidebar, and the page that was chosen."""

from __future__ import annotations

import streamlit as st

from pages import _access as access
from pages import _data_files as files
from pages import _parts as parts
from pages import _state as state

st.set_page_config(page_title="Tierwise", page_icon=parts.ICON, layout="wide")

BALLOT = st.Page("pages/ballot.py", title="Ballot", icon=":material/how_to_vote:", visibility="hidden")
DATA = st.Page("pages/data.py", title="Data", icon=":material/database:")
PAGES = [
    st.Page("pages/overview.py", title="Overview", icon=":material/space_dashboard:", default=True),
    st.Page("pages/weights.py", title="Weights", icon=":material/tune:"),
    st.Page("pages/model.py", title="Model", icon=":material/rule_settings:"),
    st.Page("pages/scenarios.py", title="Scenarios", icon=":material/bookmarks:"),
    st.Page("pages/robustness.py", title="Robustness", icon=":material/verified:"),
    st.Page("pages/concentration.py", title="Concentration", icon=":material/donut_large:"),
    st.Page("pages/at_risk.py", title="At risk", icon=":material/heart_broken:"),
    st.Page("pages/one_account.py", title="Account", icon=":material/domain:"),
    st.Page("pages/workshop.py", title="Workshop", icon=":material/groups:"),
    DATA,
    BALLOT,
]

with parts.says_errors():
    if access.ballot_only():  # a participant's browser: there is no other page for it, whatever it asks for
        access.frame()
        st.navigation([BALLOT], position="hidden").run()
    else:
        page = st.navigation(PAGES)
        state.ensure()
        parts.sidebar()
        if page is not DATA:
            files.leave()
        page.run()
