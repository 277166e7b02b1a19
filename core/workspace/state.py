"""The state store: what people made, kept in `state.sqlite` so that nothing that was acknowledged is ever lost.

The file is a log in which every change is a new row; this process holds all of it in memory, each row checked as it
was read. So every question is answered from memory, and a file that is damaged meanwhile cannot make an answer wrong.
It is made for what people make by hand: thousands of rows of some kilobytes, not millions.

One write is one row: `write` runs `decide` alone under the write lock, where what it reads cannot change.

>>> import datetime as dt, pathlib, tempfile
>>> home = tempfile.TemporaryDirectory()
>>> store = Store(pathlib.Path(home.name))
>>> stamp = Stamp(dt.datetime(2026, 7, 1, tzinfo=dt.UTC), author="Ana")
>>> store.write(lambda: Change("note", "n1", "saved", body={"text": "call Acme"}), stamp).version
1
>>> store.latest("note", "n1").body
{'text': 'call Acme'}
>>> store.close(); home.cleanup()
"""

from __future__ import annotations

import logging
import secrets
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import TierwiseError
from core.workspace import backups, log
from core.workspace.document import FIRST, Change, Document, Stamp, following
from core.workspace.log import Checked

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.workspace.folder import Workspace

__all__ = ["Change", "Document", "Stamp", "Store", "open_store"]

_OPEN: dict[Path, Store] = {}
_OPENING = threading.Lock()


def open_store(workspace: Workspace) -> Store:
    """Open the store of a workspace, the same one for everybody in this process, so that its writers queue."""
    home = workspace.home.resolve()
    with _OPENING:
        if home not in _OPEN:
            _OPEN[home] = Store(home)
        return _OPEN[home]


class Store:
    """The store in the folder `home`; made where there is none, led to the present schema where it is older.

    Raises `StoreDamaged` where any row is not what was written, `StoreUnavailable` where the file cannot be opened.
    """

    def __init__(self, home: Path) -> None:
        self.file = home / log.NAME
        self._writing = threading.RLock()  # SQLite's own waiting is unfair: with 50 threads some wait for seconds
        self._reading = threading.RLock()
        self._backing_up = threading.Lock()
        self._connections: tuple[sqlite3.Connection, ...] = ()
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    # Writing ---------------------------------------------------------------------------------------------------------

    def write(self, decide: Callable[[], Change], stamp: Stamp) -> Document:
        """Append the change that `decide` gives, and answer when it is on the disk.

        Where the stamp's nonce was written before, `decide` is not asked and the answer is what was written then.
        What `decide` raises is raised, and nothing is written.
        """
        with self._transaction() as connection:
            self._catch_up()
            if stamp.nonce in self._nonces:
                return self._nonces[stamp.nonce]
            change = decide()
            last = self._log[-1] if self._log else None
            document = following(last, change, stamp, len(self.versions(change.kind, change.id)) + 1)
            connection.execute(log.sql("append"), document.row())
        log.write_head(self.file, Checked(document.seq, document.seal))
        self._back_up_when_due(stamp.now)
        return document

    def ping(self) -> None:
        """Write a row and read it back; raises where that fails. For the health check."""
        token = secrets.token_hex(8)
        with self._transaction() as connection:
            connection.execute(log.sql("ping_write"), [token])
            found = connection.execute(log.sql("ping_read")).fetchone()
            if found != (token,):
                raise log.damaged(self.file, "a row that was just written reads otherwise")

    def back_up(self, now: dt.datetime) -> Path:
        """Make a backup now."""
        return backups.make(self.file, now)

    # Reading ---------------------------------------------------------------------------------------------------------

    def latest(self, kind: str, key: str) -> Document | None:
        """Give the newest version of a document, which may say that it is deleted; None where there never was one."""
        found = self.versions(kind, key)
        return found[-1] if found else None

    def versions(self, kind: str, key: str) -> list[Document]:
        """List every version of a document, oldest first: version n is at n - 1."""
        with self._current():
            return list(self._kinds.get(kind, {}).get(key, ()))

    def newest(self, kind: str, scope: str | None = None) -> list[Document]:
        """List the newest version of each document of a kind, deleted ones too, in the order they were first made."""
        with self._current():
            found = [versions[-1] for versions in self._kinds.get(kind, {}).values()]
        return [document for document in found if scope in (None, document.scope)]

    def log(self, after: int = 0) -> list[Document]:
        """List the audit log, oldest first: who did what, and when; from the row after number `after`."""
        with self._current():
            return self._log[after:]

    def verify(self) -> Checked:
        """Check every row on the disk, the chain of rows and the head; raises `StoreDamaged`."""
        head = log.read_head(self.file)
        found = log.check(self.file)
        with self._current():
            log.missing(head, self._log, self.file)
            known = self._log[: found.entries]
        if (len(known), known[-1].seal if known else FIRST) != (found.entries, found.seal):
            raise log.damaged(self.file, "the log on the disk is not the one that was read before")
        return found

    def close(self) -> None:
        """Close the file."""
        with self._writing, self._reading:
            for connection in self._connections:
                connection.close()

    # Inside ----------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Open the file, and read and check all of it."""
        with self._writing, self._reading, log.alone(self.file):
            self.close()
            self._connections = (writer, _) = log.connect(self.file), log.connect(self.file)
            self._inode = 0  # so that a file with a fault is opened anew at every call, and refused again
            self._log: list[Document] = []
            self._kinds: dict[str, dict[str, list[Document]]] = {}
            self._nonces: dict[str, Document] = {}
            log.migrate(writer, self.file, lambda schema: backups.make_before(self.file, schema))
            head = log.read_head(self.file)  # first, since the log may grow meanwhile
            self._catch_up()
            log.missing(head, self._log, self.file)
            self._inode = self.file.stat().st_ino

    def _replaced(self) -> bool:
        """Tell whether a restore has put another file into the place of ours."""
        try:
            return self.file.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def _catch_up(self) -> None:
        """Read the rows that are new, whoever wrote them."""
        with self._reading:
            _, reader = self._connections
            for document in log.since(reader, self._log[-1] if self._log else None, self.file):
                versions = self._kinds.setdefault(document.kind, {}).setdefault(document.id, [])
                self._log.append(document)
                versions.append(document)
                self._nonces[document.nonce] = document

    @contextmanager
    def _current(self) -> Iterator[None]:
        """Hold what is in memory still, as new as the file."""
        if self._replaced():
            self._connect()
        with self._reading:
            self._catch_up()
            yield

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Be the only writer, of the file that is now in place."""
        with self._writing, log.in_our_words(self.file):
            while True:
                if self._replaced():
                    self._connect()
                writer, _ = self._connections
                with log.writing(writer):
                    if not self._replaced():  # while we waited for the lock
                        yield writer
                        return

    def _back_up_when_due(self, now: dt.datetime) -> None:
        """Make the regular backup. What was written is safe without it, so a failure is noted, not raised."""
        if not self._backing_up.acquire(blocking=False):
            return
        try:
            if backups.due(self.file, now):
                self.back_up(now)
        except TierwiseError as error:
            logging.getLogger(__name__).warning("No backup was made: %s", error)
        finally:
            self._backing_up.release()
