"""Which book are we looking at?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.contract import FIELDS, WANTED
from pages import _data_books as shelf
from pages import _data_files as files
from pages import _data_findings as findings
from pages import _data_mapping as mapping
from pages import _data_sources as sources
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from core.accounts.books import Book


def show() -> None:
    """Show the book on screen, and take another in three steps: files, mapping, findings."""
    book = state.book()
    parts.heading(
        "Which book are we looking at?", f"“{state.title()}”: {wording.accounts(book.rows)}, from {book.source}."
    )
    _about(book)
    shelf.said()
    st.subheader("Use your own book", anchor=False)
    st.markdown(
        "Any export will do: you see what feeds what, and what was found, before anything is used. "
        "Nothing leaves this machine, and nothing is kept before you choose to use it."
    )
    brought = files.uploader()
    with parts.says_errors():
        sources.offer()
    if brought:
        with parts.says_errors():
            _take(files.looked(brought))
    with parts.says_errors():
        shelf.shelf()
    _contract()


def _about(book: Book) -> None:
    history = "with revenue history" if book.has_history else "no revenue history"
    parts.cards(
        [
            parts.Card("Accounts", wording.count(book.rows), f"amounts in {book.currency}"),
            parts.Card("Rows in the file", wording.count(book.rows_in_file), f"{book.rows_set_aside:,} set aside"),
            parts.Card("Columns", wording.count(len(book.columns)), history),
            parts.Card("As of", book.as_of.isoformat() if book.as_of else "n/a", "newest date in the data"),
        ],
        4,
    )


def _take(brought: list[files.Brought]) -> None:
    files.described(brought)
    ordered = mapping.order(brought)
    if not ordered:
        st.info("Choose which part holds the accounts.", icon=":material/help:")
        return
    agreed = mapping.chosen(ordered)
    if agreed is None:
        return
    key = ".".join(one.key for one in ordered)
    recipe = findings.decided(agreed, key)
    built = findings.read(ordered, recipe, key)
    if built is None:
        return
    main = ordered[0]
    findings.show(built, main.name, key)
    sample = main.look.sample
    headings = sample.headings if sample is not None else built.headings
    reading = files.reading(ordered, recipe)
    shelf.take(built, reading, recipe, headings, Path(main.upload.name).stem, main.upload.name, key)


def _contract() -> None:
    with st.expander("The headings that are understood", icon=":material/list_alt:"):
        rows = [(field.name, WANTED[field.kind], field.meaning, field.required) for field in FIELDS]
        shown = pd.DataFrame(rows, columns=["Heading", "Holds", "Meaning", "Required"])
        st.dataframe(shown, hide_index=True, height=420)
        st.caption("Other names for them are known as well; any other column stays and may feed a criterion.")


parts.run(show)
