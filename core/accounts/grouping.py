"""Grouping: a table whose rows are payments, invoices or deals, into the accounts that they are of.

An account is a value of one column. Of every other column it has what its newest row says, as long as the rows of
nearly every account agree; a column in which they do not (a product, an invoice number) speaks of the rows, and is left
out. Nothing is left out or decided without being told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import columns, joining, raws, values
from core.accounts.columns import Column
from core.accounts.contract import Kind
from core.accounts.raws import Raw
from core.errors import UnknownName
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy.typing as npt

    Places = npt.NDArray[np.int64]

AGREE = 0.95
"""Of a column of accounts, the rows of at least this share of those that have several say the same."""
SEVERAL = 0.8
"""With fewer different ids in a row, more than a slip makes ids stand twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Accounts made of rows: their cells, and how many rows of the file each of them has; `rows` of them in all.

    An account's row number is that of its newest row.
    """

    accounts: Raw
    counts: Places
    rows: int


def group(raw: Raw, key: str, *, fed: Collection[str] = (), of_rows: Collection[str] = (), day: str = "",
          formats: Mapping[str, str] | None = None) -> Grouped:  # fmt: skip
    """Make one row an account of a table that has several; raises `UnknownName`.

    `fed` are headings that are kept whatever their rows say, `of_rows` those that are not of accounts; `day` tells
    which row is the newest (without it the last one is).
    """
    if key not in raw.headings:
        raise UnknownName.of("column", key, [heading for heading in raw.headings if heading])
    coded = raws.whole(_filled(raw, raw.headings.index(key))).dictionary_encode()
    account = coded.indices.fill_null(-1).to_numpy().astype(np.int64)
    order = np.lexsort((_days(raw, day, formats or {}), account))
    order = order[np.searchsorted(account[order], 0) :]  # rows that name no account come first
    starts = np.flatnonzero(np.diff(account[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    headings, cells, notes = [key], [_at(raw, raw.headings.index(key), order[starts + counts - 1])], list(raw.notes)
    left_out = []
    for i, heading in enumerate(raw.headings):
        if not heading or heading == key or heading in of_rows:
            continue
        newest, differ, several = _newest(raws.whole(_filled(raw, i)), order, starts)
        if differ > (1 - AGREE) * several and heading not in fed:
            left_out.append(heading)
            continue
        if differ:
            notes.append(f"“{heading}” differs within {plural(differ, 'account')}; the newest row counts")
        headings.append(heading)
        cells.append(_at(raw, i, newest))
    if left_out:
        notes.append(f"what differs from row to row is left out: {', '.join(left_out)}")
    numbers = raws.whole(raw.cells["row"]).take(pa.array(order[starts + counts - 1]))
    table = pa.table([numbers, *cells], names=["row", *(f"c{i}" for i in range(len(cells)))])
    plain = frozenset(n for n, heading in enumerate(headings) if raw.headings.index(heading) in raw.plain)
    made = Raw(tuple(headings), table, raw.broken, tuple(notes), facts=raw.facts, plain=plain)
    return Grouped(made, counts.astype(np.int64), raw.cells.num_rows)


def share(raw: Raw, heading: str) -> float:
    """Give how many different values a column has in a row that says any: 1 where none stands twice, or none at all."""
    said = raws.whole(_filled(raw, raw.headings.index(heading))).drop_null()
    return pc.count_distinct(said).as_py() / len(said) if len(said) else 1.0


def seems(raw: Raw, heading: str) -> bool:
    """Tell whether rows seem to be payments or deals: a column holds amounts, and accounts stand in several rows."""
    return share(raw, heading) <= SEVERAL and bool(joining.propose_sums(raw, heading))


def _filled(raw: Raw, i: int) -> pa.ChunkedArray:
    """Give a column in which a text that says nothing is missing."""
    column = raws.decoded(raw.cells[f"c{i}"])
    if not pa.types.is_string(column.type):
        return column
    texts = values.trimmed(column)
    return pa.chunked_array([pc.if_else(pa.array(values.nothing(texts)), pa.scalar(None, pa.string()), texts)])


def _days(raw: Raw, day: str, formats: Mapping[str, str]) -> Places:
    """Give the day of every row as a number, by which the newest is found; 0 where it is not known."""
    if not day:
        return np.zeros(raw.cells.num_rows, dtype=np.int64)
    i = raw.headings.index(day)
    cells = _filled(raw, i)
    whole = values.trimmed(cells) if pa.types.is_string(cells.type) else raws.whole(cells)
    style = formats.get(day, values.POINT if i in raw.plain else "")
    found = columns.typed(Column("day", day, Kind.DATE), whole, style).values
    days: Places = pc.cast(found, pa.int32()).fill_null(0).to_numpy().astype(np.int64)
    return days


def _newest(cells: pa.Array, order: Places, starts: Places) -> tuple[Places, int, int]:
    """Give each account's newest row that says anything (-1: none does), in how many they differ, how many say several.

    `order` lists the rows of account after account, oldest first; at `starts` those of the next begin.
    """
    code = cells.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)[order]
    says = code >= 0
    least = np.minimum.reduceat(np.where(says, code, np.iinfo(np.int64).max), starts)
    last = np.maximum.reduceat(np.where(says, np.arange(len(order)), -1), starts)
    differ = (last >= 0) & (least != np.maximum.reduceat(code, starts))
    several = np.add.reduceat(says, starts, dtype=np.int64) > 1
    return np.where(last >= 0, order[last], -1), int(differ.sum()), int(several.sum())


def _at(raw: Raw, i: int, places: Places) -> pa.Array:
    """Give the cells of a column at some rows; none at -1."""
    return raws.whole(raws.decoded(raw.cells[f"c{i}"])).take(pa.array(places, mask=places < 0))
