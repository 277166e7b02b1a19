"""Caching for concentration: who belongs to whom, the revenue history, and what follows from both for a filtered book.

What belongs to a book is kept by its table's name, what belongs to a filtered one by that of its listing. Amounts do
not depend on weights, so no slider makes any of this anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.accounts import arrays, timeline
from core.accounts import parents as parents_floor
from core.accounts.timeline import Period
from core.measures import basis as basis_measure
from core.measures import bridge as bridge_measure
from core.measures import concentration, through_time
from pages import _store as store

if TYPE_CHECKING:
    from core.accounts.arrays import Coded
    from core.accounts.books import Book
    from core.accounts.parents import Customers
    from core.accounts.timeline import Step, Timeline
    from core.measures.basis import Basis
    from core.measures.bridge import Bridge
    from core.measures.concentration import Base, Concentration, Money
    from core.measures.portfolio import Portfolio
    from core.measures.through_time import Point, Ranked

TRAILING, CALENDAR = "Twelve months up to each", "Each on its own"


def history(book: Book) -> Timeline | None:
    """Read the revenue history of a book; None where it has none."""
    return _history(book.history_table, book)


@st.cache_resource(max_entries=4, show_spinner="Reading the revenue history …")
def _history(table: str, _book: Book) -> Timeline | None:  # noqa: ARG001
    return timeline.read(_book)


def customers(book: Book) -> Customers | None:
    """Find the ultimate parents of a book; None where no account has a parent."""
    return _customers(book.table, book)


@st.cache_resource(max_entries=6, show_spinner="Joining subsidiaries with their parents …")
def _customers(table: str, _book: Book) -> Customers | None:  # noqa: ARG001
    return parents_floor.read(_book)


def basis(prepared: Portfolio, *, joined: bool) -> Basis:
    """Take the accounts of a filtered book, or the customers they belong to."""
    return _basis(prepared.listing.name, prepared, joined=joined)


@st.cache_resource(max_entries=6, show_spinner=False)
def _basis(table: str, _prepared: Portfolio, *, joined: bool) -> Basis:  # noqa: ARG001
    return basis_measure.of_listing(_prepared.listing, customers(_prepared.book) if joined else None)


def counted(prepared: Portfolio, *, joined: bool) -> Money:
    """Give the amounts that shares are taken of, the largest first."""
    return (_joined_base(prepared.listing.name, prepared) if joined else store.base(prepared)).counted


@st.cache_resource(max_entries=6, show_spinner=False)
def _joined_base(table: str, _prepared: Portfolio) -> Base:  # noqa: ARG001
    return concentration.shares_base(basis(_prepared, joined=True).cents)


def now(prepared: Portfolio, *, joined: bool) -> Concentration:
    """Measure concentration as it is."""
    return _joined(prepared.listing.name, prepared) if joined else store.concentration(prepared)


@st.cache_data(max_entries=32, show_spinner=False)
def _joined(table: str, _prepared: Portfolio) -> Concentration:
    return concentration.of_base(_joined_base(table, _prepared))


def a_year_ago(prepared: Portfolio, *, joined: bool) -> Concentration | None:
    """Measure concentration of the twelve months up to a year ago; None where the history does not reach that far.

    The same as `leadership.a_year_ago`, for customers too, and from the history that is in hand already.
    """
    day = prepared.as_of
    if day is None or not prepared.book.knows_a_year_before(day):
        return None
    found = _a_year_ago(prepared.listing.name, 12 * day.year + day.month - 1 - timeline.YEAR, prepared, joined=joined)
    return found if found is not None and found.accounts_counted else None


@st.cache_data(max_entries=32, show_spinner=False)
def _a_year_ago(table: str, last: int, _prepared: Portfolio, *, joined: bool) -> Concentration | None:  # noqa: ARG001
    past = history(_prepared.book)
    if past is None:
        return None
    (by_row,) = past.sums([Period(timeline.name(last), last - timeline.YEAR + 1, last, known=True)])
    return concentration.measure(basis(_prepared, joined=joined).take(by_row))


def periods(prepared: Portfolio, kind: str = TRAILING, step: Step = "quarter") -> list[Period]:
    """List the periods of a book's history, oldest first, from the first that is known; none without a history."""
    past = history(prepared.book)
    if past is None:
        return []
    return (timeline.trailing if kind == TRAILING else timeline.calendar)(past, step, prepared.as_of)


def trend(prepared: Portfolio, kind: str = TRAILING, step: Step = "quarter", *, joined: bool) -> list[Point | None]:
    """Measure concentration in every period; None where a period is not known."""
    return _trend(prepared.listing.name, kind, step, prepared, joined=joined)


@st.cache_data(max_entries=64, show_spinner="Measuring every period …")
def _trend(table: str, kind: str, step: Step, _prepared: Portfolio, *, joined: bool) -> list[Point | None]:  # noqa: ARG001
    past = history(_prepared.book)
    if past is None:
        return []
    return through_time.trend(past, basis(_prepared, joined=joined), periods(_prepared, kind, step))


def ranks(prepared: Portfolio, *, joined: bool) -> list[Ranked]:
    """Rank the largest customers through the last periods of twelve months."""
    return _ranks(prepared.listing.name, prepared, joined=joined)


RANKED_PERIODS = 9


@st.cache_data(max_entries=32, show_spinner=False)
def _ranks(table: str, _prepared: Portfolio, *, joined: bool) -> list[Ranked]:  # noqa: ARG001
    past = history(_prepared.book)
    if past is None:
        return []
    return through_time.ranks(past, basis(_prepared, joined=joined), periods(_prepared)[-RANKED_PERIODS:])


def amounts(prepared: Portfolio, period: Period, *, joined: bool) -> Money:
    """Give what every customer paid in a period."""
    return _amounts(prepared.listing.name, period.first, period.last, prepared, joined=joined)


@st.cache_resource(max_entries=8, show_spinner=False)
def _amounts(table: str, first: int, last: int, _prepared: Portfolio, *, joined: bool) -> Money:  # noqa: ARG001
    past, mine = history(_prepared.book), basis(_prepared, joined=joined)
    if past is None:
        return mine.cents * 0
    (by_row,) = past.sums([Period("", first, last, known=True)])
    return mine.take(by_row)


def bridge(prepared: Portfolio, start: Period, end: Period, *, joined: bool) -> Bridge | None:
    """Split the change of the HHI between two periods; None where one of them has no revenue."""
    return _bridge(prepared.listing.name, start, end, prepared, joined=joined)


@st.cache_data(max_entries=32, show_spinner=False)
def _bridge(table: str, start: Period, end: Period, _prepared: Portfolio, *, joined: bool) -> Bridge | None:  # noqa: ARG001
    before, after = (amounts(_prepared, period, joined=joined) for period in (start, end))
    return bridge_measure.hhi(before, after)


@st.cache_resource(max_entries=24, show_spinner=False)
def _coded(table: str, name: str, _book: Book) -> Coded:  # noqa: ARG001
    return arrays.coded(_book, name)


def coded(book: Book, name: str) -> Coded:
    """Give a text column of a book as codes."""
    return _coded(book.table, name, book)
