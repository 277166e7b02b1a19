"""Tables as files: CSV, XLSX, Parquet.

A name that a spreadsheet would run as a formula leaves as plain text. In CSV that takes a leading apostrophe, which
is given only to texts that would run, and never to a number, so that −5 stays −5.
"""

from __future__ import annotations

import csv
import io
import math
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import TierwiseError, UnknownName
from core.formulas import neutral

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_XLSX_ROWS = 1_048_576
"""Rows of a worksheet, the heading among them; xlsxwriter drops what comes after without a word."""
MOST_XLSX_TEXT = 32_767
"""Characters of a cell; xlsxwriter leaves a longer text out."""


def to_csv(table: pa.Table) -> bytes:
    """Write a table as CSV: UTF-8 with a byte order mark, so that Excel reads the accents."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in table.column_names])
    for batch in table.to_batches():
        columns = [column.to_pylist() for column in batch.columns]
        writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return stream.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return neutral(value)
    return str(value).lower() if isinstance(value, bool) else value


def to_xlsx(table: pa.Table) -> bytes:
    """Write a table as a workbook: a heading that stays in view, filters, formulas and links switched off."""
    if table.num_rows >= MOST_XLSX_ROWS:
        what = f"a workbook holds {MOST_XLSX_ROWS - 1:,} rows below its heading, and there are {table.num_rows:,}"
        raise TierwiseError(what, way_out="Write CSV or Parquet, or narrow the book by a filter")
    import xlsxwriter  # noqa: PLC0415  only where a workbook is asked for

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as workbook:
        sheet = workbook.add_worksheet("Accounts")
        sheet.write_row(0, 0, table.column_names, workbook.add_format({"bold": True, "bottom": 1}))
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for j, column in enumerate(table.columns):
            layout = day if pa.types.is_date(column.type) else None
            sheet.write_column(1, j, [_xlsx_cell(value) for value in column.to_pylist()], layout)
            sheet.set_column(j, j, min(40, max(10, len(table.column_names[j]) + 2)), layout)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(table.num_rows, 1), max(table.num_columns - 1, 0))
    return stream.getvalue()


def _xlsx_cell(value: object) -> object:
    if isinstance(value, str):
        return value[:MOST_XLSX_TEXT]
    number = float(value) if isinstance(value, Decimal) else value
    # What is not finite is undefined: xlsxwriter would write it as a formula.
    return None if isinstance(number, float) and not math.isfinite(number) else number


def to_parquet(table: pa.Table) -> bytes:
    """Write a table as Parquet."""
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {".csv": to_csv, ".xlsx": to_xlsx, ".parquet": to_parquet}


def write(table: pa.Table, file: Path) -> None:
    """Write a table as what the file's ending says; raises `UnknownName` for another ending."""
    if file.suffix.lower() not in WRITERS:
        raise UnknownName.of("kind of file to write", file.suffix or file.name, WRITERS)
    file.write_bytes(WRITERS[file.suffix.lower()](table))
