"""What is open for everybody: a run keeps what it works on while others open more than is kept, and then it goes."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import books, details, engine, listing, searching
from core.accounts.listing import Wanted
from core.measures import portfolio, tiers
from core.model import toml
from core.workspace.folder import Workspace
from pages import _past as past
from pages import _store as store
from tests import making

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.measures.portfolio import Portfolio

MODEL, OTHER = toml.load("tier1_scorecard"), toml.load("key_account")
ROWS, KEPT = 40, 6
"""Accounts in a book of these tests, and how many books `store.book` keeps open."""
FILTERS: tuple[dict[str, list[str]], ...] = ({}, {"region": ["EMEA"]})


@pytest.fixture
def keys(home: Path) -> list[str]:
    """The keys of more books than stay open; account a1 has the number of its book as revenue."""
    return [
        books.keep(
            Workspace(home),
            making.checked({
                "account_id": [f"a{i}" for i in range(ROWS)], "annual_revenue": [str(number)] * ROWS,
                "region": ["EMEA", "APAC"] * (ROWS // 2), "employees": ["500"] * ROWS, "parent_id": ["a0"] * ROWS,
            }),
            name=f"Book {number}", source="book.csv",
        ).stem
        for number in range(KEPT + 3)
    ]  # fmt: skip


def ask(prepared: Portfolio, search: str) -> tuple[object, ...]:
    """Ask what a run asks of a book's own table, of its words, and of a listing's."""
    verdict = tiers.weigh(prepared.cube, MODEL)
    first = portfolio.accounts(prepared, verdict, Wanted(search="ACCOUNT 2"), limit=3)
    return (
        first.num_rows,
        (details.account(prepared.listing, "a1") or {})["annual_revenue"],
        int(searching.marks(prepared.book, search).sum()),
        len(listing.column(prepared.listing, "region")[0]),
    )


def stored(keys: list[str]) -> set[str]:
    """The keys of the books of which there is anything in DuckDB, once what nobody holds has been dropped."""
    names = engine.cursor().sql("SELECT string_agg(table_name) FROM duckdb_tables()").fetchall()[0][0]
    return {key for key in keys if key[:24] in names}


def at_once(*works: Callable[[], Any]) -> None:
    """Run these in a thread each; whatever fails, fails."""
    failed: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  it is shown below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def visit(key: str) -> None:
    """Open a book as a session does that looks at all of it, at a part, and at two ways of banding."""
    for filters in FILTERS:
        found = [store.portfolio(key, model, filters) for model in (MODEL, OTHER)]
        ask(found[0], "none")
        store.joint(*found).listing.rows()
        store.exposure(found[0])
        past.now(found[0], joined=True)


def test_a_run_keeps_its_book_while_others_open_more_than_are_kept(keys: list[str]) -> None:
    own, *others = keys
    prepared = [store.portfolio(own, MODEL, filters) for filters in FILTERS]
    paired = store.joint(prepared[0], store.portfolio(own, OTHER, {}))
    done = threading.Event()

    def run() -> None:
        for turn in range(10_000):
            for found, rows in zip(prepared, (ROWS, ROWS // 2), strict=True):
                assert ask(found, f"account {turn}")[1] == 0
                assert len(found.listing.rows()) == rows
            assert len(paired.listing.rows()) == ROWS
            if done.is_set():
                break

    def visits() -> None:
        try:
            for key in others:
                visit(key)
        finally:
            done.set()

    at_once(run, visits)
    assert stored(keys) == {own, *others[-KEPT:]}


def test_a_book_that_is_let_go_gives_its_memory_back_with_all_that_was_prepared_of_it(keys: list[str]) -> None:
    for count, key in enumerate(keys, 1):
        visit(key)
        assert stored(keys) == set(keys[max(count - KEPT, 0) : count])


def test_a_book_that_is_opened_again_stays_when_the_run_that_had_it_ends(keys: list[str]) -> None:
    own, *others = keys
    held = store.portfolio(own, MODEL, {})
    for key in others:
        store.book(key)
    again = store.portfolio(own, MODEL, {})
    assert again is not held
    del held
    assert stored([own]) == {own}
    assert ask(again, "account 7")[1] == 0


def test_sessions_that_take_books_from_each_other_all_get_their_answers(keys: list[str]) -> None:
    def session(first: int) -> None:
        for turn in range(2 * len(keys)):
            number = (first + turn * 5) % len(keys)
            prepared = store.portfolio(keys[number], MODEL, FILTERS[turn % 2])
            own = ROWS if turn % 2 == 0 else ROWS // 2
            assert ask(prepared, f"account {first} {turn}") == (3, number, 0, own)

    at_once(*(partial(session, first) for first in range(4)))
    visit(keys[0])
    visit(keys[1])
    for key in keys[-KEPT:]:
        store.book(key)
    assert stored(keys) == set(keys[-KEPT:])
