"""The catalogue: names, deletions with a way back, ratings that outlive a refresh, and what a refresh changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from core.accounts import books, catalogue
from core.accounts.contract import Kind
from core.errors import TierwiseError
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, open_store
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.workspace.state import Store


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    found = open_store(workspace)
    yield found
    found.close()


def stamp() -> Stamp:
    return Stamp(dt.datetime(2026, 9, 30, tzinfo=dt.UTC))


def keep(workspace: Workspace, name: str, **columns: list[str | None]) -> str:
    return books.keep(workspace, making.checked(columns), name=name, source=f"{name}.csv").stem


def test_a_book_is_renamed_deleted_and_taken_back(workspace: Workspace, store: Store) -> None:
    digest = keep(workspace, "first", annual_revenue=["1", "2"])
    (entry,) = catalogue.entries(workspace, store)
    assert (entry.name, entry.deleted, entry.time) == ("first", False, None)
    catalogue.rename(store, digest, " Second ", stamp())
    catalogue.note(store, digest, stamp(), deleted=True)
    (entry,) = catalogue.entries(workspace, store)
    assert (entry.name, entry.deleted) == ("Second", True)
    catalogue.note(store, digest, stamp(), deleted=False)
    assert not catalogue.entries(workspace, store)[0].deleted
    assert books.open_kept(workspace, digest).rows == 2, "the file was there all the time"
    with pytest.raises(TierwiseError, match="A book needs a name"):
        catalogue.rename(store, digest, "  ", stamp())


def test_without_a_store_the_books_are_still_listed(workspace: Workspace) -> None:
    keep(workspace, "first", annual_revenue=["1"])
    assert [entry.name for entry in catalogue.entries(workspace, None)] == ["first"]


def test_ratings_stand_apart_and_are_put_over_every_refresh(workspace: Workspace, store: Store) -> None:
    first = keep(workspace, "a", annual_revenue=["1", "2"], Fit=["3", ""])
    catalogue.rate(store, first, "Fit", {"A0000": 8.0, "A0001": None}, stamp())
    catalogue.rate(store, first, "Culture", {"A0001": 6.5}, stamp())
    refreshed = making.checked({"annual_revenue": ["5", "6", "7"], "Fit": ["1", "2", ""]})
    second = books.keep(workspace, refreshed, name="b", source="b.csv").stem
    catalogue.note(store, second, stamp(), before=first)
    line = catalogue.lineage(catalogue.entries(workspace, store), second)
    assert line == first
    found = catalogue.rated(refreshed, catalogue.ratings(store, line))
    by_heading = {column.heading: column for column in found.columns}
    assert found.table[by_heading["Fit"].name].to_pylist() == [8.0, 2.0, None]
    assert found.table[by_heading["Culture"].name].to_pylist() == [None, 6.5, None]
    assert by_heading["Culture"].kind is Kind.NUMBER
    catalogue.rate(store, first, "Fit", {"A0000": None}, stamp())
    assert catalogue.ratings(store, first)["Fit"] == {}
    with pytest.raises(TierwiseError, match="is not from 0 to 10"):
        catalogue.rate(store, first, "Fit", {"A0000": 11.0}, stamp())


def test_a_difference_names_the_accounts_that_came_went_and_changed() -> None:
    old = making.checked({"account_id": ["a", "b", "c"], "annual_revenue": ["1", "2", ""], "Fit": ["1", "2", "3"]})
    new = making.checked({"account_id": ["c", "b", "d"], "annual_revenue": ["5", "2", "1"], "Fit": ["3", "9", "1"]})
    found = catalogue.difference(old, new)
    assert (found.added, found.removed) == (("d",), ("a",))
    assert {ident: set(headings) - {"name"} for ident, headings in found.changed.items()} == {
        "c": {"annual_revenue"}, "b": {"Fit"},
    }  # fmt: skip
