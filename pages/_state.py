"""Session state: every key and its default, and the choices that are now on screen.

Sliders hold importance. Weights are computed from it and never written back, so that no slider moves by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core.model import toml
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.accounts.books import Book
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

BOOK, MODEL, RISK_PAGE = "book", "model", "risk.page"


def ensure() -> None:
    """Give every key of the frame its default; what a session holds already stays."""
    st.session_state.setdefault(BOOK, store.DEMO)
    st.session_state.setdefault(MODEL, toml.DEFAULT)
    if st.session_state[BOOK] not in store.books():  # deleted in another session, or never there
        st.session_state[BOOK] = store.DEMO
    for criterion in baseline().criteria:
        st.session_state.setdefault(importance_key(criterion.id), criterion.importance)


def book() -> Book:
    """Give the book on screen."""
    return store.book(st.session_state[BOOK])


def baseline() -> Model:
    """Give the chosen model as it was made, before any slider moved."""
    return store.model(st.session_state[MODEL])


def current() -> Model:
    """Give the chosen model with the importances on screen; raises `TierwiseError` where all of them are 0."""
    return baseline().with_importance(importance())


def importance() -> dict[str, float]:
    """Give what the sliders hold, by criterion."""
    return {c.id: float(st.session_state.get(importance_key(c.id), c.importance)) for c in baseline().criteria}


def changed() -> bool:
    """Tell whether any slider is off its model."""
    return any(importance()[c.id] != c.importance for c in baseline().criteria)


def set_importance(values: Mapping[str, float]) -> None:
    """Move sliders, from a callback."""
    for criterion, value in values.items():
        st.session_state[importance_key(criterion)] = value


def importance_key(criterion: str) -> str:
    """Name the slider of a criterion; each model has its own, so that changing the model loses nothing."""
    return f"importance.{st.session_state[MODEL]}.{criterion}"


def filter_key(name: str) -> str:
    """Name a filter's widget; each book has its own."""
    return f"filter.{st.session_state[BOOK]}.{name}"


def filters() -> dict[str, list[str]]:
    """Give the filters that narrow the book, those that choose nothing left out."""
    chosen = {name: st.session_state.get(filter_key(name)) for name in store.choices(st.session_state[BOOK])}
    return {name: list(values) for name, values in chosen.items() if values}


def portfolio() -> Portfolio:
    """Give the book under the chosen model's bands, narrowed by the filters."""
    return store.portfolio(st.session_state[BOOK], baseline(), filters())


def look() -> dict[str, Any]:
    """Give what every figure wants to know of the screen: dark or light, and the currency."""
    return {"dark": dark(), "currency": book().currency}


def dark() -> bool:
    """Tell whether the reader's screen is dark."""
    return st.context.theme.type == "dark"
