"""Number formats of Office for the units of a story: money in its currency, shares in percent, undefined left to text.

A value is written in the unit that a spreadsheet counts in: money in units of the currency, not in cents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import wording
from core.report.story import Unit, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = {
    Unit.TEXT: "@",
    Unit.SHARE: r"0.0\ %",
    Unit.POINTS: r"+0.0\ %;-0.0\ %;0.0\ %",
    Unit.COUNT: "#,##0",
    Unit.SCORE: "#,##0.0",
    Unit.INDEX: "#,##0",
    Unit.CHANGE: "+#,##0.0;-#,##0.0;0.0",
    Unit.RATIO: "0.00",
}
_SIZES = ((10**9, ",,,", "B"), (10**6, ",,", "M"), (10**3, ",", "K"))


def full(unit: Unit, currency: str) -> str:
    r"""Give the format of a table's cell.

    >>> full(Unit.SHARE, "USD"), full(Unit.MONEY, "EUR")
    ('0.0\\ %', '"€"#,##0.00;-"€"#,##0.00')
    """
    sign = _quoted(currency)
    return f"{sign}#,##0.00;-{sign}#,##0.00" if unit is Unit.MONEY else _PLAIN[unit]


def short(unit: Unit, currency: str, values: Iterable[Any]) -> str:
    r"""Give the format of a label in a chart: money in the one size that fits the largest amount there.

    >>> short(Unit.MONEY, "USD", [340_000_000, 82_000_000]), short(Unit.SHARE, "USD", [0.5])
    ('"$"0.0,,"M";-"$"0.0,,"M"', '0.0\\ %')
    """
    if unit is not Unit.MONEY:
        return _PLAIN[unit]
    most = max((abs(value) / 100 for value in values if value is not None), default=0)
    commas, letter = next(((commas, letter) for size, commas, letter in _SIZES if most >= size), ("", ""))
    number = f"{_quoted(currency)}0" + (f'.0{commas}"{letter}"' if letter else "")
    return f"{number};-{number}"


def axis(unit: Unit, currency: str, values: Iterable[Any]) -> str:
    """Give the format of the ticks of a curve's axis: whole percents, and money in one size.

    >>> axis(Unit.SHARE, "USD", [0.5]), axis(Unit.COUNT, "USD", [12])
    ('0%', '#,##0')
    """
    if unit is Unit.MONEY:
        return short(unit, currency, values)
    return "0%" if unit is Unit.SHARE else full(unit, currency)


def cell(value: Any, unit: Unit) -> Any:
    """Give a value as a spreadsheet holds it: cents become units of the currency; None stays None."""
    return value / 100 if value is not None and unit is Unit.MONEY else value


def _quoted(currency: str) -> str:
    """The currency's sign as literal text: nothing in it may end the quotes or be read as a format."""
    sign = "".join(c for c in printable(wording.symbol(printable(currency))) if c not in '"\\;')[:8]
    return f'"{sign}"' if sign else ""
