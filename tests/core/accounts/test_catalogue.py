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


def test_no_two_books_are_called_alike(workspace: Workspace, store: Store) -> None:
    digests = [keep(workspace, "first", annual_revenue=[str(i)]) for i in range(3)]
    for i, digest in enumerate(digests):
        catalogue.note(store, digest, stamp(), name="Same" if i else "Demo")
    found = catalogue.titles(catalogue.entries(workspace, store), taken=["Demo"])
    assert set(found) == set(digests)
    assert len(set(found.values())) == 3
    assert found[digests[0]] == "Demo, 2026-09-30 00:00"
    assert {found[d].partition(",")[0] for d in digests[1:]} == {"Same"}
    assert "Same" in found.values(), "one of them keeps its name"


def test_a_rating_that_is_taken_back_lets_the_file_speak_again() -> None:
    file = making.checked({"annual_revenue": ["1", "2"], "Fit": ["3", "4"]})
    held = {"Fit": {"A0000": 9.0}, "Culture": {"A0001": 5.0}}
    first = catalogue.rated(file, held)
    assert [c.heading for c in first.columns][-3:] == ["Fit", "Fit (in the file)", "Culture"]
    again = catalogue.rated(first, {"Fit": {"A0001": 1.0}, "Culture": {}}, held)
    said = {c.heading: again.table[c.name].to_pylist() for c in again.columns}
    assert (said["Fit"], said["Fit (in the file)"], said["Culture"]) == ([3.0, 1.0], [3.0, 4.0], [None, None])
    words = catalogue.rated(making.checked({"Fit": ["high", "low"]}), {"Fit": {"A0000": 9.0}})
    assert {c.heading: words.table[c.name].to_pylist() for c in words.columns}["Fit"] == [9.0, None]
    with pytest.raises(TierwiseError, match="holds a plain amount"):
        catalogue.ratable("Annual revenue", file.columns)


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
