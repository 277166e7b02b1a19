"""Checking: what is no value of its column is found with its row and column; nothing is filled in or dropped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.accounts import checking, columns, raws, reading
from core.accounts.checking import Undecided
from core.accounts.contract import HISTORY, Kind
from core.accounts.raws import Raw
from core.accounts.values import FRACTION, PERCENT
from core.errors import BadAccounts, UnknownName
from core.report import tables
from tests import making

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAY = dt.date(2026, 9, 30)


def values(name: str, cells: Sequence[str | None]) -> list[Any]:
    found: list[Any] = making.checked({name: cells}).table[name].to_pylist()
    return found


# Values --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("annual_revenue", "1234.50", Decimal("1234.50")),
        ("annual_revenue", "-5", Decimal("-5.00")),
        ("annual_revenue", " 7 ", Decimal("7.00")),
        ("annual_revenue", "\u00a07\t", Decimal("7.00")),
        ("annual_revenue", "1e5", Decimal("100000.00")),
        ("annual_revenue", "0.285", Decimal("0.29")),
        ("annual_revenue", "9999999999999.99", Decimal("9999999999999.99")),
        ("annual_revenue", "", None),
        ("annual_revenue", "NaN", None),
        ("annual_revenue", "nan", None),
        ("employees", "500", 500),
        ("employees", "500.0", 500),
        ("recurring_share", "1", 1.0),
        ("recurring_share", "0.38", 0.38),
        ("engagement_score", "100", 100.0),
        ("renewal_date", "2026-09-30", DAY),
        ("renewal_date", "2026-09-30 12:30", DAY),
        ("renewal_date", "2026-09-30T12:30:59.123", DAY),
        # Refused once: now a column's values decide together how they are written, and these admit one reading only.
        ("annual_revenue", "$1.2M", Decimal("1200000.00")),
        ("annual_revenue", "1,234.56", Decimal("1234.56")),
        ("annual_revenue", "1.234,56", Decimal("1234.56")),
        ("annual_revenue", "\u22125", Decimal("-5.00")),
        ("annual_revenue", "(500)", Decimal("-500.00")),
        ("recurring_share", "5%", 0.05),
        ("renewal_date", "30.09.2026", DAY),
        ("renewal_date", "9/30/2026 3:05 PM", DAY),
        ("renewal_date", "2026-9-30", DAY),
        ("renewal_date", "30 Sep 2026", DAY),
        ("lifecycle", "Customer", "customer"),
        ("competitive_threat", "ACTIVE", "active"),
        ("industry", "NA", "NA"),
        ("industry", "None", "None"),
        ("industry", "null", "null"),
        ("industry", "nan", "nan"),
        ("industry", "", None),
        ("industry", "   ", None),
    ],
)
def test_a_cell_is_read_by_its_columns_kind(column: str, text: str, value: object) -> None:
    assert values(column, [text, ""]) == [value, None]


@pytest.mark.parametrize(
    ("column", "text", "wanted"),
    [
        ("annual_revenue", "abc", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "1_000", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "1e309", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "inf", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "-Infinity", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "1e14", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "\uff11\uff12", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "0x1F", "a plain amount such as 1234.50, below ten trillion"),
        ("annual_revenue", "NA", "a plain amount such as 1234.50, below ten trillion"),
        ("employees", "-1", "a whole number, 0 or more"),
        ("employees", "1.5", "a whole number, 0 or more"),
        ("employees", "1e30", "a whole number, 0 or more"),
        ("recurring_share", "38", "a fraction from 0 to 1, such as 0.38"),
        ("engagement_score", "100.1", "a number from 0 to 100"),
        ("renewal_date", "2026-02-30", "a date such as 2026-09-30"),
        ("renewal_date", "46295", "a date such as 2026-09-30"),
        ("lifecycle", "lead", "customer or prospect"),
        ("competitive_threat", "yes", "none, present or active"),
    ],
)
def test_what_is_no_value_of_its_column_is_found_with_row_and_column(column: str, text: str, wanted: str) -> None:
    with pytest.raises(BadAccounts) as caught:
        making.checked({column: ["", "", text, ""]}, source="book.csv")
    assert str(caught.value) == (
        f"book.csv, row 4, column {column}: “{text}” is not {wanted}. "
        "Mend the cell, or leave it empty, or set the broken rows aside."
    )
    assert isinstance(caught.value.findings, pa.Table)
    assert caught.value.findings["row"].to_pylist() == [4]


def test_the_first_finding_is_told_the_others_are_counted_and_all_are_kept() -> None:
    with pytest.raises(BadAccounts) as caught:
        making.checked({"employees": ["x", "5", "y"], "annual_revenue": ["1", "z", "w"]}, source="book.csv")
    assert "row 2, column employees: “x” is not a whole number, 0 or more (and 3 more like it)" in str(caught.value)
    assert isinstance(caught.value.findings, pa.Table)
    rows = caught.value.findings.select(["row", "column", "value", "severity"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (2, "employees", "x", "error"),
        (3, "annual_revenue", "z", "error"),
        (4, "annual_revenue", "w", "error"),
        (4, "employees", "y", "error"),
    ]


def test_a_long_value_is_shown_short() -> None:
    with pytest.raises(BadAccounts, match=r"“x{39}…” is not"):
        making.checked({"employees": ["x" * 500]})


@pytest.mark.parametrize("column", ["account_id", "name"])
def test_a_required_cell_that_is_empty_is_found(column: str) -> None:
    with pytest.raises(BadAccounts, match=f"row 3, column {column}: {column} is empty. Give the row its {column}"):
        making.checked({column: ["a", "  ", "b"]})


def test_ids_keep_their_leading_zeros_and_names_stay_words() -> None:
    names = ["NA", "None", "null", "nan", "N/A", "=1+1", "'; DROP TABLE accounts; --", 'a"b', "İstanbul", "true", "007"]
    ids = [f"{i:05}" for i in range(len(names))]
    table = making.checked({"account_id": ids, "name": names}).table
    assert table["account_id"].to_pylist() == ids
    assert table["name"].to_pylist() == names


# Columns -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "", "2.5"], Kind.NUMBER),
        (["1", "nan", "NaN"], Kind.NUMBER),
        (["-1e5", "0", "0.5"], Kind.NUMBER),
        (["007", "008", "1"], Kind.TEXT),
        (["1", "x", ""], Kind.TEXT),
        (["1_000", "1", ""], Kind.TEXT),
        (["inf", "1", ""], Kind.TEXT),
        (["2026-09-30", "", "2026-09-30 10:00"], Kind.DATE),
        (["2026-09-30", "5", ""], Kind.TEXT),
        (["", "", ""], Kind.TEXT),
        (["nan", "nan", ""], Kind.TEXT),
    ],
)
def test_a_foreign_column_has_the_kind_that_its_cells_show(cells: list[str], kind: Kind) -> None:
    found = making.checked({"Our Column": cells})
    assert found.columns[-1] == checking.Column("x0", "Our Column", kind)
    assert found.table.column_names == ["row", "account_id", "name", "x0"]


def test_a_heading_is_never_a_name_inside() -> None:
    headings = ['x"; DROP TABLE typed; --', "row", "select", "k_industry", "c0"]
    found = making.checked({heading: ["1"] for heading in headings})
    assert [column.heading for column in found.columns[2:]] == headings
    assert found.table.column_names[3:] == ["x0", "x1", "x2", "x3", "x4"]


def test_a_heading_is_known_in_any_spelling() -> None:
    found = making.checked({"Annual Revenue": ["5"], "EMPLOYEES": ["7"], "renewal-date": ["2026-09-30"]})
    assert {column.name for column in found.columns} >= {"annual_revenue", "employees", "renewal_date"}


def test_a_mapping_names_the_heading_that_feeds_a_field() -> None:
    raw = making.raw({"ID": ["1"], "Firm": ["Acme"], "ARR": ["5"], "annual_revenue": ["7"]})
    found = checking.check(raw, mapping={"account_id": "ID", "name": "Firm", "annual_revenue": "ARR"})
    assert found.table["annual_revenue"].to_pylist() == [Decimal("5.00")]
    assert [(c.name, c.heading) for c in found.columns] == [
        ("account_id", "ID"), ("name", "Firm"), ("annual_revenue", "ARR"), ("x0", "annual_revenue"),
    ]  # fmt: skip


def test_of_two_headings_that_mean_one_field_the_exact_one_is_read_and_the_other_is_told() -> None:
    found = making.checked({"Annual Revenue": ["5"], "annual_revenue": ["7"]})
    assert found.table["annual_revenue"].to_pylist() == [Decimal("7.00")]
    assert found.columns[-1] == checking.Column("x0", "Annual Revenue", Kind.NUMBER)
    assert found.notes == (
        "“Annual Revenue” is kept as a column of its own; annual_revenue is read from “annual_revenue”",
    )


def test_two_headings_that_mean_one_field_and_neither_exactly_are_refused_unless_one_is_named() -> None:
    columns = {"Annual Revenue": ["5"], "ANNUAL-REVENUE": ["7"]}
    with pytest.raises(BadAccounts) as caught:
        making.checked(columns, source="book.csv")
    assert str(caught.value) == (
        "book.csv: the headings “Annual Revenue” and “ANNUAL-REVENUE” both mean annual_revenue. "
        "Rename one of them, or name the column that holds it: annual_revenue=HEADING."
    )
    found = making.checked(columns, mapping={"annual_revenue": "ANNUAL-REVENUE"})
    assert found.table["annual_revenue"].to_pylist() == [Decimal("7.00")]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"colour": "ID"}, "There is no field of the contract named “colour”. Choose one of: account_id, adoption,"),
        ({"name": "Nam"}, "There is no column in the file named “Nam”. Choose one of: account_id, name."),
    ],
)
def test_a_mapping_that_points_nowhere_is_one_sentence(mapping: dict[str, str], sentence: str) -> None:
    with pytest.raises(UnknownName) as caught:
        making.checked({"name": ["A"]}, mapping=mapping)
    assert str(caught.value).startswith(sentence)


def test_a_missing_required_column_is_named_with_the_headings_that_are_there() -> None:
    with pytest.raises(BadAccounts) as caught:
        checking.check(making.raw({"ID": ["1"], "Firm": ["Acme"]}), source="book.csv")
    assert str(caught.value) == (
        "book.csv: there is no column “account_id” (the account's own key, unique in the book); the headings are "
        "ID, Firm. Rename a heading, or name the column that holds it: account_id=HEADING."
    )


# The table as a whole ------------------------------------------------------------------------------------------------


def test_an_id_that_stands_twice_is_refused_with_its_rows() -> None:
    with pytest.raises(BadAccounts) as caught:
        making.checked({"account_id": ["a", "b", "a", "b", "c"]}, source="book.csv")
    assert str(caught.value) == (
        "book.csv: the account_id “a” stands in rows 2, 4 (and 1 more id). "
        "Keep one row per account, or give each its own id."
    )


def test_ids_that_differ_in_case_are_two() -> None:
    assert making.checked({"account_id": ["a", "A"]}).table.num_rows == 2


def test_two_currencies_are_refused_and_two_spellings_of_one_are_not() -> None:
    with pytest.raises(BadAccounts) as caught:
        making.checked({"currency": ["USD", "EUR", ""]}, source="book.csv")
    assert str(caught.value) == (
        "book.csv, column currency: there are amounts in EUR, USD. Convert every amount to one currency before loading."
    )
    assert making.checked({"currency": ["usd", "USD", " Usd "]}).table.num_rows == 3


@pytest.mark.parametrize("text", ["€", "US Dollar", "EU", "<b>", "E1R", "nan", "ÄÖÜ"])
def test_what_is_no_currency_code_is_found(text: str) -> None:
    with pytest.raises(BadAccounts) as caught:
        making.checked({"currency": ["EUR", text]}, source="book.csv")
    assert str(caught.value) == (
        f"book.csv, row 3, column currency: “{text}” is not a currency code of three letters, such as EUR. "
        "Mend the cell, or leave it empty, or set the broken rows aside."
    )


def test_rows_that_name_no_currency_are_told() -> None:
    assert making.checked({"currency": ["", "eur", ""]}).notes == ("2 rows name no currency and are read as EUR",)
    assert making.checked({"currency": ["", "eur"]}).notes == ("1 row names no currency and is read as EUR",)
    assert making.checked({"currency": ["", ""]}).notes == making.checked({"currency": ["EUR"]}).notes == ()


def test_a_workbooks_error_is_one_finding_with_its_value_in_any_column() -> None:
    raw = making.raw({"account_id": ["1", ""], "name": ["A", "B"], "Ours": ["", "5"]})
    error = reading.Fault(2, 2, "#N/A", "the cell holds the error #N/A", "Mend the formula, or empty the cell")
    empty = reading.Fault(3, 0, "", "a formula without a stored value", "Open and save it")
    raw = reading.Raw(raw.headings, raw.cells, faults=(error, empty))
    with pytest.raises(BadAccounts) as caught:
        checking.check(raw, source="book.xlsx")
    assert str(caught.value) == (
        "book.xlsx, row 2, column Ours: the cell holds the error #N/A (and 1 more like it). "
        "Mend the formula, or empty the cell, or set the broken rows aside."
    )
    assert isinstance(caught.value.findings, pa.Table)
    found = caught.value.findings.select(["row", "column", "value"]).to_pylist()
    assert [tuple(row.values()) for row in found] == [(2, "Ours", "#N/A"), (3, "account_id", "")]


def test_amounts_that_cannot_be_counted_in_cents_are_refused() -> None:
    rows = 9_300
    with pytest.raises(BadAccounts, match=r"column pipeline: the amounts add to 92,999,999,999,999,9.*larger unit"):
        making.checked({"pipeline": ["9999999999999.99"] * rows})
    signs = ["9999999999999.99", "-9999999999999.99"] * (rows // 2)
    with pytest.raises(BadAccounts, match="more than can be counted"):
        making.checked({"annual_revenue": signs})


def test_rows_set_aside_and_rows_accepted_are_the_rows_of_the_file() -> None:
    raw = making.raw(
        {"account_id": ["1", "", "3", "4", "5"], "name": list("abcde"), "employees": ["1", "2", "x", "-4", "5"]}
    )
    raw = reading.Raw(raw.headings, raw.cells, broken=((7, "2 cells where the heading has 3", "x,y"),))
    found = checking.check(raw, set_aside=True)
    assert found.table["account_id"].to_pylist() == ["1", "5"]
    assert (found.rows_in_file, found.rows_set_aside) == (6, 4)
    assert sorted(found.findings["row"].to_pylist()) == [3, 4, 5, 7]


def test_a_book_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(BadAccounts, match=r"no row is left that can be read. Mend the rows that the findings name."):
        making.checked({"employees": ["x", "y"]}, set_aside=True)


def test_a_row_that_was_set_aside_takes_no_id_and_no_currency() -> None:
    found = making.checked(
        {"account_id": ["a", "a"], "currency": ["USD", "EUR"], "employees": ["1", "x"]}, set_aside=True
    )
    assert found.table.num_rows == 1


@settings(max_examples=25)
@given(st.lists(st.fixed_dictionaries({
    "annual_revenue": st.sampled_from(["", "1", "x", "1e400"]),
    "employees": st.sampled_from(["", "1", "-1"]),
    "account_id": st.sampled_from(["", "made"]),
}), min_size=1, max_size=8))  # fmt: skip
def test_no_row_is_lost_and_none_is_invented(rows: list[dict[str, str]]) -> None:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["account_id"] = [cell and f"A{i}" for i, cell in enumerate(columns["account_id"])]
    good = [i for i, row in enumerate(rows) if row["account_id"] and row["annual_revenue"] in {"", "1"} and row["employees"] != "-1"]  # fmt: skip  # noqa: E501
    if not good:
        with pytest.raises(BadAccounts):
            making.checked(columns, set_aside=True)
        return
    found = making.checked(columns, set_aside=True)
    assert found.table["row"].to_pylist() == [i + 2 for i in good]
    assert found.table.num_rows + found.rows_set_aside == found.rows_in_file == len(rows)


def test_the_history_has_its_own_contract_and_repeats_ids() -> None:
    raw = making.raw({"account_id": ["a", "a"], "period": ["2026-03-31", "2026-06-30"], "amount": ["1", "2.50"]})
    found = checking.check(raw, fields=HISTORY)
    assert found.table["amount"].to_pylist() == [Decimal("1.00"), Decimal("2.50")]
    raw = making.raw({"account_id": ["a", "a"], "period": ["2026-03-31"] * 2, "amount": ["1", ""]})
    with pytest.raises(BadAccounts, match="row 3, column amount: amount is empty"):
        checking.check(raw, fields=HISTORY)


def test_a_history_that_gives_an_account_one_period_twice_is_refused_with_its_rows() -> None:
    days = ["2026-03-31", "2026-06-30", "2026-03-31", "2026-06-30"]
    raw = making.raw({"account_id": ["a"] * 4, "period": days, "amount": ["1", "2", "3", "4"]})
    with pytest.raises(BadAccounts) as caught:
        checking.check(raw, fields=HISTORY, source="history.csv")
    assert str(caught.value) == (
        "history.csv: the account_id “a” stands with the period 2026-03-31 in rows 2, 4 (and 1 more such pair). "
        "Keep one row per account and period."
    )


def test_rows_of_a_history_that_are_set_aside_or_of_no_account_are_told() -> None:
    book = making.checked({"account_id": ["a", "b"]})
    raw = making.raw(
        {"account_id": list("abxx"), "period": ["2026-03-31"] * 3 + ["2026-06-30"], "amount": list("1?34")}
    )
    past = checking.check(raw, fields=HISTORY, set_aside=True)
    assert checking.history_notes(past, book) == (
        "1 row of the history is set aside",
        "2 rows of the history name accounts that are not in the book",
    )
    more = making.checked({"account_id": ["a", "x"]})
    assert checking.history_notes(past, more) == ("1 row of the history is set aside",)
    assert checking.history_notes(None, book) == ()


# The same content in every format ------------------------------------------------------------------------------------

HEADINGS = ["Account ID", "name", "annual_revenue", "employees", "recurring_share", "renewal_date", "lifecycle",
            "Our number", "Our day", "Our words", "Truth"]  # fmt: skip
KINDS = ["text", "text", "money", "count", "share", "date", "lifecycle", "number", "date", "text", "text"]
CONTENT: list[list[Any]] = [
    ["001", "NA", Decimal("1234.50"), 500, 0.38, DAY, "customer", 0.1, DAY, "x", True],
    ["002", "=1+1", Decimal("-5.00"), 0, 1.0, None, "prospect", -3.0, None, "None", False],
    ["003", "Müller, Söhne", Decimal("0.00"), None, None, dt.date(1999, 1, 1), None, None, DAY, None, None],
    ["004", "'x", None, 2_000_000, 0.0, None, None, 1e15, None, "null", True],
]


def typed(file: Path) -> tuple[list[tuple[str, str, str]], list[dict[str, Any]]]:
    found = checking.check(reading.read(file))
    return [(c.name, c.heading, c.kind.value) for c in found.columns], found.table.drop_columns(["row"]).to_pylist()


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    """The same content as CSV, XLSX and Parquet, the last also with money as floats and texts coded."""
    files = {kind: tmp_path / f"book.{kind}" for kind in ("csv", "xlsx", "parquet")} | {"other": tmp_path / "o.parquet"}
    columns = [list(column) for column in zip(*CONTENT, strict=True)]
    table = pa.table([pa.array(column) for column in columns], names=HEADINGS)
    files["csv"].write_bytes(tables.to_csv(table))
    pq.write_table(table, files["parquet"])
    with xlsxwriter.Workbook(files["xlsx"], {"strings_to_formulas": False}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADINGS)
        for i, row in enumerate(CONTENT, 1):
            for j, cell in enumerate(row):
                value = float(cell) if isinstance(cell, Decimal) else cell
                sheet.write(i, j, value, day if isinstance(cell, dt.date) else None)
    floats = pa.array([None if c is None else float(c) for c in columns[2]], pa.float64())
    counts = pa.array([None if c is None else float(c) for c in columns[3]], pa.float64())
    moments = table["renewal_date"].cast(pa.timestamp("ms"))
    other = table.set_column(2, HEADINGS[2], floats).set_column(3, HEADINGS[3], counts)
    other = other.set_column(5, HEADINGS[5], moments).set_column(1, "name", table["name"].dictionary_encode())
    pq.write_table(other, files["other"])
    return files


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "other"])
def test_the_same_content_gives_the_same_typed_table_in_every_format(written: dict[str, Path], kind: str) -> None:
    assert typed(written[kind]) == typed(written["csv"])


def test_the_content_is_what_was_written(written: dict[str, Path]) -> None:
    columns, rows = typed(written["csv"])
    assert {heading: kind for _, heading, kind in columns} == dict(zip(HEADINGS, KINDS, strict=True))
    places = [HEADINGS.index(heading) for _, heading, _ in columns]
    said = [[str(cell).lower() if isinstance(cell, bool) else cell for cell in row] for row in CONTENT]
    assert [list(row.values()) for row in rows] == [[row[place] for place in places] for row in said]


@settings(max_examples=10)
@example([0.285, 1.005, -0.285, 8.615])  # in binary a hair below the half cent
@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=30))
def test_a_float_of_a_parquet_file_is_read_as_the_digits_a_person_sees(numbers: list[float]) -> None:
    ids = [str(i) for i in range(len(numbers))]
    native = {"row": pa.array(range(len(ids))), "c0": pa.array(ids), "c1": pa.array(ids), "c2": pa.array(numbers)}
    raw = reading.Raw(("account_id", "name", "annual_revenue"), pa.table(native))
    as_text = making.checked({"annual_revenue": list(map(str, numbers))}).table["annual_revenue"]
    assert checking.check(raw).table["annual_revenue"].to_pylist() == as_text.to_pylist()


def test_an_id_that_parquet_holds_as_a_number_is_written_as_a_person_would() -> None:
    for native in (pa.array([1.0, 2.0]), pa.array([1, 2], pa.int8()), pa.array([1, 2], pa.int64())):
        cells = pa.table({"row": pa.array([1, 2]), "c0": native, "c1": pa.array(["A", "B"])})
        raw = reading.Raw(("account_id", "name"), cells)
        assert checking.check(raw).table["account_id"].to_pylist() == ["1", "2"]


def test_numbers_of_a_parquet_file_that_are_no_numbers_are_missing_or_found() -> None:
    infinite = pa.array([1.0, float("nan"), None, float("inf")])
    cells = pa.table(
        {"row": pa.array(range(4)), "c0": pa.array(list("abcd")), "c1": pa.array(list("abcd")), "c2": infinite}
    )
    raw = reading.Raw(("account_id", "name", "annual_revenue"), cells)
    with pytest.raises(BadAccounts, match="row 3, column annual_revenue: “inf” is not a plain amount"):
        checking.check(raw)
    found = checking.check(raw, set_aside=True)
    assert found.table["annual_revenue"].to_pylist() == [Decimal("1.00"), None, None]


# Columns of few words ------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["", " ", "a", "A", "a ", "b", "nan", "customer", "Prospect", "none", "active", "TRUE", "false", "1", "007", "-2.5",
     "1,234", "1.234,5", "12%", "5 000", "2026-09-30", "03/04/2026", "31/12/2026", "$3"]
)  # fmt: skip
FIELDS_OF_ALL_KINDS = (
    "lifecycle", "industry", "competitive_threat", "annual_revenue", "employees", "adoption", "engagement_score",
    "renewal_date", "Own column",
)  # fmt: skip


def all_there_is(raw: Raw, **options: Any) -> Any:
    """What checking says of a file: the cells, the findings, the notes and the rows set aside, or what it asks."""
    try:
        found = checking.check(raw, set_aside=True, **options)
    except BadAccounts as error:
        return str(error)
    aside = raws.plain(found.aside).to_pylist() if found.aside is not None else None
    return raws.plain(found.table).to_pylist(), found.columns, found.findings.to_pylist(), found.notes, aside


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(WORDS, min_size=1, max_size=12), heading=st.sampled_from(FIELDS_OF_ALL_KINDS), merge=st.booleans()
)
@example(cells=["a ", "a", "", "b"], heading="Own column", merge=True)
@example(cells=["customer", "x", ""], heading="lifecycle", merge=False)
def test_a_word_that_is_read_once_says_the_same_in_every_row(cells: list[str], heading: str, merge: bool) -> None:  # noqa: FBT001
    rows = len(cells)
    raw = making.raw(
        {"account_id": [f"A{i}" for i in range(rows)], "name": [f"N{i}" for i in range(rows)], heading: cells}
    )
    coded = raw.cells.set_column(3, "c2", raw.cells["c2"].dictionary_encode())
    options: dict[str, Any] = {"merges": {heading: {"a": "b"}}} if merge else {}
    spelled = all_there_is(raw, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "WORTH_THREADS", 1)
        assert all_there_is(raw, **options) == spelled
        assert all_there_is(replace(raw, cells=coded), **options) == spelled


def test_a_large_column_of_few_words_stays_numbered_and_one_of_many_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_THREADS", 1)
    given_ = {"industry": ["x", "", "x"], "owner": ["p", "q", "r"]}
    table = making.checked(given_).table
    assert pa.types.is_dictionary(table["industry"].type)
    assert raws.decoded(table["industry"]).to_pylist() == ["x", None, "x"]
    assert table["account_id"].type == table["name"].type == pa.string()
    monkeypatch.setattr(columns, "MOST_WORDS", 2)
    assert making.checked(given_).table["owner"].type == pa.string()
    monkeypatch.setattr(columns, "FEW", 1)
    assert making.checked(given_).table["industry"].type == pa.string()


@settings(max_examples=100, deadline=None)
@given(
    numbers=st.lists(st.none() | st.integers(-3, 200) | st.sampled_from([2**53 + 1, -(2**63)]), min_size=1, max_size=6),
    heading=st.sampled_from(["annual_revenue", "employees", "adoption", "engagement_score", "Own column"]),
    real=st.booleans(),
)
def test_numbers_of_a_parquet_file_that_all_fit_are_taken_as_one_by_one(
    numbers: list[int | None],
    heading: str,
    real: bool,  # noqa: FBT001
) -> None:
    ids = pa.array([f"A{i}" for i in range(len(numbers))])
    cells = pa.array(
        [None if n is None else n / 2 for n in numbers] if real else numbers, pa.float64() if real else pa.int64()
    )
    raw = reading.Raw(
        ("account_id", "name", heading),
        pa.table([range(len(numbers)), ids, ids, cells], names=["row", "c0", "c1", "c2"]),
    )
    quick = all_there_is(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_native", lambda _kind, _cells: None)
        assert all_there_is(raw) == quick


@pytest.mark.parametrize(
    ("amount", "reads"),
    [("10000000000000.00", True), ("10000000000000.01", False), ("-99999999999999999999.00", False)],
)
def test_exact_amounts_of_a_parquet_file_are_held_to_the_same_range(amount: str, reads: bool) -> None:  # noqa: FBT001
    cells = pa.array([Decimal("1.25"), None, Decimal(amount)], pa.decimal128(30, 2))
    raw = reading.Raw(
        ("account_id", "name", "annual_revenue"),
        pa.table([[1, 2, 3], list("abc"), list("abc"), cells.slice(0)], names=["row", "c0", "c1", "c2"]),
    )
    found = checking.check(raw, set_aside=True)
    assert found.table["annual_revenue"].to_pylist() == [Decimal("1.25"), None, *([Decimal(amount)] if reads else [])]
    assert found.findings["row"].to_pylist() == ([] if reads else [3])


@pytest.mark.parametrize(
    ("ids", "differ"),
    [(["a"], True), (["a", "b", "c"], True), (["c", "a", "b"], True), (["a", "a", "b"], False),
     (["b", "a", "b"], False), (["a", None, "b"], False)],
)  # fmt: skip
def test_ids_differ_where_they_are_in_order_or_have_fingerprints_of_their_own(ids: list[str], *, differ: bool) -> None:
    for cut in range(len(ids)):
        pieces = pa.chunked_array([pa.array(ids[:cut], pa.string()), pa.array(ids[cut:], pa.string())])
        assert checking._all_differ(pieces) == differ


def test_ids_with_equal_fingerprints_are_counted_before_they_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_all_differ", lambda _ids: False)
    assert making.checked({"industry": ["x", "y"]}).table.num_rows == 2
    with pytest.raises(checking.StandsTwice, match="stands in rows 2, 3"):
        making.checked({"account_id": ["a", "a"]})


# Shares written per cent ---------------------------------------------------------------------------------------------


def test_shares_that_seem_to_be_per_cent_are_asked_about_and_read_as_agreed() -> None:
    cells = ["38", "45.5", "0", "", "0.7"]
    with pytest.raises(Undecided) as caught:
        making.checked({"recurring_share": cells})
    (question,) = caught.value.questions
    assert (question.readings, question.examples) == ((PERCENT, FRACTION), ("38", "45.5"))
    assert "“38”, “45.5” can be read with 100 for the whole, as in 38 for 38 % or with 1 for the whole" in str(
        caught.value
    )
    said = making.checked({"recurring_share": cells}, formats={"recurring_share": PERCENT})
    assert said.table["recurring_share"].to_pylist() == [0.38, 0.455, 0.0, None, pytest.approx(0.007)]
    assert said.notes == ("“recurring_share” is read with 100 for the whole, as in 38 for 38 %",)
    left = making.checked({"recurring_share": cells}, formats={"recurring_share": FRACTION}, set_aside=True)
    assert left.table["recurring_share"].to_pylist() == [0.0, None, 0.7]
    assert left.rows_set_aside == 2


@pytest.mark.parametrize(
    "cells",
    [["0.3", "38", "0.2"], ["38", "450"], ["38", "-5"], ["38", "0.4"], ["0.1", "0.2", "0.3", "5", "6"]],
    ids=["one slip", "above 100", "below 0", "half", "few"],
)
def test_a_few_shares_above_one_are_faults_and_no_question(cells: list[str]) -> None:
    with pytest.raises(BadAccounts) as caught:
        making.checked({"recurring_share": cells})
    assert not isinstance(caught.value, Undecided)


def test_a_comma_before_decimals_is_told_where_thousands_are_impossible() -> None:
    cells = ["12,345", "45,678"]
    assert making.checked({"engagement_score": cells}).table["engagement_score"].to_pylist() == [12.345, 45.678]
    shares = making.checked({"adoption": cells}, formats={"adoption": PERCENT}).table["adoption"].to_pylist()
    assert shares == pytest.approx([0.12345, 0.45678])


def test_numbers_of_a_parquet_file_that_seem_to_be_per_cent_are_asked_about_too() -> None:
    raw = Raw(("account_id", "name", "adoption"), pa.table(
        {"row": [1, 2], "c0": ["a", "b"], "c1": ["A", "B"], "c2": [38.0, 50.0]}))  # fmt: skip
    with pytest.raises(Undecided):
        checking.check(raw)
    found = checking.check(raw, formats={"adoption": PERCENT})
    assert found.table["adoption"].to_pylist() == [0.38, 0.5]
