"""A table of a database on the Data page: read as a file of its own, with credentials that only the server holds."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import wording
from core.accounts import books, checking, ingest, sources
from core.workspace.folder import Workspace
from pages import _data_books as shelf
from pages import _parts as parts
from pages import _state as state

READ = "data.source.read"


def offer() -> None:
    """Offer the tables of the database whose address stands in the secrets or the environment; nothing without one."""
    address = sources.address(_secrets())
    if not address:
        return
    with st.expander("From a database", icon=":material/database:"):
        if not st.toggle("Connect", key="data.source.on"):
            return
        tables = sources.tables(address)
        chosen = st.selectbox("Table", tables, index=None, key="data.source.table")
        if chosen and st.button("Read this table"):
            with st.spinner("Reading the table …"):
                st.session_state[READ] = (chosen, _read(address, chosen))
        found = st.session_state.get(READ)
        if found and found[0] == chosen:
            checked = found[1]
            said = f"{chosen}: {wording.accounts(checked.table.num_rows)} read."
            st.success(parts.text(said), icon=":material/check:")
            for note in checked.notes:
                st.warning(parts.text(note), icon=":material/info:")
            st.button("Use this table as a book", type="primary", on_click=_use, args=(chosen, checked))


def _secrets() -> dict[str, str]:
    try:
        return {key: str(st.secrets[key]) for key in (sources.SECRET,) if key in st.secrets}
    except FileNotFoundError:
        return {}


def _read(address: str, table: str) -> checking.Checked:
    """Read a table through a file of ours, so that it is checked like any other."""
    with sources.as_file(address, table) as path:
        return ingest.accounts(Path(path), source=table, propose=True)


def _use(name: str, checked: checking.Checked) -> None:
    def work() -> None:
        kept = books.keep(Workspace.here(), checked, name=name, source=f"table {name}")
        st.session_state[state.BOOK] = kept.stem
        st.session_state.pop(READ, None)

    shelf.tried(work)
