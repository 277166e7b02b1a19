"""Chapters of groups: their parts add up to the book, their curves are curves, and names cannot clash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.report import leadership
from tests import telling

if TYPE_CHECKING:
    from core.report.story import Chapter

BOOK: dict[str, list[str | None]] = {
    "annual_revenue": ["600", "300", "100", "50", "50", "0", "-20"],
    "industry": ["Steel", "Steel", "Paper", None, "Paper", "Steel", "Paper"],
}
KEYS = ("hhi_industry", "map_industry", "curves_industry")


@pytest.fixture(scope="module")
def told() -> dict[str, Chapter]:
    return {chapter.key: chapter for chapter in telling.told(telling.prepared(BOOK), keys=KEYS).chapters}


def test_shares_of_the_hhi_add_up_to_it(told: dict[str, Chapter]) -> None:
    chapter = told["hhi_industry"]
    assert sum(chapter.column("Share of the HHI").values) == pytest.approx(1)
    squared = 10_000 * (600**2 + 300**2 + 100**2 + 50**2 + 50**2) / 1100**2
    assert sum(chapter.column("Points of HHI").values) == pytest.approx(squared)
    assert chapter.message == "Steel brings 81.8\u00a0% of revenue and 96.8\u00a0% of the HHI."


def test_tiles_hold_all_revenue(told: dict[str, Chapter]) -> None:
    chapter = told["map_industry"]
    assert sum(chapter.column("Revenue").values) == 1100_00
    assert chapter.message.startswith("The largest account of any industry is Account 0 of Steel, with 54.5\u00a0%")


def test_a_curve_of_a_group_stands_beside_that_of_the_whole_book(told: dict[str, Chapter]) -> None:
    chapter = told["curves_industry"]
    names = [column.name for column in chapter.columns]
    assert names == ["Share of accounts, largest first", "All accounts", "Steel", "Paper", "not given"]
    for column in chapter.columns:
        assert (column.values[0], column.values[-1]) == (0.0, pytest.approx(1.0))
    assert chapter.column("All accounts").values[4] == pytest.approx(600 / 1100), "a fifth of five is one"
    assert chapter.chart is not None
    assert chapter.chart.of[1] == "All accounts"


def test_a_group_may_be_called_as_the_whole_is() -> None:
    book = {**BOOK, "industry": ["All accounts", "Share of accounts, largest first", *BOOK["industry"][2:]]}
    (chapter,) = telling.told(telling.prepared(book), keys=["curves_industry"]).chapters
    assert {"All accounts", "All accounts (2)"} <= {column.name for column in chapter.columns}


def test_further_views_come_only_where_they_are_asked_for() -> None:
    found = telling.prepared(BOOK)
    assert set(KEYS) <= set(leadership.offered(found))
    assert not set(KEYS) & {chapter.key for chapter in telling.told(found).chapters}
    assert telling.told(telling.prepared({**BOOK, "annual_revenue": ["0"] * 7}), keys=KEYS).chapters == ()
