"""Refreshing: tiers that moved because of data, under the same model."""

from __future__ import annotations

from core.accounts import catalogue, checking, engine
from core.accounts.snapshot import describe
from core.decisions import refreshing
from tests import making


def test_tiers_that_moved_because_of_data_are_told_with_the_values_that_changed() -> None:
    model = making.model()
    old = making.checked({"account_id": ["a", "b", "c"], "employees": ["1000", "50", "50"], "Fit": ["10", "0", "0"]})
    new = making.checked({"account_id": ["a", "b", "d"], "employees": ["1000", "1000", "5"], "Fit": ["10", "10", "1"]})
    moved = refreshing.moved(old, new, model)
    assert moved == {"b": ("C", "A")}
    rows = refreshing.table(catalogue.difference(old, new), moved).to_pylist()
    said = {row["account_id"]: (row["change"], row["values"], row["tier"]) for row in rows}
    assert said["d"] == ("added", "", "")
    assert said["c"] == ("removed", "", "")
    assert said["b"] == ("changed", "employees, Fit", "C → A")


def test_a_kept_book_reopens_as_the_checked_table_that_it_was() -> None:
    checked = making.checked({"annual_revenue": ["1", "2"]})
    about = describe(checked, name="x", source="x.csv")
    found = refreshing.reopened(checked.table, about, checking.FINDINGS.empty_table())
    assert found.table.equals(checked.table)
    assert found.columns == checked.columns


def test_putting_two_states_of_a_book_side_by_side_leaves_no_table_behind() -> None:
    before = len(engine.cursor().sql("SELECT table_name FROM duckdb_tables()").fetchall())
    old, new = (making.checked({"employees": [employees], "Fit": ["1"]}) for employees in ("1", "1000"))
    assert refreshing.moved(old, new, making.model()) == {"A0000": ("C", "B")}
    assert len(engine.cursor().sql("SELECT table_name FROM duckdb_tables()").fetchall()) == before
