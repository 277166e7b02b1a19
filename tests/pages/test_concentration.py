"""Concentration: its figures agree with the file, whatever the groups, the history, the parents and the names."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import books, checking, reading
from core.accounts.contract import HISTORY
from core.workspace.folder import Workspace
from tests.pages.visitor import HOSTILE, Visitor, demo, keep, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NBSP = "\u00a0"
QUARTERS = [f"{year}-{day}" for year in (2024, 2025, 2026) for day in ("03-31", "06-30", "09-30", "12-31")]


def amounts() -> list[Decimal]:
    return sorted((Decimal(row["annual_revenue"]) for row in demo() if row["annual_revenue"]), reverse=True)


def section(visitor: Visitor, name: str) -> Visitor:
    """Open a section, as a click on its tab does."""
    visitor.at.session_state["concentration.section"] = name
    visitor.at.run()
    return visitor


def joined(visitor: Visitor) -> Visitor:
    visitor.at.toggle(key="concentration.joined").set_value(True).run()
    return visitor


def title(figure: Any) -> str:
    return str(figure["layout"]["meta"]["title"])


def keep_with_history(home: Path, rows: Sequence[dict[str, str]], history: Sequence[dict[str, str]]) -> str:
    """Keep a book of our own with its revenue history, and give its key."""
    checked = []
    for name, lines in (("own", rows), ("past", history)):
        file = home.parent / f"{name}.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        raw = reading.read(file)
        checked.append(checking.check(raw, fields=HISTORY) if name == "past" else checking.check(raw))
    return books.keep(Workspace(home), checked[0], name="Own book", source="own.csv", history=checked[1]).stem


def paid(by_account: dict[str, Sequence[int]], quarters: Sequence[str] = QUARTERS) -> list[dict[str, str]]:
    return [
        {"account_id": key, "period": day, "amount": str(amount)}
        for key, row in by_account.items()
        for day, amount in zip(quarters, row, strict=True)
    ]


# The headline --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "accounts"), [("Largest account", 1), ("Top 5", 5), ("Top 10", 10)])
def test_a_share_is_that_of_the_file(label: str, accounts: int) -> None:
    paying = [amount for amount in amounts() if amount > 0]
    visitor = Visitor("concentration").must_be_well()
    assert visitor.cards[label] == f"{100 * sum(paying[:accounts]) / sum(paying):.1f}{NBSP}%"


def test_gini_hhi_and_the_accounts_that_make_80_per_cent_are_those_of_the_file() -> None:
    paying = [float(amount) for amount in reversed(amounts()) if amount > 0]
    total, n = sum(paying), len(paying)
    hhi = 10_000 * sum((amount / total) ** 2 for amount in paying)
    # The population form of the Gini coefficient, from ranks: 2 Σ i·x_i / (n Σ x_i) − (n + 1) / n.
    gini = 2 * sum(i * amount for i, amount in enumerate(paying, 1)) / (n * total) - (n + 1) / n
    eighty = next(k for k in range(1, n + 1) if sum(paying[-k:]) >= 0.8 * total)
    visitor = Visitor("concentration")
    assert visitor.cards["HHI"] == f"{hhi:.0f}"
    assert visitor.cards["Effective accounts"] == f"{10_000 / hhi:.1f}"
    assert visitor.cards["Gini"] == f"{gini:.2f}"
    assert visitor.cards["Make 80 %"] == str(eighty)


def test_credits_are_set_apart_and_counted() -> None:
    below = [amount for amount in amounts() if amount < 0]
    text = f"Set apart: {len(below)} accounts with credits of ${-sum(below):,} in all."
    assert f"{text} No share on this page counts them." in Visitor("concentration").texts


def test_the_change_in_a_year_is_the_same_in_the_sentence_and_on_the_card() -> None:
    visitor = Visitor("concentration")
    (top,) = (card for card in visitor.at.metric if card.label == "Top 10")
    assert top.delta == "-0.8 points"
    assert visitor.sentence.endswith("; that is 0.8 points less than a year ago.")


def test_every_card_has_its_trend_of_nine_quarters() -> None:
    cards = Visitor("concentration").at.metric
    assert len(cards) == 8
    assert [len(card.proto.chart_data) for card in cards] == [9] * 8


def test_the_largest_accounts_are_named_in_order() -> None:
    wanted = sorted(demo(), key=lambda row: -Decimal(row["annual_revenue"] or 0))[:15]
    drawn = str(Visitor("concentration").figures["largest"])
    places = [drawn.index(row["name"][:12]) for row in wanted]
    assert len(set(places)) == 15


def test_the_reader_reads_off_any_number_of_accounts_and_any_share() -> None:
    paying = [amount for amount in amounts() if amount > 0]
    visitor = Visitor("concentration")
    visitor.at.number_input(key="concentration.read.top").set_value(40).run()
    visitor.at.slider(key="concentration.read.share").set_value(60).run()
    held = 100 * sum(paying[:40]) / sum(paying)
    needed = next(k for k in range(1, len(paying)) if 10 * sum(paying[:k]) >= 6 * sum(paying))
    said = title(visitor.must_be_well().figures["pareto"])
    assert said.startswith(f"The top 40 hold {held:.1f}{NBSP}%; {needed} accounts (")
    assert said.endswith(f"make 60{NBSP}%")


def test_a_filter_that_leaves_fewer_accounts_than_were_read_off_leaves_what_there_are() -> None:
    visitor = Visitor("concentration")
    visitor.at.number_input(key="concentration.read.top").set_value(1000).run()
    visitor.filter(segment=["Enterprise"]).must_be_well()
    count = visitor.at.number_input(key="concentration.read.top").value
    assert count is not None
    assert count < 1000
    assert f"100.0{NBSP}%" in title(visitor.figures["pareto"])


# Over time -----------------------------------------------------------------------------------------------------------


def test_through_time_shows_the_measure_the_bridge_what_stayed_and_the_ranks() -> None:
    visitor = Visitor("concentration").must_be_well()
    figures = {key: title(figure) for key, figure in visitor.figures.items() if key.startswith("time.")}
    assert set(figures) == {"time.measure", "time.bridge", "time.retention", "time.ranks"}
    assert figures["time.measure"].startswith(f"Top 10: 21.5{NBSP}%")
    assert figures["time.bridge"].startswith("HHI 83 became 75 (−8)")


def test_another_measure_another_step_and_single_periods_can_be_asked_for() -> None:
    visitor = Visitor("concentration")
    visitor.at.selectbox(key="concentration.time.measure").set_value("gini").run()
    visitor.at.segmented_control(key="concentration.time.kind").set_value("Each on its own").run()
    (line,) = visitor.must_be_well().figures["time.measure"]["data"]
    assert title(visitor.figures["time.measure"]).startswith("Gini: 0.")
    assert len(line["hovertext"]) == 12
    visitor.at.segmented_control(key="concentration.time.step.quarter/year").set_value("year").run()
    (line,) = visitor.must_be_well().figures["time.measure"]["data"]
    assert [text[:4] for text in line["hovertext"]] == ["2024", "2025", "2026"]
    assert "Not known, since the history does not cover them: 2026." in visitor.texts


def test_the_bridge_can_be_built_between_other_dates() -> None:
    visitor = Visitor("concentration")
    start = next(box for box in visitor.at.selectbox if box.label == "From the year to")
    start.select_index(0).run()
    assert title(visitor.must_be_well().figures["time.bridge"]).startswith("HHI 119 became 75")


def test_a_book_without_a_history_says_what_is_needed_and_shows_the_rest(home: Path) -> None:
    rows = [{"account_id": str(i), "name": name, "annual_revenue": "100"} for i, name in enumerate(HOSTILE)]
    visitor = Visitor("concentration", book=keep(home, rows)).must_be_well()
    assert visitor.sentence == "All revenue comes from 6 paying accounts."
    assert visitor.cards["Gini"] == "0.00"
    assert visitor.cards["HHI"] == "1,667"
    assert [card.delta for card in visitor.at.metric] == [""] * 8
    (needed,) = visitor.at.info
    assert needed.value.startswith("This part needs a revenue history of more than a year")
    assert {"pareto", "lorenz", "largest", "tiers"} <= set(visitor.figures)


def test_a_history_of_less_than_a_year_says_the_same(home: Path) -> None:
    rows = [{"account_id": "a", "name": "A", "annual_revenue": "30"}]
    book = keep_with_history(home, rows, paid({"a": (10, 10, 10)}, QUARTERS[:3]))
    visitor = Visitor("concentration", book=book).must_be_well()
    assert [info.value[:10] for info in visitor.at.info] == ["This part "]


def test_hostile_names_in_a_book_with_a_history_are_only_names(home: Path) -> None:
    rows = [
        {
            "account_id": str(i), "name": name, "annual_revenue": str(100 * i + 40), "industry": name,
            "parent_id": "1" if i == 2 else name,
        }
        for i, name in enumerate(HOSTILE)
    ]  # fmt: skip
    history = paid({str(i): [10 * i + at for at in range(12)] for i in range(len(HOSTILE))})
    visitor = Visitor("concentration", book=keep_with_history(home, rows, history)).must_be_well()
    assert "time.ranks" in visitor.figures
    section(visitor, "Where").must_be_well()
    assert "where.map" in visitor.figures
    joined(visitor).must_be_well()
    section(visitor, "Over time").must_be_well()
    assert "time.ranks" in visitor.figures


def test_what_the_history_says_of_accounts_that_are_not_in_the_book_is_said(home: Path) -> None:
    rows = [{"account_id": "a", "name": "A", "annual_revenue": "40"}]
    book = keep_with_history(home, rows, paid({"a": [10] * 12, "gone": [5] * 12}))
    said = "The history also speaks of 1 account that the account table does not have, with $60 in all; no figure here"
    assert f"{said} counts them." in Visitor("concentration", book=book).texts


def test_a_history_that_does_not_add_up_to_the_account_table_is_said(home: Path) -> None:
    rows = [{"account_id": "a", "name": "A", "annual_revenue": "80"}]
    texts = Visitor("concentration", book=keep_with_history(home, rows, paid({"a": [10] * 12}))).texts
    assert any("The history comes to $40 up to Dec 2026, the account table to $80." in text for text in texts)


# Where ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["lifecycle", "industry", "region", "country", "segment", "owner"])
def test_revenue_can_be_grouped_by_every_column(column: str) -> None:
    visitor = section(Visitor("concentration"), "Where")
    visitor.at.segmented_control(key="concentration.by").set_value(column).run()
    largest: dict[str, Decimal] = {}
    for row in demo():
        amount = max(Decimal(row["annual_revenue"] or 0), Decimal(0))
        largest[row[column]] = largest.get(row[column], Decimal(0)) + amount
    first = max(largest, key=lambda name: largest[name])
    figures = visitor.must_be_well().figures
    share = f"{100 * largest[first] / sum(largest.values()):.1f}{NBSP}%"
    assert title(figures["where"]) == f"{first or 'not given'} brings {share} of revenue"
    assert {"where.points", "where.map", "where.curves"} <= set(figures)


def test_revenue_can_be_grouped_by_tier_and_sorted_by_what_the_reader_asks() -> None:
    visitor = section(Visitor("concentration"), "Where")
    visitor.at.segmented_control(key="concentration.by").set_value("tier").run()
    visitor.at.selectbox(key="concentration.where.sort").set_value("name").run()
    names = visitor.must_be_well().figures["where"]["layout"]["yaxis"]["ticktext"]
    assert [name.partition("<br>")[0] for name in names] == ["Tier 1", "Tier 2", "Tier 3", "Tier 4", "Unrated"]


def test_within_and_between_are_said() -> None:
    texts = section(Visitor("concentration"), "Where").texts
    (said,) = (text for text in texts if text.endswith("within (Theil)."))
    assert said == (
        f"Revenue is as spread as over 6.2 equal groups of 8; 2.9{NBSP}% of the inequality lies between them, "
        f"97.1{NBSP}% within (Theil)."
    )


def test_hidden_sections_are_not_drawn() -> None:
    visitor = Visitor("concentration")
    assert [key for key in visitor.figures if key.startswith("where")] == []
    assert [key for key in section(visitor, "Where").figures if key.startswith("time")] == []


# Subsidiaries --------------------------------------------------------------------------------------------------------

FAMILY = [
    {"account_id": "p", "name": "Parent", "annual_revenue": "40", "parent_id": "", "industry": "Steel"},
    {"account_id": "s", "name": "Sub", "annual_revenue": "40", "parent_id": "p", "industry": "Paper"},
    *(
        {"account_id": f"o{i}", "name": f"Other {i}", "annual_revenue": "10", "parent_id": "", "industry": "Paper"}
        for i in range(12)
    ),
]


def test_joined_subsidiaries_are_one_customer_and_the_effect_is_said(home: Path) -> None:
    visitor = Visitor("concentration", book=keep(home, FAMILY))
    assert "2 accounts of the book share a customer with others." in visitor.texts
    assert visitor.cards["Largest account"] == f"20.0{NBSP}%"
    joined(visitor).must_be_well()
    assert visitor.cards["Largest customer"] == f"40.0{NBSP}%"
    assert visitor.sentence == f"The top 10 of 13 customers bring 85.0{NBSP}% of revenue."
    effect = (
        f"With subsidiaries joined, the top 10 hold 85.0{NBSP}%, 5.0 points more; 14 paying accounts are 13 customers."
    )
    assert effect in visitor.texts
    assert "Parent and 1 more" in json.dumps(visitor.figures["largest"])
    assert title(visitor.figures["pareto"]).startswith("The top 13 hold ")
    assert title(visitor.figures["largest"]) == f"The 13 largest customers bring 100.0{NBSP}% of revenue"
    assert title(visitor.figures["lorenz"]).startswith("The smaller half of the customers brings ")


def test_a_joined_customer_counts_where_the_account_that_names_it_belongs(home: Path) -> None:
    visitor = joined(section(Visitor("concentration", book=keep(home, FAMILY)), "Where")).must_be_well()
    assert title(visitor.figures["where"]) == f"Paper brings 60.0{NBSP}% of revenue"


def test_the_switch_is_not_offered_where_nobody_has_a_parent(home: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "parent_id"} for row in FAMILY]
    assert len(Visitor("concentration", book=keep(home, rows)).at.toggle) == 0


def test_the_demo_book_joined_is_well_in_both_sections() -> None:
    visitor = joined(Visitor("concentration")).must_be_well()
    assert "time.ranks" in visitor.figures
    assert "where.map" in section(visitor, "Where").must_be_well().figures


def test_the_section_that_was_open_is_open_again_after_another_page() -> None:
    visitor = section(Visitor("concentration"), "Where").open("overview").open("concentration").must_be_well()
    assert "where.map" in visitor.figures
    assert "time.ranks" not in visitor.figures


# Odd books -----------------------------------------------------------------------------------------------------------


def test_a_book_without_a_column_of_revenue_says_so_and_where_to_bring_it(home: Path) -> None:
    visitor = Visitor("concentration", book=keep(home, [{"account_id": "a", "name": "Only", "employees": "7"}]))
    assert "No column “annual_revenue”: revenue is not known." in visitor.must_be_well().texts
    assert visitor.sentence == "Revenue is not known: the book has no column “annual_revenue”."
    assert told(visitor).startswith("This book has no column “annual_revenue”. Choose another book in the sidebar, or")
    zero = keep(home, [{"account_id": "a", "name": "Only", "annual_revenue": "0"}], name="Zeros")
    none = Visitor("concentration", book=zero)
    assert told(none.must_be_well()).startswith("No account of this book has revenue. ")
    assert not any("No column “annual" in text for text in none.texts)


def told(visitor: Visitor) -> str:
    return plain(visitor.at.info[0].value)


def test_a_book_of_one_account_holds_everything(home: Path) -> None:
    rows = [{"account_id": "a", "name": "Only", "annual_revenue": "100", "industry": "Steel"}]
    history = paid({"a": [25] * 12})
    visitor = Visitor("concentration", book=keep_with_history(home, rows, history)).must_be_well()
    assert visitor.sentence == "All revenue comes from 1 paying account."
    assert visitor.cards["HHI"] == "10,000"
    assert visitor.cards["Effective accounts"] == "1.0"
    assert visitor.cards["Make 80 %"] == "1"
    assert title(visitor.figures["lorenz"]) == "A single account brings all revenue (Gini 0.00)"
    section(visitor, "Where").must_be_well()
    assert "All revenue comes from one industry." in visitor.texts


def test_an_equal_book_has_no_inequality_to_split(home: Path) -> None:
    rows = [{"account_id": str(i), "name": f"A{i}", "annual_revenue": "5", "industry": "XY"[i % 2]} for i in range(4)]
    visitor = section(Visitor("concentration", book=keep(home, rows)), "Where").must_be_well()
    said = "Revenue is as spread as over 2.0 equal groups of 2; all bring the same, so there is no inequality to split."
    assert said in visitor.texts


def test_a_book_of_credits_alone_has_nothing_to_concentrate(home: Path) -> None:
    rows = [{"account_id": str(i), "name": f"Account {i}", "annual_revenue": "-100"} for i in range(3)]
    visitor = Visitor("concentration", book=keep(home, rows)).must_be_well()
    assert visitor.sentence == "No account has revenue yet."
    assert len(visitor.at.info) == 1
    said = "Set apart: 3 accounts with credits of $300 in all. No share on this page counts them."
    assert said in visitor.texts


def test_credits_in_the_history_are_set_apart_there_too(home: Path) -> None:
    rows = [{"account_id": key, "name": key, "annual_revenue": amount} for key, amount in (("a", "40"), ("b", "-8"))]
    history = paid({"a": [10] * 12, "b": [1] * 8 + [-2] * 4})
    visitor = Visitor("concentration", book=keep_with_history(home, rows, history)).must_be_well()
    assert visitor.cards["Largest account"] == f"100.0{NBSP}%"
    assert title(visitor.figures["time.bridge"]).startswith("HHI 8,347 became 10,000")


def test_a_history_in_which_nobody_paid_for_a_year_is_not_defined_there(home: Path) -> None:
    rows = [{"account_id": "a", "name": "A", "annual_revenue": "40"}]
    visitor = Visitor("concentration", book=keep_with_history(home, rows, paid({"a": [0] * 8 + [10] * 4})))
    assert "HHI n/a: one of the two periods has no revenue." in visitor.must_be_well().texts


def test_a_book_without_revenue_shows_no_sum_of_it_as_nothing(home: Path) -> None:
    visitor = Visitor("overview", book=keep(home, [{"account_id": "a", "name": "Only", "employees": "7"}]))
    assert (visitor.cards["Revenue"], visitor.cards["Revenue at risk"]) == ("n/a", "n/a")


def test_where_no_health_is_known_no_loss_is_told(home: Path) -> None:
    rows = [{"account_id": str(i), "name": f"A{i}", "annual_revenue": "5"} for i in range(3)]
    visitor = section(Visitor("concentration", book=keep(home, rows)), "What if we lose them").must_be_well()
    assert any(text.startswith("No account can be lost under these probabilities") for text in visitor.texts)
    assert not any("expect a loss of $0" in text for text in visitor.texts)
    assert "losses.distribution" not in visitor.figures
