"""Rules of others: met or not as the file says, with cut-offs that can be changed and a sentence to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import wording
from tests.pages.visitor import HOSTILE, Visitor, keep, plain

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

SECTION = "Rules of others"
CUSTOMER = "A customer is large enough to be disclosed"


def opened(**visit: str) -> Visitor:
    visitor = Visitor("concentration", **visit)
    visitor.at.session_state["concentration.section"] = SECTION
    visitor.at.run()
    return visitor.must_be_well()


def shown(visitor: Visitor) -> pd.DataFrame:
    (table,) = (found.value for found in visitor.at.table if "Result" in found.value.columns)
    return table.map(lambda cell: plain(cell).replace(wording.NBSP, " ")).set_index("Rule")


def draft(visitor: Visitor) -> str:
    (code,) = visitor.at.code
    return str(code.value).replace(wording.NBSP, " ")


def book(home: Path, *amounts: int, **columns: str) -> str:
    rows = [
        {"account_id": str(i), "name": name, "annual_revenue": str(amount), **columns}
        for i, (amount, name) in enumerate(zip(amounts, [*HOSTILE, *["Small"] * len(amounts)], strict=False))
    ]
    return keep(home, rows)


def test_the_demo_book_has_no_customer_to_disclose() -> None:
    visitor = opened()
    table = shown(visitor)
    assert table["Result"][CUSTOMER] == "Not met"
    assert table["Cut-off"][CUSTOMER] == "10.0 % or more"
    assert draft(visitor) == (
        "In the twelve months to 30 September 2026, no single customer accounted for 10 % or more of revenue."
    )
    kinds = {kind.rpartition(" (")[0] for kind in table["Kind"]}
    assert kinds == {"Standard", "Analogy", "Rule of thumb", "Our benchmark"}
    assert any("ASC 280-10-50-42; IFRS 8.34" in text for text in visitor.texts)
    assert any("Merger guidelines describe markets, not customer books" in text for text in visitor.texts)


def test_large_customers_are_named_on_the_screen_and_not_in_the_draft(home: Path) -> None:
    visitor = opened(book=book(home, 30, 25, *[1] * 45))
    table = shown(visitor)
    assert table["Result"][CUSTOMER] == "Met"
    assert table["Accounts"][CUSTOMER].startswith(HOSTILE[0][:20])
    text = draft(visitor)
    assert text.endswith(
        "two customers each accounted for 10 % or more of revenue: "
        "Customer A with $30 (30.0 %) and Customer B with $25 (25.0 %)."
    )
    assert [name for name in HOSTILE if name in text] == []


def test_a_cut_off_can_be_changed_and_put_back(home: Path) -> None:
    visitor = opened(book=book(home, 12, *[1] * 88))
    assert shown(visitor)["Result"][CUSTOMER] == "Met"
    visitor.at.number_input(key="rules.cut_off.customer").set_value(12.5).run()
    table = shown(visitor.must_be_well())
    assert (table["Result"][CUSTOMER], table["Cut-off"][CUSTOMER]) == ("Not met", "12.5 % or more")
    assert "no single customer accounted for 12.5 % or more" in draft(visitor)
    visitor.at.button(key="rules.reset").click().run()
    assert shown(visitor.must_be_well())["Result"][CUSTOMER] == "Met"


def test_hhi_is_held_against_both_thresholds(home: Path) -> None:
    table = shown(opened(book=book(home, *[5] * 10)))
    assert table["This book"]["As a market, it would be at least moderately concentrated"] == "1,000"
    assert table["Result"]["As a market, it would be at least moderately concentrated"] == "Met"
    assert table["Result"]["As a market, it would be highly concentrated"] == "Not met"


def test_subsidiaries_count_as_one_customer_where_they_are_joined(home: Path) -> None:
    rows = [
        {"account_id": str(i), "name": f"Account {i}", "annual_revenue": "6", "parent_id": "0" if i == 1 else ""}
        for i in range(17)
    ]
    visitor = opened(book=keep(home, rows))
    assert shown(visitor)["Result"][CUSTOMER] == "Not met"
    (toggle,) = (toggle for toggle in visitor.at.toggle if "Join subsidiaries" in toggle.label)
    toggle.set_value(True).run()
    table = shown(visitor.must_be_well())
    assert (table["Result"][CUSTOMER], table["Accounts"][CUSTOMER]) == ("Met", "Account 0 and 1 more")
    assert "one customer accounted for 10 % or more of revenue: Customer A with $12 (11.8 %)" in draft(visitor)


@pytest.mark.parametrize("amount", [-100, 0])
def test_a_book_without_revenue_has_no_rules_to_meet(home: Path, amount: int) -> None:
    visitor = opened(book=book(home, amount, amount))
    assert visitor.errors == []
    assert len(visitor.at.code) == 0


def test_the_rules_can_be_taken_away() -> None:
    buttons = [str(button.proto.id) for button in opened().at.get("download_button")]
    assert all(any(f"download.rules{suffix}" in button for button in buttons) for suffix in (".csv", ".xlsx"))
