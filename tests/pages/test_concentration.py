"""Concentration: its figures agree with the file, whatever the groups and whoever has credits."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.pages.visitor import HOSTILE, Visitor, demo, keep

if TYPE_CHECKING:
    from pathlib import Path


def amounts() -> list[Decimal]:
    return sorted((Decimal(row["annual_revenue"]) for row in demo() if row["annual_revenue"]), reverse=True)


@pytest.mark.parametrize(("label", "accounts"), [("Largest account", 1), ("Top 5", 5), ("Top 10", 10)])
def test_a_share_is_that_of_the_file(label: str, accounts: int) -> None:
    paying = [amount for amount in amounts() if amount > 0]
    visitor = Visitor("concentration").must_be_well()
    assert visitor.cards[label] == f"{100 * sum(paying[:accounts]) / sum(paying):.1f}\u00a0%"


def test_gini_and_hhi_are_those_of_the_file() -> None:
    paying = [float(amount) for amount in reversed(amounts()) if amount > 0]
    total, n = sum(paying), len(paying)
    hhi = 10_000 * sum((amount / total) ** 2 for amount in paying)
    # The population form of the Gini coefficient, from ranks: 2 Σ i·x_i / (n Σ x_i) − (n + 1) / n.
    gini = 2 * sum(i * amount for i, amount in enumerate(paying, 1)) / (n * total) - (n + 1) / n
    visitor = Visitor("concentration")
    assert visitor.cards["HHI"] == f"{hhi:.0f}"
    assert visitor.cards["Gini"] == f"{gini:.2f}"


def test_credits_are_set_apart_and_counted() -> None:
    below = [amount for amount in amounts() if amount < 0]
    text = f"Set apart: {len(below)} accounts with credits of ${-sum(below):,} in all."
    assert f"{text} No share on this page counts them." in Visitor("concentration").texts


def test_a_change_is_measured_against_a_year_ago() -> None:
    visitor = Visitor("concentration")
    (top,) = (card for card in visitor.at.metric if card.label == "Top 10")
    assert f"a year ago it was 22.3\u00a0% ({top.delta})".replace("-", "−") in visitor.sentence


def test_the_largest_accounts_are_named_in_order() -> None:
    wanted = sorted(demo(), key=lambda row: -Decimal(row["annual_revenue"] or 0))[:15]
    drawn = str(Visitor("concentration").figures["largest"])
    places = [drawn.index(row["name"][:12]) for row in wanted]
    assert len(set(places)) == 15


@pytest.mark.parametrize("column", ["lifecycle", "industry", "region", "segment", "owner"])
def test_revenue_can_be_grouped_by_every_filter(column: str) -> None:
    visitor = Visitor("concentration")
    visitor.at.segmented_control(key="concentration.by").set_value(column).run()
    largest: dict[str, Decimal] = {}
    for row in demo():
        amount = max(Decimal(row["annual_revenue"] or 0), Decimal(0))
        largest[row[column]] = largest.get(row[column], Decimal(0)) + amount
    first = max(largest, key=lambda name: largest[name])
    assert first in str(visitor.must_be_well().figures["where"])


def test_a_book_without_groups_or_history_shows_the_rest(home: Path) -> None:
    rows = [{"account_id": str(i), "name": name, "annual_revenue": "100"} for i, name in enumerate(HOSTILE)]
    visitor = Visitor("concentration", book=keep(home, rows)).must_be_well()
    assert visitor.sentence == "All revenue comes from 6 paying accounts."
    assert visitor.cards["Gini"] == "0.00"
    assert visitor.cards["HHI"] == "1,667"
    assert "where" not in visitor.figures
    assert [card.delta for card in visitor.at.metric if "points" in card.delta] == []


def test_a_book_of_credits_alone_has_nothing_to_concentrate(home: Path) -> None:
    rows = [{"account_id": str(i), "name": f"Account {i}", "annual_revenue": "-100"} for i in range(3)]
    visitor = Visitor("concentration", book=keep(home, rows)).must_be_well()
    assert visitor.sentence == "No account has revenue yet."
    assert len(visitor.at.info) == 1
