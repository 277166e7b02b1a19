"""Caching: open books, their cubes and listings, and what follows from them for any weights.

Books and portfolios are shared by every session and never change; their key is the book's digest, not its name.
Numbers that depend on weights are not cached: on a cube they cost less than looking them up.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.accounts import books as books_floor
from core.accounts import catalogue, cube, listing
from core.decisions import comparison, scenarios
from core.errors import TierwiseError
from core.measures import concentration as concentration_measure
from core.measures import exposure as exposure_measure
from core.measures import loss_distribution, stress
from core.measures import portfolio as portfolio_measure
from core.model import toml
from core.workspace.folder import Workspace
from core.workspace.state import Store, open_store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from core.accounts.books import Book
    from core.decisions.comparison import Joint
    from core.decisions.scenarios import Scenario
    from core.measures.concentration import Base, Concentration, Money
    from core.measures.exposure import Exposure
    from core.measures.loss_distribution import LossRisk
    from core.measures.portfolio import Portfolio
    from core.measures.stress import Stress
    from core.model.model import Model

DEMO = "demo"
CURVE_POINTS = 300
_DEMO_FOLDER = Path(__file__).parents[1] / "data" / "demo"


def books() -> dict[str, str]:
    """List the books that can be opened: key to name, the demo book first."""
    try:
        said: Store | None = state_store()
    except TierwiseError:  # a store that cannot be opened must not hide the books
        said = None
    kept = catalogue.entries(Workspace.here(), said)
    return {DEMO: "Demo book"} | catalogue.titles(kept, taken=["Demo book"])


def line(key: str) -> str:
    """Name the first book that a kept book goes back to by refreshes, as its file does: a new name changes nothing."""
    kept = catalogue.entries(Workspace.here(), state_store())
    first = catalogue.lineage(kept, key)
    return next((entry.about.name for entry in kept if entry.digest == first), book(key).name)


def _forget(_: Book) -> None:
    """Let go of all that was prepared: some of it holds the book that goes, and no cache forgets one book's alone."""
    for prepared in (_whole, _narrowed, _joint):
        prepared.clear()


# What is released here stays in memory for as long as a run holds it, and no longer.


@st.cache_resource(max_entries=6, show_spinner="Opening the book …", on_release=_forget)
def book(key: str) -> Book:
    """Open a book."""
    if key == DEMO:
        return books_floor.open_file(
            _DEMO_FOLDER / "accounts.csv", history=_DEMO_FOLDER / "history.csv", name="Demo book"
        )
    return books_floor.open_kept(Workspace.here(), key)


# A model never changes, so every session may hold the same one; a copy for each would cost more than the scores.


@st.cache_resource
def model(name: str) -> Model:
    """Read a ready model."""
    return toml.load(name)


@st.cache_resource(max_entries=64)
def parsed(text: str) -> Model:
    """Read a model from its TOML."""
    return toml.loads(text)


def state_store() -> Store:
    """Open the store of what people made: one for the whole process."""
    return _opened(Workspace.here().home)


@lru_cache(maxsize=8)
def _opened(home: Path) -> Store:
    # The store knows itself when its file is replaced; finding its folder out anew at every look takes longer than one.
    return open_store(Workspace(home))


def reviews(key: str) -> list[dt.date]:
    """Give the days on which a model was published for a book or for one that it refreshes, oldest first."""
    kept = catalogue.entries(Workspace.here(), state_store())
    line = catalogue.lineage(kept, key)
    digests = {book(key).digest, *(one.digest for one in kept if catalogue.lineage(kept, one.digest) == line)}
    return sorted({day for digest in digests for day in scenarios.reviewed(state_store(), digest)})


def scenarios_of(found: Book) -> list[Scenario]:
    """List the living scenarios of a book, last saved first."""
    return scenarios.listed(state_store(), found.digest)


def scenario(key: str) -> Scenario:
    """Open a scenario by its id; raises `UnknownName` where there is none."""
    return scenarios.load(state_store(), key)


@st.cache_data
def choices(key: str) -> dict[str, list[str]]:
    """List the values that each filter offers in a book."""
    return cube.choices(book(key))


def portfolio(key: str, chosen: Model, filters: Mapping[str, Sequence[str]]) -> Portfolio:
    """Prepare a book under a model's bands; weights and cut-offs do not matter here."""
    narrowed = tuple(sorted((name, tuple(sorted(values))) for name, values in filters.items() if values))
    banding = chosen.banding_key()
    return _narrowed(key, banding, narrowed, chosen) if narrowed else _whole(key, banding, chosen)


# A whole book keeps 50 bytes an account; what it is narrowed to keeps one, and with it the whole it comes from.


@st.cache_resource(max_entries=6, show_spinner="Banding every account and grouping by profile …")
def _whole(key: str, banding: str, _chosen: Model) -> Portfolio:  # noqa: ARG001  a part of the cache key
    return portfolio_measure.prepare(book(key), _chosen)


@st.cache_resource(max_entries=12, show_spinner=False)
def _narrowed(
    key: str,
    banding: str,  # part of the cache key, where `_chosen` is not
    filters: tuple[tuple[str, tuple[str, ...]], ...],
    _chosen: Model,
) -> Portfolio:
    return portfolio_measure.narrow(_whole(key, banding, _chosen), _chosen, dict(filters))


def joint(before: Portfolio, after: Portfolio) -> Joint:
    """Put a book under two ways of banding side by side; free where they are the same."""
    if before.listing.name == after.listing.name:
        return comparison.join(before, after)
    return _joint(before.listing.name, after.listing.name, before, after)


@st.cache_resource(max_entries=12, show_spinner="Comparing every account before and after …")
def _joint(one: str, other: str, _before: Portfolio, _after: Portfolio) -> Joint:  # noqa: ARG001
    return comparison.join(_before, _after)


# A portfolio is too large to be a cache key, so it is passed with an underscore, and its listing's name stands for it.


def concentration(prepared: Portfolio) -> Concentration:
    """Measure concentration over the accounts of a portfolio."""
    return _concentration(prepared.listing.name, prepared)


@st.cache_data(max_entries=64)
def _concentration(table: str, _prepared: Portfolio) -> Concentration:  # noqa: ARG001
    return concentration_measure.of_base(base(_prepared))


def base(prepared: Portfolio) -> Base:
    """Give the amounts that shares are taken of, in order, and what is set apart from them."""
    return _base(prepared.listing.name, prepared)


@st.cache_resource(max_entries=6, show_spinner=False)
def _base(table: str, _prepared: Portfolio) -> Base:  # noqa: ARG001
    return concentration_measure.shares_base(listing.profiles(_prepared.listing)[1])


def ladder(prepared: Portfolio, counted: Money, *, joined: bool) -> list[Stress]:
    """Lose the largest accounts, or customers where subsidiaries are joined; `counted` are their amounts."""
    return _ladder(prepared.listing.name, joined, counted)


@st.cache_data(max_entries=32, show_spinner=False)
def _ladder(table: str, joined: bool, _counted: Money) -> list[Stress]:  # noqa: ARG001, FBT001  the cache key
    return stress.ladder(_counted)


def exposure(prepared: Portfolio) -> Exposure:
    """Give revenue, health status and the book's own probability of loss of every account with revenue."""
    return _exposure(prepared.listing.name, prepared)


@st.cache_resource(max_entries=4, show_spinner=False)
def _exposure(table: str, _prepared: Portfolio) -> Exposure:  # noqa: ARG001
    return exposure_measure.exposure(_prepared)


def losses(
    prepared: Portfolio, by_status: Mapping[str, float], *, from_book: bool, correlation: float = 0.0
) -> LossRisk:
    """Give the distribution of the loss under probabilities by health status."""
    assumed = tuple(sorted(by_status.items()))
    return _losses(prepared.listing.name, assumed, from_book, correlation, prepared)


@st.cache_data(max_entries=64, show_spinner="Adding up every loss that can happen …")
def _losses(
    table: str,  # noqa: ARG001
    assumed: tuple[tuple[str, float], ...],
    from_book: bool,  # noqa: FBT001  a part of the cache key
    correlation: float,
    _prepared: Portfolio,
) -> LossRisk:
    held = exposure(_prepared)
    return loss_distribution.assess(
        held.revenue, held.probability(dict(assumed), from_book=from_book), correlation=correlation
    )


def curves(prepared: Portfolio) -> dict[str, pd.DataFrame]:
    """Give the Lorenz curve and the Pareto curve as tables of x and y, thinned for drawing."""
    return _curves(prepared.listing.name, prepared)


@st.cache_data(max_entries=64)
def _curves(table: str, _prepared: Portfolio) -> dict[str, pd.DataFrame]:  # noqa: ARG001
    counted = base(_prepared).counted
    if not len(counted):
        nothing = pd.DataFrame({"x": [], "y": []})
        return {"lorenz": nothing, "pareto": nothing}
    drawn = {
        "lorenz": concentration_measure.lorenz(counted, CURVE_POINTS),
        "pareto": concentration_measure.concentration_curve(counted, CURVE_POINTS),
    }
    return {name: pd.DataFrame({"x": x, "y": y}) for name, (x, y) in drawn.items()}
