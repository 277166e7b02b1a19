"""Wording: how Tierwise writes numbers, the same on screen, in charts and in what is handed over.

In: plain numbers; money in integer cents, shares and changes of shares as fractions. Out: text.
Undefined (None, NaN, infinite) is written "n/a". Rounding is half up on the decimal digits a person sees, never on the
binary number behind them; a minus is the real one, and no space inside a number may break over a line.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

UNDEFINED = "n/a"
NOTHING = "–"
MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CHF": f"CHF{NBSP}"}
_UNITS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))


_LEAST_SHARE = 0.0005
"""A smaller share would read 0.0 %."""
_FEW_HHI, _MOST_DECIMALS = 10, 4
"""Below this an HHI needs decimals; no book is so wide that more of them say anything."""

SHORT_FROM = 1_000
"""Counts from here up are shortened where there is little room."""


def money_short(cents: int | None, currency: str = "USD") -> str:
    """Money for charts and cards: one decimal from a million up and below ten thousand, none in between.

    >>> money_short(340_000_000), money_short(82_000_000), money_short(1_200)
    ('$3.4M', '$820K', '$12')
    >>> money_short(99_995_000), money_short(-340_000_000), money_short(None)
    ('$1.0M', '−$3.4M', 'n/a')
    """
    if cents is None:
        return UNDEFINED
    cents = int(cents)
    amount = _short(Decimal(abs(cents)) / 100)
    return _signed(cents, symbol(currency) + amount, is_zero=amount == "0")


def money(cents: int | None, currency: str = "USD") -> str:
    r"""Money in full, for tables and exports; cents are written only when there are any.

    >>> money(123_456_789), money(-120_000, "EUR"), money(5, "SEK")
    ('$1,234,567.89', '−€1,200', 'SEK\xa00.05')
    """
    if cents is None:
        return UNDEFINED
    whole, rest = divmod(abs(int(cents)), 100)
    text = f"{symbol(currency)}{whole:,}" + (f".{rest:02d}" if rest else "")
    return _signed(int(cents), text, is_zero=int(cents) == 0)


def change_money(cents: int | None, currency: str = "USD") -> str:
    """A change of money, short and signed; no change carries no sign.

    >>> change_money(340_000_000), change_money(-5_000), change_money(0)
    ('+$3.4M', '−$50', '$0')
    """
    text = money_short(cents, currency)
    return f"+{text}" if cents is not None and cents > 0 and text != f"{symbol(currency)}0" else text


def share(fraction: float | None) -> str:
    r"""A share of a whole with one decimal, and a second where it would read as nothing; the space does not break.

    >>> share(0.382), share(1), share(None)
    ('38.2\xa0%', '100.0\xa0%', 'n/a')
    >>> share(0.00043), share(0.00002), share(0)
    ('0.04\xa0%', 'under 0.01\xa0%', '0.0\xa0%')
    """
    percent = f"{NBSP}%"
    size = abs(fraction) if fraction and math.isfinite(fraction) else 1.0
    if size < _LEAST_SHARE / 10:
        return f"under 0.01{percent}"
    return _fixed(fraction, 2 if size < _LEAST_SHARE else 1, scale=100, suffix=percent)


def money_share(cents: int | None, fraction: float | None, currency: str = "USD") -> str:
    r"""Money with its share of the whole, as it stands beside a mark.

    >>> money_share(340_000_000, 0.382)
    '$3.4M · 38.2\xa0%'
    """
    return f"{money_short(cents, currency)} · {share(fraction)}"


def change_points(fraction: float | None) -> str:
    """A change of a share, in percentage points.

    >>> change_points(0.041), change_points(-0.2), change_points(0.0)
    ('+4.1 points', '−20.0 points', '0.0 points')
    """
    text = _fixed(fraction, 1, scale=100, suffix=" points")
    return f"+{text}" if text[0].isdigit() and text != "0.0 points" else text


def score(value: float | None) -> str:
    """A score, or points of health, with one decimal.

    >>> score(89), score(74.95), score(None)
    ('89.0', '75.0', 'n/a')
    """
    return _fixed(value, 1)


def gini(value: float | None) -> str:
    """A Gini coefficient with two decimals.

    >>> gini(0.625), gini(None)
    ('0.63', 'n/a')
    """
    return _fixed(value, 2)


def hhi(value: float | None, *, of: float | None = None, finer: int = 0) -> str:
    """A Herfindahl-Hirschman index (0 to 10,000) without decimals, and with two digits where it is below 10.

    A change of it, or a part of a change, is written as the index is that it is a part `of`, or `finer` by a decimal.

    >>> hhi(1239.5), hhi(0.8195), hhi(0.0001), hhi(0), hhi(None)
    ('1,240', '0.82', '0.0001', '0', 'n/a')
    >>> hhi(-0.089, of=0.82), hhi(-3.46, of=83), hhi(-3.46, of=83, finer=1)
    ('−0.09', '−3', '−3.5')
    """
    size = abs(value if of is None else of) if value is not None else 0.0
    digits = 1 - math.floor(math.log10(size)) if 0 < size < _FEW_HHI else 0
    return _fixed(value, min(digits, _MOST_DECIMALS) + finer)


def count(n: int | None) -> str:
    """A whole number with thousands separated.

    >>> count(1240), count(-3), count(None)
    ('1,240', '−3', 'n/a')
    """
    return UNDEFINED if n is None else _signed(int(n), f"{abs(int(n)):,}")


def count_short(n: int) -> str:
    """A whole number for a narrow place: thousands and millions from 1,000 up.

    >>> count_short(913), count_short(1363), count_short(105452), count_short(999_999), count_short(1_200_000)
    ('913', '1.4K', '105K', '1.0M', '1.2M')
    """
    return money_short(100 * n).removeprefix(symbol("USD")) if n >= SHORT_FROM else count(n)


def plural(n: int, word: str, many: str | None = None) -> str:
    """A number with its noun; `many` is for nouns that do not take an s.

    >>> plural(1, "tier"), plural(2, "tier"), plural(0, "criterion", "criteria")
    ('1 tier', '2 tiers', '0 criteria')
    """
    return f"{count(n)} {word if abs(n) == 1 else many or word + 's'}"


def accounts(n: int) -> str:
    """A number of accounts.

    >>> accounts(1), accounts(1240)
    ('1 account', '1,240 accounts')
    """
    return plural(n, "account")


def symbol(currency: str) -> str:
    r"""What stands before an amount: the currency's sign, or its code and a space that does not break.

    >>> symbol("EUR"), symbol("SEK")
    ('€', 'SEK\xa0')
    """
    return _SYMBOLS.get(currency, f"{currency}{NBSP}" if currency else "")


def _short(amount: Decimal) -> str:
    # Round before choosing the unit, so that 999,950 is 1.0M and never 1000K.
    if _rounded(amount, 0) < 1000:
        return str(_rounded(amount, 0))
    for size, letter in reversed(_UNITS):
        in_unit = amount / size
        decimals = 0 if letter == "K" and _rounded(in_unit, 1) >= 10 else 1
        if (text := _rounded(in_unit, decimals)) < 1000 or letter == "T":
            return f"{text:,}{letter}"
    raise AssertionError("the largest unit takes every amount")  # pragma: no cover - the loop always returns


def _fixed(value: float | None, decimals: int, *, scale: int = 1, suffix: str = "") -> str:
    if value is None or not math.isfinite(value):
        return UNDEFINED
    # str() gives the shortest digits that name the number: 0.3825 is then 38.25 %, not 38.2499….
    number = _rounded(Decimal(str(float(value))) * scale, decimals)
    return _signed(number, f"{abs(number):,}{suffix}")


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _signed(number: Decimal | int, magnitude: str, *, is_zero: bool = False) -> str:
    return f"{MINUS}{magnitude}" if number < 0 and not is_zero else magnitude
