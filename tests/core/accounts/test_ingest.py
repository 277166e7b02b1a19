"""From a file to a checked table: what the child gives back, and what it survives."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.accounts import books, engine, ingest, raws, snapshot
from core.accounts.recipe import Recipe
from core.errors import BadAccounts, BadFile, UnknownName

GOOD = "account_id,name,annual_revenue,Fit\n1,Acme,5.50,x\n2,Bolt,,y\n"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "book.csv"
    file.write_text(GOOD, encoding="utf-8")
    return file


def workbook(file: Path, sheet: str, strings: str = "") -> Path:
    """A workbook of a few kilobytes, written by hand so that it can lie."""
    name = "http://schemas.openxmlformats.org"
    related = f"{name}/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{name}/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{name}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{related}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{name}/spreadsheetml/2006/main" xmlns:r="{related}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{name}/package/2006/relationships"><Relationship '
        f'Id="rId1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{related}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": SHEET.format(sheet),
        "xl/sharedStrings.xml": strings or f'<sst xmlns="{name}/spreadsheetml/2006/main" count="0" uniqueCount="0"/>',
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return file


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADING = f'<row r="1">{cell("A1", "account_id")}{cell("B1", "name")}</row>'
HONEST = f'{HEADING}<row r="2">{cell("A2", "1")}{cell("B2", "X")}</row>'


def test_the_child_gives_back_what_the_parent_would_have_read(good: Path) -> None:
    child, parent = ingest.accounts(good), ingest.trusted(good)
    assert child.table.equals(parent.table)
    assert child.findings.equals(parent.findings)
    assert (child.columns, child.rows_in_file, child.rows_set_aside, child.notes) == (
        parent.columns, parent.rows_in_file, parent.rows_set_aside, parent.notes,
    )  # fmt: skip


def test_mapping_setting_aside_and_notes_go_through_the_child(tmp_path: Path) -> None:
    file = tmp_path / "upload-1234"
    file.write_bytes("Nr,name,ARR\n1,Müller,5\n2,B,x\n".encode("cp1252"))
    found = ingest.accounts(file, mapping={"account_id": "Nr", "annual_revenue": "ARR"}, set_aside=True)
    assert found.table["name"].to_pylist() == ["Müller"]
    assert (found.rows_in_file, found.rows_set_aside) == (2, 1)
    assert found.findings["row"].to_pylist() == [3]
    assert found.notes == ("not UTF-8: read as Windows-1252, check the accents",)


def test_a_refusal_comes_back_with_its_findings_and_the_users_own_file_name(tmp_path: Path) -> None:
    file = tmp_path / "upload-1234"
    file.write_text("account_id,name,employees\n1,A,x\n2,B,-1\n", encoding="utf-8")
    with pytest.raises(BadAccounts) as caught:
        ingest.accounts(file, source="book.csv")
    assert str(caught.value).startswith("book.csv, row 2, column employees: “x” is not a whole number, 0 or more")
    assert isinstance(caught.value.findings, pa.Table)
    assert caught.value.findings["row"].to_pylist() == [2, 3]


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"", BadFile, "book.csv: the file is empty. Choose a file with a heading row and one row per account."),
        (b"ID,name\n1,A\n", BadAccounts, "book.csv: there is no column “account_id”"),
    ],
)
def test_an_error_of_the_child_is_an_error_of_the_parent(
    tmp_path: Path, data: bytes, kind: type[Exception], sentence: str
) -> None:
    file = tmp_path / "upload-1234"
    file.write_bytes(data)
    with pytest.raises(kind) as caught:
        ingest.accounts(file, source="book.csv")
    assert str(caught.value).startswith(sentence)


def test_an_unknown_column_of_a_mapping_is_an_unknown_name(good: Path) -> None:
    with pytest.raises(UnknownName, match=r"There is no column in book.csv named “Nam”"):
        ingest.accounts(good, mapping={"name": "Nam"})


def test_a_history_is_read_by_its_own_contract(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("account_id,period,amount\n1,2026-06-30,5\n1,2026-09-30,6\n", encoding="utf-8")
    assert ingest.history(file).table.equals(ingest.trusted(file, fields="history").table)


def test_broken_rows_of_a_history_can_be_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text("account_id,period,amount\n1,2026-06-30,5\n1,2026,6\n", encoding="utf-8")
    with pytest.raises(BadAccounts, match="or set the broken rows aside"):
        ingest.history(file)
    found = ingest.history(file, set_aside=True)
    assert (found.table.num_rows, found.rows_set_aside) == (1, 1)


def test_an_error_in_a_workbook_goes_through_the_child(tmp_path: Path) -> None:
    row = f'<row r="3">{cell("A3", "2")}<c r="B3" t="e"><f>NA()</f><v>#N/A</v></c></row>'
    with pytest.raises(BadAccounts, match=r"book.xlsx, row 3, column name: the cell holds the error #N/A. Mend"):
        ingest.accounts(workbook(tmp_path / "book.xlsx", HONEST + row))


def test_a_hand_made_workbook_that_does_not_lie_is_read(tmp_path: Path) -> None:
    assert ingest.trusted(workbook(tmp_path / "book.xlsx", HONEST)).table["name"].to_pylist() == ["X"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit on a process's memory")
@pytest.mark.parametrize("lie", ["a cell in the last corner", "four thousand million strings"])
def test_a_workbook_that_kills_its_reader_kills_the_child_alone(tmp_path: Path, lie: str) -> None:
    # Measured: both end the reading process with an abort that cannot be caught.
    if lie.startswith("a cell"):
        file = workbook(tmp_path / "upload", f'{HONEST}<row r="1048576">{cell("XFD1048576", "x")}</row>')
    else:
        strings = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4000000000" uniqueCount="4000000000"><si><t>x</t></si></sst>'  # noqa: E501
        file = workbook(tmp_path / "upload", HONEST, strings)
    assert file.stat().st_size < 3_000
    with pytest.raises(BadFile) as caught:
        ingest.accounts(file, source="book.xlsx")
    assert str(caught.value) == (
        "book.xlsx: reading it was stopped, since it asked for too much memory or time, or is broken. "
        "Export the table again, or hand it over as CSV UTF-8."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit on a process's memory")
def test_a_parquet_file_that_unpacks_to_more_than_memory_kills_the_child_alone(tmp_path: Path) -> None:
    # Measured: one long word in a dictionary, named by many rows.
    file = tmp_path / "book.parquet"
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), pa.array(["x" * 20_000_000]))
    pq.write_table(pa.table({"account_id": word, "name": word}), file, compression="zstd")
    assert file.stat().st_size < 20_000
    with pytest.raises(BadFile, match=r"book.parquet: "):
        ingest.accounts(file)


def test_a_reader_that_takes_too_long_is_stopped(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "WALL_SECONDS", 0.05)
    with pytest.raises(BadFile, match=r"book.csv: reading took more than 0.05 seconds. Export the table again"):
        ingest.accounts(good)


def test_a_large_book_is_the_same_through_the_child_as_without_and_kept_as_words(tmp_path: Path) -> None:
    rows = 60_000
    file = tmp_path / "book.parquet"
    words = pa.array(["Retail", None, " Energy"] * (rows // 3))
    ids = [f"A{i}" for i in range(rows)]
    whole = {
        "employees": pa.array([1, None, 3] * (rows // 3), pa.int32()),
        "Rank": pa.array([1, 2, 3] * (rows // 3), pa.int8()),
    }
    pq.write_table(pa.table({"account_id": ids, "name": ids, "industry": words, "Fit": words, **whole}), file)
    found = ingest.accounts(file)
    assert pa.types.is_dictionary(found.table["industry"].type)
    expected = pa.array(["Retail", None, "Energy"] * (rows // 3))
    assert raws.whole(raws.decoded(found.table["industry"])) == expected
    assert raws.plain(found.table) == raws.plain(ingest.trusted(file).table)
    book = books.open_checked(found, name="large", source="book.parquet")
    stored = engine.cursor().table(book.table).order("row").to_arrow_table()
    assert raws.whole(stored["industry"]) == raws.whole(stored["x0"]) == expected
    assert [book.codes["industry"][code] for code in stored["k_industry"].to_pylist()[::3]] == ["Retail"] * (rows // 3)
    books.close(book)
    kept = tmp_path / "kept.parquet"
    snapshot.write(found.table, snapshot.describe(found, name="large", source="book.parquet"), kept)
    assert snapshot.read(kept) == raws.plain(found.table)


def test_a_child_reads_without_pandas_which_takes_long_to_import(good: Path) -> None:
    report = (
        "import sys; from core.accounts import ingest; ingest._child(); "
        "print([name for name in sys.modules if name.startswith('pandas')], file=sys.stderr)"
    )
    request = {"work": "build", "files": ingest._files([ingest.File(good)]), "fields": "accounts"}
    request |= {"recipe": Recipe().model_dump_json(), "folder": str(good.parent)}
    root = Path(ingest.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", report], input=json.dumps(request), capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"
    assert "error" not in json.loads((good.parent / "report.json").read_text(encoding="utf-8"))


def test_what_a_child_handed_over_outlives_its_folder_and_the_child(good: Path) -> None:
    found = ingest.accounts(good)
    gc.collect()
    assert found.table["name"].to_pylist() == ["Acme", "Bolt"]
    children = [thread for thread in threading.enumerate() if thread.name == "tierwise-end"]
    for thread in children:
        thread.join(10)
    assert found.table["Fit" if "Fit" in found.table.column_names else "x0"].to_pylist() == ["x", "y"]
