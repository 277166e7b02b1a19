"""The frame: configuration, navigation, the shared sidebar, and the page that was chosen."""

from __future__ import annotations

import streamlit as st

from pages import _parts as parts
from pages import _state as state

st.set_page_config(page_title="Tierwise", page_icon=parts.ICON, layout="wide")

PAGES = [
    st.Page("pages/overview.py", title="Overview", icon=":material/space_dashboard:", default=True),
    st.Page("pages/weights.py", title="Weights", icon=":material/tune:"),
    st.Page("pages/model.py", title="Model", icon=":material/rule_settings:"),
    st.Page("pages/scenarios.py", title="Scenarios", icon=":material/bookmarks:"),
    st.Page("pages/concentration.py", title="Concentration", icon=":material/donut_large:"),
    st.Page("pages/at_risk.py", title="At risk", icon=":material/heart_broken:"),
    st.Page("pages/data.py", title="Data", icon=":material/database:"),
]

page = st.navigation(PAGES)
with parts.says_errors():
    state.ensure()
    parts.sidebar()
    page.run()
