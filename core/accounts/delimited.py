"""Delimited text: CSV, TSV and their relatives in any encoding, every row accounted for.

Two readers that give the same answer. Arrow's is quick, but it bends a quote that stands where none may stand; so one
pass over the bytes first decides whether the quotes are regular. Where they are not, and wherever Arrow gives up,
Python's strict reader takes over, which knows the line and the reason.
"""

from __future__ import annotations

import codecs
import csv
import re
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from core.accounts import raws
from core.accounts.raws import Raw
from core.errors import BadFile
from core.formulas import original
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import numpy.typing as npt

DELIMITERS = ",;\t|"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BATCH = 50_000
"""Rows that the strict reader turns into Arrow at a time; bounds the memory of a large file."""
BLOCK = 8 << 20
WORTH_CODES = 2 * BLOCK
"""Bytes from which it pays to number words while a file is read."""
LONGEST = csv.field_size_limit()
"""The longest cell; a longer one is a quote that was never closed, or an attack."""
LOOKED_AT, FEW = 1 << 20, 300
"""A column that says at most `FEW` different things in so many bytes of the file may have few words in all."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_QUOTE, _LF, _CR, _NUL = 34, 10, 13, b"\x00"


@dataclass(slots=True)
class _Scan:
    """What one pass over the bytes has seen."""

    regular: bool = True
    quoted_lines: bool = False
    lone_cr: bool = False
    quotes: int = 0
    before: int = _LF
    open_end: bool = field(default=False)


def read(path: Path, *, coded: bool = False) -> Raw:
    """Read delimited text; raises `BadFile` with the line and the reason where that cannot be done without guessing.

    With `coded`, the columns of a large file that seem to have few words come as numbered words.
    """
    encoding, notes = encoding_of(path)
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        text = path if encoding == "utf-8-sig" else _as_utf8(path, encoding, Path(folder) / "utf8")
        delimiter = _delimiter(text)
        scan = _scan(text, ord(delimiter))
        facts = {"encoding": _ENCODINGS[encoding], "separator": NAMES[delimiter]}
        coded = coded and text.stat().st_size >= WORTH_CODES
        found = _quick(text, delimiter, scan, path, coded=coded) if scan.regular and not scan.lone_cr else None
        headings, cells, broken = found or _strict(text, delimiter, path)
    return Raw(headings, cells, tuple(broken), notes, facts=facts)


_ENCODINGS = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252",
}  # fmt: skip


# Encoding ------------------------------------------------------------------------------------------------------------


def encoding_of(path: Path) -> tuple[str, tuple[str, ...]]:
    """Find the encoding that the first bytes, or failing that the whole content, show; a note where it is a guess."""
    with path.open("rb") as stream:
        start = stream.read(1 << 16)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", ("read as UTF-16",)
    if not _holds(path, _NUL):
        if _decodes(path, "utf-8"):
            return "utf-8-sig", ()
        if _decodes(path, "cp1252"):
            return "cp1252", ("not UTF-8: read as Windows-1252, check the accents",)
        raise _no_encoding(path)
    for order, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        # Of Western text every other byte is 0; nothing else that is text has many.
        if (
            zeros.count(0) > 0.3 * len(zeros)
            and not _CONTROL.search(start.decode(order, "replace"))
            and _decodes(path, order)
        ):
            return order, ("read as UTF-16 without a mark, check the accents",)
    raise _no_text(path)


def _holds(path: Path, byte: bytes) -> bool:
    with path.open("rb") as stream:
        return any(byte in part for part in iter(partial(stream.read, 1 << 20), b""))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith("utf-16")
    try:
        with path.open("rb") as stream:
            for part in iter(partial(stream.read, 1 << 18), b""):
                if not wide and part.isascii() and not decoder.getstate()[0]:
                    continue
                if "\x00" in decoder.decode(part):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _no_encoding(path: Path) -> BadFile:
    what = "the file is neither UTF-8, UTF-16 nor Windows-1252 text"
    return BadFile(what, where=path.name, way_out="Export it again as CSV UTF-8, XLSX or Parquet")


def _no_text(path: Path) -> BadFile:
    what = "the file is not text"
    return BadFile(what, where=path.name, way_out="Choose a CSV, XLSX or Parquet file")


def _as_utf8(path: Path, encoding: str, target: Path) -> Path:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream, target.open("wb") as out:
            for part in iter(partial(stream.read, 1 << 22), b""):
                out.write(decoder.decode(part).encode())
            out.write(decoder.decode(b"", final=True).encode())
    except UnicodeError as error:
        raise _no_encoding(path) from error
    if _holds(target, _NUL):
        raise _no_text(path)
    return target


# Dialect -------------------------------------------------------------------------------------------------------------


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as text:
        first = re.split(r"[\r\n]", text.read(1 << 20), maxsplit=1)[0]
    # A separator in a quoted heading separates nothing.
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", first).count)


def _scan(path: Path, delimiter: int) -> _Scan:
    """Look at every byte once: are quotes only where RFC 4180 puts them, and are there line ends inside or CR alone?"""
    scan = _Scan()
    ends = np.array([delimiter, _LF, _CR, _QUOTE], np.uint8)
    with path.open("rb") as stream:
        if stream.read(3) != codecs.BOM_UTF8:
            stream.seek(0)
        part = stream.read(BLOCK)
        while part:
            following = stream.read(BLOCK)
            after = following[0] if following else _LF
            if b"\r" in part and part.count(b"\r") != part.count(b"\r\n"):
                # A pair that a block's end parts is no CR alone.
                alone = part.count(b"\r") - part.count(b"\r\n")
                scan.lone_cr |= not (alone == 1 and part.endswith(b"\r") and after == _LF and following != b"")
            if b'"' in part:
                _scan_quotes(part, after, ends, scan)
            elif scan.quotes % 2 and b"\n" in part:
                scan.quoted_lines = True
            scan.before, part = part[-1], following
    scan.regular &= scan.quotes % 2 == 0
    return scan


def _scan_quotes(part: bytes, after: int, ends: npt.NDArray[np.uint8], scan: _Scan) -> None:
    data = np.frombuffer(part, np.uint8)
    places = np.flatnonzero(data == _QUOTE)
    is_open = (np.arange(len(places)) + scan.quotes) % 2 == 0
    left = np.where(places > 0, data[places - 1], scan.before)[is_open]
    right = np.where(places < len(data) - 1, data[np.minimum(places + 1, len(data) - 1)], after)[~is_open]
    scan.regular &= bool(np.isin(left, ends).all() and np.isin(right, ends).all())
    if not scan.quoted_lines:
        lines = np.flatnonzero((data == _LF) | (data == _CR))
        scan.quoted_lines = bool(((np.searchsorted(places, lines) + scan.quotes) % 2).any())
    scan.quotes += len(places)


# Arrow's reader ------------------------------------------------------------------------------------------------------

_Found = tuple[tuple[str, ...], pa.Table, list[tuple[int, str, str]]]


def _quick(text: Path, delimiter: str, scan: _Scan, path: Path, *, coded: bool = False) -> _Found | None:
    """Read with Arrow; None where the strict reader has to look."""
    with text.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            first = next(rows, [])
        except csv.Error:
            return None
        if rows.line_num != 1 or len(first) < 2:
            return None
    headings = raws.headings(map(original, first), path)
    try:
        way = _Way(text, delimiter, len(headings), scan.quoted_lines)
        few = _of_few_words(way) if coded else frozenset()
        cells, skipped = _arrow(way, few, threads=True)
        if skipped:  # only a single thread knows the rows' numbers
            cells, skipped = _arrow(way, few, threads=False)
    except pa.ArrowInvalid:
        return None
    if any(_longest(column) > LONGEST for column in cells.columns):
        return None
    if cells.num_rows + len(skipped) > raws.MOST_ROWS:
        raise _too_many()
    numbers = np.arange(2, cells.num_rows + len(skipped) + 2)
    if skipped:
        numbers = numbers[~np.isin(numbers, [row for row, _, _ in skipped])]
    names = raws.schema(len(headings)).names
    cells = pa.table([pa.array(numbers, pa.int64()), *map(_originals, cells.columns)], names=names)
    return headings, _without_blank_rows(cells), [one for one in skipped if one[1]]


@dataclass(frozen=True, slots=True)
class _Way:
    """How Arrow is to read a file: its separator, its number of columns, whether line ends may stand in quotes."""

    text: Path
    delimiter: str
    width: int
    lines: bool

    @property
    def names(self) -> list[str]:
        return [f"c{i}" for i in range(self.width)]

    def parsing(self, handler: Callable[[pa_csv.InvalidRow], str]) -> pa_csv.ParseOptions:
        return pa_csv.ParseOptions(
            delimiter=self.delimiter, newlines_in_values=self.lines, ignore_empty_lines=False,
            invalid_row_handler=handler,
        )  # fmt: skip

    def converting(self, few: Collection[str]) -> pa_csv.ConvertOptions:
        numbered = pa.dictionary(pa.int32(), pa.string())
        types = {name: numbered if name in few else pa.string() for name in self.names}
        return pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False)


def _arrow(way: _Way, few: Collection[str], *, threads: bool) -> tuple[pa.Table, list[tuple[int, str, str]]]:
    broken: list[tuple[int, str, str]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        says = any(any(cells) for cells in csv.reader([row.text], delimiter=way.delimiter))
        what = f"{plural(row.actual_columns, 'cell')} where the heading has {way.width}" if says else ""
        broken.append((row.number or 0, what, row.text[: raws.LONGEST_LINE]))
        return "skip"

    options = pa_csv.ReadOptions(column_names=way.names, skip_rows=1, block_size=BLOCK, use_threads=threads)
    table = pa_csv.read_csv(way.text, options, way.parsing(keep), way.converting(few))
    return table, sorted(broken) if threads else broken


def _of_few_words(way: _Way) -> frozenset[str]:
    """Name the columns whose first rows say few different things; a wrong guess costs time and nothing else."""
    options = pa_csv.ReadOptions(column_names=way.names, skip_rows=1, block_size=LOOKED_AT)
    with pa_csv.open_csv(way.text, options, way.parsing(lambda _: "skip"), way.converting(())) as stream:
        first = stream.read_next_batch()
    most = min(FEW, first.num_rows // 10)
    return frozenset(name for name in way.names if pc.count_distinct(first[name]).as_py() <= most)


def _longest(column: pa.ChunkedArray) -> int:
    chunks = (chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk for chunk in column.chunks)
    return max((int(raws.lengths(chunk).max(initial=0)) for chunk in chunks), default=0)


def _originals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Take off the apostrophe that our own CSV puts before what would run as a formula."""
    if pa.types.is_dictionary(column.type):
        if not any((raws.first_bytes(chunk.dictionary) == ord("'")).any() for chunk in column.chunks):
            return column
        column = raws.decoded(column)
    return pa.chunked_array([_original(chunk) for chunk in column.chunks], pa.string())


def _original(texts: pa.Array) -> pa.Array:
    marked = raws.first_bytes(texts) == ord("'")
    if not marked.any():
        return texts
    places = np.flatnonzero(marked)
    meant = pa.array([original(text) for text in texts.take(pa.array(places)).to_pylist()], pa.string())
    return pc.replace_with_mask(texts, pa.array(marked), meant)


def _without_blank_rows(cells: pa.Table) -> pa.Table:
    """Leave out rows in which no cell says anything; they keep their numbers."""
    blank = np.ones(cells.num_rows, bool)
    for column in cells.columns[1:]:
        blank &= np.concatenate([_empty(chunk) for chunk in column.chunks] or [np.ones(0, bool)])
        if not blank.any():
            return cells
    return cells.filter(pa.array(~blank))


def _empty(chunk: pa.Array) -> npt.NDArray[np.bool_]:
    if pa.types.is_dictionary(chunk.type):
        return np.asarray((raws.lengths(chunk.dictionary) == 0).take(chunk.indices.to_numpy()))
    return np.asarray(raws.lengths(chunk) == 0)


# Python's reader -----------------------------------------------------------------------------------------------------


def _strict(text: Path, delimiter: str, path: Path) -> _Found:
    broken: list[tuple[int, str, str]] = []
    rows = csv.reader([], strict=True)
    try:
        with text.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, delimiter=delimiter, strict=True)
            headings = raws.headings(map(original, next(rows, [])), path)
            batches = list(_batches(rows, len(headings), broken, delimiter))
    except csv.Error as error:
        raise BadFile(
            f"line {rows.line_num} cannot be read ({error})",
            where=path.name,
            way_out="Mend the quotes on that line, or export the file again",
        ) from error
    return headings, pa.Table.from_batches(batches, schema=raws.schema(len(headings))), broken


def _batches(
    rows: Iterable[list[str]], width: int, broken: list[tuple[int, str, str]], delimiter: str
) -> Iterator[pa.RecordBatch]:
    """Turn good rows into Arrow, a batch at a time; put those of another width into `broken`."""
    batch: list[list[str]] = []
    numbers: list[int] = []
    for number, row in enumerate(rows, start=2):
        if len(row) == width:
            if any(row):  # a blank line is no row
                batch.append(row)
                numbers.append(number)
        elif any(row):
            what = f"{plural(len(row), 'cell')} where the heading has {width}"
            broken.append((number, what, delimiter.join(row)[: raws.LONGEST_LINE]))
        if len(batch) == BATCH:
            yield _record_batch(batch, numbers, width)
            batch, numbers = [], []
        if number > raws.MOST_ROWS:
            raise _too_many()
    if batch:
        yield _record_batch(batch, numbers, width)


def _too_many() -> BadFile:
    what = f"there are more than {raws.MOST_ROWS:,} rows"
    return BadFile(what, way_out="Split the book, or hand it over as Parquet")


def _record_batch(rows: list[list[str]], numbers: list[int], width: int) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(numbers, pa.int64()), *map(_texts, columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=raws.schema(width))


def _texts(column: Sequence[str]) -> pa.Array:
    return _original(pa.array(column, pa.string()))
