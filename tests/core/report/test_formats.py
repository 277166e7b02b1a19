"""Number formats of Office: nothing in a currency can end its quotes, and an amount fits its size."""

from __future__ import annotations

import pytest

from core.report import formats
from core.report.story import Unit


@pytest.mark.parametrize(
    ("most", "wanted"),
    [(50, '"$"0;-"$"0'), (5_000, '"$"0.0,"K";-"$"0.0,"K"'), (3_000_000_000, '"$"0.0,,,"B";-"$"0.0,,,"B"')],
)
def test_money_in_a_chart_takes_the_size_of_its_largest_amount(most: int, wanted: str) -> None:
    assert formats.short(Unit.MONEY, "USD", [100, None, -100 * most]) == wanted


@pytest.mark.parametrize("currency", ['";[Red]"', 'A\\"B', "=1+1;x", "\x00\ud800", ""])
def test_a_currency_is_literal_text(currency: str) -> None:
    made = formats.full(Unit.MONEY, currency)
    made.encode()
    sections = made.split(";")
    assert len(sections) == 2, "one for what is positive, one for what is not"
    assert sections[0].count('"') in {0, 2}
    assert sections[0].endswith("#,##0.00")


def test_cents_become_units_and_nothing_else_changes() -> None:
    assert [formats.cell(v, Unit.MONEY) for v in (-5_50, None, 0)] == [-5.5, None, 0]
    assert formats.cell(0.382, Unit.SHARE) == 0.382
