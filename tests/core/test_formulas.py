"""Formulas: no text runs in a spreadsheet, no number changes, and what went out comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.formulas import neutral, original

# Measured: the characters that start a formula in Excel, LibreOffice and Google Sheets.
STARTS = "=+-@\t\r\n|\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", "\u200b", "\ufeff", "'", "  \u00a0", "' '"])
def test_a_text_that_would_run_gets_an_apostrophe(start: str, before: str) -> None:
    text = f"{before}{start}SUM(A1)"
    assert neutral(text) == f"'{text}"
    assert original(neutral(text)) == text


@pytest.mark.parametrize("text", ["-5", "+5", "-5.25", "-1e9", "-1.5E-3", "-12%", "+0.1%"])
def test_a_number_in_text_keeps_its_sign(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize("text", ["-5+cmd", "--5", "-", "+", "-1e", "-5 ", "-5\n", "=5", "-.5"])
def test_what_only_begins_like_a_number_is_no_number(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Acme", "", "A-1", "1-2", "a=b", "'s-Hertogenbosch", "'Quoted'", "O'Neil", "5%"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text
    assert original(text) == text


@settings(max_examples=300)
@given(st.text(st.sampled_from(STARTS + "' a5.e%\u200b\ufeff"), max_size=8) | st.text())
def test_what_went_out_comes_back(text: str) -> None:
    assert original(neutral(text)) == text
    assert neutral(text) in {text, f"'{text}"}


@settings(max_examples=300)
@given(st.integers(max_value=-1) | st.floats(max_value=-1e-300, allow_infinity=False) | st.decimals("-1e30", "-1"))
def test_no_negative_number_is_changed(number: object) -> None:
    assert neutral(str(number)) == str(number)
