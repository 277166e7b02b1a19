"""Tables in chunks as files: a million rows are written as they come, and never stand in memory together.

In: an iterator of Arrow tables with the same columns.  Out: a CSV, XLSX or Parquet file. Text that a spreadsheet would
run is neutralised as in `report.tables`, from which these files differ in nothing that a reader of them would see.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from core.errors import TierwiseError, UnknownName
from core.formulas import neutral
from core.report.tables import MOST_XLSX_ROWS, MOST_XLSX_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Chunks = Iterable[pa.Table]

_MAY_RUN = (
    r"""^['\s\p{Z}\x{0b}\x{1c}-\x{1f}\x{85}\x{200b}-\x{200f}\x{feff}]*[=+\-@|\t\r\n\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"""
)
"""What `formulas.neutral` looks at more closely: never less than that takes for a formula."""
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()


def to_csv(chunks: Chunks, file: Path) -> None:
    """Write chunks as CSV: UTF-8 with a byte order mark, so that Excel reads the accents."""
    first, rest = _first(chunks)
    with file.open("wb") as stream:
        stream.write(BOM)
        names = [neutral(name) for name in first.column_names]
        heading = pa.table([pa.array([], field.type) for field in first.schema], names=names)
        pa_csv.write_csv(heading, stream, pa_csv.WriteOptions(quoting_style="needed"))
        options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
        for chunk in rest:
            pa_csv.write_csv(_neutralised(chunk), stream, options)


def _neutralised(table: pa.Table) -> pa.Table:
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(at).combine_chunks()
            risky = pc.fill_null(pc.match_substring_regex(column, _MAY_RUN), fill_value=False)
            if pc.any(risky).as_py():
                mended = [neutral(text) for text in column.filter(risky).to_pylist()]
                column = pc.replace_with_mask(column, risky, pa.array(mended, field.type))
            table = table.set_column(at, field.name, column)
    return table


def to_parquet(chunks: Chunks, file: Path) -> None:
    """Write chunks as Parquet, a row group each."""
    first, rest = _first(chunks)
    with pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
        for chunk in rest:
            writer.write_table(chunk)


def to_xlsx(chunks: Chunks, file: Path) -> None:
    """Write chunks as a workbook: a heading that stays in view, filters, formulas and links switched off.

    Raises `TierwiseError` where there are more rows than a worksheet holds.
    """
    import xlsxwriter  # noqa: PLC0415  only where a workbook is asked for

    first, rest = _first(chunks)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(file), options) as workbook:
        sheet = workbook.add_worksheet("Accounts")
        for j, name in enumerate(first.column_names):
            sheet.set_column(j, j, min(40, max(10, len(name) + 2)))
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, first.column_names, workbook.add_format({"bold": True, "bottom": 1}))
        row = 0
        for chunk in rest:
            if row + chunk.num_rows >= MOST_XLSX_ROWS:
                what = f"a workbook holds {MOST_XLSX_ROWS - 1:,} rows below its heading, and there are more"
                raise TierwiseError(what, way_out="Write CSV or Parquet, or narrow the table by a filter")
            for values in zip(*(_cells(column) for column in chunk.columns), strict=True):
                row += 1
                sheet.write_row(row, 0, values)
        sheet.autofilter(0, 0, max(row, 1), max(first.num_columns - 1, 0))


def _cells(column: pa.ChunkedArray) -> list[object]:
    if pa.types.is_string(column.type):
        return pc.utf8_slice_codeunits(column, 0, MOST_XLSX_TEXT).to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_boolean(column.type):
        return column.to_pylist()  # type: ignore[no-any-return]
    numbers = column.cast(pa.float64())
    # What is not finite is undefined: xlsxwriter would write it as a formula.
    return pc.if_else(pc.is_finite(numbers), numbers, None).to_pylist()  # type: ignore[no-any-return]


WRITERS: dict[str, Callable[[Chunks, Path], None]] = {".csv": to_csv, ".xlsx": to_xlsx, ".parquet": to_parquet}


def write(chunks: Chunks, file: Path) -> None:
    """Write chunks as what the file's ending says; raises `UnknownName` for another ending."""
    if file.suffix.lower() not in WRITERS:
        raise UnknownName.of("kind of file to write", file.suffix or file.name, WRITERS)
    WRITERS[file.suffix.lower()](chunks, file)


def _first(chunks: Chunks) -> tuple[pa.Table, Iterator[pa.Table]]:
    """Look at the first chunk for its columns, and give all of them."""
    each = iter(chunks)
    first = next(each)
    return first, itertools.chain([first], each)
