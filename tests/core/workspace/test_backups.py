from __future__ import annotations

import datetime as dt
import logging
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreBusy, StoreDamaged, StoreUnavailable
from core.workspace import backups, log
from core.workspace.state import Change, Document, Stamp, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def write(store: Store, key: str, now: dt.datetime = NOW) -> Document:
    return store.write(lambda: Change("note", key, "saved", body={"text": f"{key} " * 50}), Stamp(now))


def damage(store: Store, document: Document) -> None:
    """Flip one bit in the text of a row, on the disk."""
    store.close()
    data = bytearray(store.file.read_bytes())
    data[data.find((document.text or "").encode()) + 10] ^= 1
    store.file.write_bytes(data)


def restored(store: Store) -> backups.Restored:
    return backups.restore(store.file, Stamp(NOW, "Ana"))


def opened(store: Store) -> Store:
    return Store(store.file.parent)


# Making and rotating ------------------------------------------------------------------------------------------------


def test_a_backup_is_complete_by_itself(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(5)]
    backup = store.back_up(NOW)
    assert log.check(backup) == log.Checked(5, documents[-1].seal)
    assert [part.name for part in backup.parent.iterdir()] == [backup.name]
    assert backup.stat().st_mode & 0o077 == 0


def test_the_first_write_of_an_hour_makes_a_backup(store: Store) -> None:
    for minutes in (0, 10, 59, 60, 61, 125):
        write(store, str(minutes), NOW + dt.timedelta(minutes=minutes))
    assert [backup.name for backup in backups.kept(store.file)] == [
        "state-20260731T110500Z.sqlite",
        "state-20260731T100000Z.sqlite",
        "state-20260731T090000Z.sqlite",
    ]


def test_a_clock_that_was_set_back_does_not_stop_backups(store: Store) -> None:
    write(store, "a", NOW + dt.timedelta(days=3650))
    write(store, "b", NOW)
    assert len(backups.kept(store.file)) == 2


def test_the_newest_are_kept_and_the_last_of_each_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "NEWEST", 3)
    monkeypatch.setattr(backups, "DAYS", 4)
    write(store, "a")
    for day in range(6):
        for hour in (10, 14, 18):
            store.back_up(dt.datetime(2026, 8, 1 + day, hour, tzinfo=dt.UTC))
    assert [backup.stem.removeprefix("state-202608") for backup in backups.kept(store.file)] == [
        "06T180000Z",
        "06T140000Z",
        "06T100000Z",
        "05T180000Z",
        "04T180000Z",
        "03T180000Z",
    ]


def test_a_damaged_file_never_pushes_a_good_backup_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "NEWEST", 1)
    monkeypatch.setattr(backups, "DAYS", 1)
    damage(store, write(store, "a"))
    with pytest.raises(StoreDamaged):
        backups.make(store.file, NOW + dt.timedelta(days=1))
    (good,) = backups.kept(store.file)
    assert log.check(good).entries == 1


def test_a_backup_that_fails_does_not_fail_the_write(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    (store.file.parent / "backups").touch()  # a file where the folder should be
    with caplog.at_level(logging.WARNING):
        assert write(store, "a").seq == 1
    assert "No backup was made" in caplog.text
    with pytest.raises(StoreUnavailable, match="TIERWISE_HOME"):
        store.back_up(NOW)


def test_a_backup_renamed_by_hand_disturbs_nothing(store: Store) -> None:
    write(store, "a")
    backups.kept(store.file)[0].rename(store.file.parent / "backups" / "state-before the board.sqlite")
    write(store, "b")
    assert len(backups.kept(store.file)) == 2


# Bringing back ------------------------------------------------------------------------------------------------------


def test_a_row_that_is_in_a_backup_comes_back_and_nothing_is_lost(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(10)]
    backup = store.back_up(NOW + dt.timedelta(minutes=5))
    documents += [write(store, f"n{i}") for i in range(10, 15)]
    damage(store, documents[4])
    with pytest.raises(StoreDamaged, match="row 5"):
        opened(store)
    done = restored(store)
    assert (done.source, done.entries, done.carried, done.lost) == (backup, 16, 5, 0)
    assert (done.aside / log.NAME).is_file()
    with closing(opened(store)) as again:
        assert again.log()[:15] == documents
        assert again.log()[15].body == {"backup": backup.name, "carried": 5, "lost": 0}
        assert (again.log()[15].action, again.log()[15].author) == ("restored", "Ana")
        assert again.verify().entries == 16
        write(again, "later")


def test_what_follows_the_damage_and_is_in_no_backup_is_lost_and_counted(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(10)]  # the first one makes a backup
    damage(store, documents[6])
    done = restored(store)
    assert (done.entries, done.carried, done.lost) == (7, 5, 4)
    with closing(opened(store)) as again:
        assert again.log()[:6] == documents[:6]


def test_without_any_backup_the_rows_before_the_damage_come_back(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(10)]
    for backup in backups.kept(store.file):
        backup.unlink()
    damage(store, documents[3])
    done = restored(store)
    assert (done.source, done.carried, done.lost) == (None, 3, 7)
    with closing(opened(store)) as again:
        assert again.log()[:3] == documents[:3]


@pytest.mark.parametrize("garbage", [b"", b"x" * 5000], ids=["empty", "no database"])
def test_a_file_beyond_reading_comes_back_from_the_backup(store: Store, garbage: bytes) -> None:
    documents = [write(store, f"n{i}") for i in range(5)]
    store.back_up(NOW)
    write(store, "lost")
    store.close()
    store.file.write_bytes(garbage)
    done = restored(store)
    assert (done.entries, done.lost) == (6, 1)
    with closing(opened(store)) as again:
        assert again.log()[:5] == documents


def test_the_fullest_good_backup_is_chosen(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(3)]
    good = store.back_up(NOW + dt.timedelta(minutes=1))
    documents += [write(store, "n3")]
    bad = store.back_up(NOW + dt.timedelta(minutes=2))
    data = bytearray(bad.read_bytes())
    data[data.find((documents[1].text or "").encode()) + 10] ^= 1
    bad.write_bytes(data)
    damage(store, documents[0])
    done = restored(store)
    assert (done.source, done.carried, done.lost) == (good, 1, 0)


def test_a_lost_tail_is_counted_and_the_store_opens_again(store: Store) -> None:
    write(store, "a")
    store.close()
    older = store.file.read_bytes()
    with closing(opened(store)) as again:
        write(again, "b")
    store.file.write_bytes(older)
    with pytest.raises(StoreDamaged):
        opened(store)
    assert restored(store).lost == 1
    with closing(opened(store)) as again:
        assert [document.id for document in again.log()] == ["a", "restore"]


def test_restoring_a_good_store_loses_nothing_and_those_who_have_it_open_go_on(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(3)]
    done = restored(store)
    assert (done.entries, done.lost) == (4, 0)
    assert store.log()[:3] == documents
    assert write(store, "later").seq == 5
    with closing(opened(store)) as again:
        assert again.log() == store.log()
    assert restored(store).entries == 6
    assert [document.version for document in store.versions("store", "restore")] == [1, 2]


OTHER_PROCESS = """
import datetime as dt, sys
from pathlib import Path
from core.workspace.state import Change, Stamp, Store

store = Store(Path(sys.argv[1]))
for i in range(1_000_000):
    key = f"other.{i}"
    store.write(lambda: Change("note", key, "saved", body={}), Stamp(dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)))
    print(key, flush=True)
"""


def test_a_restore_while_another_process_writes_loses_nothing(store: Store) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(store.file.parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        acknowledged = [other.stdout.readline().strip()]
        for _ in range(5):
            restored(store)
            acknowledged += [other.stdout.readline().strip() for _ in range(20)]
        other.kill()
        acknowledged += other.stdout.read().split("\n")[:-1]
    written = [document.id for document in store.log() if document.kind == "note"]
    assert written[: len(acknowledged)] == acknowledged
    assert len(written) <= len(acknowledged) + 1
    store.verify()


def test_a_restore_waits_for_a_writer_and_then_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PATIENCE", 0.05)
    write(store, "a")
    with closing(sqlite3.connect(store.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            restored(store)
    assert [document.id for document in store.log()] == ["a"]


def test_restores_and_openings_at_once_queue(store: Store) -> None:
    documents = [write(store, f"n{i}") for i in range(3)]

    def one(i: int) -> None:
        if i % 2:
            restored(store)
        with closing(opened(store)) as mine:
            write(mine, f"thread {i}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    assert store.log()[:3] == documents
    assert store.verify().entries == 3 + 8 + 16


def test_a_restore_killed_between_its_two_moves_is_not_taken_for_a_new_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [write(store, f"n{i}") for i in range(3)]
    store.back_up(NOW)
    store.close()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", _killed_at(store.file))
        with pytest.raises(KeyboardInterrupt):
            restored(store)
    with pytest.raises(StoreDamaged, match="missing"):
        opened(store)
    assert restored(store).lost == 0
    with closing(opened(store)) as again:
        assert again.log()[:3] == documents


def _killed_at(place: Path) -> object:
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == place:
            raise KeyboardInterrupt
        return real(self, target)

    return replace


def test_drills_with_one_bit_flipped_anywhere(tmp_path: Path) -> None:
    """Every row up to the last backup comes back, whatever was hit, and the store works on."""
    for drill in range(15):
        random = Random(drill)
        store = Store(tmp_path / str(drill))
        documents = [write(store, f"n{i}") for i in range(20)]
        store.back_up(NOW)
        documents += [write(store, f"later {i}") for i in range(5)]
        store.close()
        data = bytearray(store.file.read_bytes())
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        store.file.write_bytes(data)
        done = restored(store)
        with closing(opened(store)) as again:
            assert again.log()[:20] == documents[:20]
            assert again.verify().entries == 26 - (done.lost or 0)
            write(again, "on")
