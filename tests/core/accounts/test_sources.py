"""A PostgreSQL table as a source, against a real server: read-only, bounded, its names and ours never mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.accounts import ingest, sources
from core.errors import BadFile, UnknownName
from tests import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ['odd"name; --', "plain"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of our own, with two tables."""
    with postgresql.server() as address:
        _fill(address)
        yield address


def _fill(address: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            'CREATE TABLE "odd""name; --" AS SELECT * FROM (VALUES '
            "(1, 'Müller', 1234567.89::numeric(18,2), DATE '2026-09-30', true), (2, 'Bolt', NULL, NULL, false)) "
            "AS t(account_id, name, annual_revenue, renewal_date, active)"
        )
        cursor.execute(
            "CREATE TABLE plain AS SELECT n AS account_id, 'N' || n AS name FROM generate_series(1, 50) AS n"
        )


def test_tables_are_listed_and_one_becomes_a_checked_book(server: str) -> None:
    assert sorted(sources.tables(server)) == [f"public.{name}" for name in NAMES]
    with sources.as_file(server, f"public.{NAMES[0]}") as path:
        checked = ingest.accounts(path, source="the table")
    assert checked.table["account_id"].to_pylist() == ["1", "2"]
    assert [str(v) for v in checked.table["annual_revenue"].to_pylist()] == ["1234567.89", "None"]
    assert [str(v) for v in checked.table["renewal_date"].to_pylist()] == ["2026-09-30", "None"]
    assert checked.table["name"].to_pylist() == ["Müller", "Bolt"]
    assert not path.exists(), "nothing stays on the disk"


def test_a_table_that_is_not_there_is_an_unknown_name(server: str) -> None:
    for name in ("public.none", "'; DROP TABLE plain; --", "pg_catalog.pg_authid\x00"):
        with pytest.raises((UnknownName, BadFile)), sources.as_file(server, name):
            pass
    assert len(sources.tables(server)) == 2


def test_more_rows_than_the_bound_are_refused(server: str) -> None:
    with pytest.raises(BadFile, match="more than 49 rows"), sources.as_file(server, "public.plain", 49):
        pass
    with sources.as_file(server, "public.plain", 50) as path:
        assert path.stat().st_size > 0


def test_the_transaction_can_only_read_and_ends_by_itself(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadFile), sources._reading(server) as cursor:
        cursor.execute("DELETE FROM plain")
    monkeypatch.setattr(sources, "SECONDS", 1)
    with pytest.raises(BadFile, match="the time is up"):
        _sleep(server)


def _sleep(server: str) -> None:
    with sources._reading(server) as cursor:
        cursor.execute("SELECT pg_sleep(20)")
        cursor.fetch_arrow_table()


def test_no_sentence_repeats_the_address() -> None:
    with pytest.raises(BadFile) as caught:
        sources.tables("postgresql://somebody:secret-word@127.0.0.1:1/none")
    assert "secret-word" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_address_comes_from_the_secrets_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(sources.VARIABLE, raising=False)
    assert sources.address({}) == ""
    monkeypatch.setenv(sources.VARIABLE, "postgresql://here")
    assert sources.address({}) == "postgresql://here"
    assert sources.address({sources.SECRET: "postgresql://there"}) == "postgresql://there"
