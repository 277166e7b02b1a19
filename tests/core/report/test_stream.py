"""Tables in chunks: the files hold what those written at once hold, and nothing in them runs."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core.errors import TierwiseError, UnknownName
from core.formulas import neutral, original
from core.report import stream, tables

if TYPE_CHECKING:
    from pathlib import Path

SPACES = "\x0b\x0c\x1c\x85\xa0\u1680\u2003\u2028\u3000\ufeff\u200b"
NAMES = ["=1+1", "-5", "Acme, Inc", 'say "hi"', "two\nlines", "'=x", "\u200b@x", "＝1", "@SUM(1)", None, "", "ä €"]


def made(names: list[str | None]) -> pa.Table:
    rows = len(names)
    return pa.table(
        {
            "name": pa.array(names, pa.string()),
            "amount": pa.array([Decimal(i) / 4 for i in range(rows)], pa.decimal128(18, 2)),
            "score": pa.array([None if i % 3 else i / 8 for i in range(rows)], pa.float64()),
            "flag": pa.array([i % 2 == 0 for i in range(rows)]),
        }
    )


def chunks(table: pa.Table, size: int = 5) -> list[pa.Table]:
    return [table.slice(start, size) for start in range(0, max(table.num_rows, 1), size)]


def read(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


def test_csv_in_chunks_holds_what_csv_at_once_holds(tmp_path: Path) -> None:
    table = made(NAMES)
    stream.write(chunks(table), tmp_path / "a.csv")
    once = list(csv.reader(io.StringIO(tables.to_csv(table).decode("utf-8-sig"), newline="")))
    found = read(tmp_path / "a.csv")
    assert [[*row[:2], row[3]] for row in found] == [[*row[:2], row[3]] for row in once]
    scores = [[float(row[2]) if row[2] else None for row in rows[1:]] for rows in (found, once)]
    assert scores[0] == scores[1], "0 and 0.0 are one number"
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("space", SPACES)
def test_no_space_hides_a_formula(space: str, tmp_path: Path) -> None:
    stream.to_csv([pa.table({"name": [f"{space}=1+1"]})], tmp_path / "a.csv")
    assert read(tmp_path / "a.csv")[1] == [neutral(f"{space}=1+1")] == [f"'{space}=1+1"]


@settings(max_examples=200)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9), min_size=1
    )
)
def test_every_text_is_neutralised_as_by_hand(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    file = tmp_path_factory.mktemp("csv") / "a.csv"
    stream.to_csv([pa.table({"name": names, "n": list(range(len(names)))})], file)
    found = [row[0] for row in read(file)[1:]]
    assert found == [neutral(name) for name in names]
    assert [original(name) for name in found] == names


def test_parquet_in_chunks_is_the_table(tmp_path: Path) -> None:
    stream.write(chunks(made(NAMES)), tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").equals(made(NAMES))


def test_a_workbook_in_chunks_holds_the_rows_and_runs_nothing(tmp_path: Path) -> None:
    table = made(NAMES)
    stream.write(chunks(table), tmp_path / "a.xlsx")
    sheet = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[0] == table.column_names
    assert [row[0] or None for row in sheet[1:]] == [name or None for name in NAMES]
    assert [row[1] for row in sheet[1:]] == [float(value) for value in table["amount"].to_pylist()]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as workbook:
        parts = "".join(workbook.read(n).decode() for n in workbook.namelist() if n.startswith("xl/worksheets"))
    assert "<f>" not in parts
    assert "<hyperlink" not in parts


def test_a_workbook_that_cannot_hold_the_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_XLSX_ROWS", 10)
    with pytest.raises(TierwiseError, match="Write CSV or Parquet"):
        stream.write(chunks(made(NAMES)), tmp_path / "a.xlsx")


@pytest.mark.parametrize("suffix", stream.WRITERS)
def test_a_table_without_rows_is_its_heading(suffix: str, tmp_path: Path) -> None:
    stream.write(chunks(made([])), tmp_path / f"a{suffix}")
    if suffix == ".csv":
        assert read(tmp_path / "a.csv") == [["name", "amount", "score", "flag"]]
    assert (tmp_path / f"a{suffix}").stat().st_size > 0


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="parquet"):
        stream.write([made([])], tmp_path / "a.docx")
