"""What if we lose them: the largest, chosen ones, and each with its probability, held against the file."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from core import wording
from tests.pages.visitor import HOSTILE, Visitor, demo, keep

if TYPE_CHECKING:
    from pathlib import Path

SECTION = "What if we lose them"


def opened(**visit: str) -> Visitor:
    visitor = Visitor("concentration", **visit)
    visitor.at.session_state["concentration.section"] = SECTION
    visitor.at.run()
    return visitor.must_be_well()


def paying() -> list[Decimal]:
    return sorted((Decimal(r["annual_revenue"]) for r in demo() if Decimal(r["annual_revenue"] or 0) > 0), reverse=True)


def share(part: Decimal, whole: Decimal) -> str:
    return wording.share(float(part / whole))


def typed(visitor: Visitor, status: str, percent: float) -> Visitor:
    (field,) = (field for field in visitor.at.number_input if field.label == f"{status}, %")
    field.set_value(percent).run()
    return visitor.must_be_well()


def without_the_book(visitor: Visitor) -> Visitor:
    (toggle,) = (toggle for toggle in visitor.at.toggle if "own probability" in toggle.label)
    toggle.set_value(False).run()
    return visitor.must_be_well()


def sentence(visitor: Visitor) -> str:
    (found,) = (text for text in visitor.texts if text.startswith("These probabilities expect"))
    return found


def small(home: Path, *amounts: str, **columns: str) -> str:
    rows = [
        {"account_id": str(i), "name": f"Account {i}", "annual_revenue": amount, **columns}
        for i, amount in enumerate(amounts)
    ]
    return keep(home, rows)


def test_the_ladder_is_that_of_the_file() -> None:
    amounts = paying()
    (after,) = (table.value for table in opened().at.dataframe if "HHI then" in table.value.columns)
    assert list(after["Lost"]) == ["Nothing", "Largest", "Top 3", "Top 5", "Top 10"]
    for row, n in enumerate((1, 3, 5, 10), 1):
        rest = amounts[n:]
        lost = int(sum(amounts[:n]) * 100)
        assert after["Revenue lost"][row] == wording.money_share(lost, lost / int(sum(amounts) * 100), "USD")
        assert after["Largest then"][row] == share(rest[0], sum(rest, Decimal(0)))
        hhi = 10_000 * sum(float(amount / sum(rest)) ** 2 for amount in rest)
        assert after["HHI then"][row] == wording.hhi(hhi)
        mean = sum(amounts, Decimal(0)) / len(amounts)
        assert after["New accounts"][row].startswith(f"{math.ceil(sum(amounts[:n], Decimal(0)) / mean):,} (")


def test_the_largest_is_held_against_ten_typical_ones() -> None:
    amounts = paying()
    first = (len(amounts) - 10) // 2
    ten = wording.money_short(int(sum(amounts[first : first + 10]) * 100), "USD")
    assert any(f"than losing ten typical ones ({ten} together)" in text for text in opened().texts)


def test_chosen_accounts_can_be_lost_and_found_by_name() -> None:
    first, second, *_ = sorted(demo(), key=lambda row: -Decimal(row["annual_revenue"] or 0))
    visitor = opened()
    picker = visitor.at.multiselect(key=picker_key(visitor))
    assert len(picker.options) == 200
    picker.set_value([first["account_id"]]).run()
    visitor.at.text_input(key="losses.find").set_value(second["name"].lower()).run()
    again = visitor.at.multiselect(key=picker_key(visitor))
    assert again.value == [first["account_id"]], "what was chosen stays chosen"
    again.set_value([first["account_id"], second["account_id"]]).run()
    both = Decimal(first["annual_revenue"]) + Decimal(second["annual_revenue"])
    assert visitor.must_be_well().cards["Lost"] == wording.money_short(int(both * 100), "USD")
    assert visitor.cards["Left"] == wording.money_short(int((sum(paying()) - both) * 100), "USD")
    assert any(text.startswith("Refilling ") for text in visitor.texts)


def picker_key(visitor: Visitor) -> str:
    (key,) = (str(widget.key) for widget in visitor.at.multiselect if widget.label == "Accounts to lose")
    return key


def test_the_expected_loss_follows_the_probabilities_and_can_be_reset() -> None:
    visitor = without_the_book(opened())
    before = sentence(visitor)
    raised = sentence(typed(visitor, "Healthy", 10.0))
    assert raised != before
    for status, percent in (("Healthy", 100.0), ("At Risk", 100.0), ("Critical", 100.0)):
        typed(visitor, status, percent)
    whole = wording.money_short(int(sum(paying()) * 100), "USD")
    everything = f"These probabilities expect a loss of {whole} (100.0{wording.NBSP}% of revenue); "
    assert sentence(visitor) == f"{everything}one year in 20 loses {whole} or more."
    visitor.at.button(key="losses.reset").click().run()
    assert sentence(visitor.must_be_well()) == before


def test_the_books_own_probabilities_hold_until_they_are_switched_off() -> None:
    visitor = opened()
    before = sentence(visitor)
    expected = sum(
        Decimal(row["annual_revenue"]) * Decimal(row["churn_probability"])
        for row in demo()
        if row["churn_probability"] and Decimal(row["annual_revenue"] or 0) > 0
    )
    if all(row["churn_probability"] for row in demo() if Decimal(row["annual_revenue"] or 0) > 0):
        assert wording.money_short(round(expected * 100), "USD") in before
    assert sentence(without_the_book(visitor)) != before


def test_nothing_is_lost_where_nothing_can_be() -> None:
    visitor = without_the_book(opened())
    for status in ("Healthy", "At Risk", "Critical"):
        typed(visitor, status, 0.0)
    said = [text for text in visitor.texts if text.startswith("No account can be lost under these probabilities.")]
    assert len(said) == 1
    assert "losses.distribution" not in visitor.figures


def test_a_common_factor_is_off_until_it_is_wanted(home: Path) -> None:
    visitor = opened(book=small(home, *["100"] * 20, engagement_score="60"))
    assert [slider for slider in visitor.at.slider if slider.label == "Correlation"] == []
    alone = sentence(visitor)
    assert "one year in 20 loses $800 or more." in alone, "binomial: P(at most 8 of 20 at 25 %) = 0.959"
    visitor.at.toggle(key="losses.factor").set_value(True).run()
    assert sentence(visitor.must_be_well()) != alone
    assert any("One common factor with a correlation of 0.15" in text for text in visitor.texts)


def test_a_small_book_is_exact_and_a_large_one_says_its_bound(home: Path) -> None:
    assert any("no value at risk is further off than $" in text for text in opened().texts)
    visitor = opened(book=small(home, "500", "300", "200", "100", "50", engagement_score="60"))
    assert any(text.startswith("Exact: every outcome was counted.") for text in visitor.texts)
    (quantiles,) = (table.value for table in visitor.at.dataframe if "Cornish–Fisher" in table.value.columns)
    assert list(quantiles["Within"]) == ["exact"] * 3


def test_one_account_is_all_there_is(home: Path) -> None:
    visitor = opened(book=small(home, "100"))
    assert "There are too few paying accounts to tell typical ones from the largest." in visitor.texts
    (after,) = (table.value for table in visitor.at.dataframe if "HHI then" in table.value.columns)
    assert list(after["HHI then"]) == ["10,000", "n/a"]


def test_hostile_names_are_offered_as_they_are_written(home: Path) -> None:
    rows = [{"account_id": str(i), "name": name, "annual_revenue": "100"} for i, name in enumerate(HOSTILE)]
    visitor = opened(book=keep(home, rows))
    picker = visitor.at.multiselect(key=picker_key(visitor))
    assert [option.rpartition(" · ")[0] for option in picker.options] == list(HOSTILE)
    picker.set_value(["0", "3"]).run()
    assert visitor.must_be_well().cards["Lost"] == "$200"


def test_what_is_shown_can_be_taken_away() -> None:
    visitor = opened()
    for name in ("stress", "losses"):
        for suffix in (".csv", ".xlsx"):
            assert any(
                f"download.{name}{suffix}" in str(button.proto.id) for button in visitor.at.get("download_button")
            )


@pytest.mark.parametrize("amount", ["-100", "0", ""])
def test_a_book_without_revenue_has_nothing_to_lose(home: Path, amount: str) -> None:
    visitor = opened(book=small(home, amount, amount))
    assert visitor.errors == []
    assert "losses.ladder" not in visitor.figures
