"""Session state: every key and its default, and the choices that are now on screen.

The board holds importance. Weights are computed from it and never written back, so that no slider moves by itself. A
draft is no widget's value, so that it survives a change of page.

Three models follow from a choice: the baseline, as it was made; the ground, with the edits of the Model page; and the
current one, the ground with the board's weights and cut-offs. Edits live in the session only. Each model has its own:
choosing another one, or saving a new scenario, leaves them where they are; opening a scenario anew drops its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.decisions import board
from core.decisions.board import History
from core.errors import TierwiseError, UnknownName
from core.model import toml
from pages import _store as store

if TYPE_CHECKING:
    from core.accounts.books import Book
    from core.decisions.board import Draft
    from core.decisions.scenarios import Scenario
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

BOOK, MODEL, ASKED = "book", "model", "model.asked"


def ensure() -> None:
    """Give every key of the frame its default; what a session holds already stays."""
    try:
        follow_link()
    finally:
        _defaults()


def _defaults() -> None:
    st.session_state.setdefault(BOOK, store.DEMO)
    st.session_state.setdefault(MODEL, toml.DEFAULT)
    if ASKED in st.session_state:
        open_model(st.session_state.pop(ASKED))
    if st.session_state[BOOK] not in store.books():  # deleted in another session, or never there
        st.session_state[BOOK] = store.DEMO
    # Scenarios belong to a book, so a book that cannot be opened must not be asked for them: the sidebar still has to
    # offer the others.
    if st.session_state[MODEL] not in toml.ready_models() and st.session_state[MODEL] not in models():
        st.session_state[MODEL] = toml.DEFAULT
    held = st.session_state.setdefault(_history_key(), History(board.start(ground())))
    if not board.fits(held.now, ground()):  # another session saved another version of this scenario
        take(board.carry(held, ground()))


def framed() -> bool:
    """Tell whether app.py, which gives every key its default, has run in this session."""
    return BOOK in st.session_state


def book() -> Book:
    """Give the book on screen."""
    return store.book(st.session_state[BOOK])


def title() -> str:
    """Give the name that the book on screen goes by, which may be another than its file's."""
    return store.books().get(st.session_state[BOOK], book().name)


def models() -> dict[str, str]:
    """List the models that can be chosen for the book: key to name, the ready ones first, then its scenarios."""
    ready = {name: store.model(name).name for name in toml.ready_models()}
    return ready | {found.id: f"{found.name} (scenario)" for found in store.scenarios_of(book())}


def scenario() -> Scenario | None:
    """Give the scenario that is open, None where a ready model is."""
    key = st.session_state[MODEL]
    if key in toml.ready_models():
        return None
    try:
        found = store.scenario(key)
    except UnknownName:  # deleted in another session
        return None
    return found if found.book == book().digest else None


def edition() -> str:
    """Name the model on screen and its version: what is typed belongs to the version that was seen, and to no later."""
    found = scenario()
    return f"{found.id}.v{found.version}" if found else str(st.session_state[MODEL])


def baseline() -> Model:
    """Give the chosen model as it was made, before any slider moved."""
    found = scenario()
    return store.parsed(found.toml) if found else store.model(st.session_state[MODEL])


def ground() -> Model:
    """Give the chosen model with the edits of this session, before any slider moved."""
    found = edits()
    return found.now if found else baseline()


def edited() -> bool:
    """Tell whether the chosen model has been edited, other than by the board."""
    return edits() is not None and ground() != baseline()


def edits() -> History[Model] | None:
    """Give the models made by editing the chosen one, None where nobody has."""
    found: History[Model] | None = st.session_state.get(_edits_key())
    return found


def shown() -> Model:
    """Give the model as the editor shows it: the ground with the cut-offs of the board, which can be edited in both."""
    return ground().with_cut_offs(draft().cut_offs)


def edit(changed: Model) -> None:
    """Take an edited model as the one that holds.

    Raises `TierwiseError` where the book cannot be banded by it; then the last good model stays.
    """
    made = shown()
    if changed == made:
        return
    store.portfolio(st.session_state[BOOK], changed, filters())
    found = edits()
    take_edits(replace(found, now=made).then(changed) if found else History(made).then(changed))


def take_edits(changed: History[Model]) -> None:
    """Take a history of edits as the one that now holds, and carry the board over to it."""
    st.session_state[_edits_key()] = changed
    take(board.carry(history().then(draft()), changed.now))


def ask(key: str) -> None:
    """Ask for a model or a scenario to be put on screen with the next run, where no callback can do it."""
    st.session_state[ASKED] = key


def open_model(key: str) -> None:
    """Put a model or a scenario on screen as it was made, without moves of the board and edits; from a callback."""
    st.session_state[MODEL] = key
    for name in (_history_key(), _held_key(), _edits_key()):
        st.session_state.pop(name, None)


def follow_link() -> None:
    """Open the scenario that the address names, once a session; the address never holds more than its id."""
    asked, named = st.query_params.get("scenario", ""), st.query_params.get("book", "")
    if named and not framed() and named in store.books():
        st.session_state[BOOK] = named
        return
    if not asked or framed():
        return
    found = store.scenario(asked)
    book_key = key_of(found.book)
    if book_key is None:
        what = "the book of this scenario is not on this machine"
        raise TierwiseError(
            what, where=found.name, way_out="Upload the same file on the Data page, and open the link again"
        )
    st.session_state[BOOK], st.session_state[MODEL] = book_key, found.id


def line() -> str:
    """Name the line of books that the book on screen goes back to by refreshes: what is recorded of accounts stays.

    Neither another name nor a refresh changes it, and a file that is brought again under its name goes on with it.
    """
    chosen = st.session_state[BOOK]
    return book().name if chosen == store.DEMO else store.line(chosen)


def key_of(digest: str) -> str | None:
    """Give the key under which a book is listed, without opening any but the demo book; None where it is not here."""
    if digest in store.books():
        return digest
    return store.DEMO if store.book(store.DEMO).digest == digest else None


def current() -> Model:
    """Give the edited model with the weights on screen; raises `TierwiseError` where they come to nothing."""
    return board.apply(draft(), ground())


def history() -> History[Draft]:
    """Give the drafts made for the chosen model in this session; each model has its own."""
    found: History[Draft] = st.session_state[_history_key()]
    return found


def draft() -> Draft:
    """Give the draft in hand: the one under the finger, or else the last one that rested."""
    held: Draft | None = st.session_state.get(_held_key())
    return held or history().now


def in_hand() -> bool:
    """Tell whether a slider is being dragged: a draft is in hand that is no step yet."""
    return _held_key() in st.session_state


def hold(held: Draft) -> None:
    """Take a draft in hand without making it a step."""
    st.session_state[_held_key()] = held


def rest() -> None:
    """Make the draft in hand a step of the history."""
    take(history().then(draft()))


def take(changed: History[Draft]) -> None:
    """Take a history as the one that now holds, from a callback."""
    st.session_state[_history_key()] = changed
    st.session_state.pop(_held_key(), None)


def changed() -> bool:
    """Tell whether any weight is off its model."""
    return draft() != board.start(ground())


def _history_key() -> str:
    return f"board.history.{st.session_state[MODEL]}"


def _edits_key() -> str:
    return f"model.edits.{st.session_state[MODEL]}"


def _held_key() -> str:
    return f"board.held.{st.session_state[MODEL]}"


def filter_key(name: str) -> str:
    """Name a filter's widget; each book has its own."""
    return f"filter.{st.session_state[BOOK]}.{name}"


def filters() -> dict[str, list[str]]:
    """Give the filters that narrow the book, those that choose nothing left out."""
    chosen = {name: st.session_state.get(filter_key(name)) for name in store.choices(st.session_state[BOOK])}
    return {name: list(values) for name, values in chosen.items() if values}


def portfolio() -> Portfolio:
    """Give the book under the bands on screen, edits included, narrowed by the filters."""
    return store.portfolio(st.session_state[BOOK], ground(), filters())


def portfolio_before() -> Portfolio:
    """Give the book under the bands of the baseline; the same object where no edit touches them."""
    return store.portfolio(st.session_state[BOOK], baseline(), filters())


def look() -> dict[str, Any]:
    """Give what every figure wants to know of the screen: dark or light, and the currency."""
    return {"dark": dark(), "currency": book().currency}


def dark() -> bool:
    """Tell whether the reader's screen is dark."""
    return st.context.theme.type == "dark"
