"""The timeline: what is known of a history, what is not, and exact sums over any window."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts import timeline
from core.accounts.timeline import Period, Timeline
from tests import making

if TYPE_CHECKING:
    from collections.abc import Sequence


def month(text: str) -> int:
    """A month as the timeline counts it, from 2026-09."""
    year, number = map(int, text.split("-"))
    return 12 * year + number - 1


def read(lines: Sequence[tuple[str, str, str]], accounts: Sequence[str] = ("a", "b")) -> Timeline | None:
    ids, periods, amounts = zip(*lines, strict=True)
    history = {"account_id": ids, "period": periods, "amount": amounts}
    return timeline.read(making.book({"account_id": list(accounts)}, history))


def kept(months: Sequence[str]) -> Timeline:
    """A history with one account and a line in each of the months."""
    found = read([("a", f"{text}-15", "1") for text in months])
    assert found is not None
    return found


def quarters(first: int, last: int) -> list[str]:
    return [f"{year}-{quarter:02}" for year in range(first, last + 1) for quarter in (3, 6, 9, 12)]


def months(first: str, count: int) -> list[str]:
    start = month(first)
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(start, start + count)]


def test_a_book_without_a_history_has_no_timeline() -> None:
    assert timeline.read(making.book({"account_id": ["a"]})) is None


def test_a_history_of_other_accounts_alone_is_no_timeline() -> None:
    assert read([("z", "2026-03-31", "5")]) is None


def test_accounts_that_the_book_does_not_have_are_counted_and_left_out() -> None:
    found = read([("a", "2026-03-31", "5"), ("z", "2026-03-31", "7.50"), ("z", "2026-06-30", "1")])
    assert found is not None
    assert found.strangers == (1, 850)
    assert found.cents.sum() == 500


def test_two_lines_in_one_month_are_added_up() -> None:
    found = read([("a", "2026-03-01", "5"), ("a", "2026-03-31", "7"), ("b", "2026-03-15", "-1")])
    assert found is not None
    (by_row,) = found.sums([Period("", month("2026-03"), month("2026-03"), known=True)])
    assert by_row.tolist() == [1200, -100]


@pytest.mark.parametrize(
    ("recorded", "grain"),
    [
        (months("2025-01", 6), 1),
        (quarters(2025, 2025), 3),
        (["2025-02", "2025-05", "2025-08", "2025-11"], 3),
        (["2025-06", "2025-12", "2026-06"], 6),
        (["2024-12", "2025-12"], 12),
        (["2025-12"], 1),
        (["2025-03", "2025-06", "2025-10", "2025-12", "2026-03"], 3),
    ],
)
def test_how_long_a_line_stands_for_is_read_from_the_usual_gap(recorded: list[str], grain: int) -> None:
    assert kept(recorded).grain == grain


def test_a_year_by_quarters_is_known_with_its_fourth_quarter() -> None:
    found = timeline.trailing(kept(quarters(2025, 2026)), "quarter")
    assert [(period.label, period.known) for period in found] == [
        ("Dec 2025", True), ("Mar 2026", True), ("Jun 2026", True), ("Sep 2026", True), ("Dec 2026", True),
    ]  # fmt: skip
    assert {period.last - period.first for period in found} == {11}


def test_a_year_by_months_needs_all_twelve() -> None:
    assert timeline.trailing(kept(months("2025-02", 11)), "month") == []
    found = timeline.trailing(kept(months("2025-02", 12)), "month")
    assert [(period.label, period.known) for period in found] == [("Jan 2026", True)]


def test_a_month_that_is_not_recorded_makes_its_years_not_known_and_never_a_fall() -> None:
    recorded = [text for text in months("2024-01", 30) if text != "2025-03"]
    found = {period.label: period.known for period in timeline.trailing(kept(recorded), "month")}
    assert found["Feb 2025"]
    assert [label for label, known in found.items() if not known] == [
        timeline.name(month("2025-03") + at) for at in range(12)
    ]
    assert found["Mar 2026"]


def test_a_line_of_zero_is_recorded() -> None:
    lines = [("a", f"{text}-28", "0" if text == "2025-03" else "1") for text in months("2024-06", 14)]
    found = read(lines)
    assert found is not None
    assert all(period.known for period in timeline.trailing(found, "month"))


def test_quarters_of_a_financial_year_are_as_good_as_those_of_the_calendar() -> None:
    found = timeline.trailing(kept(["2024-11", "2025-02", "2025-05", "2025-08", "2025-11"]), "quarter")
    assert [(period.label, period.known) for period in found] == [("Aug 2025", True), ("Nov 2025", True)]


def test_quarters_dated_by_their_first_day_are_as_good_as_those_dated_by_their_last() -> None:
    found = timeline.trailing(kept(["2025-01", "2025-04", "2025-07", "2025-10"]), "quarter")
    assert [(period.label, period.known) for period in found] == [("Oct 2025", True)]


def test_a_history_by_year_knows_every_year() -> None:
    found = timeline.trailing(kept(["2023-12", "2024-12", "2025-12"]), "year")
    assert [(period.label, period.known) for period in found] == [
        ("Dec 2023", True), ("Dec 2024", True), ("Dec 2025", True),
    ]  # fmt: skip


def test_a_single_period_is_not_taken_for_a_year() -> None:
    assert timeline.trailing(kept(["2025-12"]), "quarter") == []


def test_periods_of_the_calendar_are_known_when_all_of_them_is_recorded() -> None:
    found = timeline.calendar(kept(months("2025-02", 13)), "quarter")
    assert [(period.label, period.known) for period in found] == [
        ("Q2 2025", True), ("Q3 2025", True), ("Q4 2025", True), ("Q1 2026", False),
    ]  # fmt: skip
    years = timeline.calendar(kept(quarters(2024, 2025)), "year")
    assert [(period.label, period.known) for period in years] == [("2024", True), ("2025", True)]


def test_no_step_is_offered_that_is_finer_than_the_history() -> None:
    assert timeline.steps(kept(months("2025-01", 3))) == ["month", "quarter", "year"]
    assert timeline.steps(kept(quarters(2025, 2025))) == ["quarter", "year"]
    assert timeline.steps(kept(["2024-12", "2025-12"])) == ["year"]


def test_what_lies_after_the_day_that_counts_as_today_is_not_looked_at() -> None:
    found = timeline.trailing(kept(quarters(2024, 2026)), "quarter", dt.date(2025, 10, 20))
    assert found[-1].label == "Sep 2025"
    assert timeline.newest(kept(quarters(2024, 2024)), dt.date(2020, 1, 1)) == month("2024-03")


def test_a_timeline_cannot_be_written_to() -> None:
    found = kept(quarters(2025, 2025))
    with pytest.raises(ValueError, match="read-only"):
        found.cents[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        next(iter(found.sums(timeline.trailing(found))))[0] = 1


@given(
    lines=st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 30)), st.integers(-(10**12), 10**12), min_size=1, max_size=60
    ),
    spans=st.lists(st.tuples(st.integers(-3, 32), st.integers(0, 14)), min_size=1, max_size=6),
)
def test_any_window_is_the_sum_of_its_lines(lines: dict[tuple[int, int], int], spans: list[tuple[int, int]]) -> None:
    entries = sorted((at, row, cents) for (row, at), cents in lines.items())
    recorded = sorted({at for at, *_ in entries})
    starts = [sum(at < first for at, *_ in entries) for first in recorded] + [len(entries)]
    found = Timeline(
        months=np.array(recorded, dtype=np.int64),
        starts=np.array(starts, dtype=np.int64),
        row=np.array([row for _, row, _ in entries], dtype=np.int32),
        cents=np.array([cents for *_, cents in entries], dtype=np.int64),
        rows=5,
        grain=1,
        strangers=(0, 0),
    )
    periods = [Period("", first, first + length, known=True) for first, length in spans]
    for period, by_row in zip(periods, found.sums(periods), strict=True):
        wanted: dict[int, int] = defaultdict(int)
        for (row, at), cents in lines.items():
            wanted[row] += cents if period.first <= at <= period.last else 0
        assert by_row.tolist() == [wanted[row] for row in range(5)]


# Kept in order -------------------------------------------------------------------------------------------------------


@pytest.fixture
def many() -> Timeline:
    """Fifty accounts, some with credits, over two years."""
    random = np.random.default_rng(3)
    lines = [
        (f"A{at:02}", f"{text}-28", f"{random.integers(-40, 200)}.{random.integers(10, 99)}")
        for text in months("2024-01", 24)
        for at in range(50)
        if random.random() < 0.7
    ]
    found = read(lines, [f"A{at:02}" for at in range(50)])
    assert found is not None
    return found


def test_a_ranking_holds_those_with_revenue_the_largest_first(many: Timeline) -> None:
    spans = timeline.trailing(many, "month")
    for ranking, by_row in zip(many.ranked(spans), many.sums(spans), strict=True):
        assert sorted(ranking.row.tolist()) == np.flatnonzero(by_row > 0).tolist()
        assert ranking.cents.tolist() == by_row[ranking.row].tolist() == sorted(ranking.cents.tolist(), reverse=True)


def test_what_a_few_accounts_paid_is_what_all_paid_at_their_rows(many: Timeline) -> None:
    spans = timeline.trailing(many)
    rows = np.array([7, 3, 49])
    wanted = [by_row[rows].tolist() for by_row in many.sums(spans)]
    assert many.paid(rows, spans).tolist() == wanted


def test_a_ranking_is_made_once_and_those_asked_for_longest_ago_are_let_go(many: Timeline) -> None:
    spans = timeline.trailing(many)
    first, again = many.ranked(spans), many.ranked(spans)
    assert all(one is other for one, other in zip(first, again, strict=True))
    small = timeline.Kept(most=first[0].row.nbytes + first[0].cents.nbytes + 1)
    small.add({(at, at): ranking for at, ranking in enumerate(first)})
    assert small.get((0, 0)) is None
    assert small.get((len(first) - 1, len(first) - 1)) is first[-1]
