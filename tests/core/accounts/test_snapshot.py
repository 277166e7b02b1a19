"""Snapshots: the same bytes for the same book, everything it says of itself, and no damage unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.accounts import raws, snapshot
from core.errors import BadFile
from tests import making

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {"annual_revenue": ["5.50", "", "-1"], "Our Words": ["x", "=y", "ä"], "renewal_date": ["2026-09-30", "", ""]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    checked = making.checked(COLUMNS)
    made = tmp_path / "book.parquet"
    snapshot.write(checked.table, snapshot.describe(checked, name="Größe", source="book.csv"), made)
    return made


def test_the_same_book_is_the_same_bytes(tmp_path: Path, file: Path) -> None:
    checked = making.checked(COLUMNS)
    snapshot.write(checked.table, snapshot.describe(checked, name="Größe", source="book.csv"), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
    snapshot.write(checked.table, snapshot.describe(checked, name="Other", source="book.csv"), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() != file.read_bytes()


def test_a_snapshot_says_what_it_is_and_gives_back_every_value(file: Path) -> None:
    checked = making.checked(COLUMNS)
    about = snapshot.read_about(file)
    assert about == snapshot.describe(checked, name="Größe", source="book.csv")
    assert about.columns == checked.columns
    assert snapshot.read(file).equals(checked.table)
    assert snapshot.with_history(about, "abc").history == "abc"
    assert about.history == ""


@pytest.mark.parametrize("other", ["parquet", "text", "metadata"])
def test_another_file_is_no_snapshot(tmp_path: Path, other: str) -> None:
    file = tmp_path / "other.parquet"
    if other == "parquet":
        pq.write_table(pa.table({"a": [1]}), file)
    elif other == "text":
        file.write_text("PAR1 nothing", encoding="utf-8")
    else:
        pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({b"tierwise": b'{"columns": [["a"]]}'}), file)
    with pytest.raises(
        BadFile, match=r"other.parquet: this is not a book that Tierwise has written. Upload the account"
    ):
        snapshot.read_about(file)


def test_a_byte_that_was_flipped_in_a_page_is_noticed(file: Path) -> None:
    data = bytearray(file.read_bytes())
    place = data.index(b"(\xb5/\xfd") + 12  # inside the first zstd frame
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises(BadFile, match=r"book.parquet: the book's file is damaged. Upload the account file again."):
        snapshot.read(file)


def test_a_large_book_is_written_in_groups_and_its_few_words_come_numbered_for_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raws, "WORTH_CODES", 60)
    monkeypatch.setattr(snapshot, "AT_ONCE", 50)
    checked = making.checked({"industry": [f"Industry {i % 3}" for i in range(120)]})
    about = snapshot.describe(checked, name="a", source="a.csv")
    for name in ("one", "two"):
        snapshot.write(checked.table, about, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    spelled, coded = snapshot.read(tmp_path / "one"), snapshot.read(tmp_path / "one", coded=True)
    assert spelled.equals(checked.table)
    assert raws.plain(coded).equals(spelled)
    assert pa.types.is_dictionary(coded.schema.field("industry").type)
