"""Chapters through time say what the measures say, in sentences that fit; without enough history there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.accounts import timeline
from core.measures import basis, bridge, retention, through_time
from core.report import changes, leadership
from tests import telling

if TYPE_CHECKING:
    from core.measures.portfolio import Portfolio
    from core.report.story import Chapter

KEYS = ("time", "bridge", "retention", "ranks")
MONTHS = [f"{(at := 2023 * 12 + 6 + m) // 12}-{at % 12 + 1:02}-15" for m in range(30)]
PAID = {
    0: [100] * 18 + [160] * 12, 1: [80] * 18 + [20] * 12, 2: [50] * 18 + [0] * 12, 3: [0] * 18 + [40] * 12,
    4: [10] * 30,
}  # fmt: skip


def book(months: int = 30) -> Portfolio:
    rows = [(f"A{at:04}", MONTHS[m], str(PAID[at][m])) for at in PAID for m in range(30 - months, 30)]
    ids, days, amounts = (list(column) for column in zip(*rows, strict=True))
    columns = {"annual_revenue": ["1920", "240", "0", "480", "120"], "last_activity_date": ["2025-12-31"] * 5}
    return telling.prepared(columns, history={"account_id": ids, "period": days, "amount": amounts})


@pytest.fixture(scope="module")
def found() -> Portfolio:
    return book()


@pytest.fixture(scope="module")
def told(found: Portfolio) -> dict[str, Chapter]:
    return {chapter.key: chapter for chapter in telling.told(found, keys=KEYS).chapters}


def year(found: Portfolio, back: int) -> np.ndarray:
    past = timeline.read(found.book)
    assert past is not None
    span = timeline.trailing(past, "year", found.as_of)[-1 - back]
    (by_row,) = past.sums([span])
    return basis.of_listing(found.listing).take(by_row)


def test_the_parts_of_the_bridge_are_the_measures_and_add_up(found: Portfolio, told: dict[str, Chapter]) -> None:
    wanted = bridge.hhi(year(found, 1), year(found, 0))
    assert wanted is not None
    chapter = told["bridge"]
    points = chapter.column("Points of HHI").values
    assert list(points) == [part.points for part in wanted.parts]
    assert sum(points) == pytest.approx(wanted.after - wanted.before)
    assert list(chapter.column("How many").values) == [1, 1, 1, 1]
    assert chapter.message.startswith(f"The HHI went from {wanted.before:,.0f} to {wanted.after:,.0f} (+")
    assert "raised it most" in chapter.message


def test_changes_that_cancel_out_are_not_called_none() -> None:
    def said(*amounts: int) -> str:
        found = bridge.hhi(np.array([100, 200]), np.array(amounts))
        assert found is not None
        return changes._bridged(found, "account")

    assert said(110, 220).endswith("what the accounts did cancels out.")
    assert said(100, 200).endswith("no account changed.")
    assert said(100, 100).endswith("points.")


def test_what_stayed_is_gross_and_net_retention(found: Portfolio, told: dict[str, Chapter]) -> None:
    whole = retention.measure(year(found, 1), year(found, 0))
    chapter = told["retention"]
    assert chapter.column("Tier").values[-1] == "All"
    assert (chapter.column("Gross retention").values[-1], chapter.column("Net retention").values[-1]) == (
        whole.grr,
        whole.nrr,
    )
    # 1,200 of the first and 240 of the second stay, and 120 of the last, of 1,200 + 960 + 600 + 120.
    assert whole.grr == pytest.approx((1200 + 240 + 120) / 2880)
    assert "54.2\u00a0% stayed" in chapter.message


def test_ranks_are_those_of_a_year_before_too(found: Portfolio, told: dict[str, Chapter]) -> None:
    past = timeline.read(found.book)
    assert past is not None
    chapter = told["ranks"]
    assert list(chapter.columns[0].values) == ["Account 0", "Account 3", "Account 1", "Account 4"]
    assert [column.name for column in chapter.columns[2:]] == [
        "Rank to Jun 2024",
        "Rank to Dec 2024",
        "Rank to Dec 2025",
    ]
    spans = [span for span in timeline.trailing(past, as_of=found.as_of) if span.known]
    rows = through_time.ranks(past, basis.of_listing(found.listing), spans)
    assert [row.ranks[-1] for row in rows] == list(chapter.columns[-1].values) == [1, 2, 3, 4]
    assert chapter.column("Rank to Dec 2024").values == (1, None, 2, 4)


def test_without_a_year_to_compare_there_is_nothing_to_say() -> None:
    assert telling.told(book(12), keys=KEYS).chapters == ()
    short = {chapter.key for chapter in telling.told(book(18), keys=KEYS).chapters}
    assert short == {"time", "bridge", "ranks"}, "retention needs two whole years"


def test_a_book_without_a_history_is_not_offered_them() -> None:
    assert not set(KEYS) & set(leadership.offered(telling.prepared({"annual_revenue": ["5"]})))
