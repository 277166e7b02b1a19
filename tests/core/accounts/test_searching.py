"""Searching: a text is found in names and ids whatever its case, and nowhere across the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books, engine, searching
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.accounts.books import Book

NAMES = ["Acme Corp", "acme services", "Bolt 100%", "Cord_x", "ÉCLAIR", "İzmir", "Straße", "a\nb", "ID9"]
IDS = [f"id{i}" for i in range(len(NAMES))]


@pytest.fixture(scope="module")
def book() -> Iterator[Book]:
    opened = making.book({"account_id": IDS, "name": NAMES})
    yield opened
    books.close(opened)


def found(book: Book, text: str) -> list[int]:
    return searching.marks(book, text).nonzero()[0].tolist()


def scanned(book: Book, text: str) -> list[int]:
    rows = engine.cursor().table(book.table).filter(searching.condition(text)).select("row").fetchall()
    return sorted(row for (row,) in rows)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ACME", [0, 1]),
        ("  corp ", [0]),
        ("%", [2]),
        ("_", [3]),
        ("éclair", [4]),
        ("STRASSE", []),
        ("ID9", [8]),
        ("id", list(range(9))),
        ("b\nid7", []),
        ("a\nb", [7]),
        ("services\nid1", []),
        ("'; DROP TABLE x; --", []),
    ],
)
def test_a_text_is_found_in_names_and_ids_in_any_case(book: Book, text: str, rows: list[int]) -> None:
    assert found(book, text) == scanned(book, text) == rows


@settings(max_examples=40)
@given(st.text(st.sampled_from("aAcmeE iİıß\n1%_dD"), min_size=1, max_size=3).filter(str.strip))
def test_what_is_kept_in_small_letters_answers_as_a_scan_does(book: Book, text: str) -> None:
    assert found(book, text) == scanned(book, text)


def test_names_are_kept_in_small_letters_from_the_first_search_until_the_book_is_closed() -> None:
    opened = making.book({"name": ["Only here"]})
    assert engine.hold(opened.words_table) is None
    assert found(opened, "ONLY HERE") == [0]
    assert engine.hold(opened.words_table) is not None
    books.close(opened)
    assert engine.hold(opened.words_table) is None


def test_what_was_found_cannot_be_changed(book: Book) -> None:
    with pytest.raises(ValueError, match="read-only"):
        searching.marks(book, "acme")[0] = False
