"""The story of a book: its numbers are those of the book, its sentences fit them, what is undefined has none."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from core.measures import concentration
from core.report import leadership
from core.report.story import Chapter, Kind, Story, Unit
from tests import making, telling

PLAIN: dict[str, list[str | None]] = {
    "annual_revenue": ["600", "300", "100", "0", None, "-50"],
    "industry": ["Steel", "Steel", "Paper", None, "Paper", "Steel"],
    "employees": ["2000", "200", "5", "2000", "200", "5"],
    "Fit": ["10", "10", "5", "0", "10", "10"],
}
HISTORY: dict[str, list[str]] = {
    "account_id": ["A0000"] * 24 + ["A0001"] * 24,
    "period": [f"{2024 + m // 12}-{m % 12 + 1:02}-15" for m in range(24)] * 2,
    "amount": ["10"] * 12 + ["50"] * 12 + ["10"] * 12 + ["25"] * 12,
}


def chapters(story: Story) -> dict[str, Chapter]:
    return {chapter.key: chapter for chapter in story.chapters}


def values(chapter: Chapter, name: str) -> list[object]:
    return list(chapter.column(name).values)


@pytest.fixture(scope="module")
def plain() -> dict[str, Chapter]:
    return chapters(telling.told(telling.prepared(PLAIN)))


def test_the_headline_is_the_share_of_the_largest(plain: dict[str, Chapter]) -> None:
    chapter = plain["headline"]
    assert values(chapter, "Now") == [0.6, 1.0, 1.0, 1.0, 0.6]
    assert chapter.message == "All revenue comes from 3 paying accounts."
    assert [column.name for column in chapter.columns] == ["Which", "Now"], "nothing is known of a year ago"


def test_a_year_ago_stands_beside_where_the_history_reaches(plain: dict[str, Chapter]) -> None:
    book: dict[str, list[str]] = {"annual_revenue": ["600", "300"], "last_activity_date": ["2025-12-31", "2025-12-31"]}
    found = telling.prepared(book, history=HISTORY)
    told = chapters(telling.told(found))
    assert values(told["headline"], "A year ago")[0] == 0.5
    assert values(told["headline"], "Change")[0] == pytest.approx(600 / 900 - 0.5)
    assert values(told["indices"], "When") == ["Now", "A year ago"]
    assert values(told["time"], "Largest")[0] == 0.5
    assert values(told["time"], "Largest")[-1] == pytest.approx(2 / 3)
    assert told["time"].message.endswith("it was 100.0\u00a0% (0.0 points).")
    assert "time" not in plain


def test_the_indices_are_those_of_the_measures(plain: dict[str, Chapter]) -> None:
    counted = np.array([600_00, 300_00, 100_00])
    chapter = plain["indices"]
    assert values(chapter, "HHI") == [concentration.hhi(counted)]
    assert values(chapter, "Gini") == [concentration.gini(counted)]
    assert values(chapter, "Make 80\u00a0%") == [2]
    assert chapter.message == (
        "Revenue is as concentrated as if 2.2 equal accounts brought it (HHI 4,600); "
        "2 accounts (66.7\u00a0% of those that pay) make 80\u00a0%."
    )


def test_the_curve_passes_through_the_point_that_its_message_names() -> None:
    amounts = [str(5000 - i) for i in range(1500)]
    chapter = chapters(telling.told(telling.prepared({"annual_revenue": amounts}), keys=["pareto"]))["pareto"]
    k = concentration.pareto(np.array([100 * int(a) for a in amounts])).accounts
    at = values(chapter, "Accounts, largest first").index(k)
    shares = [float(str(y)) for y in values(chapter, "Share of revenue")]
    assert shares[at - 1] < 0.8 <= shares[at]
    assert shares == sorted(shares)
    assert chapter.message.startswith(f"{k:,} accounts (")


def test_tiers_hold_all_accounts_and_say_where_they_stand(plain: dict[str, Chapter]) -> None:
    chapter = plain["tiers"]
    assert values(chapter, "Tier") == ["A", "B", "C"]
    assert sum(values(chapter, "Accounts")) == 6  # type: ignore[arg-type]
    assert sum(values(chapter, "Revenue")) == 1000_00  # type: ignore[arg-type]
    assert "the benchmark" in chapter.message


def test_the_largest_come_in_order_with_what_they_add_up_to(plain: dict[str, Chapter]) -> None:
    chapter = plain["largest"]
    assert values(chapter, "Account") == ["Account 0", "Account 1", "Account 2"]
    assert values(chapter, "Revenue") == [600_00, 300_00, 100_00]
    assert values(chapter, "Cumulative share") == [0.6, 0.9, 1.0]
    assert chapter.message == (
        "The 3 largest accounts bring 100.0\u00a0% of revenue; the largest, Account 0, brings 60.0\u00a0%."
    )


def test_groups_add_up_to_all_revenue_and_small_ones_are_put_together() -> None:
    names = [f"Industry {i:02}" for i in range(20)]
    told = telling.told(telling.prepared({"industry": names, "annual_revenue": [str(i + 1) for i in range(20)]}))
    chapter = chapters(told)["by_industry"]
    assert values(chapter, "Industry")[-1] == "8 others"
    assert values(chapter, "HHI within")[-1] is None
    assert sum(values(chapter, "Revenue")) == 210_00  # type: ignore[arg-type]
    assert sum(values(chapter, "Share of revenue")) == pytest.approx(1)  # type: ignore[arg-type]
    assert "by_region" not in chapters(told)


def test_one_group_is_said_to_be_the_only_one() -> None:
    told = chapters(telling.told(telling.prepared({"industry": ["Steel"] * 2, "annual_revenue": ["5", "4"]})))
    assert told["by_industry"].message == "All revenue comes from one industry: Steel."


def test_losing_the_largest_takes_their_share(plain: dict[str, Chapter]) -> None:
    chapter = plain["losing"]
    assert values(chapter, "If lost") == ["the largest", "the 3 largest"]
    assert values(chapter, "Share lost") == [0.6, 1.0]
    assert values(chapter, "HHI after") == [6250.0, None]
    assert "2 new accounts of average size" in chapter.message


def test_the_rules_of_others_are_stated_as_met_or_not(plain: dict[str, Chapter]) -> None:
    chapter = plain["rules"]
    assert set(values(chapter, "Holds")) <= {"yes", "no"}
    assert chapter.message.startswith("3 accounts each bring 10\u00a0% of revenue or more")
    assert "three customers each accounted for 10\u00a0% or more" in chapter.reading


def test_credits_are_set_apart_and_counted(plain: dict[str, Chapter]) -> None:
    chapter = plain["basis"]
    assert values(chapter, "Accounts") == [3, 2, 1]
    assert values(chapter, "Amount") == [1000_00, 0, -50_00]
    assert chapter.message.endswith("that 3 accounts pay; 1 account with credits of $50 is set apart.")


@pytest.mark.parametrize("revenue", [["-100", "-5"], ["0", "0"], [None, None]])
def test_a_book_without_revenue_has_no_shares(revenue: list[str | None]) -> None:
    story = telling.told(telling.prepared({"annual_revenue": revenue}))
    told = chapters(story)
    assert list(told) == ["headline", "indices", "tiers", "risk", "basis"]
    assert story.answer == "No account has revenue yet."
    assert set(values(told["headline"], "Now")) == {None}
    assert values(told["indices"], "HHI") == [None]
    assert told["headline"].chart is told["risk"].chart is None
    assert told["basis"].message.startswith("No account has revenue")


def test_a_book_of_one_account_speaks_of_one() -> None:
    told = chapters(telling.told(telling.prepared({"annual_revenue": ["100"], "name": ["Only"]})))
    assert told["largest"].message == "One account, Only, brings all revenue."
    assert told["losing"].message == "Losing the only paying account would take all revenue, $100."
    assert told["lorenz"].message == "A single account pays, so nothing is shared out between accounts (Gini 0.00)."
    assert "1 equal account brought it (HHI 10,000); 1 account (100.0\u00a0%" in told["indices"].message
    assert values(told["losing"], "HHI after") == [None]


def test_an_equal_book_is_not_concentrated() -> None:
    told = chapters(telling.told(telling.prepared({"annual_revenue": ["7"] * 40})))
    assert values(told["indices"], "Gini") == [0.0]
    assert "as if 40 equal accounts brought it (HHI 250); 32 accounts (80.0\u00a0%" in told["indices"].message
    assert (
        told["lorenz"].message == "The smaller half of the paying accounts brings 50.0\u00a0% of revenue (Gini 0.00)."
    )


def test_an_empty_book_is_told_too() -> None:
    found = telling.prepared({"annual_revenue": ["5"], "region": ["EMEA"]})
    narrowed = making.model()
    from core.measures import portfolio, tiers

    nobody = portfolio.prepare(found.book, narrowed, filters={"region": ["Nowhere"]})
    story = leadership.tell(nobody, tiers.weigh(nobody.cube, narrowed), narrowed, filters={"region": ["Nowhere"]})
    assert story.provenance.accounts == 0
    assert chapters(story)["tiers"].message == "No account reaches A under this model."


def test_every_message_is_one_sentence_and_every_chart_draws_what_is_there() -> None:
    story = telling.hostile()
    for chapter in story.chapters:
        assert chapter.message.endswith(".")
        assert not any(word in chapter.message for word in ("None", "nan", "Paint", "{"))
        if chapter.chart and chapter.chart.kind is not Kind.XY:
            assert chapter.rows == len(chapter.column(chapter.chart.by).values)


def test_joined_customers_are_called_customers() -> None:
    found = telling.prepared({"annual_revenue": ["60", "30", "10"]})
    look = leadership.Look(
        np.array([90_00, 10_00]), joined=True, names=lambda places: [f"Group {at}" for at in places],
        tiers=lambda places: [0 for _ in places], groups=lambda _: (),
    )  # fmt: skip
    story = telling.told(found, look=look)
    told = chapters(story)
    assert story.answer == "All revenue comes from 2 customers."
    assert values(told["largest"], "Customer") == ["Group 0", "Group 1"]
    assert story.provenance.joined
    assert "Losing the largest customer would take $90" in told["losing"].message


def test_only_the_chapters_that_are_asked_for_are_told() -> None:
    found = telling.prepared(PLAIN)
    assert [c.key for c in telling.told(found, keys=["tiers", "headline"]).chapters] == ["headline", "tiers"]
    offered = leadership.offered(found)
    assert "by_industry" in offered
    assert not {"by_region", "time"} & set(offered)


def test_money_is_exact_to_the_cent() -> None:
    amounts = ["9999999999999.99", "0.01", "123456789.10"]
    chapter = chapters(telling.told(telling.prepared({"annual_revenue": amounts}), keys=["largest"]))["largest"]
    wanted = sorted((int(Decimal(amount) * 100) for amount in amounts), reverse=True)
    assert values(chapter, "Revenue") == wanted
    assert chapter.column("Revenue").unit is Unit.MONEY


def test_a_book_without_a_column_of_revenue_has_no_sums_of_it() -> None:
    told = telling.told(telling.prepared({"employees": ["2000", "200"], "Fit": ["10", "5"]}))
    assert told.answer == "Revenue is not known: the book has no column “annual_revenue”."
    money = [column for chapter in told.chapters for column in chapter.columns if column.unit is Unit.MONEY]
    assert {column.name for column in money} >= {"Revenue", "Revenue at risk", "Amount"}
    assert all(value is None for column in money if column.name != "Potential" for value in column.values)
