"""A story: what is taken away, before it becomes slides, a workbook or a page.

A story has chapters. A chapter has one message, which is a whole sentence, a table that holds every number the message
and the chart stand on, and says which of the table's columns are drawn and how. Writers add nothing to it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from core import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from core.report.provenance import Provenance

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# What would turn the rest of a line around: a name must not reorder the sentence it stands in.
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# XML has no place for these at all: half of a surrogate pair, and what Unicode will never assign.
_NO_TEXT = re.compile("[\ud800-\udfff\ufdd0-\ufdef]|[\ufffe\uffff]")
_CONTROLS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class Unit(StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    MONEY = "money"  # whole cents
    SHARE = "share"  # 0 to 1
    POINTS = "points"  # a change of a share
    COUNT = "count"
    SCORE = "score"  # one decimal
    INDEX = "index"  # no decimals: HHI
    CHANGE = "change"  # of an index, signed, one decimal
    RATIO = "ratio"  # two decimals: Gini, lift


class Kind(StrEnum):
    """What a chapter's chart is."""

    BARS = "bars"  # horizontal, one row a label
    STACKED = "stacked"  # horizontal, the series one after the other
    COLUMNS = "columns"  # upright, one a period
    LINE = "line"  # over periods
    XY = "xy"  # a curve; the column of labels holds x


class Paint(NamedTuple):
    """How a bar or a line is drawn: "#RRGGBB" of its fill and of its edge."""

    fill: str
    edge: str


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column: money in whole cents, shares 0 to 1; None is undefined, and shown "n/a"."""

    name: str
    unit: Unit
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        """Refuse values that are not of the unit; NaN is no value, None is."""
        for value in self.values:
            if value is not None and not _is(value, self.unit):
                raise ValueError(f"{value!r} is no {self.unit} (column “{self.name}”)")

    @property
    def numeric(self) -> bool:
        """Tell whether the column can be drawn."""
        return self.unit is not Unit.TEXT


@dataclass(frozen=True, slots=True)
class Chart:
    """Which columns are drawn: `by` labels the rows (or is x), each of `of` is a series.

    `paints` has one entry a series, or, where there is a single series, may have one a row. `across` and `up` are the
    titles of the axes of a curve.
    """

    kind: Kind
    by: str
    of: tuple[str, ...]
    paints: tuple[Paint, ...]
    across: str = ""
    up: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A term that a chapter uses: what it means, and the standard or paper it follows, where there is one."""

    term: str
    meaning: str
    source: str = ""

    def __str__(self) -> str:
        """Give the definition on one line."""
        return f"{self.term}: {self.meaning}" + (f" Source: {self.source}." if self.source else "")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One message and what it stands on.

    key: stable and short; name: as a sheet or a list calls it; message: a full sentence, the title of the slide;
    reading: how to read the chart; aside: columns too wide for
    a slide, which puts them into its notes; picture: draws the figure of the screen that the chapter is told from.
    """

    key: str
    name: str
    message: str
    columns: tuple[Column, ...]
    reading: str
    chart: Chart | None = None
    definitions: tuple[Definition, ...] = ()
    aside: tuple[str, ...] = ()
    picture: Callable[[], Any] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a table with a gap, and a chart of what is not there."""
        if len({len(column.values) for column in self.columns}) > 1 or not self.columns:
            raise ValueError(f"the columns of “{self.key}” are not of one length")
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError(f"two columns of “{self.key}” have one name")
        if self.chart is not None:
            self._check_chart(self.chart)

    def _check_chart(self, chart: Chart) -> None:
        drawn = [self.column(name) for name in chart.of]
        if not all(column.numeric for column in drawn) or len({column.unit for column in drawn}) != 1:
            raise ValueError(f"the chart of “{self.key}” does not draw numbers of one unit")
        if chart.kind is Kind.XY and not self.column(chart.by).numeric:
            raise ValueError(f"the curve of “{self.key}” has no numbers across")
        if len(chart.paints) != len(drawn) and not (len(drawn) == 1 and len(chart.paints) == self.rows):
            raise ValueError(f"the chart of “{self.key}” has {len(chart.paints)} paints for {len(drawn)} series")

    @property
    def rows(self) -> int:
        """Count the rows of the table."""
        return len(self.columns[0].values)

    def column(self, name: str) -> Column:
        """Find a column by its name; raises `KeyError`."""
        return {column.name: column for column in self.columns}[name]


@dataclass(frozen=True, slots=True)
class Story:
    """What is taken away: a title, its one-sentence answer, chapters in order, and where it all comes from."""

    title: str
    answer: str
    provenance: Provenance
    chapters: tuple[Chapter, ...]

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Give every definition that a chapter uses, each once, in order of first use."""
        return tuple(dict.fromkeys(found for chapter in self.chapters for found in chapter.definitions))

    def only(self, keys: Collection[str]) -> Story:
        """Give the same story with the chapters that are named, in its own order."""
        return replace(self, chapters=tuple(chapter for chapter in self.chapters if chapter.key in keys))


def printable(text: object) -> str:
    r"""A text as a document can hold it: on one line, without control characters, nothing in it that turns it around.

    Half a surrogate pair cannot be written in any file; it becomes the sign for an unknown character. Right-to-left
    names stay as they are: their letters carry their own direction.

    >>> printable("Acme\x00\n  Ltd"), printable("a\ud800b")
    ('Acme Ltd', 'a\ufffdb')
    """
    return _NO_TEXT.sub(REPLACEMENT, _CONTROLS.sub(" ", _TURNS.sub("", str(text)))).strip(" ")


def shorten(text: object, letters: int) -> str:
    """A printable text, cut where it would crowd the rest out.

    >>> shorten("Aurora Borealis Heavy Industries", 16)
    'Aurora Borealis…'
    """
    line = printable(text)
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def said(value: Any, unit: Unit, currency: str) -> str:
    r"""Write a value as people read it.

    >>> said(123_456, Unit.MONEY, "USD"), said(0.382, Unit.SHARE, "USD"), said(None, Unit.RATIO, "USD")
    ('$1,234.56', '38.2\xa0%', 'n/a')
    """
    if value is None:
        return wording.UNDEFINED
    writers: dict[Unit, Callable[[Any], str]] = {
        Unit.TEXT: printable,
        Unit.MONEY: lambda cents: wording.money(cents, printable(currency)),
        Unit.SHARE: wording.share,
        Unit.POINTS: wording.change_points,
        Unit.COUNT: wording.count,
        Unit.SCORE: wording.score,
        Unit.INDEX: wording.hhi,
        Unit.CHANGE: _signed,
        Unit.RATIO: wording.gini,
    }
    return writers[unit](value)


def _signed(value: float) -> str:
    text = wording.score(value)
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text


def _is(value: object, unit: Unit) -> bool:
    if unit is Unit.TEXT:
        return isinstance(value, str)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if unit in {Unit.MONEY, Unit.COUNT}:
        return whole
    return whole or (isinstance(value, float) and math.isfinite(value))
