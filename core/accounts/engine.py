"""The one DuckDB of a process: in memory, filled through Arrow, locked down, a cursor for every call.

Locked down means: no file can be read or written by SQL, no extension loaded, no setting changed, no Python variable
seen. The order of the settings matters, since each closes the door behind it; the lock comes last.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb
import pyarrow as pa

from core.accounts.raws import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

col = duckdb.ColumnExpression

_LOCK = threading.Lock()
_CATALOG = threading.Lock()
"""Two threads that create or drop a table at once would fail each other; reading needs no lock."""
_THERE: dict[str, bool] = {}
"""The tables that there are, and whether a view stands for them. Every report of a slider asks several times, and
DuckDB takes milliseconds to say it."""
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
    """Create a table; one that is there already is the same, since a name is a fingerprint of what it holds.

    A column `c` of numbered words is kept as its numbers, which the table shows as `k_c` as well. DuckDB would write
    every word into every row, which costs more than all numbers together; a view looks them up where somebody asks.
    """
    numbered = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    with _CATALOG:
        if name in _THERE:
            return
        try:
            if numbered:
                _create_numbered(name, table, numbered)
            else:
                cursor().from_arrow(table).create(name)
        except BaseException:
            _drop(name, numbered=bool(numbered))  # a table is whole, or not there
            raise
        _THERE[name] = bool(numbered)


def _create_numbered(name: str, table: pa.Table, numbered: Sequence[str]) -> None:
    found = {column: whole(table[column]) for column in numbered}
    codes = {f"k_{column}": _small(words) for column, words in found.items()}
    plain = table.drop_columns([*numbered])
    one_row = {
        f"words_{column}": pa.array([words.dictionary.cast(pa.string())], pa.list_(pa.string()))
        for column, words in found.items()
    }
    numbers, lists = _beneath(name)
    on = cursor()
    on.from_arrow(pa.table([*plain.columns, *codes.values()], names=[*plain.column_names, *codes])).create(numbers)
    on.from_arrow(pa.table(one_row)).create(lists)
    shown = [_word(column) if column in found else col(column) for column in table.column_names]
    # One row beside every row: as constants, the words would be part of every plan, at 6 µs a word.
    on.table(numbers).cross(on.table(lists)).select(*shown, *map(col, codes)).create_view(name)


def _small(words: pa.DictionaryArray) -> pa.Array:
    return words.indices.cast(pa.int16()) if len(words.dictionary) <= _MOST_SMALL else words.indices


_MOST_SMALL = (1 << 15) - 1


def _word(column: str) -> duckdb.Expression:
    place = col(f"k_{column}") + duckdb.ConstantExpression(1)
    return duckdb.FunctionExpression("list_extract", col(f"words_{column}"), place).alias(column)


def _beneath(name: str) -> tuple[str, str]:
    """Name the two tables that a table with numbered words is made of."""
    return f"{name}_numbers", f"{name}_words"


def exists(name: str) -> bool:
    """Tell whether there is a table of that name."""
    return name in _THERE


def drop(name: str) -> None:
    """Drop a table, where there is one of that name."""
    with _CATALOG:
        _drop(name, numbered=_THERE.pop(name, False))


def _drop(name: str, *, numbered: bool) -> None:
    if numbered:
        cursor().execute(_dropping("VIEW", name))
    for table in _beneath(name) if numbered else (name,):
        cursor().execute(_dropping("TABLE", table))


def _dropping(kind: Literal["TABLE", "VIEW"], name: str) -> str:
    # No call drops a table and no parameter can name one; DuckDB itself writes the name as an identifier.
    return f"DROP {kind} IF EXISTS {col(name)}"


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
