"""A file's cells as they are, before anything is made of them, and the checks that every kind of file shares.

Rows are numbered as a person would find them: in CSV and XLSX the heading is row 1, in Parquet the first row is row 1.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import BadFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy.typing as npt
    import pyarrow.parquet as pq

MOST_COLUMNS = 2_000
MOST_ROWS = 20_000_000
WORTH_CODES = 50_000
"""Rows from which it pays to leave a Parquet file's words numbered."""
SMALL = 1 << 16
"""Bytes that a column's words may take, beside two bytes a row, to be few."""
LONGEST_LINE = 10_000
"""Characters that are kept of a row that could not be split."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A workbook's cell that holds an error or a formula without a value: its row, its column from 0, what it shows."""

    row: int
    column: int
    value: str
    what: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Raw:
    """What a file says: its headings and, under c0, c1 …, its cells; `row` is the row's number in the file.

    CSV and XLSX give text; Parquet gives numbers and days as what they are, and all else as text. Where the caller asks
    for it, the words of a column that has few are numbered in a large CSV or Parquet file (`decoded` gives them back).

    `broken` holds the rows that could not be split into the heading's columns: (row number, what is wrong, the text).
    `faults` holds single cells that show nothing though something stands in them.
    `facts` says how the file was read: encoding, separator, sheet, table.
    `plain` holds the columns (from 0) whose numbers and days were no text in the file, so that a point is a point.
    """

    headings: tuple[str, ...]
    cells: pa.Table
    broken: tuple[tuple[int, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    plain: frozenset[int] = frozenset()


def schema(width: int) -> pa.Schema:
    """Give the schema of text cells."""
    return pa.schema([("row", pa.int64()), *((f"c{i}", pa.string()) for i in range(width))])


def headings(found: Iterable[object], path: Path) -> tuple[str, ...]:
    """Check a heading row: some headings, none twice, not too many; raises `BadFile`."""
    listed = tuple("" if h is None else str(h).strip() for h in found)
    if not any(listed):
        what = "the first row holds no headings"
        raise BadFile(what, where=path.name, way_out="Put the column names into the first row")
    if len(listed) > MOST_COLUMNS:
        what = f"there are {len(listed):,} columns, and at most {MOST_COLUMNS:,} are read"
        raise BadFile(what, where=path.name, way_out="Leave out the columns that decide nothing")
    twice = sorted(h for h, n in Counter(h for h in listed if h).items() if n > 1)
    if twice:
        what = f"the heading “{twice[0]}” stands twice"
        raise BadFile(what, where=path.name, way_out="Rename one of the two columns")
    return listed


def lengths(texts: pa.Array) -> npt.NDArray[np.int32]:
    """Give the number of bytes of every text; of a missing one 0 or what lies there."""
    buffer = texts.buffers()[1]
    if buffer is None or len(texts) == 0:
        return np.zeros(len(texts), np.int32)
    offsets = np.frombuffer(buffer, np.int32, len(texts) + 1, texts.offset * 4)
    return np.diff(offsets)


def first_bytes(texts: pa.Array, place: int = 0) -> npt.NDArray[np.uint8]:
    """Give the byte at a place from the start (or, where negative, from the end) of every text; 0 where it is shorter.

    >>> first_bytes(pa.array(["Acme", "", "x "])).tolist(), first_bytes(pa.array(["Acme", "", "x "]), -1).tolist()
    ([65, 0, 120], [101, 0, 32])
    """
    _, offset_buffer, data_buffer = texts.buffers()
    if offset_buffer is None or data_buffer is None or data_buffer.size == 0 or len(texts) == 0:
        return np.zeros(len(texts), np.uint8)
    offsets = np.frombuffer(offset_buffer, np.int32, len(texts) + 1, texts.offset * 4)
    data = np.frombuffer(data_buffer, np.uint8)
    at = offsets[:-1] + place if place >= 0 else offsets[1:] + place
    there = np.diff(offsets) > (place if place >= 0 else -place - 1)
    return np.multiply(data.take(at, mode="clip"), there, dtype=np.uint8)


def decoded(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Write a column of numbered words as its words; any other column is left as it is.

    >>> decoded(pa.array(["a", None, "a"]).dictionary_encode()).to_pylist()
    ['a', None, 'a']
    """
    return pc.cast(column, column.type.value_type) if pa.types.is_dictionary(column.type) else column


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Give a column in one piece that begins where its buffers do, and whose numbered words have one numbering."""
    pieces = [piece for piece in column.chunks if len(piece)]
    if len(pieces) == 1 and pieces[0].offset == 0:  # putting one piece together would copy it
        return pieces[0]
    if pa.types.is_dictionary(column.type) and column.num_chunks > 1:  # all words together may need larger numbers
        column = pc.cast(column, pa.dictionary(pa.int32(), column.type.value_type))
    made = column.unify_dictionaries().combine_chunks()
    if isinstance(made, pa.ChunkedArray):
        return made.chunk(0) if made.num_chunks else pa.array([], column.type)
    return made


def plain(table: pa.Table) -> pa.Table:
    """Write every column of numbered words as its words."""
    if not any(pa.types.is_dictionary(field.type) for field in table.schema):
        return table
    return pa.table([decoded(column) for column in table.columns], names=table.column_names)


def holds_anything(column: pa.ChunkedArray) -> bool:
    """Tell whether any cell of a column says anything."""
    column = decoded(column)
    says = pc.not_equal(pc.utf8_trim_whitespace(column), "") if pa.types.is_string(column.type) else column.is_valid()
    return bool(pc.any(says).as_py())


def of_few_words(file: pq.ParquetFile) -> list[str]:
    """List the columns of text whose words a large file keeps in small dictionaries, as far as its footer says."""
    footer, found = file.metadata, []
    if footer.num_rows < WORTH_CODES:
        return []
    for i, column in enumerate(file.schema_arrow):
        if pa.types.is_string(column.type):
            groups = [footer.row_group(g).column(i) for g in range(footer.num_row_groups)]
            if all(g.has_dictionary_page and g.total_uncompressed_size < 2 * g.num_values + SMALL for g in groups):
                found.append(column.name)
    return found
