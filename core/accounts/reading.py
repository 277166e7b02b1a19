"""Reading a file as it is: CSV, XLSX or Parquet in, one Arrow table out, nothing interpreted.

Rows are numbered as a person would find them: in CSV and XLSX the heading is row 1, in Parquet the first row is row 1.
CSV goes through Python's strict reader, in batches: of the readers tried it alone neither bends a ragged row nor
drops a quote silently, and it knows the row. Parquet is checked by its footer before a value is read.
"""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.accounts import engine
from core.errors import BadFile
from core.formulas import original
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

MOST_COLUMNS = 2_000
MOST_ROWS = 20_000_000
BATCH = 50_000
"""CSV rows that are turned into Arrow at a time; bounds the memory of a large file."""
DELIMITERS = ",;\t|"

_ZIP, _PARQUET = b"PK\x03\x04", b"PAR1"

# A sheet's XML, as far as it is needed: rows, cells with their attributes and content, and what may be at fault.
_SUSPECT = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st=["']e["']""")
_ROW_OR_CELL = re.compile(
    rb"<(?:\w+:)?(?:row(?P<row>(?:[\s/][^>]*)?)>|c(?P<cell>\s[^>]*?)?(?:/>|>(?P<content>.*?)</(?:\w+:)?c>))", re.DOTALL
)
_PLACE = re.compile(rb"""\sr=["']([A-Z]*)(\d+)["']""")
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")


@dataclass(frozen=True, slots=True)
class Raw:
    """What a file says: its headings and, under c0, c1 …, its cells; `row` is the row's number in the file.

    CSV and XLSX give text; Parquet gives numbers and days as what they are, and all else as text.

    `broken` holds the rows that could not be split into the heading's columns: (row number, what is wrong, the text).
    `faults` holds single cells that show nothing though something stands in them.
    """

    headings: tuple[str, ...]
    cells: pa.Table
    broken: tuple[tuple[int, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A workbook's cell that holds an error or a formula without a value: its row, its column from 0, what it shows."""

    row: int
    column: int
    value: str
    what: str
    way_out: str


def read(path: Path) -> Raw:
    """Read a file by what it is, not by what it is called; raises `BadFile`."""
    if not path.is_file():
        what = "there is no such file"
        raise BadFile(what, where=path.name, way_out="Check the name and the folder")
    with path.open("rb") as stream:
        start = stream.read(4)
    if not start:
        what = "the file is empty"
        raise BadFile(what, where=path.name, way_out="Choose a file with a heading row and one row per account")
    reader = _read_xlsx if start == _ZIP else _read_parquet if start == _PARQUET else _read_csv
    raw = reader(path)
    if raw.cells.num_rows == 0 and not raw.broken:
        what = "the file has a heading but no rows"
        raise BadFile(what, where=path.name, way_out="Add one row per account")
    return replace(raw, notes=raw.notes + _left_out(raw))


def _left_out(raw: Raw) -> tuple[str, ...]:
    """Name the columns that hold something under no heading, counted from 1."""
    nameless = [i for i, heading in enumerate(raw.headings) if not heading]
    found = [str(i + 1) for i in nameless if _holds_anything(raw.cells[f"c{i}"])]
    if len(found) < 2:
        return tuple(f"column {number} has no heading and is left out" for number in found)
    more = f" and {len(found) - 12} more" if len(found) > 12 else ""
    return (f"columns {', '.join(found[:12])}{more} have no heading and are left out",)


def _holds_anything(column: pa.ChunkedArray) -> bool:
    says = pc.not_equal(pc.utf8_trim_whitespace(column), "") if pa.types.is_string(column.type) else column.is_valid()
    return bool(pc.any(says).as_py())


def _read_csv(path: Path) -> Raw:
    encoding, notes = _encoding(path)
    rows = csv.reader([], strict=True)
    broken: list[tuple[int, str, str]] = []
    try:
        with path.open(encoding=encoding, newline="") as text:
            # A separator in a quoted heading separates nothing.
            delimiter = max(DELIMITERS, key=re.sub(r'"[^"]*"', "", text.readline()).count)
            text.seek(0)
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            headings = _headings(map(original, next(rows, [])), path)
            batches = list(_batches(rows, len(headings), broken, delimiter))
    except csv.Error as error:
        raise BadFile(
            f"line {rows.line_num} cannot be read ({error})",
            where=path.name,
            way_out="Mend the quotes on that line, or export the file again",
        ) from error
    except UnicodeDecodeError as error:
        what = "the file is neither UTF-8, UTF-16 nor Windows-1252 text"
        raise BadFile(what, where=path.name, way_out="Export it again as CSV UTF-8, XLSX or Parquet") from error
    cells = pa.Table.from_batches(batches, schema=_schema(len(headings)))
    return Raw(headings, cells, tuple(broken), notes)


def _encoding(path: Path) -> tuple[str, tuple[str, ...]]:
    """Find the encoding that the first bytes, or failing that the whole content, show; a note where it is a guess."""
    with path.open("rb") as stream:
        if stream.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16", ("read as UTF-16",)
        stream.seek(0)
        if any(b"\x00" in part for part in iter(partial(stream.read, 1 << 20), b"")):
            what = "the file is not text"
            raise BadFile(what, where=path.name, way_out="Choose a CSV, XLSX or Parquet file")
    try:
        with path.open(encoding="utf-8") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252", ("not UTF-8: read as Windows-1252, check the accents",)
    return "utf-8-sig", ()


def _batches(
    rows: Iterable[list[str]], width: int, broken: list[tuple[int, str, str]], delimiter: str
) -> Iterator[pa.RecordBatch]:
    """Turn good rows into Arrow, a batch at a time; put those of another width into `broken`."""
    batch: list[list[str]] = []
    numbers: list[int] = []
    for number, row in enumerate(rows, start=2):
        if not any(row):  # a blank line is no row
            continue
        if len(row) == width:
            batch.append(row)
            numbers.append(number)
        else:
            what = f"{plural(len(row), 'cell')} where the heading has {width}"
            broken.append((number, what, delimiter.join(row)[:200]))
        if len(batch) == BATCH:
            yield _record_batch(batch, numbers, width)
            batch, numbers = [], []
        if number > MOST_ROWS:
            what = f"there are more than {MOST_ROWS:,} rows"
            raise BadFile(what, way_out="Split the book, or hand it over as Parquet")
    if batch:
        yield _record_batch(batch, numbers, width)


def _record_batch(rows: list[list[str]], numbers: list[int], width: int) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(numbers, pa.int64()), *map(_texts, columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=_schema(width))


def _texts(column: Sequence[str]) -> pa.Array:
    """Give a column's texts, without the apostrophe that our own CSV puts before what would run as a formula."""
    texts = pa.array(column, pa.string())
    return pa.array(map(original, column), pa.string()) if pc.any(pc.starts_with(texts, "'")).as_py() else texts


def _schema(width: int) -> pa.Schema:
    return pa.schema([("row", pa.int64()), *((f"c{i}", pa.string()) for i in range(width))])


def _headings(found: Iterable[object], path: Path) -> tuple[str, ...]:
    """Check a heading row: some headings, none twice, not too many."""
    headings = tuple("" if h is None else str(h).strip() for h in found)
    if not any(headings):
        what = "the first row holds no headings"
        raise BadFile(what, where=path.name, way_out="Put the column names into the first row")
    if len(headings) > MOST_COLUMNS:
        what = f"there are {len(headings):,} columns, and at most {MOST_COLUMNS:,} are read"
        raise BadFile(what, where=path.name, way_out="Leave out the columns that decide nothing")
    named = [h for h in headings if h]
    twice = sorted({h for h in named if named.count(h) > 1})
    if twice:
        what = f"the heading “{twice[0]}” stands twice"
        raise BadFile(what, where=path.name, way_out="Rename one of the two columns")
    return headings


def _read_xlsx(path: Path) -> Raw:
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415  only where it is needed

    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
        faults = [fault for fault in _faults(path) if fault.row > 1]
    except (CalamineError, ZipError, zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, IndexError) as error:
        what = "the workbook cannot be read"
        raise BadFile(what, where=path.name, way_out="Save it again as XLSX, or as CSV UTF-8") from error
    if not rows:
        what = "the first sheet is empty"
        raise BadFile(what, where=path.name, way_out="Put the accounts on the first sheet")
    headings = _headings(rows[0], path)
    faults = [fault for fault in faults if fault.column < len(headings) and headings[fault.column]]
    at_fault = {fault.row for fault in faults}
    body = [
        (n, row)
        for n, row in enumerate(rows[1:], start=2)
        if n in at_fault or any(cell not in ("", None) for cell in row)
    ]
    body += [(n, [""] * len(headings)) for n in sorted(at_fault) if n > len(rows)]
    arrays = [pa.array([n for n, _ in body], pa.int64())]
    arrays += [pa.array([_cell_text(row[i]) for _, row in body], pa.string()) for i in range(len(headings))]
    return Raw(headings, pa.Table.from_arrays(arrays, schema=_schema(len(headings))), faults=tuple(faults))


def _faults(path: Path) -> Iterator[Fault]:
    """Find, in the first sheet's XML, what calamine gives as empty: error values, and formulas that hold no value."""
    sheet = _first_sheet(path)
    if not _SUSPECT.search(sheet):
        return
    row = column = 0
    for found in _ROW_OR_CELL.finditer(sheet):
        is_cell = found["row"] is None
        attributes = found["cell" if is_cell else "row"] or b""
        place = _PLACE.search(attributes)
        if not is_cell:  # a row or a cell that does not say where it stands follows the one before
            row, column = int(place[2]) if place else row + 1, 0
            continue
        column = _column_number(place[1]) if place else column + 1
        content, kind, value = found["content"] or b"", _TYPE.search(attributes), _VALUE.search(found["content"] or b"")
        shown = value[1].decode("utf-8", "replace") if value else ""
        if kind and kind[1] == b"e":
            what = f"the cell holds the error {shown or 'of a formula'}"
            yield Fault(row, column - 1, shown, what, "Mend the formula, or empty the cell")
        elif not shown and not (kind and kind[1] == b"str") and _FORMULA.search(content):
            way_out = "Open and save the workbook in a spreadsheet program"
            yield Fault(row, column - 1, "", "a formula without a stored value", way_out)


def _first_sheet(path: Path) -> bytes:
    """Give the XML of the first sheet; nothing where the workbook is of another kind than XLSX."""
    with zipfile.ZipFile(path) as archive:
        parts = {name.lower(): name for name in archive.namelist()}
        about = [parts.get(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
        sheets, relations = (archive.read(name) if name else b"" for name in about)
        first = re.search(rb"""<(?:\w+:)?sheet\s[^>]*?\w+:id=["']([^"']+)["']""", sheets)
        for relation in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", relations):
            told = dict(re.findall(rb"""\s(\w+)\s*=\s*["']([^"']*)["']""", relation))
            if first and told.get(b"Id") == first[1]:
                target = told.get(b"Target", b"").decode().lower()
                place = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
                return archive.read(parts[place]) if place in parts else b""
    return b""


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cell_text(cell: object) -> str:
    """Write a cell as its plain text: 12.0 as 12, dates in ISO form, truth values as true and false."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    isoformat: Callable[[], str] | None = getattr(cell, "isoformat", None)
    return isoformat().removesuffix("T00:00:00") if isoformat else str(cell)


def _read_parquet(path: Path) -> Raw:
    try:
        footer = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        what = "the Parquet file is broken"
        raise BadFile(what, where=path.name, way_out="Write it again") from error
    _check_footer(footer, path)
    headings = _headings(footer.schema_arrow.names, path)
    connection = engine.scratch()
    try:
        relation = connection.from_parquet(str(path))
        types = [_kept_type(field.type) for field in footer.schema_arrow]
        columns = [
            duckdb.ColumnExpression(name).cast(kept).alias(f"c{i}")
            for i, (name, kept) in enumerate(zip(relation.columns, types, strict=True))
        ]
        numbered = duckdb.FunctionExpression("row_number").over().alias("row")
        cells = relation.select(numbered, *columns).to_arrow_table()
    except duckdb.Error as error:
        what = "the Parquet file cannot be read"
        raise BadFile(what, where=path.name, way_out="Write it again, or hand it over as CSV") from error
    finally:
        connection.close()
    return Raw(headings, cells)


def _kept_type(kind: pa.DataType) -> str:
    """Say as what a Parquet column is read: numbers and days as themselves, all else as its text."""
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_integer(kind):
        return "HUGEINT" if pa.types.is_uint64(kind) else "BIGINT"
    if pa.types.is_floating(kind):
        return "DOUBLE"
    return "DATE" if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else "VARCHAR"


def _check_footer(footer: pq.ParquetFile, path: Path) -> None:
    """Refuse by the footer what would not end well: nested columns hang DuckDB, and a small file can declare 100 GB."""
    nested = [f.name for f in footer.schema_arrow if pa.types.is_nested(f.type)]
    if nested:
        what = f"the column “{nested[0]}” is nested"
        raise BadFile(what, where=path.name, way_out="Flatten it to one value per row, or leave it out")
    if footer.metadata.num_rows > MOST_ROWS:
        what = f"there are {footer.metadata.num_rows:,} rows, and at most {MOST_ROWS:,} are read"
        raise BadFile(what, where=path.name, way_out="Split the book")
