"""Tables as files: CSV, XLSX, Parquet.

A name that a spreadsheet would run as a formula leaves as plain text. In CSV that takes a leading apostrophe, which
is given only to texts that would run, and never to a number, so that −5 stays −5.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_RUNS = re.compile(r"^['\s\u200b-\u200f\ufeff]*[=+\-@|\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?%?$")


def neutral(text: str) -> str:
    """Keep a text from running as a formula when a spreadsheet opens it.

    >>> neutral("=1+1"), neutral("-5"), neutral("Acme")
    ("'=1+1", '-5', 'Acme')
    """
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.match(text) else text


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
    import xlsxwriter  # noqa: PLC0415  only where a workbook is asked for

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(stream, options) as workbook:
        sheet = workbook.add_worksheet("Accounts")
        sheet.write_row(0, 0, table.column_names, workbook.add_format({"bold": True, "bottom": 1}))
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for j, column in enumerate(table.columns):
            layout = day if pa.types.is_date(column.type) else None
            values = [float(v) if pa.types.is_decimal(column.type) and v is not None else v for v in column.to_pylist()]
            sheet.write_column(1, j, values, layout)
            sheet.set_column(j, j, min(40, max(10, len(table.column_names[j]) + 2)), layout)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(table.num_rows, 1), max(table.num_columns - 1, 0))
    return stream.getvalue()


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
