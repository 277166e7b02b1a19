"""Quality: every column's account, what is unusual, and the revenue of which a criterion knows nothing."""

from __future__ import annotations

import pyarrow as pa
import pytest

from core.accounts import checking, quality
from core.accounts.checking import FINDINGS
from tests import making


def test_a_column_is_reported_with_what_was_read_missing_and_set_aside() -> None:
    checked = making.checked(
        {"annual_revenue": ["1", "", "-5", "20000", "1", "1", "x"], "industry": ["a", "b", "", "a", "a", "a", "a"]},
        set_aside=True,
    )
    found = {row["heading"]: row for row in quality.columns(checked).to_pylist()}
    money = found["annual_revenue"]
    assert (money["read"], money["missing"], money["not readable"]) == (5, 1, 1)
    assert money["range"] == "-5.00 to 20,000.00"
    assert money["unusual"] == "1 below 0, 1 over 1,000 times the median"
    assert (found["industry"]["read"], found["industry"]["range"]) == (5, "2 different words")


def test_a_day_far_from_the_others_is_unusual() -> None:
    checked = making.checked({"renewal_date": ["2026-01-01", "2026-02-01", "2026-03-01", "1900-01-01", ""]})
    (row,) = [row for row in quality.columns(checked).to_pylist() if row["heading"] == "renewal_date"]
    assert row["unusual"] == "1 day far from the others"
    assert row["range"] == "1900-01-01 to 2026-03-01"


def test_a_criterion_is_missing_for_a_share_of_revenue() -> None:
    checked = making.checked({"annual_revenue": ["59", "41", "", "-7"], "Fit": ["1", "", "2", ""]})
    found = {one.criterion: one for one in quality.missing(checked, making.model())}
    assert found["Fit"].revenue == pytest.approx(0.41)
    assert found["Fit"].accounts == 0.5
    assert (found["Size"].accounts, found["Size"].revenue) == (1.0, 1.0), (
        "a column that is not there is missing for all"
    )
    without = checking.check(making.raw({"account_id": ["1"], "name": ["A"]}))
    assert quality.missing(without, making.model())[0].revenue is None


def test_findings_that_say_the_same_stand_together_and_a_hint_is_not_lost_among_them() -> None:
    rows: list[tuple[int | None, str, str, str, str]]
    rows = [(row, "deals: account", "warning", "the row names no account", "Name it") for row in range(10, 1435)]
    rows += [
        (None, "product", "hint", "“GTXPro” looks like “GTX Pro”", "Merge the two"),
        (7, "ARR", "error", "“x”", ""),
    ]
    listed = [dict(zip(("row", "column", "severity", "what", "way_out"), row, strict=True)) for row in rows]
    found = quality.grouped(pa.Table.from_pylist([{**one, "value": ""} for one in listed], FINDINGS)).to_pylist()
    assert [(one["severity"], one["rows"], one["first row"]) for one in found] == [
        ("error", 1, 7), ("warning", 1425, 10), ("hint", None, None),
    ]  # fmt: skip
