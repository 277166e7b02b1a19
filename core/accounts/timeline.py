"""Timeline: what every account of a book paid, month by month, from its revenue history.

It is read once a book and kept as sparse arrays; a filter only chooses rows of it, and a window of twelve months slides
over it by adding the months that enter and taking off those that leave. Everything is whole cents.

A period counts only where the history covers it completely. What is not recorded is *not known*, never a fall: a unit
(month, quarter, half-year or year, whichever the history is kept in) without a single line is not recorded, a line of
zero is. Months are numbers, 12 x year + month - 1.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from core import parallel
from core.accounts import engine

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.books import Book

    Money = npt.NDArray[np.int64]

Step = Literal["month", "quarter", "year"]

MONTHS: dict[Step, int] = {"month": 1, "quarter": 3, "year": 12}
MOST: dict[Step, int] = {"month": 36, "quarter": 20, "year": 10}
"""How many periods are looked at: what comes before is history of another kind."""
YEAR = 12
MOST_KEPT = 200 << 20
"""Bytes of sorted periods that a book keeps: seventeen periods of a million accounts with revenue."""
_GRAINS = (12, 6, 3, 1)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole months, first to last, and whether the history covers all of it."""

    label: str
    first: int
    last: int
    known: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The accounts with revenue in a period, the largest first: rows of the book, and cents above 0."""

    row: npt.NDArray[np.int32]
    cents: Money

    def __post_init__(self) -> None:
        """Make both read-only: they are shared by everybody who looks at the book."""
        self.row.setflags(write=False)
        self.cents.setflags(write=False)


class Kept:
    """Rankings of a book's periods, as many as `most` bytes hold; those asked for longest ago go first."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        """Hold nothing yet."""
        self._most, self._held = most, dict[tuple[int, int], Ranking]()
        self._lock = threading.Lock()

    def __contains__(self, key: tuple[int, int]) -> bool:
        """Tell whether a span of months is held."""
        return key in self._held

    def get(self, key: tuple[int, int]) -> Ranking | None:
        """Give the ranking of a span of months."""
        with self._lock:
            found = self._held.pop(key, None)
            if found is not None:
                self._held[key] = found  # the last one is the one asked for last
            return found

    def add(self, made: Mapping[tuple[int, int], Ranking]) -> None:
        """Hold more, and let go of what is too much."""
        with self._lock:
            self._held.update(made)
            size = sum(one.row.nbytes + one.cents.nbytes for one in self._held.values())
            while size > self._most and len(self._held) > 1:
                gone = self._held.pop(next(iter(self._held)))
                size -= gone.row.nbytes + gone.cents.nbytes


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """A book's revenue history. `months` (M,) are those with a line, ascending; of the i-th, `row` and `cents` hold
    the entries from `starts[i]` to `starts[i + 1]`.

    `rows`: accounts of the book; `grain`: months that a line stands for (1, 3, 6 or 12); `strangers`: accounts in the
    history that are not in the book, and what they paid in all, in cents.
    """  # noqa: D205

    months: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    row: npt.NDArray[np.int32]
    cents: Money
    rows: int
    grain: int
    strangers: tuple[int, int]
    kept: Kept = field(default_factory=Kept, repr=False)

    def __post_init__(self) -> None:
        """Make every array read-only: a timeline is shared by everybody who looks at the book."""
        for array in (self.months, self.starts, self.row, self.cents):
            array.setflags(write=False)

    def sums(self, periods: Sequence[Period]) -> Iterator[Money]:
        """Give what every account of the book paid in each period, by row, in cents.

        The array is one and the same each time, and read-only: take what you need of it before you ask for the next.
        """
        amounts = np.zeros(self.rows, dtype=np.int64)
        shown = amounts.view()
        shown.setflags(write=False)
        held: set[int] = set()
        for period in periods:
            low, high = np.searchsorted(self.months, (period.first, period.last + 1))
            wanted = set(range(int(low), int(high)))
            for month in wanted - held:
                np.add.at(amounts, *self._entries(month))
            for month in held - wanted:
                np.subtract.at(amounts, *self._entries(month))
            held = wanted
            yield shown

    def ranked(self, periods: Sequence[Period]) -> list[Ranking]:
        """Give each period's accounts with revenue, the largest first. Sorted once a book, and kept for every filter.

        A filter leaves the order as it is, so that what it lets through comes sorted already.
        """
        missing = [period for period in periods if (period.first, period.last) not in self.kept]
        rankings = parallel.two_at_once(_rank, (by_row.copy() for by_row in self.sums(missing)))
        made = {(period.first, period.last): ranking for period, ranking in zip(missing, rankings, strict=True)}
        found = [made.get(key) or self.kept.get(key) for key in ((period.first, period.last) for period in periods)]
        self.kept.add(made)
        # What another thread has just put out is made anew; it does not happen where the limit is as it should be.
        return [
            one if one is not None else _rank(next(self.sums([period])))
            for one, period in zip(found, periods, strict=True)
        ]

    def paid(self, rows: npt.NDArray[np.integer], periods: Sequence[Period]) -> Money:
        """Give what a few accounts paid in each period: an array by period and account, in cents."""
        place = np.full(self.rows, -1, dtype=np.int32)
        place[rows] = np.arange(len(rows))
        found = np.zeros((len(periods), len(rows)), dtype=np.int64)
        for month, number in enumerate(self.months.tolist()):
            within = [at for at, period in enumerate(periods) if period.first <= number <= period.last]
            if within:
                row, cents = self._entries(month)
                some = np.flatnonzero(place.take(row) >= 0)
                amounts = np.zeros(len(rows), dtype=np.int64)
                np.add.at(amounts, place[row[some]], cents[some])
                found[within] += amounts
        return found

    def _entries(self, month: int) -> tuple[npt.NDArray[np.int32], Money]:
        part = slice(int(self.starts[month]), int(self.starts[month + 1]))
        return self.row[part], self.cents[part]


def _rank(by_row: Money) -> Ranking:
    row = np.flatnonzero(by_row > 0)
    cents = by_row.take(row)
    order = np.argsort(cents)[::-1]
    return Ranking(row.take(order).astype(np.int32), cents.take(order))


def read(book: Book) -> Timeline | None:
    """Read a book's revenue history; None where none speaks of its accounts. Costs a scan of the history."""
    if not book.has_history:
        return None
    given = {"accounts": book.table, "history": book.history_table}
    found = engine.cursor().sql(engine.sql("timeline"), params=given).to_arrow_table()
    if not found.num_rows:
        return None
    month = found["month"].to_numpy()
    months, place = _numbered(month)
    order = np.argsort(place, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(place, minlength=months.size))))
    row, cents = found["row"].to_numpy()[order], found["cents"].to_numpy()[order]
    strangers = engine.cursor().sql(engine.sql("strangers"), params=given).fetchall()[0]
    return Timeline(months, starts, row, cents, book.rows, grain(months), (int(strangers[0]), int(strangers[1])))


def _numbered(month: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.integer]]:
    """Number the months that occur, ascending. A table of all months is quicker than sorting millions of lines."""
    low = int(month.min())
    there = np.zeros(int(month.max()) - low + 1, dtype=bool)
    there[month - low] = True
    number = np.cumsum(there).astype(np.int32) - 1
    place = number[month - low]
    # A sort of 16-bit numbers takes one pass; nobody has more months than that, or else it sorts 32 bits.
    few = there.sum() < np.iinfo(np.int16).max
    return np.flatnonzero(there).astype(np.int64) + low, place.astype(np.int16) if few else place


def grain(months: npt.NDArray[np.int64]) -> int:
    """Say how many months a line of the history stands for, from the usual gap between the months that have one.

    A single month says nothing of it, and is taken for a month: then no year is known, rather than a wrong one.

    >>> grain(np.array([24290, 24293, 24296, 24299])), grain(np.array([24290, 24291, 24292])), grain(np.array([24290]))
    (3, 1, 1)
    """
    if months.size < 2:
        return 1
    usual = float(np.median(np.diff(months)))
    return next((length for length in _GRAINS if length <= usual), 1)


def steps(timeline: Timeline) -> list[Step]:
    """List the steps that a history can be looked at in: none finer than it is kept.

    A history by half-year offers years.
    """
    return [step for step, length in MONTHS.items() if length >= timeline.grain]


def newest(timeline: Timeline, as_of: dt.date | None) -> int:
    """Give the last month of the history that is not after a day."""
    if as_of is None:
        return int(timeline.months[-1])
    until = 12 * as_of.year + as_of.month - 1
    place = int(np.searchsorted(timeline.months, until, side="right"))
    return int(timeline.months[max(place - 1, 0)])


def trailing(timeline: Timeline, step: Step = "quarter", as_of: dt.date | None = None) -> list[Period]:
    """Give the twelve months up to the newest month, and those a step before each, oldest first.

    Counted back from the newest month, so that no period is cut short, whatever the financial year. Begins with the
    first period that is known, and is empty where none is.
    """
    last = newest(timeline, as_of)
    # Units are counted back from the newest line, so that quarters of a financial year stay whole.
    recorded = {(last - int(month)) // timeline.grain for month in timeline.months if month <= last}
    units = YEAR // timeline.grain
    found = []
    for back in range(MOST[step]):
        end = last - back * MONTHS[step]
        first = (last - end) // timeline.grain
        known = all(unit in recorded for unit in range(first, first + units))
        found.append(Period(name(end), end - YEAR + 1, end, known))
    return _from_first_known(found[::-1])


def calendar(timeline: Timeline, step: Step = "quarter", as_of: dt.date | None = None) -> list[Period]:
    """Give the months, quarters or years of the calendar up to the newest month, oldest first.

    Begins with the first period that is known, and is empty where none is.
    """
    last = newest(timeline, as_of)
    length, per = MONTHS[step], timeline.grain
    recorded = {int(month) // per for month in timeline.months if month <= last}
    found = []
    for number in range(last // length - MOST[step] + 1, last // length + 1):
        first, end = number * length, (number + 1) * length - 1
        known = all(unit in recorded for unit in range(first // per, end // per + 1))
        found.append(Period(_calendar_name(step, first), first, end, known))
    return _from_first_known(found)


def _from_first_known(periods: list[Period]) -> list[Period]:
    first = next((at for at, period in enumerate(periods) if period.known), len(periods))
    return periods[first:]


def name(month: int) -> str:
    """Name a month.

    >>> name(12 * 2026 + 8)
    'Sep 2026'
    """
    return f"{_NAMES[month % 12]} {month // 12}"


def _calendar_name(step: Step, first: int) -> str:
    if step == "year":
        return str(first // 12)
    return name(first) if step == "month" else f"Q{first % 12 // 3 + 1} {first // 12}"
