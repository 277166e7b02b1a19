"""The overview: its figures agree with the file, and its doors lead on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.pages.visitor import Visitor, demo, keep

if TYPE_CHECKING:
    from pathlib import Path


def revenues() -> list[Decimal]:
    """What every paying account of the demo book brings, most first."""
    amounts = [Decimal(row["annual_revenue"]) for row in demo() if row["annual_revenue"]]
    return sorted((amount for amount in amounts if amount > 0), reverse=True)


def test_the_headline_figures_are_those_of_the_file() -> None:
    visitor = Visitor("overview").must_be_well()
    total = sum(revenues())
    assert visitor.cards["Accounts"] == f"{len(demo()):,}"
    assert visitor.cards["Revenue"] == f"${total / 10**6:.1f}M"
    assert visitor.cards["Top 10 accounts"] == f"{100 * sum(revenues()[:10]) / total:.1f}\u00a0%"
    notes = {card.label: card.delta for card in visitor.at.metric}
    assert notes["Accounts"].replace("\\", "") == f"{len(revenues()):,} with revenue"


def test_the_answer_the_figure_and_the_sentences_tell_one_story() -> None:
    visitor = Visitor("overview")
    number = visitor.sentence.split(" ")[0]
    assert visitor.sentence.startswith(f"{number} accounts of 2,000 are Tier 1: they bring $")
    assert visitor.cards["Tier 1 revenue"] in visitor.sentence
    accounts, revenue = (bars["text"] for bars in visitor.figures["overview.tiers"]["data"])
    assert accounts[0].startswith(f"{number} accounts · ")
    assert visitor.cards["Tier 1 revenue"] in revenue[0]
    assert sum(int(text.split(" ")[0].replace(",", "")) for text in accounts) == 2000
    assert f"with {visitor.cards['Revenue at risk']} · " in "".join(visitor.texts)


def test_a_door_leads_to_each_page_that_tells_more() -> None:
    visitor = Visitor("overview")
    assert [link.page for link in visitor.at.get("page_link")] == ["weights", "concentration", "at_risk"]  # type: ignore[union-attr]


def test_another_model_gives_other_tiers_of_the_same_revenue() -> None:
    visitor = Visitor("overview")
    before = visitor.cards
    after = visitor.choose(model="key_account").must_be_well().cards
    assert after["Revenue"] == before["Revenue"]
    assert list(after)[2] != list(before)[2], "the first tier has another name"


def test_a_book_of_one_account_is_told_in_the_singular(home: Path) -> None:
    best = {"account_id": "1", "name": "Acme", "annual_revenue": "1200000", "revenue_potential": "500000"}
    best |= {"employees": "20000", "industry": "Technology", "technology_fit": "Strong", "competitive_threat": "none"}
    visitor = Visitor("overview", book=keep(home, [best])).must_be_well()
    assert visitor.sentence == "1 account of 1 is Tier 1: it brings $1.2M, 100.0\u00a0% of revenue."
    assert visitor.cards["Top 10 accounts"] == "100.0\u00a0%"
    assert "1 accounts" not in "".join(visitor.texts)
