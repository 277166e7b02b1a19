"""Data: a good file becomes a book, a bad one is refused in one sentence and leaves nothing behind."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from core.accounts.contract import WANTED, Kind
from core.errors import BadFile
from core.report import tables
from pages import _uploads
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


def upload(visitor: Visitor, name: str, content: str | bytes) -> Visitor:
    return bring(visitor, {name: content})


def bring(visitor: Visitor, files: dict[str, str | bytes]) -> Visitor:
    """Bring files, in place of those that were there."""
    (uploader,) = visitor.at.file_uploader
    data = [(name, c.encode() if isinstance(c, str) else c, "application/octet-stream") for name, c in files.items()]
    uploader.set_value(data).run()
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


@pytest.mark.parametrize("way", ["use", "leave"])
def test_the_bytes_of_a_file_go_when_it_is_a_book_or_its_reader_leaves(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    drop = _uploads.drop

    def dropped() -> None:
        context = get_script_run_ctx()
        assert context is not None
        held = len(st.session_state.get(_uploads.HELD, ()))
        drop()
        left = context.uploaded_file_mgr
        assert isinstance(left, MemoryUploadedFileManager)
        seen.append((held, sum(map(len, left.file_storage.values()))))

    monkeypatch.setattr(_uploads, "drop", dropped)
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    seen.clear()
    visitor = press(visitor, "Use this book") if way == "use" else visitor.open("overview").must_be_well()
    assert seen[0] == (1, 0)
    assert _uploads.HELD not in visitor.at.session_state


def test_the_copies_of_a_run_are_emptied_and_the_bytes_are_read_where_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    lying = MemoryUploadedFileManager("/upload")
    record = UploadedFileRec("1", "a.csv", "text/csv", GOOD.encode())
    lying.add_file("me", record)
    context = SimpleNamespace(session_id="me", uploaded_file_mgr=lying)
    monkeypatch.setattr(_uploads, "get_script_run_ctx", lambda: context)
    copied = copy.deepcopy(UploadedFile(record, FileURLs()))
    _uploads.hold([copied])
    assert copied.getvalue() == b""
    assert _uploads.content(copied) is record.data
    _uploads.drop()
    with pytest.raises(BadFile) as caught:
        _uploads.content(copied)
    assert str(caught.value) == "a.csv: the file is no longer here. Choose it again."
    _uploads.drop()


def test_a_book_that_is_being_read_anew_is_not_used_unseen(home: Path) -> None:
    visitor = upload(Visitor("data"), "customers.csv", GOOD)
    key, built = visitor.at.session_state["data.built"]
    visitor.at.session_state["data.built"] = (f"not {key}", built)
    press(visitor, "Use this book")
    assert books(home) == []
    said = "customers.csv: the files are being read again, with what was just changed. Use the book when they have been"
    assert visitor.errors == [f"{said} read."]
    press(visitor, "Use this book")
    assert len(books(home)) == 1


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
    visitor = bring(Visitor("data"), {"past.csv": HISTORY, "customers.csv": GOOD})
    assert plain(visitor.at.radio(key="data.main").options[0]) == "customers.csv", (
        "the accounts are found among the files"
    )
    press(press(visitor, "Read the files"), "Use this book")
    assert visitor.cards["As of"] == "2025-12-31"
    assert "with revenue history" in visitor.texts
    assert len(visitor.at.sidebar.selectbox(key="book").options) == 2, "the history is no book of its own"
    assert len(books(home)) == 2, "the book and its history"
    visitor.open("concentration").must_be_well()


BAD = {
    "empty": ("a.csv", b"", "a.csv: the file is empty. Choose a file with a heading row and one row per account."),
    "heading alone": (
        "a.csv",
        b"account_id,name\n",
        "a.csv: the file has a heading but no rows. Add one row per account.",
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
    (found,) = (shown.value for shown in visitor.at.dataframe if "way_out" in shown.value)
    (finding,) = found.to_dict("records")
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


def test_rows_of_a_history_that_cannot_be_read_or_are_of_no_account_are_told(home: Path) -> None:
    past = HISTORY.replace("1000000", "much") + "9,2025-12-31,5\n"
    visitor = press(bring(Visitor("data"), {"customers.csv": GOOD, "past.csv": past}), "Read the files")
    assert visitor.errors == []
    told = [line.removeprefix("- ") for said in visitor.at.warning for line in plain(said.value).splitlines()]
    assert "past.csv: 1 row of accounts that are not in the book" in told
    assert "past.csv: 1 row without a readable amount or day" in told
    press(visitor, "Use this book")
    assert len(books(home)) > 0


def test_a_file_without_ids_is_asked_about_before_it_is_read(home: Path) -> None:
    visitor = upload(Visitor("data"), "a.csv", "name,ARR,revenue\nAcme,5,100\nBolt,6,200\n")
    assert [plain(said.value) for said in visitor.at.info] == ["Choose what feeds account_id; every account needs it."]
    (ids,) = (box for box in visitor.at.selectbox if plain(box.label) == "account_id")
    assert ids.value == "–", "the name could serve, but nobody has said so"
    ids.set_value("name").run()
    press(press(visitor.must_be_well(), "Read the files"), "Use this book")
    assert visitor.sentence == "“a”: 2 accounts, from a.csv."


def test_a_book_that_nothing_feeds_revenue_says_so_before_it_is_used() -> None:
    said = "Nothing feeds annual_revenue, so nothing can be said of revenue. Choose its column under What feeds what,"
    without = "account_id,name,Revenue 2025,Revenue 2026\n1,Acme,5,6\n2,Bolt,7,8\n"
    visitor = upload(Visitor("data"), "a.csv", without)
    assert [plain(one.value) for one in visitor.at.info] == [f"{said} Further fields."]
    known = upload(Visitor("data"), "a.csv", GOOD)
    assert not [plain(one.value) for one in known.at.info]


def test_doubtful_money_is_never_filled_in_unseen() -> None:
    visitor = upload(Visitor("data"), "a.csv", "account_id,name,revenue\n1,Acme,100\n")
    (money,) = (box for box in visitor.at.selectbox if plain(box.label) == "annual_revenue")
    assert money.value == "–"
    assert "“revenue”? often its name (60%)" in visitor.texts
    assert "Use this book" not in buttons(visitor)


def test_a_mapping_is_remembered_for_the_next_file_of_the_same_headings() -> None:
    visitor = upload(Visitor("data"), "a.csv", "account_id,name,revenue\n1,Acme,100\n")
    (money,) = (box for box in visitor.at.selectbox if plain(box.label) == "annual_revenue")
    money.set_value("revenue").run()
    press(press(visitor, "Read the files"), "Use this book")
    again = upload(Visitor("data"), "b.csv", "account_id,name,revenue\n1,Acme,150\n")
    assert "Use this book" in buttons(again), "nothing is asked twice"
    assert "Filled in as it was decided the last time for these headings." in again.texts


def test_what_was_left_out_once_is_not_asked_again() -> None:
    visitor = upload(Visitor("data"), "a.csv", "account_id,name,revenue\n1,Acme,100\n")
    press(press(visitor, "Read the files"), "Use this book")
    again = upload(Visitor("data"), "b.csv", "account_id,name,revenue\n1,Acme,150\n")
    press(again, "Use this book")
    assert again.open("overview").must_be_well().sentence


def test_ids_that_stand_twice_are_offered_for_merging(home: Path) -> None:
    data = "account_id,name,annual_revenue\n7,Acme,1\n8,Zenith,2\n7,Acme again,3\n"
    visitor = upload(Visitor("data"), "a.csv", data)
    assert visitor.errors == [
        "a.csv: the account_id “7” stands in rows 2, 4. Keep one row per account, or give each its own id."
    ]
    assert books(home) == []
    press(press(visitor, "Make them one, and add up amounts"), "Use this book")
    assert visitor.cards["Accounts"] == "2"
    assert visitor.open("overview").cards["Revenue"] == "$6"


PAYMENTS = (
    "Invoice,Customer Number,Customer,Amount,Invoice Date\n1,c1,Acme,100,2026-01-05\n2,c2,Bolt,50,2024-12-05\n"
    "3,c1,Acme,abc,2026-03-05\n4,c2,Bolt,70,2026-03-06\n5,,Nobody,7,2026-03-06\n6,c1,Acme,30,2025-11-06\n"
)


def chosen(visitor: Visitor, label: str, value: str) -> Visitor:
    (box,) = (box for box in visitor.at.selectbox if plain(box.label) == label)
    box.set_value(value).run()
    return visitor.must_be_well()


def test_payments_alone_become_a_book_with_revenue_and_history(home: Path) -> None:
    visitor = upload(Visitor("data"), "paid.csv", PAYMENTS)
    chosen(chosen(visitor, "account_id", "Customer Number"), "name", "Customer")
    (question,) = (one for one in visitor.at.radio if "One row of" in one.label)
    assert plain(question.label) == "“Customer Number” stands in several rows. One row of paid.csv is"
    assert question.value == "amounts"
    press(visitor, "Read the files")
    assert any("paid.csv: 2 accounts read, 2 rows set aside" in plain(said.value) for said in visitor.at.success)
    press(visitor, "Use this book")
    assert (visitor.cards["Accounts"], visitor.cards["Rows in the file"]) == ("2", "6")
    assert (visitor.cards["Columns"], visitor.cards["As of"]) == ("3", "2026-03-31")
    assert visitor.open("overview").cards["Revenue"] == "$200"
    assert len(books(home)) == 2, "the book and its history"


def test_payments_that_the_first_rows_do_not_show_can_be_told(home: Path) -> None:
    data = "account_id,name,Amount,Date\n" + "".join(f"{n},A{n},5,2026-01-31\n" for n in range(9))
    visitor = press(upload(Visitor("data"), "a.csv", data + "3,A3,7,2026-02-28\n"), "Read the files")
    assert visitor.errors == [
        "a.csv: the account_id “3” stands in rows 5, 11. Keep one row per account, or give each its own id."
    ]
    press(press(press(visitor, "They are payments or deals: sum them by day"), "Read the files"), "Use this book")
    assert (visitor.cards["Accounts"], visitor.cards["Rows in the file"]) == ("9", "10")
    assert visitor.open("overview").cards["Revenue"] == "$52"


def test_payments_without_a_column_of_amounts_wait_for_one() -> None:
    visitor = upload(Visitor("data"), "paid.csv", PAYMENTS.replace("Amount", "Figure"))
    chosen(chosen(visitor, "account_id", "Customer Number"), "name", "Customer")
    (question,) = (one for one in visitor.at.radio if "One row of" in one.label)
    assert question.value == "accounts", "nothing holds amounts by its name"
    question.set_value("amounts").run()
    assert "Choose the column of the amounts that are summed." in [plain(said.value) for said in visitor.at.info]
    chosen(chosen(visitor, "Amount", "Figure"), "Day, or start", "Invoice Date")
    press(press(visitor, "Read the files"), "Use this book")
    assert visitor.open("overview").cards["Revenue"] == "$200"


def test_a_column_that_admits_two_readings_is_asked_about() -> None:
    visitor = upload(Visitor("data"), "a.csv", "account_id;name;annual_revenue\n1;Acme;1.234\n2;Bolt;5.678\n")
    assert buttons(visitor) == ["Read them so"]
    (question,) = (one for one in visitor.at.radio if "annual" in one.label)
    assert question.value is None
    question.set_value("comma").run()
    press(press(visitor, "Read them so"), "Use this book")
    assert visitor.open("overview").cards["Revenue"] == "$6.9K"


def test_words_and_accounts_that_look_alike_are_merged_on_consent() -> None:
    rows = "".join(f"{n},Account {n * 7919},Technology\n" for n in range(10))
    data = f"account_id,name,industry\n{rows}11,Acme Inc.,Technolgy\n12,ACME,Technology\n"
    visitor = upload(Visitor("data"), "a.csv", data)
    for key, verb in (("words", "Merge these words"), ("same", "Merge these accounts")):
        (box,) = (box for box in visitor.at.multiselect if str(box.key).startswith(f"data.{key}."))
        box.set_value([0]).run()
        press(visitor, verb)
    press(visitor, "Use this book")
    assert visitor.cards["Accounts"] == "11"


def test_a_book_is_renamed_deleted_and_taken_back(home: Path) -> None:
    visitor = press(upload(Visitor("data"), "customers.csv", GOOD), "Use this book")
    (name,) = (box for box in visitor.at.text_input if str(box.key).startswith("data.rename."))
    name.set_value("Customers 2026").run()
    press(visitor, "Rename")
    assert visitor.sentence == "“Customers 2026”: 3 accounts, from customers.csv."
    press(visitor, "Delete this book")
    assert visitor.sentence.startswith("“Demo book”")
    assert visitor.at.sidebar.selectbox(key="book").options == ["Demo book"]
    press(visitor, "Take it back")
    assert visitor.sentence.startswith("“Customers 2026”")


def test_a_refresh_says_what_it_changes_before_it_is_used() -> None:
    visitor = press(upload(Visitor("data"), "customers.csv", GOOD), "Use this book")
    upload(visitor, "new.csv", GOOD.replace("300000", "400000").replace("3,Prospect,,Retail", "4,New,5,Retail"))
    (box,) = (box for box in visitor.at.selectbox if str(box.key).startswith("data.before."))
    box.set_value(visitor.at.session_state["book"]).run()
    visitor.must_be_well()
    (told,) = (plain(said.value) for said in visitor.at.info)
    assert told.startswith("1 account added, 1 removed, 1 changed; ")
    press(visitor, "Use this book")
    assert visitor.sentence == "“customers”: 3 accounts, from new.csv."


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
