"""Delimited text: the quick reader and the strict one give the same answer, whatever the bytes."""

from __future__ import annotations

import csv
import tempfile
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import delimited, raws
from core.errors import BadFile

PIECES = ["a", "b,", '"', '""', ",", ",", "\n", "\n", 'x"y', '"q"', ',"a,b"', '"c\nd"', "'=1", "\r\n", " ", "ü", "\r"]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=16))
def test_what_the_quick_reader_takes_the_strict_one_reads_the_same(pieces: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x"
        file.write_bytes(("id,name\n" + "".join(pieces)).encode())
        scan = delimited._scan(file, ord(","))
        if not scan.regular or scan.lone_cr:
            return
        quick = delimited._quick(file, ",", scan, file)
        if quick is not None:
            strict = delimited._strict(file, ",", file)
            assert quick[0] == strict[0]
            assert quick[1].to_pylist() == strict[1].to_pylist()
            assert [(row, what) for row, what, _ in quick[2]] == [(row, what) for row, what, _ in strict[2]]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=6)


@settings(max_examples=60)
@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=8))
def test_what_python_writes_is_read_as_it_was(rows: list[list[str]]) -> None:
    from core.formulas import neutral, original

    out = StringIO()
    written = [[neutral(cell) for cell in row] for row in rows]
    csv.writer(out, lineterminator="\r\n").writerows([["id", "name"], *written])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x"
        file.write_bytes(out.getvalue().encode())
        found = delimited.read(file)
    read = [[row["c0"], row["c1"]] for row in found.cells.to_pylist()]
    assert read == [row for row in rows if any(original(cell) for cell in row)]
    assert found.broken == ()


@pytest.mark.parametrize("size", [3, 64, 1000])
def test_a_block_that_parts_a_pair_or_a_quote_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"id,name\r\n" + b'"1","a ""b"" c"\r\n' * 50 + b'2,"x\r\ny"\r\n')
    monkeypatch.setattr(delimited, "BLOCK", size)
    scan = delimited._scan(file, ord(","))
    assert (scan.regular, scan.lone_cr, scan.quoted_lines) == (True, False, True)


def test_how_a_file_was_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes("id;name\n1;é\n".encode("utf-16"))
    found = delimited.read(file)
    assert found.facts == {"encoding": "UTF-16", "separator": "semicolon"}
    file.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(BadFile):
        delimited.read(file)


# Numbered words ------------------------------------------------------------------------------------------------------

HEADING = "account_id,name,industry,size,note\n"
ROWS = [f"A{i},N{i},{('Retail', 'NA', '', ' Retail ')[i % 4]},{i},{i % 3}" for i in range(6_000)]
LARGE = {
    "plain": ROWS,
    "quoted": [row.replace(",Retail,", ',"Retail, food",') for row in ROWS],
    "apostrophes": [*ROWS[:5_000], "X,X,'=1+1,5,1", *ROWS[5_000:]],
    "broken and blank": [*ROWS[:5_000], "X,Y", "", ",,,,", *ROWS[5_000:]],
    "many words later": [*ROWS, *(f"B{i},M{i},word {i},{i},{i}" for i in range(9_000))],
    "line ends in quotes": [*ROWS[:5_000], 'X,Y,"Re\ntail",1,2', *ROWS[5_000:]],
}


@pytest.mark.parametrize("case", list(LARGE))
def test_words_numbered_while_reading_are_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setattr(delimited, "WORTH_CODES", 0)
    monkeypatch.setattr(delimited, "LOOKED_AT", 40_000)
    file = tmp_path / "book.csv"
    file.write_text(HEADING + "\n".join(LARGE[case]) + "\n", encoding="utf-8")
    spelled, coded = delimited.read(file), delimited.read(file, coded=True)
    assert raws.plain(coded.cells).equals(spelled.cells)
    assert (coded.headings, coded.broken, coded.facts) == (spelled.headings, spelled.broken, spelled.facts)
    numbered = [field.name for field in coded.cells.schema if pa.types.is_dictionary(field.type)]
    # A word with an apostrophe of ours before it is mended, and its column spelled out.
    assert numbered == {"apostrophes": ["c4"]}.get(case, ["c2", "c4"])
