"""Data: a good file becomes a book, a bad one is refused in one sentence and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from core.accounts.contract import WANTED, Kind
from core.report import tables
from tests.pages.visitor import HOSTILE, Visitor, plain

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """account_id,name,annual_revenue,industry
1,Acme,1200000.50,Technology
2,Zenith,300000,Retail
3,Prospect,,Retail
"""
HISTORY = (
    "account_id,period,amount\n1,2024-12-31,1000000\n1,2025-12-31,1200000\n2,2025-12-31,300000\n1,2023-12-31,900000\n"
)


def upload(visitor: Visitor, name: str, content: str | bytes, *, to: str = "accounts") -> Visitor:
    file = content.encode() if isinstance(content, str) else content
    visitor.at.file_uploader(key=f"data.{to}").upload(name, file).run()
    return visitor.must_be_well()


def press(visitor: Visitor, label: str) -> Visitor:
    (button,) = (button for button in visitor.at.button if button.label == label)
    button.click().run()
    return visitor.must_be_well()


def buttons(visitor: Visitor) -> list[str]:
    return [button.label for button in visitor.at.button]


def books(home: Path) -> list[Path]:
    return sorted(home.rglob("*.parquet"))


def test_the_demo_book_is_described() -> None:
    visitor = Visitor("data").must_be_well()
    assert visitor.sentence == "“Demo book”: 2,000 accounts, from accounts.csv."
    assert visitor.cards == {"Accounts": "2,000", "Rows in the file": "2,000", "Columns": "35", "As of": "2026-09-30"}
    (contract,) = visitor.at.dataframe
    assert list(contract.value["Heading"][:2]) == ["account_id", "name"]
    assert list(contract.value["Required"][:3]) == [True, True, False]


def test_nothing_is_kept_before_a_book_is_chosen(home: Path) -> None:
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    assert [plain(said.value) for said in visitor.at.success] == ["customers.csv: 3 accounts read."]
    assert visitor.sentence.startswith("“Demo book”")
    assert books(home) == []


def test_a_good_file_becomes_the_book_on_every_page(home: Path) -> None:
    visitor = press(upload(Visitor("data"), "customers.csv", GOOD), "Use this book")
    assert visitor.sentence == "“customers”: 3 accounts, from customers.csv."
    book = visitor.at.sidebar.selectbox(key="book")
    assert book.options == ["Demo book", "customers"]
    assert book.value == books(home)[0].stem
    assert "3 accounts · USD · no date in the data" in visitor.texts
    assert visitor.open("overview").must_be_well().cards["Revenue"] == "$1.5M"
    assert visitor.cards["Accounts"] == "3"
    assert Visitor().at.sidebar.selectbox(key="book").options == ["Demo book", "customers"], "another session too"


def test_the_book_gets_the_name_it_is_given(home: Path) -> None:
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    (name,) = visitor.at.text_input
    name.set_value(HOSTILE[0]).run()
    press(visitor, "Use this book")
    assert visitor.sentence == f"“{HOSTILE[0]}”: 3 accounts, from customers.csv."


def test_a_second_file_does_not_inherit_the_name_of_the_first() -> None:
    visitor = upload(Visitor("data"), "first.csv", GOOD)
    upload(visitor, "second.csv", GOOD + "4,Other,5,Retail\n")
    assert [name.value for name in visitor.at.text_input] == ["second"]


def test_the_same_file_twice_is_one_book(home: Path) -> None:
    for _ in range(2):
        press(upload(Visitor("data"), "customers.csv", GOOD), "Use this book")
    assert len(books(home)) == 1


def test_a_workbook_and_a_parquet_file_are_read_as_well() -> None:
    table = pa.table({"account_id": ["1", "2"], "name": ["Acme", "Zenith"], "annual_revenue": [5.0, 7.5]})
    for name, write in (("book.xlsx", tables.to_xlsx), ("book.parquet", tables.to_parquet)):
        visitor = press(upload(Visitor("data"), name, write(table)), "Use this book")
        assert visitor.sentence == f"“book”: 2 accounts, from {name}."
        assert visitor.open("overview").cards["Revenue"] == "$13"


def test_a_history_gives_the_book_its_past_and_its_day(home: Path) -> None:
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    press(upload(visitor, "past.csv", HISTORY, to="history"), "Use this book")
    assert visitor.cards["As of"] == "2025-12-31"
    assert "with a revenue history" in visitor.texts
    assert len(visitor.at.sidebar.selectbox(key="book").options) == 2, "the history is no book of its own"
    assert "a year ago it was 100.0\u00a0%" in visitor.open("concentration").must_be_well().sentence


BAD = {
    "empty": ("a.csv", b"", "a.csv: the file is empty. Choose a file with a heading row and one row per account."),
    "heading alone": (
        "a.csv",
        b"account_id,name\n",
        "a.csv: the file has a heading but no rows. Add one row per account.",
    ),
    "no id": (
        "a.csv",
        b"name,annual_revenue\nAcme,1\n",
        (
            "a.csv: there is no column “account_id” (the account's own key, unique in the book); the headings are "
            "name, annual_revenue. Rename a heading, or name the column that holds it: account_id=HEADING."
        ),
    ),
    "an id twice": (
        "a.csv",
        b"account_id,name\n7,Acme\n8,Zenith\n7,Acme again\n",
        "a.csv: the account_id “7” stands in rows 2, 4. Keep one row per account, or give each its own id.",
    ),
    "two currencies": (
        "a.csv",
        b"account_id,name,currency\n1,Acme,USD\n2,Zenith,EUR\n",
        "a.csv, column currency: there are amounts in EUR, USD. Convert every amount to one currency before loading.",
    ),
    "broken workbook": (
        "a.xlsx",
        b"PK\x03\x04 this is no workbook",
        "a.xlsx: the workbook cannot be read. Save it again as XLSX, or as CSV UTF-8.",
    ),
    "broken Parquet": ("a.parquet", b"PAR1 and no more", "a.parquet: the Parquet file is broken. Write it again."),
    "not text": ("a.csv", b"\x00\x01\x02\x03", "a.csv: the file is not text. Choose a CSV, XLSX or Parquet file."),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_sentence_and_nothing_is_kept(case: str, home: Path) -> None:
    name, content, sentence = BAD[case]
    visitor = upload(Visitor("data"), name, content)
    assert visitor.errors == [sentence]
    assert buttons(visitor) == []
    assert books(home) == []
    assert visitor.sentence.startswith("“Demo book”"), "the book on screen stays"


def test_text_where_a_number_belongs_is_named_by_row_and_column(home: Path) -> None:
    visitor = upload(Visitor("data"), "a.csv", GOOD.replace("300000", "about 300k"))
    wrong = f"a.csv, row 3, column annual_revenue: “about 300k” is not {WANTED[Kind.MONEY]}"
    assert visitor.errors == [f"{wrong}. Mend the cell, or leave it empty, or set the broken rows aside."]
    (finding,) = visitor.table.to_dict("records")
    assert (finding["row"], finding["column"], finding["value"]) == (3, "annual_revenue", "about 300k")
    assert books(home) == []


def test_broken_rows_can_be_set_aside_and_are_counted(home: Path) -> None:
    visitor = upload(Visitor("data"), "a.csv", GOOD.replace("300000", "?"))
    assert buttons(visitor) == ["Set 1 row aside and go on"]
    press(visitor, "Set 1 row aside and go on")
    assert visitor.errors == []
    assert [plain(said.value) for said in visitor.at.success] == ["a.csv: 2 accounts read, 1 row set aside."]
    press(visitor, "Use this book")
    assert visitor.cards["Accounts"] == "2"
    assert visitor.cards["Rows in the file"] == "3"
    assert "1 set aside" in visitor.texts


def test_the_next_file_is_not_set_aside_because_the_last_one_was(home: Path) -> None:
    broken = GOOD.replace("300000", "?")
    visitor = press(upload(Visitor("data"), "a.csv", broken), "Set 1 row aside and go on")
    assert len(upload(visitor, "b.csv", broken).errors) == 1
    assert books(home) == []


def test_a_file_of_which_nothing_would_be_left_is_refused() -> None:
    visitor = upload(Visitor("data"), "a.csv", "account_id,name,annual_revenue\n1,Acme,?\n")
    press(visitor, "Set 1 row aside and go on")
    assert visitor.errors == ["a.csv: no row is left that can be read. Mend the rows that the findings name."]


def test_a_bad_history_is_named_and_the_accounts_are_not_kept(home: Path) -> None:
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    upload(visitor, "past.csv", HISTORY.replace("1000000", "much"), to="history")
    (said,) = visitor.errors
    assert said.startswith(f"past.csv, row 2, column amount: “much” is not {WANTED[Kind.MONEY]}. ")
    assert buttons(visitor) == ["Set 1 row aside and go on"]
    assert books(home) == []


def test_broken_rows_of_a_history_can_be_set_aside_and_rows_of_no_account_are_told(home: Path) -> None:
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    upload(visitor, "past.csv", HISTORY.replace("1000000", "much") + "9,2025-12-31,5\n", to="history")
    press(visitor, "Set 1 row aside and go on")
    assert visitor.errors == []
    assert [plain(said.value) for said in visitor.at.warning] == [
        "1 row of the history is set aside",
        "1 row of the history names an account that is not in the book",
    ]
    press(visitor, "Use this book")
    assert len(books(home)) > 0


def test_a_hostile_file_name_is_only_a_name(home: Path) -> None:
    visitor = upload(Visitor("data"), "../../:red[x] ![x](x).csv", GOOD)
    assert [plain(said.value) for said in visitor.at.success] == ["../../:red[x] ![x](x).csv: 3 accounts read."]
    press(visitor, "Use this book")
    assert [file.parent for file in books(home)] == [home / "books"]


def test_books_that_cannot_be_written_are_said_in_one_sentence(home: Path) -> None:
    home.mkdir()
    (home / "books").write_text("a file where the folder should be")
    visitor = press(upload(Visitor("data"), "customers.csv", GOOD), "Use this book")
    (said,) = visitor.errors
    assert "the book cannot be written" in said
    assert said.endswith("Free space there, or let TIERWISE_HOME name a folder that can be written.")
    assert visitor.at.session_state["book"] == "demo"
