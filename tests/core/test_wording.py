"""How numbers are written: the edges of rounding, signs, and what is undefined."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pytest

from core import wording


def test_the_examples_in_the_module_are_true() -> None:
    assert doctest.testmod(wording).failed == 0


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (0, "$0"),
        (0.49, "$0"),
        (0.50, "$1"),
        (12, "$12"),
        (999, "$999"),
        (999.49, "$999"),
        (999.50, "$1.0K"),
        (1_000, "$1.0K"),
        (1_249.99, "$1.2K"),
        (1_250, "$1.3K"),
        (9_949.99, "$9.9K"),
        (9_950, "$10K"),
        (819_500, "$820K"),
        (999_499.99, "$999K"),
        (999_500, "$1.0M"),
        (999_950, "$1.0M"),
        (3_449_999.99, "$3.4M"),
        (3_450_000, "$3.5M"),
        (123_400_000, "$123.4M"),
        (999_950_000, "$1.0B"),
        (1_234_000_000_000_000, "$1,234.0T"),
    ],
)
def test_money_is_rounded_before_its_unit_is_chosen(dollars: float, text: str) -> None:
    assert wording.money_short(round(dollars * 100)) == text


def test_money_below_zero_has_a_real_minus_and_zero_has_none() -> None:
    assert wording.money_short(-340_000_000) == "\u2212$3.4M"
    assert wording.money_short(-49) == "$0"
    assert wording.money(-49) == "\u2212$0.49"
    assert wording.money(0) == "$0"


@pytest.mark.parametrize(
    ("currency", "text"),
    [("USD", "$3.4M"), ("EUR", "€3.4M"), ("GBP", "£3.4M"), ("JPY", "¥3.4M"), ("CHF", "CHF\u00a03.4M"),
     ("SEK", "SEK\u00a03.4M"), ("", "3.4M")],
)  # fmt: skip
def test_one_symbol_per_currency(currency: str, text: str) -> None:
    assert wording.money_short(340_000_000, currency) == text


def test_money_in_full_shows_cents_only_when_there_are_any() -> None:
    assert wording.money(123_456_700) == "$1,234,567"
    assert wording.money(123_456_701) == "$1,234,567.01"
    assert wording.money(10**20) == "$1,000,000,000,000,000,000"


def test_changes_carry_a_sign_and_their_unit() -> None:
    assert wording.change_points(0.041) == "+4.1 points"
    assert wording.change_points(-0.0005) == "\u22120.1 points"
    assert wording.change_points(0.0004) == "0.0 points"
    assert wording.change_points(-0.0004) == "0.0 points"
    assert wording.change_money(82_000_000, "EUR") == "+€820K"
    assert wording.change_money(-82_000_000) == "\u2212$820K"
    assert wording.change_money(49) == "$0"


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.3825, "38.3"), (0.38249, "38.2"), (0.0005, "0.1"), (0.285, "28.5"), (1.0, "100.0"), (-0.02, "\u22122.0")],
)
def test_shares_round_half_up_on_decimal_digits(fraction: float, text: str) -> None:
    assert wording.share(fraction) == f"{text}\u00a0%"


def test_a_float_a_hair_under_the_half_is_read_as_the_digits_a_person_sees() -> None:
    assert f"{0.145 * 100:.1f}" == "14.5"
    assert wording.gini(0.145) == "0.15"
    assert wording.score(2.675 * 10) == "26.8"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, np.float64("nan")])
def test_undefined_is_written_na(value: float | None) -> None:
    writers = (wording.share, wording.change_points, wording.score, wording.gini, wording.hhi)
    assert {write(value) for write in writers} == {"n/a"}


def test_none_is_na_for_whole_numbers_too() -> None:
    nothing = (wording.money(None), wording.money_short(None), wording.change_money(None), wording.count(None))
    assert set(nothing) == {"n/a"}


def test_numbers_out_of_a_table_are_written_as_plain_ones() -> None:
    cents: Any = np.int64(340_000_000)
    assert wording.money_short(cents) == "$3.4M"
    assert wording.money(cents) == "$3,400,000"
    assert wording.count(cents) == "340,000,000"
    assert wording.share(np.float64(0.5)) == "50.0\u00a0%"


def test_one_account_two_accounts_no_accounts() -> None:
    assert [wording.accounts(n) for n in (0, 1, 2, 1240)] == ["0 accounts", "1 account", "2 accounts", "1,240 accounts"]
    assert wording.plural(3, "criterion", "criteria") == "3 criteria"
