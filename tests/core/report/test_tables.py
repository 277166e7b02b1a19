"""Tables as files: nothing in them runs, and what was written is what is read."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from core.accounts import reading
from core.errors import TierwiseError, UnknownName
from core.report import tables

if TYPE_CHECKING:
    from pathlib import Path

# Measured: names that a spreadsheet would run, or turn into a link.
HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "{=1+1}",
    "\uff1d1+1",
    "https://example.com",
    "mailto:a@b.c",
    "internal:Sheet2!A1",
    '=HYPERLINK("http://x")',
    "<b>&amp;</b>",
    "a\x01b",
    "😀",
]
TABLE = pa.table(
    {
        "name": HOSTILE,
        "=heading": pa.array([None, "-5", "Acme", *["x"] * (len(HOSTILE) - 3)]),
        "money": pa.array([Decimal("-1234.50"), None, *[Decimal("0.10")] * (len(HOSTILE) - 2)], pa.decimal128(18, 2)),
        "score": pa.array([89.0, float("nan"), float("inf"), None, *[-0.5] * (len(HOSTILE) - 4)]),
        "day": pa.array([dt.date(2026, 9, 30), None, *[dt.date(1999, 12, 31)] * (len(HOSTILE) - 2)]),
        "provisional": pa.array([True, False, None, *[True] * (len(HOSTILE) - 3)]),
        "accounts": pa.array([-7, None, *range(len(HOSTILE) - 2)], pa.int64()),
    }
)


def csv_rows(table: pa.Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(tables.to_csv(table).decode("utf-8-sig"), newline=""), strict=True))


def test_csv_has_a_byte_order_mark_and_crlf() -> None:
    data = tables.to_csv(pa.table({"a": ["ä"]}))
    assert data == "\ufeffa\r\nä\r\n".encode()


def test_no_text_of_a_csv_runs_and_no_number_is_changed() -> None:
    heading, *rows = csv_rows(TABLE)
    assert heading == ["name", "'=heading", "money", "score", "day", "provisional", "accounts"]
    assert [row[0] for row in rows] == [f"'{name}" if name[0] in "=+-@\t\r\uff1d" else name for name in HOSTILE]
    assert [row[1] for row in rows[:3]] == ["", "-5", "Acme"]
    assert rows[0][2:] == ["-1234.50", "89.0", "2026-09-30", "true", "-7"]
    assert rows[1][2:] == ["", "nan", "", "false", ""]


def test_a_csv_of_ours_is_read_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    tables.write(TABLE.select(["name", "=heading"]), file)
    raw = reading.read(file)
    assert raw.headings == ("name", "=heading")
    assert raw.cells["c0"].to_pylist() == HOSTILE


def test_a_table_without_rows_is_a_heading() -> None:
    assert csv_rows(TABLE.slice(0, 0)) == [["name", "'=heading", *TABLE.column_names[2:]]]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(tables.to_xlsx(TABLE.slice(0, 0)))).get_sheet_by_index(0)
    assert sheet.to_python() == [TABLE.column_names]


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_workbook_holds_no_formula_no_link_and_nothing_from_elsewhere() -> None:
    found = parts(tables.to_xlsx(TABLE))
    everything = "".join(found.values())
    assert not re.search(r"<f[ >/]|<hyperlink|TargetMode=\"External\"|externalLink", everything)
    assert not [name for name in found if "rels" in name and "worksheets" in name]
    assert not [name for name in found if "vba" in name.lower() or "macro" in name.lower()]


def test_a_workbook_holds_every_value_as_what_it_is() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(tables.to_xlsx(TABLE))).get_sheet_by_index(0)
    assert sheet.name == "Accounts"
    heading, *rows = sheet.to_python(skip_empty_area=False)
    assert heading == TABLE.column_names
    assert [row[0] for row in rows if "\x01" not in str(row[0])] == [n for n in HOSTILE if "\x01" not in n]
    assert rows[0][2:] == [-1234.5, 89.0, dt.date(2026, 9, 30), True, -7.0]
    assert rows[1][2:] == ["", "", "", False, ""]
    assert rows[2][3] == ""


def test_a_text_longer_than_a_cell_is_cut_not_lost() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(tables.to_xlsx(pa.table({"a": ["x" * 40_000]}))))
    assert sheet.get_sheet_by_index(0).to_python()[1] == ["x" * 32_767]


def test_more_rows_than_a_worksheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_XLSX_ROWS", 4)
    assert tables.to_xlsx(pa.table({"a": [1, 2, 3]}))
    with pytest.raises(TierwiseError) as caught:
        tables.to_xlsx(pa.table({"a": [1, 2, 3, 4]}))
    assert str(caught.value) == (
        "A workbook holds 3 rows below its heading, and there are 4. "
        "Write CSV or Parquet, or narrow the book by a filter."
    )


def test_parquet_gives_back_the_table() -> None:
    table = TABLE.drop_columns(["score"])  # holds a NaN, which equals nothing
    assert pq.read_table(io.BytesIO(tables.to_parquet(table))).equals(table)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".CSV"])
def test_the_ending_of_a_file_says_what_it_is(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out{ending}"
    tables.write(pa.table({"id": ["1"]}), file)
    assert reading.read(file).cells["c0"].to_pylist() == ["1"]


@pytest.mark.parametrize("name", ["out.txt", "out"])
def test_another_ending_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownName, match=r"There is no kind of file to write named .*Choose one of: .csv,"):
        tables.write(pa.table({"id": ["1"]}), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
