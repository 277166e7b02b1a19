"""The one DuckDB of a process: in memory, filled through Arrow, locked down, a cursor for every call.

Locked down means: no file can be read or written by SQL, no extension loaded, no setting changed, no Python variable
seen. The order of the settings matters, since each closes the door behind it; the lock comes last.

A table is there for as long as anybody holds it (`Table`), so that nobody's is dropped while another still asks it.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import duckdb
import pyarrow as pa

from core.accounts.raws import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

col = duckdb.ColumnExpression


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Table:
    """A hold on a table, which is there for as long as anybody has this."""

    name: str


class _Kept(NamedTuple):
    """A table that there is: the hold on it, which may be gone, and whether a view stands for it."""

    hold: weakref.ref[Table]
    numbered: bool


_LOCK = threading.Lock()
_CATALOG = threading.Lock()
"""Two threads that create or drop a table at once would fail each other; reading needs no lock."""
_THERE: dict[str, _Kept] = {}
"""The tables that there are. Every report of a slider asks several times, and DuckDB takes milliseconds to say it."""
_LEFT: deque[str] = deque()
"""Tables whose hold is gone. A hold may go at any moment of any thread, in the midst of DuckDB's work or with a lock in
hand. So it leaves a name here and does nothing else; whoever asks next drops the table."""
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
    if _LEFT and _CATALOG.acquire(blocking=False):  # else somebody is at it, and nobody waits for that
        try:
            _drop_left()
        finally:
            _CATALOG.release()
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


def hold(name: str) -> Table | None:
    """Hold a table; None where there is none of that name."""
    kept = _THERE.get(name)
    return kept.hold() if kept else None


def keep(name: str, make: Callable[[], pa.Table]) -> Table:
    """Hold a table, which is made where there is none of that name."""
    return hold(name) or create(name, make())


def create(name: str, table: pa.Table) -> Table:
    """Create a table and hold it; one that is there already is the same, since a name is a fingerprint of its content.

    A column `c` of numbered words is kept as its numbers, which the table shows as `k_c` as well. DuckDB would write
    every word into every row, which costs more than all numbers together; a view looks them up where somebody asks.
    """
    numbered = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    with _CATALOG:
        if (found := hold(name)) is not None:
            return found
        if name not in _THERE:  # else it waits to be dropped, and need not be
            _drop_left()
            _create(name, table, numbered)
        found = Table(name)
        _THERE[name] = _Kept(weakref.ref(found, lambda _: _LEFT.append(name)), bool(numbered))
        return found


def _create(name: str, table: pa.Table, numbered: Sequence[str]) -> None:
    try:
        if numbered:
            _create_numbered(name, table, numbered)
        else:
            cursor().from_arrow(table).create(name)
    except BaseException:
        _drop(name, numbered=bool(numbered))  # a table is whole, or not there
        raise


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


def _drop_left() -> None:
    """Drop what nobody holds; for whom has the lock of the catalogue."""
    while _LEFT:
        name = _LEFT.popleft()
        if name in _THERE and hold(name) is None:  # it may have been created again
            _drop(name, numbered=_THERE.pop(name).numbered)


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
