"""Typing: a raw column into a typed one, as its field of the contract or its own cells ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import raws, values
from core.accounts.contract import CHOICES, NUMERIC, Kind
from core.accounts.values import COMMA, FRACTION, PERCENT, POINT, Days, Numbers, without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.contract import Field
    from core.accounts.raws import Raw

    Mask = npt.NDArray[np.bool_]

RANGES = {Kind.SHARE: (0.0, 1.0), Kind.SCORE: (0.0, 100.0), Kind.MONEY: (-1e13, 1e13)}
ARROW = {
    Kind.TEXT: pa.string(), Kind.MONEY: pa.decimal128(18, 2), Kind.NUMBER: pa.float64(), Kind.COUNT: pa.int64(),
    Kind.SHARE: pa.float64(), Kind.SCORE: pa.float64(), Kind.DATE: pa.date32(), Kind.LIFECYCLE: pa.string(),
    Kind.THREAT: pa.string(),
}  # fmt: skip
WORTH_THREADS = 50_000
"""Rows from which two threads are quicker than one."""
LOOKED_AT, FEW = 5_000, 300
"""A column that says at most `FEW` different things in its first cells may have few words in all."""
MOST_WORDS = 5_000
"""A column of more words than this is not numbered."""
_SPELLED = ("name", "parent_id", "currency")
"""Columns of text that are spelled out, whatever they say; so is every required one."""
_HUNDRED = (Kind.SHARE, Kind.SCORE)
"""Kinds of which no value is above 100, however it is written."""
_HIGHEST = 100.0
SAMPLE = 200
"""Cells by which a column that is plainly text is told at once."""
EXACT = 2.0**53
"""Above this a number is no longer what its digits say; a column of such whole numbers holds codes."""
_CENT = Decimal("0.01")
_HAIR = 2.5e-16
"""A number of at most two decimals times 100 lies no further than this share from a whole number."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a book: its name inside, the file's heading, and what it holds."""

    name: str
    heading: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Question:
    """A column that admits two readings: its heading, values of it, and the styles between which the reader chooses."""

    heading: str
    field: str
    examples: tuple[str, ...]
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed column: `bad` marks the cells that say something which is not of its kind."""

    column: Column
    values: pa.Array
    bad: Mask
    cells: pa.Array
    question: Question | None = None
    notes: tuple[str, ...] = ()
    currencies: frozenset[str] = frozenset()

    def texts(self, places: pa.Array) -> pa.Array:
        """Give some cells as they stood in the file."""
        cells = self.cells.take(places)
        return cells if pa.types.is_string(cells.type) else pc.fill_null(as_text(cells), "")


def table(
    raw: Raw,
    sources: Mapping[str, int],
    fields: Sequence[Field],
    formats: Mapping[str, str],
    merges: Mapping[str, Mapping[str, str]],
) -> list[Typed]:
    """Type every column under a heading: the contract's by their fields, the others by what their cells show."""

    def cells(i: int) -> pa.Array:
        column = raws.decoded(raw.cells[f"c{i}"])
        if not pa.types.is_string(column.type):
            return raws.whole(column)
        texts = values.trimmed(column)
        return merged(texts, merges[raw.headings[i]]) if raw.headings[i] in merges else texts

    def style(i: int) -> str:
        return formats.get(raw.headings[i], POINT if i in raw.plain else "")

    def read(place: tuple[int, Field | str]) -> Typed:
        i, wanted = place
        coded = None
        if isinstance(wanted, str) or not (wanted.required or wanted.name in _SPELLED):
            coded = _coded(raw.cells[f"c{i}"], merges.get(raw.headings[i]))
        words = cells(i) if coded is None else coded.dictionary
        if isinstance(wanted, str):
            found = shown(wanted, raw.headings[i], words, style(i))
        else:
            found = typed(Column(wanted.name, raw.headings[i], wanted.kind), words, style(i))
        return found if coded is None else _spread(found, coded)

    places: list[tuple[int, Field | str]] = [(sources[f.name], f) for f in fields if f.name in sources]
    taken = set(sources.values())
    foreign = [i for i, heading in enumerate(raw.headings) if heading and i not in taken]
    places += [(i, f"x{n}") for n, i in enumerate(foreign)]
    if raw.cells.num_rows < WORTH_THREADS:
        return [read(place) for place in places]
    with ThreadPoolExecutor(2) as pool:  # Arrow and numpy let go of Python's lock
        return list(pool.map(read, places))


# Columns of few words ------------------------------------------------------------------------------------------------


def _coded(column: pa.ChunkedArray, merges: Mapping[str, str] | None) -> pa.DictionaryArray | None:
    """Number the words of a large column that has few: trimmed, each once, each in use; no cell at all is missing.

    So a word is read once, however many rows say it. None where the column is short, or has many words.
    """
    if len(column) < WORTH_THREADS:
        return None
    if not pa.types.is_dictionary(column.type):
        if not pa.types.is_string(column.type) or pc.count_distinct(column.slice(0, LOOKED_AT)).as_py() > FEW:
            return None
        column = column.dictionary_encode()
    coded = raws.whole(column)
    if len(coded.dictionary) > MOST_WORDS:
        return None
    indices = coded.indices.cast(pa.int16())
    places = indices.fill_null(-1).to_numpy()
    used = np.zeros(len(coded.dictionary) + 1, bool)
    used[places] = True  # the last place is that of -1
    used = used[:-1]
    words = values.trimmed(coded.dictionary)
    words = merged(words, merges) if merges else words
    if used.all() and words.equals(coded.dictionary) and not values.nothing(words).any() and _differ(words):
        return pa.DictionaryArray.from_arrays(indices, words)
    distinct = words.filter(pa.array(used & ~values.nothing(words))).unique()
    numbers = pc.fill_null(pc.index_in(words, value_set=distinct), -1).to_numpy(zero_copy_only=False)
    return _numbered(np.append(numbers, -1).astype(np.int16)[places], distinct)


def _differ(words: pa.Array) -> bool:
    return bool(pc.count_distinct(words).as_py() == len(words))


def _numbered(codes: npt.NDArray[np.int16], words: pa.Array) -> pa.DictionaryArray:
    missing = codes < 0
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing if missing.any() else None), words)


def _spread(found: Typed, coded: pa.DictionaryArray) -> Typed:
    """Give every row what was read from its word; a column of text stays numbered."""
    if not found.bad.any() and found.values.equals(coded.dictionary):
        return replace(found, values=coded, bad=np.zeros(len(coded), bool), cells=coded)
    places = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    bad = np.append(found.bad, np.False_)[places] if found.bad.any() else np.zeros(len(coded), bool)
    if not pa.types.is_string(found.values.type):
        return replace(found, values=found.values.take(coded.indices), bad=bad, cells=coded)
    again = found.values.dictionary_encode()
    numbers = again.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    made = _numbered(np.append(numbers, -1).astype(np.int16)[places], again.dictionary)
    return replace(found, values=made, bad=bad, cells=coded)


def merged(texts: pa.Array, words: Mapping[str, str]) -> pa.Array:
    """Write some words as others, as the reader agreed."""
    coded = texts.dictionary_encode()
    meant = pa.array([words.get(word, word) for word in coded.dictionary.to_pylist()], pa.string())
    return meant.take(coded.indices)


def as_text(cells: pa.Array) -> pa.Array:
    """Write native cells as a person would: 12.0 as 12."""
    if not pa.types.is_floating(cells.type):
        return pc.cast(cells, pa.string())
    floats = pc.cast(cells, pa.float64())
    plain = floats.to_numpy(zero_copy_only=False)
    whole = np.isfinite(plain) & (plain == np.trunc(plain)) & (np.abs(plain) < EXACT)
    if not whole.any():
        return pc.cast(floats, pa.string())
    counts = pa.array(np.where(whole, plain, 0).astype(np.int64), mask=~whole)
    return pc.coalesce(pc.cast(counts, pa.string()), pc.cast(floats, pa.string()))


# One column ----------------------------------------------------------------------------------------------------------


def typed(column: Column, cells: pa.Array, style: str = "") -> Typed:
    """Read a column by its kind; what cannot be read is missing, and `bad` tells it from an empty cell."""
    kind = column.kind
    if kind is Kind.TEXT:
        return _text(column, cells)
    if kind is Kind.MONEY and pa.types.is_decimal128(cells.type) and cells.type.scale == 2:
        return _amounts(column, cells)
    if kind in CHOICES:
        texts = _texts(cells)
        folded = pc.utf8_lower(texts)
        chosen = pc.is_in(folded, pa.array(CHOICES[kind])).to_numpy(zero_copy_only=False)
        return Typed(column, without(folded, ~chosen), ~chosen & ~values.nothing(texts), texts)
    if kind is Kind.DATE:
        days = _days(cells, style)
        question = Question(column.heading, column.name, days.examples, days.open) if days.open else None
        note = _note(column.heading, days.style, values.DAY_STYLES)
        return Typed(column, days.values, ~days.blank & ~days.readable, cells, question, note)
    if style != PERCENT and (numbers := _native(kind, cells)) is not None:
        return Typed(column, numbers, np.zeros(len(cells), bool), cells)
    found = _numbers(cells, style)
    if kind is Kind.COUNT and found.open:
        found = _only_whole(cells, found)
    elif kind in _HUNDRED and found.open:
        found = _only_small(cells, found)
    seem = _percents(found) if kind is Kind.SHARE and style in {"", POINT} and not found.open else ()
    open_, examples = (found.open, found.examples) if found.open else ((PERCENT, FRACTION) if seem else (), seem)
    question = Question(column.heading, column.name, examples, open_) if open_ else None
    read, readable = _by_kind(kind, found, cells, percent=style == PERCENT or bool(seem))
    note = _note(column.heading, found.style, {COMMA: values.NUMBER_STYLES[COMMA]})
    note += _note(column.heading, style, {PERCENT: values.SHARE_STYLES[PERCENT]})
    return Typed(column, read, ~found.blank & ~readable, cells, question, note, found.currencies)


def _note(heading: str, style: str, said: Mapping[str, str]) -> tuple[str, ...]:
    return (f"“{heading}” is read with {said[style]}",) if style in said else ()


def _text(column: Column, cells: pa.Array) -> Typed:
    # An account may be called “nan”; only a column of numbers writes its gaps that way.
    texts = _texts(cells)
    return Typed(column, without(texts, values.nothing(texts)), np.zeros(len(texts), bool), texts)


def _texts(cells: pa.Array) -> pa.Array:
    return cells if pa.types.is_string(cells.type) else pc.fill_null(as_text(cells), "")


def _days(cells: pa.Array, style: str) -> Days:
    if pa.types.is_string(cells.type):
        return values.days(cells, style)
    blank = cells.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_date(cells.type):
        return Days(pc.cast(cells, pa.date32()), blank, ~blank)
    return Days(pa.nulls(len(cells), pa.date32()), blank, np.zeros(len(cells), bool))


def _numbers(cells: pa.Array, style: str) -> Numbers:
    if pa.types.is_string(cells.type):
        return values.numbers(cells, "" if style in values.SHARE_STYLES else style)
    blank = cells.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_date(cells.type):
        return Numbers(np.full(len(cells), np.nan), blank, np.zeros(len(cells), bool), cells)
    floats = pc.cast(cells, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return Numbers(floats, blank | np.isnan(floats), np.isfinite(floats), cells)


def _amounts(column: Column, cells: pa.Array) -> Typed:
    """Take amounts that are exact already, two decimals and all, where they lie within the range of amounts."""
    words = np.frombuffer(cells.buffers()[1], np.int64)[2 * cells.offset : 2 * (cells.offset + len(cells))]
    low, high = words[0::2], words[1::2]
    most = round(RANGES[Kind.MONEY][1]) * 100
    fits = (high == low >> 63) & (low >= -most) & (low <= most)
    there = cells.is_valid().to_numpy(zero_copy_only=False)
    bad = there & ~fits
    kept = pc.if_else(pa.array(fits), cells, None) if bad.any() else cells
    return Typed(column, pc.cast(kept, pa.decimal128(18, 2), safe=False), bad, cells)


def _native(kind: Kind, cells: pa.Array) -> pa.Array | None:
    """Take a column of numbers as it is where its least and its greatest say that all fit; None where one may not."""
    whole = pa.types.is_integer(cells.type)
    if not (whole or pa.types.is_float64(cells.type)) or kind in {Kind.MONEY, Kind.DATE}:
        return None
    if not whole and (kind is Kind.COUNT or not pc.all(pc.is_finite(cells), min_count=0).as_py()):
        return None
    least, most = (end.as_py() for end in pc.min_max(cells).values())
    low, high = RANGES.get(kind, (0.0 if kind is Kind.COUNT else -np.inf, np.inf))
    if least is None or not low <= least <= most <= high:
        return None
    return pc.cast(cells, ARROW[kind], safe=False)


def _only_whole(cells: pa.Array, found: Numbers) -> Numbers:
    """Decide for a column of counts: a reading that leaves fractions is none."""
    read = {style: values.numbers(cells, style) for style in found.open}
    fits = [s for s, r in read.items() if bool((np.floor(r.values[r.readable]) == r.values[r.readable]).all())
            and r.readable.sum() >= found.readable.sum()]  # fmt: skip
    return read[fits[0]] if len(fits) == 1 else found


def _only_small(cells: pa.Array, found: Numbers) -> Numbers:
    """Decide for a column of which no value is above 100: 12.345 is no twelve thousand per cent."""
    read = {style: values.numbers(cells, style) for style in found.open}
    fits = [s for s, r in read.items() if bool((np.abs(r.values[r.readable]) <= _HIGHEST).all())
            and r.readable.sum() >= found.readable.sum()]  # fmt: skip
    return read[fits[0]] if len(fits) == 1 else found


def _percents(found: Numbers) -> tuple[str, ...]:
    """Give examples where shares seem to be written as 38 for 38 %: two or more, most above 1, none above 100."""
    signed = found.percent if found.percent is not None else np.zeros(len(found.values), bool)
    said = np.unique(found.values[found.readable & ~found.blank & ~signed])
    said = said[said != 0]
    if (
        np.count_nonzero(said > 1) < 2
        or 2 * np.count_nonzero(said > 1) <= len(said)
        or not 0 < said[0] <= said[-1] <= _HIGHEST
    ):
        return ()
    return tuple(f"{value:.15g}" for value in said[said > 1][:3])


def _by_kind(kind: Kind, found: Numbers, cells: pa.Array, *, percent: bool) -> tuple[pa.Array, Mask]:
    numbers, readable = found.values, found.readable & ~found.blank
    if found.percent is not None and found.percent.any():
        if kind in {Kind.MONEY, Kind.COUNT}:
            readable = readable & ~found.percent
        elif kind is not Kind.SCORE:
            numbers = np.where(found.percent, numbers / 100, numbers)
    if percent and kind is Kind.SHARE:
        numbers = np.where(found.percent, numbers, numbers / 100) if found.percent is not None else numbers / 100
    with np.errstate(invalid="ignore"):
        if kind is Kind.COUNT:
            readable = readable & (numbers >= 0) & (numbers == np.floor(numbers)) & (numbers < 2.0**63)
        if kind in RANGES:
            low, high = RANGES[kind]
            readable = readable & (numbers >= low) & (numbers <= high)
    if kind is Kind.MONEY:
        return money(numbers, readable, found.exact), readable
    if kind is Kind.COUNT:
        if pa.types.is_integer(cells.type):
            return pc.if_else(pa.array(readable), pc.cast(cells, pa.int64(), safe=False), None), readable
        return pa.array(np.where(readable, numbers, 0).astype(np.int64), mask=~readable), readable
    return pa.array(numbers, mask=~readable), readable


def money(numbers: npt.NDArray[np.float64], readable: Mask, exact: pa.Array) -> pa.Array:
    """Write amounts as DECIMAL(18,2), half a cent up, by the digits that a person sees and not by the binary number.

    A number of two decimals is found by its cents, exactly, since there are fewer than 2^53 of them; where there are
    more decimals, `exact` holds the digits.

    >>> money(np.array([0.285, -2.0]), np.array([True, True]), pa.array(["0.285", "-2"])).to_pylist()
    [Decimal('0.29'), Decimal('-2.00')]
    """
    if pa.types.is_decimal(exact.type):
        rounded = pc.round(exact, 2, "half_towards_infinity")
        return pc.cast(pc.if_else(pa.array(readable), rounded, None), pa.decimal128(18, 2), safe=False)
    raised = np.where(readable, numbers, 0) * 100
    cents = np.rint(raised)
    odd = np.flatnonzero(np.abs(raised - cents) > np.abs(raised) * _HAIR)
    whole = cents.astype(np.int64)
    if len(odd):
        digits = exact.take(pa.array(odd))
        texts = digits if pa.types.is_string(digits.type) else as_text(digits)
        whole[odd] = [int(Decimal(text).quantize(_CENT, ROUND_HALF_UP).scaleb(2)) for text in texts.to_pylist()]
    words = np.empty((len(whole), 2), np.int64)
    words[:, 0], words[:, 1] = whole, whole >> 63
    valid = pa.array(readable).buffers()[1] if not readable.all() else None
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(whole), [valid, pa.py_buffer(words)])


# A column outside the contract ---------------------------------------------------------------------------------------


def shown(name: str, heading: str, cells: pa.Array, style: str = "") -> Typed:
    """Type a column by what its cells show: a number or a day only where every cell that says anything is one."""
    if not pa.types.is_string(cells.type):
        kind = Kind.DATE if pa.types.is_date(cells.type) else Kind.NUMBER
        found = typed(Column(name, heading, kind), cells)
        return (
            found if not found.bad.any() and found.values.null_count < len(cells) else _as_words(name, heading, cells)
        )
    if style != "text":
        for kind in (Kind.NUMBER, Kind.DATE):
            if _may_be(kind, cells, codes=not style):
                found = typed(Column(name, heading, kind), cells, style)
                if not found.bad.any() and found.values.null_count < len(cells):
                    return _if_decided(found, cells, style)
    return _as_words(name, heading, cells)


def _as_words(name: str, heading: str, cells: pa.Array, notes: tuple[str, ...] = ()) -> Typed:
    found = _text(Column(name, heading, Kind.TEXT), cells)
    return Typed(found.column, _truths(found.values), found.bad, found.cells, None, notes)


def _truths(texts: pa.Array) -> pa.Array:
    """Write TRUE and False as true and false, where a column says nothing else, as every other format does."""
    if pc.all(pc.is_in(texts.slice(0, SAMPLE).drop_null(), pa.array(["TRUE", "FALSE", "True", "False"]))).as_py():
        words = texts.unique().drop_null().to_pylist()
        if words and {word.lower() for word in words} <= {"true", "false"}:
            return pc.utf8_lower(texts)
    return texts


def _may_be(kind: Kind, texts: pa.Array, *, codes: bool) -> bool:
    """Tell by the first cells, and by what no number has, whether a column can be of a kind."""
    says = texts.slice(0, SAMPLE).filter(pa.array(~values.nothing(texts.slice(0, SAMPLE))))
    if kind is Kind.DATE:
        found = values.days(says)
        return bool(found.readable.all() or found.open)
    if not (values.numbers(says).readable | values.numbers(says).blank).all():
        return False
    if not codes:
        return True
    first, second = raws.first_bytes(texts), raws.first_bytes(texts, 1)
    is_code = (first == ord("0")) & (second >= ord("0")) & (second <= ord("9"))  # 007 is no number
    if is_code.any() or (first == ord("+")).any():
        return False
    long = texts.filter(pa.array(raws.lengths(texts) > 15))
    return not pc.any(pc.match_substring_regex(long, r"^\d{16,}$")).as_py()


def _if_decided(found: Typed, cells: pa.Array, style: str) -> Typed:
    """Keep as text what admits two readings, unless it is written in the plain form."""
    column = found.column
    if column.kind is Kind.NUMBER and not style and pc.any(pc.match_substring_regex(cells.unique(), r"\d\s\d")).as_py():
        return _as_words(column.name, column.heading, cells)  # 12 345 may be a postal code
    if found.question is None:
        return found
    shown_ = f"“{found.question.examples[0]}”" if found.question.examples else "a value"
    plain = pc.all(pc.match_substring_regex(cells.unique(), r"^(-?\d*\.?\d*|nan|NaN)$")).as_py()
    if column.kind in NUMERIC and plain:
        note = f"“{column.heading}”: {shown_} is read with {values.NUMBER_STYLES[POINT]}"
        return Typed(column, found.values, found.bad, found.cells, None, (note,))
    note = f"“{column.heading}” is kept as text, since {shown_} can be read in two ways"
    return _as_words(column.name, column.heading, cells, (note,))
