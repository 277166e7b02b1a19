"""Books: kept and opened without loss, whole or refused, opened by many at once."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from core.accounts import books, checking, cube, details, engine, listing, searching
from core.accounts.contract import HISTORY
from core.accounts.listing import Wanted
from core.errors import BadFile, UnknownName
from core.measures import portfolio, tiers
from core.workspace.folder import Workspace
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.accounts.checking import Checked

COLUMNS = {
    "account_id": ["a", "b", "c"],
    "annual_revenue": ["5.50", "", "-1"],
    "last_activity_date": ["2026-09-01", "2026-09-20", ""],
    "currency": ["eur", "", "EUR"],
    "industry": ["Retail", "", "Energy"],
    "Our Words": ["x", "=y", "ä"],
}
PAST = {"account_id": ["a", "a", "z"], "period": ["2025-06-30", "2026-09-30", "2026-06-30"], "amount": ["4", "6", "9"]}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def history() -> Checked:
    return checking.check(making.raw(PAST), fields=HISTORY)


def test_what_is_kept_opens_without_loss(workspace: Workspace) -> None:
    checked = making.checked(COLUMNS)
    file = books.keep(workspace, checked, name="My book", source="book.csv", history=history())
    book = books.open_kept(workspace, file.stem)
    assert (book.digest, book.name, book.source, book.rows) == (file.stem, "My book", "book.csv", 3)
    assert (book.columns, book.rows_in_file, book.rows_set_aside) == (checked.columns, 3, 0)
    assert (book.currency, book.has_history, book.as_of) == ("EUR", True, dt.date(2026, 9, 30))
    names = checked.table.column_names[1:]
    kept = engine.cursor().table(book.table).sort("row").to_arrow_table()
    assert kept.select(names).to_pylist() == checked.table.select(names).to_pylist()
    assert kept["row"].to_pylist() == [0, 1, 2]
    assert kept["line"].to_pylist() == [2, 3, 4]
    books.close(book)


def test_the_same_book_kept_twice_is_one_file_and_another_name_is_another(workspace: Workspace) -> None:
    first = books.keep(workspace, making.checked(COLUMNS), name="A", source="book.csv")
    assert books.keep(workspace, making.checked(COLUMNS), name="A", source="book.csv") == first
    assert books.keep(workspace, making.checked(COLUMNS), name="B", source="book.csv") != first


def test_kept_books_are_listed_newest_first_without_their_histories(workspace: Workspace) -> None:
    files = []
    for age, name in enumerate(["new", "middle", "old"]):
        past = history() if name == "middle" else None
        files.append(books.keep(workspace, making.checked(COLUMNS), name=name, source="book.csv", history=past))
        os.utime(files[-1], (1_000_000 - age, 1_000_000 - age))
    found = books.kept(workspace)
    assert [about.name for about in found.values()] == ["new", "middle", "old"]
    assert list(found) == [file.stem for file in files]
    assert [bool(about.history) for about in found.values()] == [False, True, False]


def test_a_damaged_file_does_not_hide_the_other_books(workspace: Workspace) -> None:
    books.keep(workspace, making.checked(COLUMNS), name="good", source="book.csv")
    books.keep(workspace, making.checked(COLUMNS), name="bad", source="book.csv").write_bytes(b"PAR1 nothing PAR1")
    assert [about.name for about in books.kept(workspace).values()] == ["good"]


def test_a_flipped_byte_is_noticed_wherever_it_is(workspace: Workspace) -> None:
    file = books.keep(workspace, making.checked(COLUMNS), name="A", source="book.csv")
    data = file.read_bytes()
    for place in range(0, len(data), 97):
        file.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with pytest.raises(BadFile, match=r"the book's file is damaged. Upload the account file again."):
            books.open_kept(workspace, file.stem)
    file.write_bytes(data)
    books.close(books.open_kept(workspace, file.stem))


def test_a_damaged_or_missing_history_is_noticed_too(workspace: Workspace) -> None:
    file = books.keep(workspace, making.checked(COLUMNS), name="A", source="book.csv", history=history())
    past = workspace.books / f"{books.kept(workspace)[file.stem].history}.parquet"
    past.write_bytes(past.read_bytes().replace(b"zstd", b"zstd") + b"x")
    with pytest.raises(BadFile, match="damaged"):
        books.open_kept(workspace, file.stem)
    past.unlink()
    with pytest.raises(BadFile, match=r"is not in the workspace any more. Upload the account file again."):
        books.open_kept(workspace, file.stem)


def test_a_book_that_is_not_kept_is_one_sentence(workspace: Workspace) -> None:
    with pytest.raises(BadFile, match="this book is not in the workspace any more"):
        books.open_kept(workspace, "0" * 64)


def test_two_files_that_differ_in_a_heading_only_are_two_books() -> None:
    first, second = (
        books.open_checked(making.checked({heading: ["1"]}), name="a", source="a") for heading in ("Fit", "Other")
    )
    assert first.digest != second.digest
    found = [portfolio.prepare(book, making.model()) for book in (first, second)]
    assert [int(p.cube.points[0, 1]) for p in found] == [10, 255]
    assert [listing.profiles(p.listing)[0].tolist() for p in found] == [[0], [0]]
    books.close(first)
    books.close(second)


def test_a_second_opening_gives_the_same_answers_and_stays_when_the_first_is_closed() -> None:
    checked = making.checked(COLUMNS)
    first, second = (books.open_checked(checked, name="a", source="a") for _ in range(2))
    assert first == second
    assert books.amounts(first).tolist() == books.amounts(second).tolist() == [550, -100]
    books.close(first)
    assert books.amounts(second).tolist() == [550, -100]
    books.close(second)
    assert engine.hold(second.table) is None
    assert engine.hold(second.history_table) is None
    assert books.amounts(books.open_checked(checked, name="a", source="a")).tolist() == [550, -100]


def stored(digest: str) -> set[str]:
    """What is in DuckDB of a book, once what nobody holds has been dropped."""
    found = engine.cursor().sql("SELECT table_name FROM information_schema.tables").fetchall()
    return {name for (name,) in found if digest[:24] in name}


def test_a_book_that_nobody_holds_any_more_leaves_no_table_behind() -> None:
    def used() -> str:
        book = making.book(COLUMNS, PAST)
        whole, part = (portfolio.prepare(book, making.model(), filters=f) for f in ({}, {"industry": ["Retail"]}))
        searching.marks(book, "account")
        names = {book.table, book.history_table, book.words_table, whole.listing.table, part.listing.table}
        assert names < stored(book.digest), "and one of health"
        return book.digest

    assert stored(used()) == set()


def test_threads_that_open_and_leave_the_same_book_at_once_do_not_fail_each_other(workspace: Workspace) -> None:
    digest = books.keep(workspace, making.checked(COLUMNS), name="A", source="book.csv", history=history()).stem
    failed: list[object] = []

    def run(thread: int) -> None:
        try:
            for turn in range(8):
                book = books.open_kept(workspace, digest)
                prepared = portfolio.prepare(book, making.model(), filters={"industry": ["Retail"]})
                said = (
                    books.amounts(book).tolist(), len(prepared.listing.rows()),
                    int(searching.marks(book, f"account {thread} {turn}").sum()), details.past(book, 0).num_rows,
                )  # fmt: skip
                if said != ([550, -100], 1, 0, 2):
                    failed.append(said)
                del book, prepared
        except Exception as error:  # noqa: BLE001  whatever it is, it must not be
            failed.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert stored(digest) == set()


def test_eight_threads_that_open_the_same_book_all_get_it() -> None:
    checked = making.checked({"employees": [str(i) for i in range(400)], "Fit": ["3"] * 400})
    found: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            prepared = portfolio.prepare(books.open_checked(checked, name="a", source="a"), making.model())
            verdict = tiers.weigh(prepared.cube, making.model())
            rows = portfolio.accounts(prepared, verdict, Wanted(sort="row", descending=False))
            found.append(rows.select(["account_id", "score"]).to_pylist())
        except Exception as error:  # noqa: BLE001  whatever it is, it must not be
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == found[0] for one in found)
    assert [row["account_id"] for row in found[0]] == [f"A{i:04}" for i in range(400)]


def test_today_is_the_newest_date_of_activity_or_history_or_nothing() -> None:
    cases = [
        (COLUMNS, PAST, dt.date(2026, 9, 30)),
        (COLUMNS, None, dt.date(2026, 9, 20)),
        ({"employees": ["1"]}, None, None),
    ]
    for columns, past, day in cases:
        book = making.book(columns, past)
        assert book.as_of == day
        books.close(book)


@pytest.mark.parametrize(
    ("activity", "period", "day"),
    [
        # A history decides; an activity may be later by a year, no more.
        (["2027-09-30"], "2026-09-30", "2027-09-30"),
        (["2062-09-20", "2026-10-05"], "2026-09-30", "2026-10-05"),
        (["2062-09-20"], "2026-09-30", "2026-09-30"),
        (["2026-09-20"], "9999-12-31", "9999-12-31"),
        # Without one, a date of many that has no other within a year is mistyped; among a few nobody can tell.
        (["2062-09-20", *["2026-09-20"] * 9], None, "2026-09-20"),
        (["2062-09-20", "2072-01-01", "2027-09-21", *["2026-09-20"] * 9], None, "2027-09-21"),
        (["2062-09-20", *["2026-09-20"] * 8], None, "2062-09-20"),
    ],
)
def test_a_mistyped_date_in_the_future_does_not_move_today(activity: list[str], period: str | None, day: str) -> None:
    past = {"account_id": ["A0000"], "period": [period], "amount": ["1"]} if period else None
    book = making.book({"last_activity_date": activity}, past)
    assert book.as_of == dt.date.fromisoformat(day)
    books.close(book)


def test_the_demo_book_is_as_of_its_last_quarter_and_knows_the_year_before() -> None:
    folder = Path(__file__).parents[3] / "data" / "demo"
    book = books.open_file(folder / "accounts.csv", history=folder / "history.csv")
    assert book.as_of == dt.date(2026, 9, 30)
    assert book.knows_a_year_before(book.as_of)
    amounts = books.amounts(book)
    assert len(amounts) + books.without(book) == book.rows == 2000
    books.close(book)


@pytest.mark.parametrize(
    ("first", "known"), [("2024-06-30", True), ("2024-10-01", True), ("2024-12-31", True), ("2025-01-01", False)]
)
def test_a_history_that_begins_too_late_is_no_growth(first: str, *, known: bool) -> None:
    past = {"account_id": ["b", "a", "a"], "period": [first, "2025-09-30", "2026-09-30"], "amount": ["1", "4", "6"]}
    book = making.book({"account_id": ["a", "b"]}, past)
    found = books.signals(book, dt.date(2026, 9, 30))
    assert found["spent_now"][0] == 6
    assert np.array_equal(found["spent_before"][:1], [4 if known else np.nan], equal_nan=True)
    books.close(book)


def test_flat_months_are_no_change_in_the_year_after_a_leap_year() -> None:
    days = [dt.date(2022 + month // 12, month % 12 + 1, 1) - dt.timedelta(1) for month in range(3, 39)]
    assert (days[0], days[-1]) == (dt.date(2022, 3, 31), dt.date(2025, 2, 28))
    periods = [day.isoformat() for day in days]
    book = making.book({"account_id": ["a"]}, {"account_id": ["a"] * 36, "period": periods, "amount": ["1"] * 36})
    prepared = portfolio.prepare(book, making.model())
    for day in (dt.date(2025, 2, 28), dt.date(2024, 2, 29)):
        found = books.signals(book, day)
        assert [found[name].tolist() for name in ("spent_now", "spent_before")] == [[12], [12]]
        assert listing.trailing(prepared.listing, day).tolist() == [1200]
    assert listing.trailing(prepared.listing, dt.date(2024, 2, 28)).tolist() == [1200]
    books.close(book)


def test_accounts_of_which_an_amount_is_missing_are_counted_apart() -> None:
    book = making.book({"annual_revenue": ["5", "", "0", "-1"]})
    assert (books.amounts(book).tolist(), books.without(book)) == ([500, 0, -100], 1)
    assert books.without(book, "pipeline") == 4
    books.close(book)


def test_a_book_without_a_currency_is_in_dollars() -> None:
    book = making.book({"employees": ["1"]})
    assert book.currency == "USD"
    books.close(book)


def test_few_values_are_numbered_and_many_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_CODES", 2)
    book = making.book({"industry": ["x", "", "x", "y"], "region": ["a", "b", "c", ""], "Words": ["u", "u", "v", "v"]})
    assert dict(book.codes) == {"industry": ("x", "y"), "x0": ("u", "v")}
    codes = engine.cursor().table(book.table).sort("row").to_arrow_table()["k_industry"].to_pylist()
    assert codes == [0, None, 0, 1]
    books.close(book)


@pytest.mark.parametrize("name", ["Annual Revenue", "annual_revenue", "ARR", "arr"])
def test_a_column_is_found_by_its_heading_or_its_name_in_the_contract(name: str) -> None:
    checked = making.checked({"ARR": ["5"], "Fit": ["1"]}, mapping={"annual_revenue": "ARR"})
    book = books.open_checked(checked, name="a", source="a")
    assert book.column(name).name == "annual_revenue"
    assert book.has("annual_revenue")
    assert not book.has("pipeline")
    books.close(book)


def test_the_name_inside_of_a_foreign_column_is_no_name_for_it() -> None:
    book = making.book({"Fit": ["1"]})
    assert book.column("fit").name == "x0"
    with pytest.raises(UnknownName) as caught:
        book.column("x0")
    assert str(caught.value) == ("There is no column in “test” named “x0”. Choose one of: Fit, account_id, name.")
    books.close(book)


def test_a_table_of_ones_own_is_made_once_and_stays_with_the_book() -> None:
    book = making.book({"employees": ["1"]})
    mine = books.beside(book, "mine", lambda: pa.table({"row": [1]}))
    assert books.beside(book, "mine", lambda: pa.table({"row": [2]})) is mine
    del mine
    assert engine.cursor().table("mine").fetchall() == [(1,)]
    books.close(book)
    assert engine.hold("mine") is None


def test_the_signals_of_some_accounts_are_those_rows_and_of_none_none() -> None:
    book = making.book({"employees": ["1"] * 5, "engagement_score": ["1", "2", "3", "", "5"]})
    day = dt.date(2026, 9, 30)
    assert books.signals(book, day, [3, 1])["row"].tolist() == [1, 3]
    assert books.signals(book, day)["engagement"].tolist()[:3] == [1, 2, 3]
    assert len(books.signals(book, day, [])["row"]) == 0
    books.close(book)


def test_signals_that_are_read_in_parts_are_those_of_the_whole_book(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 5_000
    ids = [f"a{n}" for n in range(rows)]
    past = {"account_id": ids[::-7], "period": ["2026-09-30"] * len(ids[::7]), "amount": ["3"] * len(ids[::7])}
    book = making.book({"account_id": ids, "engagement_score": [str(n % 100) for n in range(rows)]}, past)
    day = dt.date(2026, 9, 30)
    whole = books.signals(book, day)
    monkeypatch.setattr(books, "_AT_ONCE", 2_048)
    parts = list(books.signals_in_parts(book, day))
    assert len(parts) > 1
    for name, values in whole.items():
        assert np.array_equal(np.concatenate([part[name] for part in parts]), values, equal_nan=True), name
    assert whole["row"].tolist() == list(range(rows))
    assert np.flatnonzero(whole["spent_now"] == 3).tolist() == sorted(int(name[1:]) for name in ids[::-7])
    some = books.signals(book, day, [4_999, 0, 1, 17])
    for name, values in some.items():
        assert np.array_equal(values, whole[name][[0, 1, 17, 4_999]], equal_nan=True), name
    books.close(book)


def test_what_an_account_shows_of_its_health_is_worked_from_its_cells_and_its_history() -> None:
    columns = {
        "account_id": ["a", "b"], "last_activity_date": ["2026-08-01", ""], "renewal_date": ["2026-10-30", ""],
        "annual_revenue": ["10", "0"], "competitive_threat": ["active", ""], "lifecycle": ["customer", ""],
    }  # fmt: skip
    # The twelve months up to 2026-09-30 begin on 2025-10-01; those before them on 2024-10-01.
    past = {
        "account_id": ["a"] * 5,
        "period": ["2024-09-30", "2024-10-01", "2025-09-30", "2025-10-01", "2026-09-30"],
        "amount": ["1", "2", "4", "8", "16"],
    }
    book = making.book(columns, past)
    found = {name: values.tolist() for name, values in books.signals(book, dt.date(2026, 9, 30)).items()}
    a = {name: values[0] for name, values in found.items()}
    assert (a["spent_before"], a["spent_now"], a["threat"], a["prospect"]) == (6, 24, 2, 0)
    assert (a["days_inactive"], a["days_to_renewal"], a["revenue"]) == (60, 30, 10)
    b = {name: values[1] for name, values in found.items()}
    assert b["prospect"] == 1
    assert np.isnan([b[name] for name in ("spent_before", "spent_now", "threat", "days_inactive", "contacts")]).all()
    books.close(book)


# What the .sql files promise ------------------------------------------------------------------------------------------

FOLDER = Path(books.__file__).parent


@pytest.fixture(scope="module")
def book() -> Iterator[books.Book]:
    made = making.book(COLUMNS, PAST)
    yield made
    books.close(made)


def returned(name: str, book: books.Book) -> list[str]:
    """The columns that a fixed statement returns, asked of DuckDB; everything that one may ask for is there."""
    prepared = portfolio.prepare(book, making.model())
    health = portfolio.judge(book, making.model().health, prepared.as_of)
    cursor = engine.cursor()
    cursor.register("chosen", pa.table({"row": [0], "place": [0]}))
    cursor.register("pairs", pa.table({"before": [0], "after": [0], "pair": [0]}))
    cursor.register("few_accounts", engine.cursor().table(book.table).to_arrow_table())
    cursor.register("few_history", engine.cursor().table(book.history_table).to_arrow_table())
    marks = {mark: pa.array([True]) for mark in ("moved", "enters", "leaves")}
    cursor.register("by_profile", pa.table({"profile": pa.array([0], pa.int32()), "tier": pa.array([0]), **marks}))
    listed, day = prepared.listing.table, prepared.as_of
    everything = {"accounts": book.table, "history": book.history_table, "profiled": listed}
    everything |= {"before": listed, "after": listed}
    given: dict[str, Any] = {**everything, "as_of": day, "until": day, "reaches": True}
    given |= {"account_id": "a", "parent_id": "b", "owner": "c", "split": day}
    text = engine.sql(name)
    if "relation `keyed`" in text:
        found = cursor.from_arrow(cube.keyed(book, making.model(), health=health)).query("keyed", text)
    else:
        found = cursor.sql(text, params={key: value for key, value in given.items() if f"${key}" in text})
    assert found is not None
    return list(found.columns)


def promised(name: str, book: books.Book) -> list[str]:
    """The columns that the head of a fixed statement lists; “those of …” stands for another list."""
    head = itertools.takewhile(lambda line: line.startswith("--"), engine.sql(name).splitlines())
    columns = " ".join(line.lstrip("- ") for line in head).partition("Columns:")[2]
    names: list[str] = []
    for part in (part.strip() for part in columns.split(",")):
        if part == "then those of `by_profile`":
            names += ["tier", "moved", "enters", "leaves"]
        elif part == "then those of the accounts":
            names += [column for column in engine.cursor().table(book.table).columns if column != "row"]
        elif part == "those of `listed.sql`":
            names += promised("listed", book)
        else:
            names.append(part)
    return names


@pytest.mark.parametrize(
    "name", sorted(f.stem for f in FOLDER.glob("*.sql") if re.search(r"-- .*Columns:", f.read_text("utf-8")))
)
def test_a_fixed_statement_returns_the_columns_that_its_head_promises(name: str, book: books.Book) -> None:
    assert returned(name, book) == promised(name, book)
