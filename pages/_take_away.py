"""What a leader takes away from the concentration page: slides, a workbook, a print view, and pictures of figures.

Everything is made when its button is pressed, never before: a page that is only looked at pays nothing.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.accounts import arrays
from core.measures import where
from core.report import deck, drawings, leadership, page, pictures, workbook
from pages import _losses as losses
from pages import _past as past
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.measures.tiers import Verdict
    from core.measures.where import Place
    from core.report.story import Story
    from pages._view import View

CHAPTERS, FIGURE = "take_away.chapters", "take_away.figure"
"""What is chosen; books that offer other chapters have a choice of their own."""


def show(view: View) -> None:
    """Offer the story of the book on screen as files."""
    prepared, verdict, model, filters = view.prepared, view.verdict, state.current(), state.filters()
    names, look = leadership.offered(prepared), _look(view, verdict)

    def tell(keys: tuple[str, ...]) -> Story:
        made = dt.datetime.now(dt.UTC).date()
        return leadership.tell(prepared, verdict, model, look=look, filters=filters, keys=keys, made=made)

    key = f"{CHAPTERS}.{'.'.join(names)}"
    usual = [name for name in names if name not in leadership.FURTHER]
    chosen = st.multiselect(
        "Chapters", list(names), default=usual, key=key, format_func=names.__getitem__,
        help="Each is one slide, one sheet and one part of the print view.", persist_state="session",
    )  # fmt: skip
    if not chosen:
        st.caption("Choose at least one chapter.")
        return
    keys, tiers = tuple(chosen), model.tier_names
    with st.container(horizontal=True):
        _button("Download slides", "pptx", lambda: deck.write(tell(keys)))
        _button("Download workbook", "xlsx", lambda: workbook.write(tell(keys)))
        _button("Download print view", "html", lambda: page.illustrated(tell(keys), tiers))
    st.caption(
        "Slides and workbook hold charts that can be edited. Each names its book, model, filters, as-of date and the"
        " definitions it uses."
    )
    _pictures([key for key in names if key in drawings.DRAWN], names, partial(_drawn, tell, tiers))


def _look(view: View, verdict: Verdict) -> leadership.Look:
    """Say how the reader looks at the book; what costs a scan is asked for only when a file is made.

    Nothing here may ask a cache then: a download is made outside of any session.
    """
    basis, book = view.basis, view.prepared.book
    labels = [period.label for period in past.periods(view.prepared)]
    trend = past.trend(view.prepared, joined=view.joined)

    def tiers(customers: Sequence[int]) -> list[int]:
        return [int(tier) for tier in verdict.tier[basis.profile[list(customers)]]]

    def groups(column: str) -> Sequence[Place]:
        return where.measure(basis.cents, *where.codes(basis, arrays.coded(book, column))).places

    held = past.history(book)
    return leadership.Look(
        basis.cents, view.joined, view.before, view.names, tiers, groups, lambda: list(zip(labels, trend, strict=True)),
        basis=basis, history=lambda: held, assumed=losses.assumed(view.prepared, state.current()),
        called=state.title(),
    )  # fmt: skip


def _pictures(keys: list[str], names: dict[str, str], draw: Callable[[str, str], bytes]) -> None:
    """Offer one figure as a picture, where a Chromium is found, and as an interactive page always."""
    with st.expander("Pictures of single figures", icon=":material/image:"):
        key = st.selectbox(
            "Figure", keys, key=f"{FIGURE}.{'.'.join(keys)}", format_func=names.__getitem__, persist_state="session"
        )
        can = pictures.browser() is not None
        with st.container(horizontal=True):
            for kind in ("png", "svg") if can else ():
                _button(f"Download {kind.upper()}", kind, partial(draw, key, kind), name=key)
            _button("Download interactive HTML", "html", partial(draw, key, "html"), name=key)
        if not can:
            st.caption("PNG and SVG need a Chromium on the machine that runs Tierwise, and none is found.")


def _drawn(tell: Callable[[tuple[str, ...]], Story], tiers: tuple[str, ...], key: str, kind: str) -> bytes:
    return drawings.picture(tell((key,)), tiers, kind)


def _button(label: str, suffix: str, make: Callable[[], bytes], *, name: str = "concentration") -> None:
    st.download_button(
        label,
        make,
        file_name=f"{name}.{suffix}",
        key=f"take_away.{label}",
        icon=":material/download:",
        on_click="ignore",
    )
