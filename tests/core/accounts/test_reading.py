"""Reading: a file as it is, in every shape that people send, and one sentence for what cannot be read."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import delimited, raws, reading, sheets
from core.errors import BadFile
from core.report import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from core.accounts.reading import Raw


def texts(raw: Raw) -> list[list[str]]:
    return [list(map(str, row.values()))[1:] for row in raw.cells.to_pylist()]


def numbers(raw: Raw) -> list[int]:
    found: list[int] = raw.cells["row"].to_pylist()
    return found


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        file = tmp_path / "book.csv"
        file.write_bytes(data)
        return file

    return write


# CSV -----------------------------------------------------------------------------------------------------------------

PLAIN = "id,name\n1,Müller & Söhne\n2,“Acme”\n"


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("read as UTF-16",)),
        ("utf-16-be-bom", ("read as UTF-16",)),
        # UTF-16 without its mark was refused once; every other byte of it is 0, which nothing else has.
        ("utf-16-le", ("read as UTF-16 without a mark, check the accents",)),
        ("utf-16-be", ("read as UTF-16 without a mark, check the accents",)),
        ("cp1252", ("not UTF-8: read as Windows-1252, check the accents",)),
    ],
)
def test_an_encoding_is_found_and_a_guess_is_noted(
    csv_file: Callable[[bytes], Path], encoding: str, note: tuple[str, ...]
) -> None:
    data = b"\xfe\xff" + PLAIN.encode("utf-16-be") if encoding == "utf-16-be-bom" else PLAIN.encode(encoding)
    raw = reading.read(csv_file(data))
    assert raw.headings == ("id", "name")
    assert texts(raw) == [["1", "Müller & Söhne"], ["2", "“Acme”"]]
    assert raw.notes == note


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_separator_and_a_line_end_are_found(csv_file: Callable[[bytes], Path], separator: str, end: str) -> None:
    lines = [["id", "name", "note"], ["1", "A,B;C".replace(separator, ""), "x"], ["2", "", ""]]
    raw = reading.read(csv_file(end.join(separator.join(line) for line in lines).encode()))
    assert raw.headings == ("id", "name", "note")
    assert texts(raw) == lines[1:]
    assert numbers(raw) == [2, 3]


def test_a_separator_inside_a_quoted_heading_separates_nothing(csv_file: Callable[[bytes], Path]) -> None:
    raw = reading.read(csv_file(b'"Revenue, net, USD";id\n5;A\n'))
    assert raw.headings == ("Revenue, net, USD", "id")


def test_quotes_hold_separators_line_ends_and_quotes(csv_file: Callable[[bytes], Path]) -> None:
    raw = reading.read(csv_file(b'id,name\n1,"A, ""B""\nC"\n2,D\n'))
    assert texts(raw) == [["1", 'A, "B"\nC'], ["2", "D"]]
    assert numbers(raw) == [2, 3]


def test_a_row_of_another_width_is_kept_apart_with_its_number(csv_file: Callable[[bytes], Path]) -> None:
    raw = reading.read(csv_file(b"id,name\n1,A,B\n2,C\n3\n4,D\n"))
    assert texts(raw) == [["2", "C"], ["4", "D"]]
    assert numbers(raw) == [3, 5]
    assert raw.broken == (
        (2, "3 cells where the heading has 2", "1,A,B"),
        (4, "1 cell where the heading has 2", "3"),
    )


def test_blank_lines_are_no_rows_but_count_as_lines(csv_file: Callable[[bytes], Path]) -> None:
    raw = reading.read(csv_file(b"id,name\n\n1,A\n,\n\n2,B\n,,,\n\n"))
    assert texts(raw) == [["1", "A"], ["2", "B"]]
    assert numbers(raw) == [3, 6]
    assert raw.broken == ()


def test_an_apostrophe_that_we_put_before_a_formula_comes_off_and_no_other(csv_file: Callable[[bytes], Path]) -> None:
    raw = reading.read(csv_file(b"id,'=name\n1,'=1+1\n2,'s-Gravenhage\n3,''+x\n4,-5\n"))
    assert raw.headings == ("id", "=name")
    assert [row[1] for row in texts(raw)] == ["=1+1", "'s-Gravenhage", "'+x", "-5"]


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), min_size=1, max_size=6))
def test_what_we_write_as_csv_is_read_as_it_was(values: list[str]) -> None:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "out.csv"
        ids = [str(i) for i in range(len(values))]
        file.write_bytes(tables.to_csv(pa.table({"account_id": ids, "name": values})))
        assert [row[1] for row in texts(reading.read(file))] == values


def test_a_book_of_several_batches_keeps_every_row(
    csv_file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BATCH", 7)
    raw = reading.read(csv_file("\n".join(["id", *map(str, range(50))]).encode()))
    assert [row[0] for row in texts(raw)] == [str(i) for i in range(50)]
    assert numbers(raw) == list(range(2, 52))


QUOTES = "Mend the quotes on that line, or export the file again."
NO_TEXT = "the file is not text. Choose a CSV, XLSX or Parquet file."
NO_ENCODING = "the file is neither UTF-8, UTF-16 nor Windows-1252 text. Export it again as CSV UTF-8, XLSX or Parquet."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty. Choose a file with a heading row and one row per account."),
        (b"id,name\n", "the file has a heading but no rows. Add one row per account."),
        (b"id,name\n\n,\n", "the file has a heading but no rows. Add one row per account."),
        (b"\n\n1,2\n", "the first row holds no headings. Put the column names into the first row."),
        (b"a,b,a\n1,2,3\n", "the heading “a” stands twice. Rename one of the two columns."),
        (b'id,name\n1,"A\n2,B\n', f"line 3 cannot be read (unexpected end of data). {QUOTES}"),
        (b'id,name\n1,"Be"ta\n', f"line 2 cannot be read (',' expected after '\"'). {QUOTES}"),
        (
            b"id,name\n1," + b"x" * 200_000 + b"\n",
            f"line 2 cannot be read (field larger than field limit (131072)). {QUOTES}",
        ),
        (b"id,name\n1,A\x00B\n", NO_TEXT),
        (b"id,name\n" + b"1,AB\n" * 2000 + b"2,A\x00B\n", NO_TEXT),
        (
            gzip.compress(PLAIN.encode(), mtime=0),
            "the file is packed with gzip, and no table. Export the accounts as CSV, XLSX or Parquet.",
        ),
        (b"\xff\xfea", NO_ENCODING),
        (b"id,name\n1,\x81\n", NO_ENCODING),
        (
            ",".join(f"c{i}" for i in range(2_001)).encode() + b"\n",
            "there are 2,001 columns, and at most 2,000 are read. Leave out the columns that decide nothing.",
        ),
        (b"PK\x03\x04 no workbook", "the workbook cannot be read. Save it again as XLSX, or as CSV UTF-8."),
        (b"PAR1 no parquet", "the Parquet file is broken. Write it again."),
    ],
)
def test_what_cannot_be_read_is_one_sentence(csv_file: Callable[[bytes], Path], data: bytes, sentence: str) -> None:
    with pytest.raises(BadFile) as caught:
        reading.read(csv_file(data))
    assert str(caught.value) == f"book.csv: {sentence}"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    for place in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadFile, match=r"there is no such file. Check the name and the folder."):
            reading.read(place)


def test_too_many_rows_are_refused(csv_file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raws, "MOST_ROWS", 3)
    with pytest.raises(BadFile, match="There are more than 3 rows"):
        reading.read(csv_file(b"id\n1\n2\n3\n4\n"))


# XLSX ----------------------------------------------------------------------------------------------------------------


def workbook(file: Path, rows: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
        book.add_worksheet("other").write(0, 0, "not read")
    return file


def test_cells_of_a_workbook_are_their_plain_text(tmp_path: Path) -> None:
    import datetime as dt

    file = workbook(
        tmp_path / "book.xlsx",
        [
            ["id", "number", "whole", "day", "moment", "truth", "text"],
            ["1", 0.1, 12, dt.date(2026, 9, 30), dt.datetime(2026, 9, 30, 12, 30), True, "x"],  # noqa: DTZ001
            [],
            ["007", -5.25, 1e15, dt.date(1999, 12, 31), None, False, "=1+1"[1:]],
        ],
    )
    raw = reading.read(file)
    assert raw.headings == ("id", "number", "whole", "day", "moment", "truth", "text")
    assert texts(raw) == [
        ["1", "0.1", "12", "2026-09-30", "2026-09-30T12:30:00", "true", "x"],
        ["007", "-5.25", "1000000000000000", "1999-12-31", "", "false", "1+1"],
    ]
    assert numbers(raw) == [2, 4]


def test_a_workbook_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    file = workbook(tmp_path / "book.csv", [["id"], ["1"]])
    assert texts(reading.read(file)) == [["1"]]


def test_an_empty_first_sheet_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"the first sheet is empty. Choose another sheet."):
        reading.read(workbook(tmp_path / "book.xlsx", []))


def test_a_zip_that_is_no_workbook_and_a_truncated_workbook_are_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.md", "nothing")
    with pytest.raises(BadFile, match="the workbook cannot be read"):
        reading.read(file)
    whole = workbook(tmp_path / "whole.xlsx", [["id"], ["1"]]).read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadFile, match="the workbook cannot be read"):
        reading.read(file)


def faulty(file: Path) -> Path:
    """Errors, formulas without a value, and formulas that are well: an empty text is a value."""
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "n", "", "x"])
        sheet.write_column(1, 0, ["a", "b", "c", "d"])
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")  # under no heading, so not read
        sheet.write_formula(2, 3, "=1+1", None, "")
        sheet.write_formula(3, 1, "=1+1", None, 2)
        sheet.write_formula(3, 3, '=IF(1,"a","b")', None, "a")
        sheet.write_formula(4, 3, "=NA()", None, "#N/A")
        sheet.write_formula(6, 1, "=1+1", None, "")
        sheet.write(2, 4, "astray")
    return file


def test_an_error_and_a_formula_without_a_value_are_no_empty_cells(tmp_path: Path) -> None:
    raw = reading.read(faulty(tmp_path / "book.xlsx"))
    assert [(f.row, f.column, f.value, f.what) for f in raw.faults] == [
        (2, 1, "#DIV/0!", "the cell holds the error #DIV/0!"),
        (3, 3, "", "a formula without a stored value"),
        (5, 3, "#N/A", "the cell holds the error #N/A"),
        (7, 1, "", "a formula without a stored value"),
    ]
    assert {f.way_out for f in raw.faults} == {
        "Mend the formula, or empty the cell", "Open and save the workbook in a spreadsheet program",
    }  # fmt: skip
    assert numbers(raw) == [2, 3, 4, 5, 7], "a row in which only a fault stands is a row"
    assert raw.notes == ("column 5 has no heading and is left out",)


def test_faults_are_found_in_xml_of_other_makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = (
        b"<x:row><x:c t='str'><x:f>A</x:f><x:v></x:v></x:c><x:c/><x:c t='e'><x:f/><x:v>#REF!</x:v></x:c></x:row>"
        b"<x:row r='28'><x:c r='AB28'><x:f>1</x:f></x:c><x:c t='n'><x:f>1</x:f><x:v/></x:c></x:row>"
    )
    monkeypatch.setattr(sheets, "_sheet", lambda *_: sheet)
    found = [(f.row, f.column, f.value) for f in sheets._faults(tmp_path, "A")]
    assert found == [(1, 2, "#REF!"), (28, 27, ""), (28, 28, "")]


def test_a_column_that_holds_something_under_no_heading_is_told(csv_file: Callable[[bytes], Path]) -> None:
    told = "column 3 has no heading and is left out"
    assert reading.read(csv_file(b"id,name,\n1,A,x\n2,B,\n")).notes == (told,)
    assert reading.read(csv_file(b"id,name,\n1,A,\n2,B, \n")).notes == ()
    assert reading.read(csv_file(b"id,,\n1,A,x\n")).notes == ("columns 2, 3 have no heading and are left out",)


# Parquet -------------------------------------------------------------------------------------------------------------


def parquet(file: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), file)
    return file


def test_a_parquet_file_keeps_numbers_and_days_and_gives_all_else_as_text(tmp_path: Path) -> None:
    import datetime as dt
    from decimal import Decimal

    day = dt.date(2026, 9, 30)
    raw = reading.read(
        parquet(
            tmp_path / "book.parquet",
            text=pa.array(["a", None]),
            small=pa.array([1, None], pa.int8()),
            huge=pa.array([2**64 - 1, None], pa.uint64()),
            real=pa.array([0.5, None], pa.float32()),
            money=pa.array([Decimal("1.23"), None], pa.decimal128(18, 2)),
            day=pa.array([day, None]),
            moment=pa.array([dt.datetime(2026, 9, 30, 23, 59), None], pa.timestamp("ns")),  # noqa: DTZ001
            zoned=pa.array([dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC), None], pa.timestamp("us", tz="UTC")),
            truth=pa.array([True, None]),
            coded=pa.array(["x", None]).dictionary_encode(),
            nothing=pa.nulls(2),
        )
    )
    assert raw.headings == (
        "text", "small", "huge", "real", "money", "day", "moment", "zoned", "truth", "coded", "nothing",
    )  # fmt: skip
    first, second = raw.cells.to_pylist()
    assert list(first.values())[1:] == [
        "a", 1, Decimal(2**64 - 1), 0.5, Decimal("1.23"), day, day, day, "true", "x", None,
    ]  # fmt: skip
    assert list(second.values()) == [2, *[None] * 11]
    assert first["row"] == 1


@pytest.mark.parametrize(
    "column",
    [pa.array([[1, 2]]), pa.array([{"a": 1}]), pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))],
    ids=["list", "struct", "map"],
)
def test_a_nested_column_is_refused(tmp_path: Path, column: pa.Array) -> None:
    with pytest.raises(BadFile) as caught:
        reading.read(parquet(tmp_path / "book.parquet", id=pa.array(["1"]), tags=column))
    assert str(caught.value) == (
        "book.parquet: the column “tags” is nested. Flatten it to one value per row, or leave it out."
    )


def test_words_that_a_large_parquet_file_numbers_stay_numbered_for_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raws, "SMALL", 100)
    many = [f"{i} {'long word' * 40}" for i in range(60)]
    file = parquet(tmp_path / "book.parquet", few=["a", None, "b"] * 20, many=many, number=range(60))
    assert reading.read(file, coded=True).cells == reading.read(file).cells  # too short to be worth it
    monkeypatch.setattr(raws, "WORTH_CODES", 60)
    raw = reading.read(file, coded=True)
    assert [pa.types.is_dictionary(column.type) for column in raw.cells.columns] == [False, True, False, False]
    assert raws.plain(raw.cells) == reading.read(file).cells


def test_numbered_words_count_as_long_as_they_are_spelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One word of a kilobyte, named by 60,000 rows: 100 KB of numbers, 60 MB of text.
    file = parquet(tmp_path / "book.parquet", word=["x" * 1_000] * 60_000, number=[None] * 60_000)
    assert pa.types.is_dictionary(reading.read(file, coded=True).cells["c0"].type)
    monkeypatch.setattr(reading, "MOST_BYTES", 50_000_000)
    with pytest.raises(BadFile, match="the table unpacks to more than"):
        reading.read(file, coded=True)


@pytest.mark.parametrize(
    ("at_once", "pieces"),
    [(12, [12]), (11, [10, 2]), (10, [10, 2]), (9, [8, 4]), (5, [4, 4, 4]), (4, [4, 4, 4]), (3, [3, 1, 3, 1, 3, 1])],
)
def test_groups_of_rows_are_read_together_as_long_as_they_are_few(
    tmp_path: Path, at_once: int, pieces: list[int]
) -> None:
    file = tmp_path / "book.parquet"
    with pq.ParquetWriter(file, pa.schema([("id", pa.int64()), ("word", pa.string())])) as writer:
        sizes = (4, 4, 2, 2) if at_once >= 10 else (4, 4, 4)
        starts = [sum(sizes[:n]) for n in range(len(sizes))]
        for start, size in zip(starts, sizes, strict=True):
            ids = range(start, start + size)
            writer.write_table(pa.table({"id": ids, "word": [f"w{n % 3}" for n in ids]}))
    found = list(reading._pieces(pq.ParquetFile(file, read_dictionary=["word"]), at_once))
    assert [piece.num_rows for piece in found] == pieces
    assert [n for piece in found for n in piece["id"].to_pylist()] == list(range(12))
    assert [word for piece in found for word in piece["word"].to_pylist()] == [f"w{n % 3}" for n in range(12)]
    assert all(piece["id"].num_chunks == 1 for piece in found)


def test_a_parquet_file_of_many_rows_is_refused_by_its_footer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raws, "MOST_ROWS", 3)
    with pytest.raises(BadFile, match="there are 4 rows, and at most 3 are read"):
        reading.read(parquet(tmp_path / "book.parquet", id=pa.array(list("abcd"))))


def test_a_parquet_file_without_rows_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="the file has a heading but no rows"):
        reading.read(parquet(tmp_path / "book.parquet", id=pa.array([], pa.string())))


def test_headings_that_an_sql_writer_would_fear_are_only_headings(tmp_path: Path) -> None:
    headings = ['"; DROP TABLE x; --', "a b", "select", "ä\nö", "row", "c0", "Row"]
    table = pa.table([pa.array([str(i)]) for i in range(len(headings))], names=headings)
    file = tmp_path / "book.parquet"
    pq.write_table(table, file)
    raw = reading.read(file)
    assert raw.headings == tuple(headings)
    assert texts(raw) == [[str(i) for i in range(len(headings))]]


@pytest.mark.parametrize("place", [0.3, 0.6, 0.99])
def test_a_truncated_parquet_file_is_one_sentence(tmp_path: Path, place: float) -> None:
    file = parquet(tmp_path / "book.parquet", id=pa.array([str(i) for i in range(1000)]))
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * place)])
    with pytest.raises(BadFile, match=r"book.parquet: the Parquet file"):
        reading.read(file)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
FOREIGN = {
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "the file is a PDF document, and no table"),
    "JPEG": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "the file is a picture, and no table"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "the file is a picture, and no table"),
    "page": (
        b"\xef\xbb\xbf\n<!DOCTYPE html><html>",
        "the file is a web page, perhaps one that asks to sign in, and no",
    ),
    "gzip": (b"\x1f\x8b\x08\x00", "the file is packed with gzip, and no table"),
    "old workbook": (OLE + "Workbook".encode("utf-16-le"), "this is a workbook of the old kind, XLS. Save it as XLSX"),
    "password": (
        OLE + "EncryptedPackage".encode("utf-16-le"),
        "the workbook is protected by a password. Save it without one",
    ),
}


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, kind: str) -> None:
    data, sentence = FOREIGN[kind]
    file = tmp_path / "book.csv"
    file.write_bytes(data)
    with pytest.raises(BadFile) as caught:
        reading.read(file)
    assert str(caught.value).startswith(f"book.csv: {sentence}")
