"""Which book are we looking at?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import streamlit as st

from core import wording
from core.accounts import books, checking, ingest
from core.accounts.contract import FIELDS, WANTED
from core.errors import BadAccounts
from core.workspace.folder import Workspace
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.accounts.books import Book
    from core.accounts.checking import Checked

KINDS = ["csv", "tsv", "txt", "xlsx", "parquet"]


def show() -> None:
    """Show the book on screen, and take another."""
    book = state.book()
    parts.heading("Which book are we looking at?", f"“{book.name}”: {wording.accounts(book.rows)}, from {book.source}.")
    _about(book)
    st.subheader("Use your own book", anchor=False)
    st.markdown("One row per account. Nothing leaves this machine, and nothing is kept before you choose to use it.")
    accounts = st.file_uploader("Accounts (CSV, XLSX or Parquet)", type=KINDS, key="data.accounts")
    history = st.file_uploader("Revenue history, optional: account_id, period, amount", type=KINDS, key="data.history")
    if accounts:
        with parts.says_errors():
            _take(accounts, history)
    _contract()


def _about(book: Book) -> None:
    history = "with a revenue history" if book.has_history else "without a revenue history"
    parts.cards(
        [
            parts.Card("Accounts", wording.count(book.rows), f"amounts in {book.currency}"),
            parts.Card("Rows in the file", wording.count(book.rows_in_file), f"{book.rows_set_aside:,} set aside"),
            parts.Card("Columns", wording.count(len(book.columns)), history),
            parts.Card("As of", book.as_of.isoformat() if book.as_of else "n/a", "newest date in the data"),
        ]
    )


def _take(accounts: UploadedFile, history: UploadedFile | None) -> None:
    checked = _checked("accounts", accounts)
    past = _checked("history", history) if checked and history else None
    if checked and (past or not history):
        _ready(checked, past, accounts)


def _checked(kind: str, upload: UploadedFile) -> Checked | None:
    aside = st.session_state.get(f"data.aside.{kind}") == upload.file_id
    try:
        return _read(kind, upload.file_id, aside, upload)
    except BadAccounts as error:
        _refused(error, {f"data.aside.{kind}": upload.file_id})
        return None


@st.cache_data(scope="session", max_entries=4, show_spinner="Reading and checking every row …")
def _read(kind: str, file_id: str, aside: bool, _upload: UploadedFile) -> Checked:  # noqa: ARG001, FBT001  the cache's key
    """Read an upload from a file of its own; what is wrong is told of the file that the user knows."""
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        file = Path(folder) / "upload"
        file.write_bytes(_upload.getbuffer())
        take = ingest.history if kind == "history" else ingest.accounts
        return take(file, source=_upload.name, set_aside=aside)


def _refused(error: BadAccounts, aside: dict[str, str]) -> None:
    st.error(parts.text(str(error)), icon=":material/error:")
    if not isinstance(error.findings, pa.Table) or not error.findings.num_rows:
        return
    rows = len(set(error.findings["row"].to_pylist()))
    found = error.findings.select(["row", "column", "value", "what", "way_out"])
    st.dataframe(found.slice(0, 500).to_pandas(), hide_index=True)
    with st.container(horizontal=True):
        st.button(f"Set {wording.plural(rows, 'row')} aside and go on", on_click=st.session_state.update, args=(aside,))
        parts.downloads("findings", lambda: found)


def _ready(checked: Checked, past: Checked | None, accounts: UploadedFile) -> None:
    for note in (*checked.notes, *checking.history_notes(past, checked)):
        st.warning(parts.text(note), icon=":material/info:")
    aside = f", {wording.plural(checked.rows_set_aside, 'row')} set aside" if checked.rows_set_aside else ""
    read = f"{accounts.name}: {wording.accounts(checked.table.num_rows)} read{aside}."
    st.success(parts.text(read), icon=":material/check:")
    stem = Path(accounts.name).stem
    name = st.text_input("Name of the book", value=stem, key=f"data.name.{accounts.file_id}", max_chars=80) or stem
    st.button("Use this book", type="primary", on_click=_use, args=(checked, past, name, accounts.name))


def _use(checked: Checked, past: Checked | None, name: str, source: str) -> None:
    with parts.says_errors():
        kept = books.keep(Workspace.here(), checked, name=name, source=source, history=past)
        st.session_state[state.BOOK] = kept.stem


def _contract() -> None:
    with st.expander("The headings that are understood", icon=":material/list_alt:"):
        rows = [(field.name, WANTED[field.kind], field.meaning, field.required) for field in FIELDS]
        shown = pd.DataFrame(rows, columns=["Heading", "Holds", "Meaning", "Required"])
        st.dataframe(shown, hide_index=True, height=420)
        st.caption("Any other column is kept under its own heading and may feed a criterion.")


parts.run(show)
