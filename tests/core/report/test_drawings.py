"""The figures of the screen, made anew from a story, draw the story's numbers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from core.figures import theme
from core.report import drawings, leadership
from tests import telling

if TYPE_CHECKING:
    from core.report.story import Chapter

TIERS = ("A", "B", "C")
BOOK = {
    "annual_revenue": ["600", "300", "100"], "industry": ["Steel", "Steel", "Paper"], "region": ["EMEA"] * 3,
    "segment": ["Small"] * 3, "churn_probability": ["0.1", "0.2", "0.05"], "last_activity_date": ["2025-12-31"] * 3,
}  # fmt: skip
HISTORY = {
    "account_id": ["A0000"] * 30 + ["A0001"] * 30,
    "period": [f"{(at := 2023 * 12 + 6 + m) // 12}-{at % 12 + 1:02}-15" for m in range(30)] * 2,
    "amount": ["10"] * 15 + ["50"] * 15 + ["10"] * 15 + ["25"] * 15,
}


@functools.cache
def chapters() -> dict[str, Chapter]:
    """Every chapter there is, of a book that has something to say in each."""
    found = telling.prepared(BOOK, history=HISTORY)
    return {chapter.key: chapter for chapter in telling.told(found, keys=leadership.offered(found)).chapters}


def drawn(key: str) -> Any:
    return drawings.figure(chapters()[key], TIERS, "USD")


@pytest.mark.parametrize("key", drawings.DRAWN)
def test_every_chapter_that_promises_a_figure_has_one(key: str) -> None:
    figure = drawn(key)
    assert figure is not None
    assert theme.alt(figure)


def test_the_others_have_none() -> None:
    found = chapters()
    assert {key for key in found if drawings.figure(found[key], TIERS, "USD") is not None} == set(drawings.DRAWN)


def test_the_curve_names_the_accounts_of_the_storys_message() -> None:
    chapter = chapters()["pareto"]
    made = drawn("pareto")
    assert made.layout.meta["title"] == "2 accounts (66.7\u00a0%) make 80\u00a0% of revenue"
    assert list(made.data[0].x) == list(chapter.columns[0].values)


def test_the_lorenz_curve_has_the_gini_of_the_story() -> None:
    assert "(Gini 0.33)" in drawn("lorenz").layout.meta["title"]


def test_the_largest_stand_in_the_colours_of_their_tiers() -> None:
    assert sorted(x for trace in drawn("largest").data for x in trace.x) == [0.1, 0.3, 0.6]


def test_a_story_without_a_figure_is_a_sentence() -> None:
    story = telling.told(telling.prepared({"annual_revenue": ["0"]}), keys=["pareto"])
    page = drawings.picture(story, TIERS, "html").decode()
    assert "No account has revenue yet." in page
