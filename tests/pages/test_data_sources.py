"""The database panel of the Data page, against a real server: hidden without an address; a table becomes a book."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.accounts import sources
from tests import postgresql
from tests.pages.test_data import books, press
from tests.pages.visitor import HOSTILE, Visitor, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PANEL = "From a database"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server with a good table, one with a fault, one whose name is hostile."""
    from adbc_driver_postgresql import dbapi

    with postgresql.server() as address:
        with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            for name, rows in (
                ("customers", "(1, 'Acme', 1200000.50::numeric(18,2), 'Technology'), (2, 'Bolt', 300000, 'Retail')"),
                ("twice", "(1, 'Acme', 1::numeric(18,2), 'x'), (1, 'Bolt', 2, 'x')"),
                (f'"{HOSTILE[0]}"', "(1, 'Acme', 5::numeric(18,2), 'x'), (2, 'Bolt', 6, 'x')"),
            ):
                columns = '"Account ID", "Account Name", "ARR", industry'
                cursor.execute(f"CREATE TABLE {name} AS SELECT * FROM (VALUES {rows}) AS t({columns})")  # noqa: S608  our own words
        yield address


@pytest.fixture
def visitor(server: str, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    monkeypatch.setenv(sources.VARIABLE, server)
    found = Visitor("data").must_be_well()
    assert PANEL in [expander.label for expander in found.at.expander]
    found.at.toggle(key="data.source.on").set_value(True).run()
    return found.must_be_well()


def read(visitor: Visitor, table: str) -> Visitor:
    visitor.at.selectbox(key="data.source.table").set_value(table).run()
    return press(visitor, "Read this table")


def test_without_an_address_there_is_no_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(sources.VARIABLE, raising=False)
    assert PANEL not in [expander.label for expander in Visitor("data").at.expander]


def test_a_table_becomes_the_book_on_screen(visitor: Visitor, home: Path) -> None:
    assert "public.customers" in visitor.at.selectbox(key="data.source.table").options
    read(visitor, "public.customers")
    assert [plain(said.value) for said in visitor.at.success] == ["public.customers: 2 accounts read."]
    assert books(home) == [], "nothing is kept before it is used"
    press(visitor, "Use this table as a book")
    assert visitor.sentence == "“public.customers”: 2 accounts, from table public.customers."
    assert visitor.open("overview").must_be_well().cards["Revenue"] == "$1.5M"


def test_a_table_with_a_fault_is_refused_in_one_sentence(visitor: Visitor, home: Path) -> None:
    read(visitor, "public.twice")
    (said,) = visitor.errors
    assert "the account_id “1” stands in rows 1, 2" in said
    assert "Use this table as a book" not in [button.label for button in visitor.at.button]
    assert books(home) == []


def test_a_table_with_a_hostile_name_is_only_a_name(visitor: Visitor) -> None:
    read(visitor, f"public.{HOSTILE[0]}")
    press(visitor, "Use this table as a book")
    assert visitor.sentence == f"“public.{HOSTILE[0]}”: 2 accounts, from table public.{HOSTILE[0]}."


def test_a_database_that_does_not_answer_is_said_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sources.VARIABLE, "postgresql://somebody:secret-word@127.0.0.1:1/none")
    found = Visitor("data")
    found.at.toggle(key="data.source.on").set_value(True).run()
    (said,) = found.must_be_well().errors
    assert said.startswith("database: the database cannot be read.")
    assert "secret-word" not in "".join(found.texts)
