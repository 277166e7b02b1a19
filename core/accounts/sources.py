"""A PostgreSQL table as a source: read-only, bounded in rows and time, its names never part of a statement of ours.

The address (postgresql://user:password@host/database) comes from `.streamlit/secrets.toml` (tierwise_postgresql) or the
environment (TIERWISE_POSTGRESQL), never from the screen, and no sentence repeats it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.accounts import engine
from core.errors import BadFile, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECRET, VARIABLE = "tierwise_postgresql", "TIERWISE_POSTGRESQL"
MOST_ROWS = 2_000_000
SECONDS = 60
CONNECTING = 10


def address(secrets: Mapping[str, str]) -> str:
    """Find the database's address; empty where there is none."""
    return secrets.get(SECRET, "") or os.environ.get(VARIABLE, "")


def tables(uri: str) -> list[str]:
    """List the tables and views that the user may read, as schema.table; raises `BadFile`."""
    with _reading(uri) as cursor:
        cursor.execute(engine.sql("source_tables"))
        found = cursor.fetch_arrow_table()
    pairs = zip(found["table_schema"].to_pylist(), found["table_name"].to_pylist(), strict=True)
    return [f"{schema}.{name}" for schema, name in pairs]


@contextlib.contextmanager
def as_file(uri: str, table: str, most: int = MOST_ROWS) -> Iterator[Path]:
    """Read a table that `tables` lists into a Parquet file that goes away again; raises `BadFile`, `UnknownName`.

    The statement is written by PostgreSQL itself, which quotes the names, from what its own catalogue says.
    """
    schema, _, name = table.partition(".")
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        with _reading(uri) as cursor:
            cursor.execute(engine.sql("source_statement"), (schema, name, most + 1))
            statements = cursor.fetch_arrow_table()["statement"].to_pylist()
            if not statements:
                raise UnknownName.of("table in the database", table, tables(uri))
            cursor.execute(statements[0])
            found = cursor.fetch_arrow_table()
        if found.num_rows > most:
            what = f"the table has more than {most:,} rows"
            raise BadFile(what, where=table, way_out="Let the database make a view of the accounts that count")
        path = Path(folder) / "table.parquet"
        pq.write_table(_plain(found), path)
        yield path


def _plain(table: pa.Table) -> pa.Table:
    """Give columns of types that only the driver knows (numeric arrives as text) as text, and numbers where all are."""
    made = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        storage = column.cast(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else column
        made[field.name] = pc.cast(storage, pa.string()) if pa.types.is_binary(storage.type) else storage
    return pa.table(made)


@contextlib.contextmanager
def _reading(uri: str) -> Iterator[Any]:
    """Open a cursor in a transaction that may only read and ends by itself; what fails is one sentence."""
    from adbc_driver_manager import Error as DriverError  # noqa: PLC0415  only where it is needed
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415

    try:
        with dbapi.connect(_with_limits(uri), autocommit=False) as connection, connection.cursor() as cursor:
            cursor.execute(engine.sql("source_read_only"))
            yield cursor
            connection.rollback()
    except DriverError as error:
        what = "the time is up" if "timeout" in str(error).lower() else "the database cannot be read"
        way_out = "Check that it runs, and that the address in the secrets may read the table"
        raise BadFile(what, where="database", way_out=way_out) from None


def _with_limits(uri: str) -> str:
    limits = f"connect_timeout={CONNECTING}&options=-c%20statement_timeout%3D{SECONDS * 1000}"
    return f"{uri}{'&' if '?' in uri else '?'}{limits}"
