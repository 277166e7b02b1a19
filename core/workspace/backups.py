"""Backups of the state store: made by SQLite itself, checked before they count, rotated, and brought back.

In: the path of `state.sqlite`.  Out: files in `backups/` beside it, each complete by itself.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StoreBusy, StoreDamaged, TierwiseError
from core.workspace import log
from core.workspace.document import Change, Document, Stamp, following

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = dt.timedelta(hours=1)
"""A write makes a backup when the newest one is older than this."""
NEWEST = 24
"""So many of the newest backups are kept …"""
DAYS = 14
"""… and the last one of each of so many days."""

_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back.

    `source` is the backup it began with, where there was one; `carried` rows came from the damaged file itself; `lost`
    rows are gone (None where that is not known); `aside` is the folder where the damaged file now lies.
    """

    source: Path | None
    entries: int
    carried: int
    lost: int | None
    aside: Path


def make(file: Path, now: dt.datetime) -> Path:
    """Make a backup, check every row of it, and only then let it take its place and an old one go."""
    target = _folder(file) / f"state-{now.astimezone(dt.UTC).strftime(_TIME)}.sqlite"
    _copy(file, target, checked=True)
    for old in _superseded(kept(file)):
        old.unlink(missing_ok=True)
    return target


def make_before(file: Path, schema: int) -> Path:
    """Keep the file as it is before it is led to a newer schema; these copies stay."""
    target = _folder(file) / f"schema-{schema}.sqlite"
    _copy(file, target, checked=False)  # our statements may not fit the older schema
    return target


def kept(file: Path) -> list[Path]:
    """List the backups, newest first."""
    return sorted(_folder(file).glob("state-*.sqlite"), reverse=True)


def due(file: Path, now: dt.datetime) -> bool:
    """Tell whether it is time for another backup; a clock that was set back makes it time, too."""
    newest = kept(file)[:1]
    return not newest or abs(now - _time_of(newest[0])) >= EVERY


def restore(file: Path, stamp: Stamp) -> Restored:
    """Bring back all that can be read: the fullest good backup, and from the damaged file each row that follows it.

    The damaged file is moved aside, never deleted; the restore itself is the newest entry of the log. Whoever has the
    file open waits, then goes on with the restored one.
    """
    with log.alone(file), _held(file) as broken, tempfile.TemporaryDirectory(dir=file.parent, prefix=".new-") as folder:
        head, source = log.read_head(file), _fullest(file)
        fresh = Path(folder) / file.name
        if source:
            _copy(source, fresh, checked=True)
        with closing(log.connect(fresh)) as connection, log.in_our_words(fresh):
            log.migrate(connection, fresh, lambda _schema: None)
            rows = list(log.since(connection, None, fresh))
            carried = list(_following(rows[-1] if rows else None, broken, file))
            lost = max(0, head.entries - len(rows) - len(carried)) if head else None
            body = {"backup": source.name if source else "", "carried": len(carried), "lost": lost}
            change = Change(kind="store", id="restore", action="restored", title="the state store", body=body)
            rows += carried
            version = 1 + sum((row.kind, row.id) == (change.kind, change.id) for row in rows)
            newest = following(rows[-1] if rows else None, change, stamp, version)
            with log.writing(connection):
                connection.executemany(log.sql("append"), [row.row() for row in [*carried, newest]])
            connection.execute("PRAGMA journal_mode = DELETE")  # one file, which can be moved
        aside = _swap(file, fresh, stamp.now)
        log.write_head(file, log.Checked(newest.seq, newest.seal))
    return Restored(source, newest.seq, len(carried), lost, aside)


def _folder(file: Path) -> Path:
    return file.parent / "backups"


def _time_of(backup: Path) -> dt.datetime:
    try:
        return dt.datetime.strptime(backup.stem.removeprefix("state-"), _TIME).replace(tzinfo=dt.UTC)
    except ValueError:  # renamed by hand
        return dt.datetime.min.replace(tzinfo=dt.UTC)


def _superseded(newest_first: list[Path]) -> list[Path]:
    """Name the backups that are neither among the newest nor the last of one of the newest days."""
    last_of_day = {backup.stem[: len("state-20260731")]: backup for backup in reversed(newest_first)}
    wanted = {*newest_first[:NEWEST], *list(last_of_day.values())[-DAYS:]}
    return [backup for backup in newest_first if backup not in wanted]


def _copy(source: Path, target: Path, *, checked: bool) -> None:
    """Copy a database that may be in use; the target appears complete or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copying-") as folder:
            partial = Path(folder) / target.name
            partial.touch(mode=0o600)
            with log.in_our_words(source), closing(sqlite3.connect(partial, isolation_level=None)) as to:
                with closing(log.present(source)) as connection:
                    connection.backup(to)
                to.execute("PRAGMA journal_mode = DELETE")  # complete without a file beside it
            if checked:
                log.check(partial)
            partial.replace(target)
    except OSError as error:
        raise log.unavailable(target, error.strerror or str(error)) from error


def _fullest(file: Path) -> Path | None:
    """Find the backup with the most rows among those that are good."""
    found: list[tuple[int, Path]] = []
    for backup in kept(file):
        with suppress(TierwiseError):
            found.append((log.check(backup).entries, backup))
    return max(found, key=lambda candidate: candidate[0], default=(0, None))[1]


@contextmanager
def _held(file: Path) -> Iterator[sqlite3.Connection | None]:
    """Keep others from writing to a damaged file, as far as it still lets us; None where it does not open at all."""
    with ExitStack() as stack:
        connection = None
        try:
            with log.in_our_words(file):
                connection = stack.enter_context(closing(log.connect(file)))
                connection.execute("BEGIN IMMEDIATE")
        except StoreBusy:
            raise
        except TierwiseError:
            pass
        yield connection


def _following(last: Document | None, broken: sqlite3.Connection | None, file: Path) -> Iterator[Document]:
    """Give the rows of a damaged file that follow `last` without a fault."""
    with suppress(StoreDamaged):
        if broken:
            yield from log.since(broken, last, file)


def _swap(file: Path, fresh: Path, now: dt.datetime) -> Path:
    """Move the damaged file aside and the restored one into its place.

    The head stays until the end: were we killed in between, the store would not open as if it were new.
    """
    try:
        aside = Path(tempfile.mkdtemp(dir=file.parent, prefix=f"damaged-{now.astimezone(dt.UTC).strftime(_TIME)}-"))
        for part in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
            with suppress(FileNotFoundError):
                part.rename(aside / part.name)
        fresh.replace(file)
    except OSError as error:
        raise log.unavailable(file, error.strerror or str(error)) from error
    return aside
