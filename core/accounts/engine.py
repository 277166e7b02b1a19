"""The one DuckDB of a process: in memory, filled through Arrow, locked down, a cursor for every call.

Locked down means: no file can be read or written by SQL, no extension loaded, no setting changed, no Python variable
seen. The order of the settings matters, since each closes the door behind it; the lock comes last.
"""

from __future__ import annotations

import contextlib
import threading
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

_LOCK = threading.Lock()
_CATALOG = threading.Lock()
"""Two threads that create or drop a table at once would fail each other; reading needs no lock."""
_THERE: set[str] = set()
"""The tables that there are. Every report of a slider asks several times, and DuckDB takes milliseconds to say it."""
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}
SETTINGS = (
    "SET temp_directory=''",
    "SET python_enable_replacements=false",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config=CONFIG)
    for setting in SETTINGS:
        connection.execute(setting)
    return connection


def cursor() -> duckdb.DuckDBPyConnection:
    """Open a cursor on the process's database; one thread uses it for one call.

    Threads that share a connection get wrong rows; cursors do not, and cost microseconds.
    """
    with _LOCK:
        return _connection().cursor()


def scratch() -> duckdb.DuckDBPyConnection:
    """Open a database of one's own, for a file being read; it may read files, so it must not outlive the call.

    It has no folder for what does not fit into memory: a file of 2 KB can ask for more than a disk holds.
    """
    connection = duckdb.connect(":memory:", config=CONFIG)
    connection.execute("SET temp_directory=''")
    connection.execute("SET enable_progress_bar=false")  # it would write among the command line's own words
    return connection


def create(name: str, table: pa.Table) -> None:
    """Create a table; one that is there already is the same, since a name is a fingerprint of what it holds."""
    with _CATALOG:
        with contextlib.suppress(duckdb.CatalogException):
            # Numbered words are stored as words: DuckDB would make a type of its own of each list of them.
            spelled = [
                column.cast("VARCHAR").alias(field.name) if pa.types.is_dictionary(field.type) else column
                for field in table.schema
                for column in (duckdb.ColumnExpression(field.name),)
            ]
            cursor().from_arrow(table).select(*spelled).create(name)
        _THERE.add(name)


def exists(name: str) -> bool:
    """Tell whether there is a table of that name."""
    return name in _THERE


def drop(name: str) -> None:
    """Drop a table, where there is one of that name."""
    with _CATALOG:
        _THERE.discard(name)
        cursor().execute(_dropping(name))


def _dropping(name: str) -> str:
    # No call drops a table and no parameter can name one; DuckDB itself writes the name as an identifier.
    return f"DROP TABLE IF EXISTS {duckdb.ColumnExpression(name)}"


def ask(relation: duckdb.DuckDBPyRelation, name: str, statement: str) -> pa.Table:
    """Run the fixed statement of a file on a relation, which it knows by `name`."""
    found = relation.query(name, sql(statement))
    if found is None:  # only a statement that returns nothing, which no file of ours is
        message = f"{statement}.sql returns no rows"
        raise RuntimeError(message)
    return found.to_arrow_table()


@cache
def sql(name: str) -> str:
    """Read a fixed statement from the file of that name beside this module."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
