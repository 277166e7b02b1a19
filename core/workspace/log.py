"""The log's file: SQLite opened the careful way, read with every seal checked, SQLite's errors said in our words.

Beside `state.sqlite` lies `state.head`, which names the newest row. It is written after each commit, so it can lag
behind the log but never be ahead of it: a log that ends before its head has lost rows (a torn write-ahead log, an old
copy put back), which SQLite itself does not notice.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StoreBusy, StoreDamaged, StoreUnavailable, TierwiseError
from core.workspace.document import FIRST, Document, document_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NAME = "state.sqlite"
MIGRATIONS = ("schema_1",)
"""The SQL files that lead from one schema to the next; the last schema is the one this program writes."""
PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
WAY_OUT = "Close Tierwise and run `python -m core.workspace restore`: it brings back all that can be read"

_NOTHING_SAVED = "Nothing was saved: "
_FULL = {sqlite3.SQLITE_FULL}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED = {
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: all is well with this many entries, the last of which has this seal."""

    entries: int
    seal: str


@cache
def sql(name: str) -> str:
    """Give the fixed SQL of a file beside this one."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


# Opening ------------------------------------------------------------------------------------------------------------


def made(file: Path) -> None:
    """Make the file, for this user's eyes only, where there is none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise unavailable(file, error.strerror or str(error)) from error


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Let nobody else open the file or put another into its place meanwhile.

    SQLite's lock on an empty database beside it, since that works everywhere and ends with the process that holds it.
    """
    key = file.with_suffix(".lock")
    made(key)
    with in_our_words(file), closing(sqlite3.connect(key, timeout=PATIENCE)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def connect(file: Path) -> sqlite3.Connection:
    """Open the file; it is made where there is none."""
    made(file)
    with in_our_words(file):
        connection = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk before we say "saved"
        except BaseException:
            connection.close()
            raise
        return connection


def present(file: Path) -> sqlite3.Connection:
    """Open a file to read it as it is; none is made where there is none."""
    return sqlite3.connect(file.resolve().as_uri() + "?mode=ro", uri=True, timeout=PATIENCE)


def schema(connection: sqlite3.Connection) -> int:
    """Give the number of the file's schema: 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, file: Path, keep: Callable[[int], object]) -> None:
    """Lead the file to our schema, all steps or none; refuse a file that a newer program made.

    `keep` is called with the number of an older schema before anything is changed, to make a backup.
    """
    with in_our_words(file), writing(connection):
        found = schema(connection)
        if found > len(MIGRATIONS):
            raise StoreUnavailable(
                f"a newer Tierwise made it (schema {found}; this one knows {len(MIGRATIONS)})",
                where=str(file),
                way_out="Update Tierwise. Where no newer one was ever used, the file is damaged. " + WAY_OUT,
            )
        if 0 < found < len(MIGRATIONS):
            keep(found)
        for name in MIGRATIONS[found:]:
            for statement in _statements(sql(name)):
                connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """Take a script apart, since Python would commit before it runs one in a piece."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the one write transaction of the file: all of the block is kept, or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise


# Reading ------------------------------------------------------------------------------------------------------------


def since(connection: sqlite3.Connection, last: Document | None, file: Path) -> Iterator[Document]:
    """Read the rows after `last`, each checked by itself and against the row before it.

    Raises `StoreDamaged` at the first row that is not what was written.
    """
    with in_our_words(file):
        for row in connection.execute(sql("since"), [last.seq if last else 0]):
            expected, seal = (last.seq + 1, last.seal) if last else (1, FIRST)
            found = document_of(row)
            if found is None:
                raise damaged(file, f"row {expected} of the log is not what was written (its checksum does not fit)")
            if found.seq != expected or found.before != seal:
                raise damaged(file, f"row {expected} of the log is missing or was replaced")
            yield found
            last = found


def check(file: Path) -> Checked:
    """Read a whole file from the disk: SQLite's own check, every row, and the chain of rows; raises `StoreDamaged`."""
    with in_our_words(file), closing(present(file)) as connection:
        complaints = [text for (text,) in connection.execute("PRAGMA integrity_check")]
        if complaints != ["ok"]:
            raise damaged(file, f"SQLite finds it damaged ({complaints[0]})")
        last = None
        for document in since(connection, None, file):
            last = document
    return Checked(last.seq, last.seal) if last else Checked(0, FIRST)


# The head -----------------------------------------------------------------------------------------------------------


def write_head(file: Path, newest: Checked) -> None:
    """Note the newest row beside the file. The note need not reach the disk, since it may lag behind."""
    text = f"{newest.entries:020} {newest.seal}"
    with suppress(OSError):  # the row itself is safe already
        stream = os.open(_head(file), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(stream, f"{text} {_sum(text)}\n".encode())
        finally:
            os.close(stream)


def read_head(file: Path) -> Checked | None:
    """Read which row was the newest; None where nothing readable was noted."""
    try:
        found = re.fullmatch(r"((\d{20}) ([0-9a-f]{64})) ([0-9a-f]{8})\n", _head(file).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return None
    return Checked(int(found[2]), found[3]) if found and _sum(found[1]) == found[4] else None


def missing(head: Checked | None, documents: Sequence[Document], file: Path) -> None:
    """Raise `StoreDamaged` where the log ends before its head."""
    if head is None or head.entries == 0:
        return
    if head.entries > len(documents):
        lost = head.entries - len(documents)
        count = "the newest row of the log is" if lost == 1 else f"the newest {lost} rows of the log are"
        raise damaged(file, f"{count} missing")
    if documents[head.entries - 1].seal != head.seal:
        raise damaged(file, f"row {head.entries} of the log was replaced: this is an older copy, written to since")


def _head(file: Path) -> Path:
    return file.with_suffix(".head")


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# Errors -------------------------------------------------------------------------------------------------------------


def damaged(file: Path, what: str) -> StoreDamaged:
    """Say what is wrong with the file, and the way out."""
    return StoreDamaged(what, where=str(file), way_out=WAY_OUT)


def busy(file: Path, what: str) -> StoreBusy:
    """Say that somebody else holds the file."""
    return StoreBusy(what, where=str(file), way_out=_NOTHING_SAVED + "try again in a moment")


def unavailable(file: Path, reason: str) -> StoreUnavailable:
    """Say that the file cannot be opened or written."""
    way_out = _NOTHING_SAVED + "let TIERWISE_HOME name a folder that can be written"
    return StoreUnavailable(f"it cannot be opened or written ({reason})", where=str(file), way_out=way_out)


@contextmanager
def in_our_words(file: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours. What is neither busy, full nor closed to us means that the file is damaged."""
    try:
        yield
    except sqlite3.ProgrammingError:  # our own fault, not the file's
        raise
    except sqlite3.Error as error:
        raise _told(error, file) from error
    except MemoryError as error:  # a damaged length asks for more than there is
        raise damaged(file, "SQLite cannot read it (a length in it is absurd)") from error


def _told(error: sqlite3.Error, file: Path) -> TierwiseError:
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    code = extended & 0xFF  # the upper bits tell kinds of one fault apart
    if code in _BUSY:
        return busy(file, f"another process is writing and did not finish within {PATIENCE:g} seconds")
    if code in _FULL:
        way_out = _NOTHING_SAVED + "free some space and try again"
        return StoreUnavailable("the disk is full", where=str(file), way_out=way_out)
    if code in _CLOSED:
        return unavailable(file, str(error))
    return damaged(file, f"SQLite cannot read it ({error})")
