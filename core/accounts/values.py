"""How a column writes its numbers and days, decided once for the whole column, never cell by cell.

“1.234” is 1.234 in one country and 1,234 in another, and 03/04/2026 is a day in March or in April. Every value of the
column is evidence; where all of it admits two readings, or speaks for both, the reader is asked and nothing is taken.
Plain columns, which are most, go through Arrow's own parser; only what it refuses is looked at word by word, and each
different word once.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import raws

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Mask = npt.NDArray[np.bool_]

POINT, COMMA = "point", "comma"
DMY, MDY, YMD = "day first", "month first", "year first"
PERCENT, FRACTION = "percent", "fraction"
NUMBER_STYLES = {POINT: "a point before decimals, as in 1,234.5", COMMA: "a comma before decimals, as in 1.234,5"}
DAY_STYLES = {DMY: "the day first, as in 31/12/2026", MDY: "the month first, as in 12/31/2026"}
SHARE_STYLES = {
    PERCENT: "100 for the whole, as in 38 for 38 %", FRACTION: "1 for the whole, as in 0.38 for 38 %",
}  # fmt: skip
STYLES = {**NUMBER_STYLES, **DAY_STYLES, **SHARE_STYLES}
"""What a column may be asked about, each as it completes “is read with …”."""

SPACE = " \t\r\n\u00a0"
CODES = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "A$": "AUD", "C$": "CAD"}
_KNOWN = "USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|SGD|HKD|BRL|MXN|ZAR|ILS|AED|KRW|TRY"
_CURRENCY = rf"(?:US\$|A\$|C\$|[$€£¥₹]|{_KNOWN})"
_TIMES = {"k": 1e3, "thousand": 1e3, "tsd": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6,
          "b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9}  # fmt: skip
_LETTERS = "|".join(sorted((f"(?i:{word})" for word in _TIMES), key=len, reverse=True))
_GROUPS = r"\d{1,3}(?: \d{3})+|\d{1,3}(?:\x{a0}\d{3})+|\d{1,3}(?:\x{202f}\d{3})+|\d{1,3}(?:['’]\d{3})+"


def _pattern(decimal: str, thousands: str) -> str:
    """Write the one form of a number: sign or brackets, currency, digits in groups, decimals, K, M or B, per cent."""
    whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|{_GROUPS}|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}|\d+"
    if decimal == ",":
        whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|{_GROUPS}|\d+"
    return (
        rf"^(?P<open>\()?[ ]?(?P<sign>[-+\x{{2212}}])?[ ]?(?P<before>{_CURRENCY})?[ \x{{a0}}]?(?P<inner>[-\x{{2212}}])?"
        rf"(?P<whole>{whole})?(?P<part>{re.escape(decimal)}\d*)?(?P<power>[eE][-+]?\d+)?"
        rf"[ \x{{a0}}]?(?P<times>{_LETTERS})?\.?[ \x{{a0}}]?(?P<after>{_CURRENCY})?[ \x{{a0}}\x{{202f}}]?(?P<per>%)?"
        rf"(?P<behind>-)?(?P<close>\))?$"
    )


_PATTERNS = {POINT: _pattern(".", ","), COMMA: _pattern(",", r"\.")}
# What a value says of the column: decimals that only one of the marks can begin, or groups that only one divides.
_SPEAKS = {
    POINT: r"^\d{1,3}(,\d{3})+\.\d*$|^\d{1,3}(,\d{2,3})+,\d{3}(\.\d*)?$|"
    r"^[\d ']*\.(\d{0,2}|\d{4,})$|^0*\.\d+$|^\d{4,}\.\d{3}$",
    COMMA: r"^\d{1,3}(\.\d{3})+,\d*$|^\d{1,3}(\.\d{3}){2,}(,\d*)?$|"
    r"^[\d ']*,(\d{0,2}|\d{4,})$|^0*,\d+$|^\d{4,},\d{3}$",
}
_EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column read as numbers, one entry a cell.

    values: NaN where there is none; blank: says nothing; readable: is a number; exact: the digits, where a cent may
    hang on them; style: how it was read; open: the readings it admits where that is undecided; currencies: the codes
    that stand beside the numbers; percent: whether any cell carries a per cent sign.
    """

    values: npt.NDArray[np.float64]
    blank: Mask
    readable: Mask
    exact: pa.Array
    style: str = POINT
    open: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    currencies: frozenset[str] = frozenset()
    percent: Mask | None = None
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Days:
    """A column read as days: `values` are dates, null where there is none."""

    values: pa.Array
    blank: Mask
    readable: Mask
    style: str = YMD
    open: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def trimmed(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Take outer white space off every text; no cell at all is an empty one."""
    texts = raws.whole(column) if isinstance(column, pa.ChunkedArray) else column
    if texts.null_count:
        texts = _without_nulls(texts)
    if _any_space(raws.first_bytes(texts)) or _any_space(raws.first_bytes(texts, -1)):
        return pc.utf8_trim(texts, characters=SPACE)
    return texts


def _any_space(edge: npt.NDArray[np.uint8]) -> bool:
    """Tell whether any text may have white space at an edge: a byte from 1 to 32, or one of a no-break space's two."""
    return bool(((edge - np.uint8(1)) < 32).any() or (edge == 0xC2).any() or (edge == 0xA0).any())


def _without_nulls(texts: pa.Array) -> pa.Array:
    """Make missing texts empty ones, without a copy where nothing lies in their place."""
    missing = texts.is_null().to_numpy(zero_copy_only=False)
    if texts.offset or raws.lengths(texts)[missing].any():
        return pc.fill_null(texts, "")
    return pa.Array.from_buffers(pa.string(), len(texts), [None, *texts.buffers()[1:]])


def nothing(texts: pa.Array) -> Mask:
    """Tell which trimmed texts say nothing."""
    return np.asarray(raws.lengths(texts) == 0)


def without(texts: pa.Array, missing: Mask) -> pa.Array:
    """Make some texts missing; they stay where they are."""
    if not missing.any():
        return texts
    if texts.offset or texts.null_count:
        return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), texts)
    return pa.Array.from_buffers(pa.string(), len(texts), [pa.array(~missing).buffers()[1], *texts.buffers()[1:]])


# Numbers -------------------------------------------------------------------------------------------------------------


def numbers(texts: pa.Array, style: str = "") -> Numbers:
    """Read a column of trimmed texts as numbers, by `style` or by what the column shows."""
    blank = nothing(texts)
    try:
        floats = pc.cast(without(texts, blank), pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return _worded(texts, style)
    if style == COMMA:
        return _worded(texts, style)
    gaps = np.isnan(floats) & ~blank
    if gaps.any():
        blank = blank | (gaps & pc.is_in(texts, pa.array(["nan", "NaN"])).to_numpy(zero_copy_only=False))
    open_ = () if style else _open_if_plain(texts)
    return Numbers(floats, blank, np.isfinite(floats), texts, POINT, open_, _shown(texts, open_))


def _open_if_plain(texts: pa.Array) -> tuple[str, ...]:
    """Tell whether numbers with a point, such as 1.234, could all be thousands as well."""
    threes = raws.first_bytes(texts, -4) == ord(".")
    if not threes.any():
        return ()
    if (raws.first_bytes(texts, -2) == ord(".")).any() or (raws.first_bytes(texts, -3) == ord(".")).any():
        return ()
    return _open(texts.filter(pa.array(threes))) if not _elsewhere(texts, threes) else ()


def _elsewhere(texts: pa.Array, threes: Mask) -> bool:
    return bool(pc.any(pc.match_substring(texts.filter(pa.array(~threes)), ".")).as_py())


def _open(texts: pa.Array) -> tuple[str, ...]:
    style, open_ = _decided(_cores(texts.unique()))
    return open_ if not style else ()


def _shown(texts: pa.Array, open_: Sequence[str]) -> tuple[str, ...]:
    if not open_:
        return ()
    marked = texts.filter(pc.match_substring_regex(texts, r"[.,]\d{3}(\D|$)"))
    return tuple(marked.slice(0, 3).to_pylist())


def _cores(words: pa.Array) -> pa.Array:
    """Give the digits and marks alone."""
    digits = words.filter(pc.match_substring_regex(words, r"\d"))
    return pc.replace_substring_regex(digits, r"^[^\d.,]+|[^\d.,]+$|\x{a0}|\x{202f}", "")


def _decided(cores: pa.Array) -> tuple[str, tuple[str, ...]]:
    """Decide a column's decimal mark by all its values: the style, or the styles between which nothing decides."""
    speak = [s for s, pattern in _SPEAKS.items() if pc.any(pc.match_substring_regex(cores, pattern)).as_py()]
    if len(speak) == 1:
        return speak[0], ()
    if speak:
        return "", (POINT, COMMA)
    either = pc.any(pc.match_substring_regex(cores, _EITHER)).as_py()
    return ("", (POINT, COMMA)) if either else (POINT, ())


def _worded(texts: pa.Array, style: str) -> Numbers:
    """Read what no plain parser takes: each different word once."""
    coded = texts.dictionary_encode()
    words, places = coded.dictionary, coded.indices.to_numpy(zero_copy_only=False)
    blank = np.isin(words.to_numpy(zero_copy_only=False), ["", "nan", "NaN"])
    matched = {s: _parsed(words, s) for s in ((style,) if style in _PATTERNS else (POINT, COMMA))}
    # What is a number in neither style says nothing about the style.
    known = np.any([found.readable for found in matched.values()], axis=0)
    decided, open_ = (style, ()) if style in _PATTERNS else _decided(_cores(words.filter(pa.array(known))))
    taken = matched[decided or POINT]
    return Numbers(
        taken.values[places],
        blank[places],
        (taken.readable & ~blank)[places],
        taken.exact.take(coded.indices),
        decided or POINT,
        open_,
        _shown(words.filter(pa.array(known)), open_),
        taken.currencies,
        taken.percent[places] if taken.percent is not None else None,
        plain=False,
    )


def _parsed(words: pa.Array, style: str) -> Numbers:
    found = pc.extract_regex(words, pattern=_PATTERNS[style])
    parts = {field.name: pc.fill_null(pc.struct_field(found, field.name), "") for field in found.type}
    whole = pc.replace_substring_regex(parts["whole"], r"[^\d]", "")
    part = pc.replace_substring_regex(parts["part"], r"[^\d]", "")
    says = np.asarray(raws.lengths(whole) + raws.lengths(part) > 0)
    pair = _there(parts["open"]) == _there(parts["close"])
    minus = [_is_minus(parts[name]) for name in ("sign", "inner", "behind")] + [_there(parts["open"])]
    signs = np.sum(minus, axis=0) + (_there(parts["sign"]) & ~minus[0])
    once = ~(_there(parts["before"]) & _there(parts["after"]))
    power = parts["power"]
    readable = found.is_valid().to_numpy(zero_copy_only=False) & says & pair & (signs <= 1) & once
    negative = np.any(minus, axis=0)
    sign = pc.if_else(pa.array(negative), "-", "")
    whole = pc.if_else(pc.equal(whole, ""), "0", whole)
    digits = pc.binary_join_element_wise(sign, whole, pc.if_else(pc.equal(part, ""), "0", part), ".")
    digits = pc.binary_join_element_wise(sign, pc.binary_join_element_wise(whole, part, "."), power, "")
    values = pc.cast(without(digits, ~readable), pa.float64()).to_numpy(zero_copy_only=False)
    times = pc.utf8_lower(parts["times"]).dictionary_encode()
    by = np.array([_TIMES.get(word, 1.0) for word in times.dictionary.to_pylist()] or [1.0])
    factor = by[times.indices.to_numpy(zero_copy_only=False)] if len(words) else np.ones(0)
    percent = _there(parts["per"]) & readable
    values = values * factor
    signed = {*parts["before"].filter(pa.array(readable)).unique().to_pylist()} | {
        *parts["after"].filter(pa.array(readable)).unique().to_pylist()
    }
    codes = frozenset(CODES.get(sign, sign) for sign in signed - {""})
    exact = pc.if_else(pa.array(factor != 1), pc.cast(pa.array(values), pa.string()), digits)
    readable &= np.isfinite(values)
    return Numbers(values, np.zeros(0, bool), readable, exact, style, currencies=codes, percent=percent)


def _there(texts: pa.Array) -> Mask:
    return np.asarray(raws.lengths(texts) > 0)


def _is_minus(texts: pa.Array) -> Mask:
    return np.asarray(pc.is_in(texts, pa.array(["-", "\u2212"])).to_numpy(zero_copy_only=False))


# Days ----------------------------------------------------------------------------------------------------------------

ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?)?$"
_TIME = r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?Z| ?[-+]\d{2}:?\d{2}| UTC)?)?"
_NUMERIC = re.compile(rf"(\d{{1,4}})([-/.])(\d{{1,2}})\2(\d{{1,4}})\.?{_TIME}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_NAMED = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th|\.)?[- ]([A-Za-zéûäÄ]{{3,9}})\.?,?[- ](\d{{4}}){_TIME}")
_AMERICAN = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TIME}")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (("jan",), ("feb", "fév"), ("mar", "mär"), ("apr", "avr"), ("may", "mai"), ("jun",), ("jul",),
         ("aug", "aoû"), ("sep",), ("oct", "okt"), ("nov",), ("dec", "dez", "déc")), 1)
    for name in names
}  # fmt: skip


def days(texts: pa.Array, style: str = "") -> Days:
    """Read a column of trimmed texts as days, in the order of day, month and year that the column shows or `style`."""
    blank = nothing(texts)
    try:
        return Days(pc.cast(without(texts, blank), pa.date32()), blank, ~blank)
    except pa.ArrowInvalid:
        pass
    coded = texts.dictionary_encode()
    words, places = coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)
    readings = [_readings(word) for word in words]
    order, open_ = (style, ()) if style in DAY_STYLES else _order(readings)
    found: list[dt.date | None] = [
        reading.get(YMD) or reading.get(order if order in DAY_STYLES else DMY) for reading in readings
    ]
    asked = [word for word, reading in zip(words, readings, strict=True) if DMY in reading or MDY in reading]
    values = pa.array(found, pa.date32()).take(coded.indices)
    readable = np.array([day is not None for day in found] or [False], bool)[places]
    return Days(values, blank, readable, order or YMD, open_, tuple(asked[:3]) if open_ else ())


def _readings(word: str) -> Mapping[str, dt.date]:  # noqa: PLR0911  one way of writing a day after the other
    """Give every day that a word can mean, by the order in which it is read."""
    if found := _NUMERIC.fullmatch(word):
        first, mark, middle, last = found[1], found[2], found[3], found[4]
        if len(first) == 4:
            return _dated({YMD: (first, middle, last)}) if len(last) <= 2 else {}
        if len(last) != 4 or len(first) > 2:
            return {}  # years of two digits are not guessed
        orders = {DMY: (last, middle, first)}
        return _dated(orders if mark == "." else {**orders, MDY: (last, first, middle)})
    if found := _COMPACT.fullmatch(word):
        return _dated({YMD: (found[1], found[2], found[3])}) if "1900" <= found[1] < "2200" else {}
    if found := _NAMED.fullmatch(word):
        return _dated({YMD: (found[3], _month(found[2]), found[1])})
    if found := _AMERICAN.fullmatch(word):
        return _dated({YMD: (found[3], _month(found[1]), found[2])})
    return {}


def _month(name: str) -> str:
    return str(_MONTHS.get(name[:3].lower(), 0))


def _dated(orders: Mapping[str, tuple[str, str, str]]) -> Mapping[str, dt.date]:
    found = {}
    for order, (year, month, day) in orders.items():
        try:
            found[order] = dt.date(int(year), int(month), int(day))
        except ValueError:
            continue
    return found


def _order(readings: Sequence[Mapping[str, dt.date]]) -> tuple[str, tuple[str, ...]]:
    """Decide by all the values which comes first; two where nothing decides or the column speaks for both."""
    only = {order for reading in readings if len(reading) == 1 for order in reading} - {YMD}
    open_ = any(len(set(reading.values())) > 1 for reading in readings)
    if len(only) == 2 or (open_ and not only):
        return "", (DMY, MDY)
    return (only.pop() if only else YMD), ()
