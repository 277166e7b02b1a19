"""How a column writes numbers and days: decided by all its values, and asked where they admit two readings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import values
from core.accounts.values import COMMA, DMY, MDY, POINT


def numbers(cells: list[str], style: str = "") -> values.Numbers:
    return values.numbers(values.trimmed(pa.array(cells, pa.string())), style)


def days(cells: list[str], style: str = "") -> values.Days:
    return values.days(values.trimmed(pa.array(cells, pa.string())), style)


@pytest.mark.parametrize(
    ("cells", "wanted", "style"),
    [
        (["1234.50", "", "7"], [1234.5, None, 7], POINT),
        (["1,234.56", "12"], [1234.56, 12], POINT),
        (["1.234,56", "12"], [1234.56, 12], COMMA),
        (["1,234", "0.5"], [1234, 0.5], POINT),
        (["1.234", "0,5"], [1234, 0.5], COMMA),
        (["1,234,567"], [1234567], POINT),
        (["1.234.567"], [1234567], COMMA),
        (["12,34,567.5"], [1234567.5], POINT),
        (["1'234.50", "1’000"], [1234.5, 1000], POINT),
        (["1 234,5", "1\u00a0234", "1\u202f234"], [1234.5, 1234, 1234], COMMA),
        (["$1.2M", "$300K", "$2B", "1.5bn", "3 Mio"], [1.2e6, 3e5, 2e9, 1.5e9, 3e6], POINT),
        (["(500)", "($1,200.50)", "500-", "\u2212500"], [-500, -1200.5, -500, -500], POINT),
        (["-$500", "$-500"], [-500, -500], POINT),
        (["€ 500", "500 EUR", "EUR 7", "x"], [500, 500, 7, None], POINT),
        (["5%", "12.5 %"], [5, 12.5], POINT),
        (["1e5", "$2e3"], [1e5, 2e3], POINT),
    ],
)  # fmt: skip
def test_numbers_are_read_by_the_style_of_their_column(
    cells: list[str], wanted: list[float | None], style: str
) -> None:
    found = numbers(cells)
    assert [None if np.isnan(v) else v for v in found.values] == wanted
    assert (found.style, found.open) == (style, ())


@pytest.mark.parametrize(
    "cells", [["1.234"], ["1,234"], ["1.234", "5.678"], ["1.5", "1,5"], ["1.234,5", "1,234.5"], ["$1.234"]]
)
def test_a_column_that_admits_both_readings_is_open(cells: list[str]) -> None:
    found = numbers(cells)
    assert found.open == (POINT, COMMA)
    assert set(found.examples) <= set(cells)


def test_what_the_reader_says_settles_an_open_column() -> None:
    assert numbers(["1.234"], POINT).values.tolist() == [1.234]
    assert numbers(["1.234"], COMMA).values.tolist() == [1234]
    against = numbers(["1.234,5", "1,234.5"], COMMA)
    assert against.readable.tolist() == [True, False], "what speaks against the style is a finding, not a guess"


@pytest.mark.parametrize(
    "text",
    ["abc", "1_000", "0x1F", "１２", "inf", "1e309", "--5", "(5", "5)", "(-5)", "1,23,4", "1.2.3,4", "5 %%", "$$5",
     "1,2345.6", "12 EUR USD", "NA", "#N/A", "1/2", "5x", "="],
)  # fmt: skip
def test_what_is_no_number_is_not_read(text: str) -> None:
    assert numbers([text, "x"]).readable.tolist() == [False, False]


def test_signs_of_currencies_are_told() -> None:
    assert numbers(["$5", "6"]).currencies == {"USD"}
    assert numbers(["5 €", "£6"]).currencies == {"EUR", "GBP"}


@settings(max_examples=80)
@given(
    st.lists(st.decimals(-(10**12), 10**12, places=2, allow_nan=False), min_size=1, max_size=20),
    st.sampled_from([POINT, COMMA]),
)
def test_what_is_written_in_a_style_is_read_as_it_was(amounts: list[Decimal], style: str) -> None:
    texts = [f"{amount:,.2f}" for amount in amounts]
    if style == COMMA:
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    found = numbers(texts)
    assert found.open == ()
    assert [Decimal(text) for text in found.exact.to_pylist()] == amounts


DAY = dt.date(2026, 9, 30)


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["2026-09-30"], values.YMD), (["2026/9/30"], values.YMD), (["20260930"], values.YMD),
        (["30.09.2026"], DMY), (["30/09/2026"], DMY), (["30-9-2026"], DMY), (["09/30/2026"], MDY),
        (["9/30/2026 3:05 PM"], MDY), (["2026-09-30T23:59:59.123Z"], values.YMD),
        (["2026-09-30 23:59:59+02:00"], values.YMD),
        (["30 Sep 2026"], values.YMD), (["September 30, 2026"], values.YMD), (["30. Sept. 2026"], values.YMD),
    ],
)  # fmt: skip
def test_days_are_read_by_the_order_of_their_column(cells: list[str], style: str) -> None:
    found = days([*cells, ""])
    assert found.values.to_pylist() == [DAY, None]
    assert (found.style, found.open) == (style, ())


def test_an_order_that_one_value_decides_holds_for_the_column() -> None:
    assert days(["03/04/2026", "31/12/2026"]).values.to_pylist()[0] == dt.date(2026, 4, 3)
    assert days(["03/04/2026", "12/31/2026"]).values.to_pylist()[0] == dt.date(2026, 3, 4)
    assert days(["03.04.2026"]).values.to_pylist() == [dt.date(2026, 4, 3)], "with points the day is first everywhere"


@pytest.mark.parametrize("cells", [["03/04/2026"], ["03-04-2026", "05-06-2026"], ["31/12/2026", "12/31/2026"]])
def test_an_order_that_nothing_decides_is_open(cells: list[str]) -> None:
    assert days(cells).open == (DMY, MDY)
    assert days(cells, MDY).open == ()


def test_a_day_that_is_the_same_either_way_is_not_asked_about() -> None:
    assert days(["03/03/2026"]).values.to_pylist() == [dt.date(2026, 3, 3)]


@pytest.mark.parametrize(
    "text", ["46295", "2026-02-30", "1/2/26", "30/30/2026", "2026-13-01", "yesterday", "00/01/2026"]
)
def test_what_is_no_day_is_not_read(text: str) -> None:
    assert days([text]).readable.tolist() == [False]


def test_white_space_comes_off_and_nothing_else() -> None:
    assert values.trimmed(pa.array([" a\t", "\u00a0b", None, "ü", "à "])).to_pylist() == ["a", "b", "", "ü", "à"]
