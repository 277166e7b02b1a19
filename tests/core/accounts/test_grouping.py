"""Grouping: rows that are payments or deals become the accounts that they are of, and nothing is decided untold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import grouping
from core.accounts.raws import Raw
from core.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Sequence


def raw(headings: Sequence[str], *rows: Sequence[object]) -> Raw:
    cells = {f"c{i}": [row[i] for row in rows] for i in range(len(headings))}
    return Raw(tuple(headings), pa.table({"row": range(2, len(rows) + 2), **cells}))


def told(found: grouping.Grouped) -> list[dict[str, object]]:
    rows = found.accounts.cells.to_pylist()
    return [dict(zip(("row", *found.accounts.headings), row.values(), strict=True)) for row in rows]


PAID = raw(
    ("invoice", "customer", "industry", "day", "owner"),
    ("1", "b", "Retail", "2026-03-01", "Ann"),
    ("2", "a", "Energy", "2026-02-01", " "),
    ("3", " b", "", "2026-01-01", "Bob"),
    ("4", "", "Energy", "2026-04-01", "Eve"),
    ("5", "a", "Energy", "2026-01-01", "Kim"),
)


def test_an_account_has_what_its_newest_row_says_and_what_differs_is_left_out() -> None:
    found = grouping.group(PAID, "customer", of_rows={"day"}, day="day")
    assert told(found) == [
        {"row": 2, "customer": "b", "industry": "Retail"},
        {"row": 3, "customer": "a", "industry": "Energy"},
    ], "an empty cell says nothing, and so does not differ"
    assert (found.counts.tolist(), found.rows) == ([2, 2], 5)
    assert found.accounts.notes == ("what differs from row to row is left out: invoice, owner",)


def test_what_feeds_a_field_is_kept_and_told_where_rows_differ() -> None:
    found = grouping.group(PAID, "customer", fed={"owner"}, of_rows={"day", "invoice"}, day="day")
    assert [row["owner"] for row in told(found)] == ["Ann", "Kim"], "the newest row that says anything"
    assert found.accounts.notes == ("“owner” differs within 1 account; the newest row counts",)


def test_without_a_day_the_last_row_is_the_newest() -> None:
    found = grouping.group(PAID, "customer", fed={"invoice"}, of_rows={"day"})
    assert [row["invoice"] for row in told(found)] == ["3", "5"]


def test_a_few_accounts_that_differ_do_not_cost_the_column() -> None:
    rows = [[f"a{n % 40}", "Retail" if n else "Energy", str(n)] for n in range(80)]
    found = grouping.group(raw(("id", "industry", "invoice"), *rows), "id")
    assert found.accounts.headings == ("id", "industry")
    assert {row["industry"] for row in told(found)} == {"Retail"}
    assert found.accounts.notes[0] == "“industry” differs within 1 account; the newest row counts"


def test_numbers_stay_numbers_and_plain_columns_are_found_again() -> None:
    table = Raw(("x", "id", "size"), pa.table({"row": [2, 3], "c0": ["1", "2"], "c1": [7, 7], "c2": [1.5, None]}),
                plain=frozenset({1, 2}))  # fmt: skip
    found = grouping.group(table, "id")
    assert told(found) == [{"row": 3, "id": 7, "size": 1.5}]
    assert found.accounts.plain == {0, 1}


def test_rows_without_any_account_make_none() -> None:
    found = grouping.group(raw(("id", "x"), ("", "1"), (" ", "2")), "id")
    assert (told(found), found.counts.tolist(), found.rows) == ([], [], 2)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName, match="customer"):
        grouping.group(PAID, "client")


@pytest.mark.parametrize(
    ("ids", "amounts", "expected"),
    [("aabbcc", True, True), ("aabbcc", False, False), ("abcdef", True, False), ("aabcdefghi", True, False),
     ("", True, False)],
)  # fmt: skip
def test_rows_seem_to_be_payments_where_ids_stand_twice_and_a_column_holds_amounts(
    ids: str, *, amounts: bool, expected: bool
) -> None:
    found = raw(("id", "amount" if amounts else "size"), *([one, "5"] for one in ids or " "))
    assert grouping.seems(found, "id") == expected


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), st.sampled_from(["x", "y", ""])), min_size=1, max_size=12)
)
def test_every_row_is_of_one_account_or_of_none(rows: list[tuple[str, str]]) -> None:
    found = grouping.group(raw(("id", "word"), *rows), "id", fed={"word"})
    ids = [one for one, _ in rows if one]
    assert {row["id"]: int(n) for row, n in zip(told(found), found.counts, strict=True)} == {
        i: ids.count(i) for i in ids
    }
    for row in told(found):
        said = [word for one, word in rows if one == row["id"] and word]
        assert row["word"] == (said[-1] if said else None)
