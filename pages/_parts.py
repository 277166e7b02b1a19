"""Pieces of screen that several pages share."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core import wording
from core.accounts import banding
from core.errors import TierwiseError
from core.figures import theme
from core.measures import tiers
from core.report import tables
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from core.accounts.books import Book

REVENUE = "annual_revenue"
"""The column of the contract that every share of revenue rests on."""
_ROW = 34  # pixels of a table's row, at our size of text
ICON = str(Path(__file__).with_name("_icon.png"))

TERMS = {
    "tier": "An ordered class of accounts with a service level; the best comes first.",
    "lift": "Share of revenue over share of accounts: above 1, the tier brings more than its number.",
    "hhi": "Herfindahl-Hirschman index: the sum of squared revenue shares, 0 to 10,000. Ten equal accounts give 1,000; "
    "the effective number is how many equal accounts would give the same index.",
    "gini": "0: every paying account brings the same. Near 1: one brings nearly all.",
    "risk": "Revenue of accounts whose health is At Risk or Critical.",
    "provisional": "A value is missing that could move the account to another tier.",
}
"""One line for every term of art, shown where it stands."""


@contextmanager
def says_errors() -> Iterator[None]:
    """Show an error that a person can mend as its one sentence."""
    try:
        yield
    except TierwiseError as error:
        st.error(text(str(error)), icon=":material/error:")


def run(show: Callable[[], None], *, framed: bool = False) -> None:
    """Run a page within the frame.

    Streamlit takes a folder named `pages` for its older way of having pages until somebody has called `st.navigation`:
    the first visitor of a new server who comes by a page's own address gets that page without app.py. Then start anew.
    `framed` says that app.py has run for somebody who sees one page only.
    """
    if not (framed or state.framed()):
        PagesManager.uses_pages_directory = False
        st.rerun()
    show()


UNSEEN = "\N{WORD JOINER}"
_CHANGED = re.compile(r"https?(?=:)|www(?=\.)|[\w.+-](?=@)|:(?=[\w+/-]+:)|[<>~-](?=[->=])", re.IGNORECASE)


def text(words: str) -> str:
    """Make a text from a file safe for Markdown: it is shown as it is written, and fetches nothing."""
    # A space that does not break stays one, so that no number breaks over a line.
    plain = re.sub(rf"[^\S{wording.NBSP}]+", " ", words).strip()
    # An address, an icon's name or an arrow is changed whatever is escaped in it, so it is parted where nobody sees it.
    plain = _CHANGED.sub(lambda found: f"{found[0]}{UNSEEN}", plain)
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-.!|~$:&" else c for c in plain)


def heading(question: str, answer: str) -> None:
    """Open a page with its question and the answer for the book on screen."""
    st.title(question, anchor=False)
    st.markdown(text(answer))


def sidebar() -> None:
    """Choose the book, the model, and the accounts that count."""
    names = store.books()
    with st.sidebar:
        st.selectbox("Book", list(names), key=state.BOOK, format_func=names.__getitem__, persist_state="session")
        models = state.models()
        st.selectbox("Model", list(models), key=state.MODEL, format_func=models.__getitem__, persist_state="session")
        state.ensure()
        with st.expander("Filters", icon=":material/filter_alt:", expanded=bool(state.filters())):
            for name, values in store.choices(st.session_state[state.BOOK]).items():
                label = name.capitalize()
                st.multiselect(label, values, key=state.filter_key(name), placeholder="All", persist_state="session")
        _facts()


def _facts() -> None:
    book = state.book()
    as_of = f"as of {book.as_of.isoformat()}" if book.as_of else "no date in the data"
    st.caption(text(f"{wording.accounts(book.rows)} · {book.currency} · {as_of}"))
    if state.edited():
        st.caption("The model is edited. Save a scenario to keep it.")
    if not book.has(REVENUE):
        st.caption(text(f"No column “{REVENUE}”: revenue is not known."))
    for criterion in banding.missing_columns(book, state.ground()):
        st.caption(text(f"No column “{criterion.column}”: {criterion.name} counts as missing."))


@dataclass(frozen=True, slots=True)
class Card:
    """One headline figure; its note stands under it, and a note that is a change is coloured, a rise being bad.

    `better`: a rise is good; `trend`: the figure through time, drawn small.
    """

    label: str
    value: str
    note: str | None = None
    change: bool = False
    meaning: str | None = None
    better: bool = False
    trend: Sequence[float] = ()


def cards(shown: Sequence[Card], columns: int | None = None) -> None:
    """Show headline figures in rows of equal cards, at most so many beside each other as fit.

    Without `columns` all stand in one row where there is room, and fill it; fewer than four stay as wide as a quarter.
    """
    with st.grid(columns or max(len(shown), 4), min_column_width=150, gap="small"):
        for card in shown:
            note = (card.note or "").replace(wording.MINUS, "-")  # st.metric knows a fall by the ASCII sign
            st.metric(
                text(card.label),
                text(card.value),
                (note if card.change else text(note)) or None,
                delta_color=("normal" if card.better else "inverse") if card.change else "off",
                delta_arrow="auto" if card.change else "off",
                chart_data=list(card.trend) if len(card.trend) > 1 else None,
                help=card.meaning,
                border=True,
            )


def tall(rows: int, most: int) -> int | Literal["content"]:
    """Give the height of a table of so many rows: as high as they are, and `most` pixels where they are more."""
    return "content" if _ROW * (rows + 1) <= most else most


def empty(sentence: str = "No account passes the filters.") -> None:
    """Show that there is nothing to show, and the way out."""
    st.info(f"{sentence} Widen the filters in the sidebar, or choose another book.", icon=":material/inbox:")


def no_revenue(book: Book) -> None:
    """Say that nobody brings revenue, and the way out: other filters, another book, or revenue itself."""
    if state.filters():
        empty("No account with revenue passes the filters.")
        return
    none = "No account of this book has revenue" if book.has(REVENUE) else f"This book has no column “{REVENUE}”"
    out = "Choose another book in the sidebar, or bring the revenue of the accounts on the Data page."
    st.info(text(f"{none}. {out}"), icon=":material/inbox:")


def records(rows: Sequence[Any]) -> pd.DataFrame:
    """Give frozen records as a table, one row each."""
    return pd.DataFrame([asdict(row) for row in rows])


def figure(drawn: Any, key: str, chosen: Callable[[], None] | None = None) -> None:
    """Show a Plotly figure in our own theme, with its alternative text; `chosen` is called when points are clicked."""
    clicks: dict[str, Any] = {"on_select": chosen, "selection_mode": "points"} if chosen else {}
    st.plotly_chart(drawn, key=key, theme=None, config=dict(theme.CONFIG), alt=theme.alt(drawn), **clicks)


def downloads(name: str, make: Callable[[], pa.Table]) -> None:
    """Offer a table as CSV and XLSX; it is made only when asked for."""
    with st.container(horizontal=True):
        for suffix, label in ((".csv", "CSV"), (".xlsx", "XLSX")):
            st.download_button(
                f"Download {label}",
                partial(_written, suffix, make),
                file_name=f"{name}{suffix}",
                key=f"download.{name}{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def _written(suffix: str, make: Callable[[], pa.Table]) -> bytes:
    return tables.WRITERS[suffix](make())


def live(options: dict[str, Any], key: str, height: int, *, glide: bool = True) -> None:
    """Show a live chart: it changes in place, never flashes and never resizes.

    Bars glide to their new place, except while a finger moves them: the next picture follows before they arrive, and
    the frames between cost a browser without a graphics card a quarter of its time.
    """
    st.echarts_chart(options if glide else {**options, "animation": False}, key=key, height=height, theme=None)


def risk_table(cells: Sequence[Any]) -> pd.DataFrame:
    """Give tier x health as a table, leaving out statuses that nobody has, and unrated where nobody is.

    Every tier stays, so that each keeps its own colour.
    """
    table = records(cells)
    held = {name: set(table[name][table["accounts"] > 0]) for name in ("tier", "health")}
    kept = table["health"].isin(held["health"])
    if tiers.UNRATED not in held["tier"]:
        kept &= table["tier"] != tiers.UNRATED
    return table[kept]
