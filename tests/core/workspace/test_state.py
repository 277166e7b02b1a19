from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreBusy, StoreDamaged, StoreUnavailable, TierwiseError
from core.workspace import log
from core.workspace.document import seal_of
from core.workspace.folder import Workspace
from core.workspace.state import Change, Document, Stamp, Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)
FLIPS = 60


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def note(key: str, text: str = "", action: str = "saved") -> Change:
    return Change("note", key, action, title=f"note {key}", scope="book", body={"text": text})


def write(store: Store, change: Change, author: str = "Ana") -> Document:
    return store.write(lambda: change, Stamp(NOW, author))


def execute(file: Path, *statements: str) -> None:
    """Do to a store what only somebody from outside would."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


# Versions and the log -----------------------------------------------------------------------------------------------


def test_every_change_is_a_new_version_and_nothing_is_overwritten(store: Store) -> None:
    write(store, note("a", "one"))
    write(store, note("b"))
    write(store, note("a", "two"))
    write(store, Change("note", "a", "deleted"))
    assert [(d.version, d.body, d.deleted) for d in store.versions("note", "a")] == [
        (1, {"text": "one"}, False),
        (2, {"text": "two"}, False),
        (3, {}, True),
    ]
    assert [(d.id, d.version) for d in store.newest("note")] == [("a", 3), ("b", 1)]


def test_what_was_never_written_is_not_there(store: Store) -> None:
    assert store.latest("note", "a") is None
    assert store.versions("note", "a") == store.newest("note") == store.log() == []


def test_documents_are_found_by_what_they_belong_to(store: Store) -> None:
    write(store, Change("note", "a", "saved", scope="book 1", body={}))
    write(store, Change("note", "b", "saved", scope="book 2", body={}))
    assert [document.id for document in store.newest("note", "book 2")] == ["b"]


def test_the_log_says_who_did_what_and_when(store: Store) -> None:
    write(store, note("a"), author="Ana")
    write(store, note("a", action="renamed"), author="Björn 山田 😀")
    assert [(d.seq, d.author, d.action, d.title, d.time) for d in store.log()] == [
        (1, "Ana", "saved", "note a", NOW),
        (2, "Björn 山田 😀", "renamed", "note a", NOW),
    ]
    assert [document.seq for document in store.log(after=1)] == [2]


def test_time_is_kept_as_the_same_moment_in_utc(store: Store) -> None:
    there = dt.datetime(2026, 7, 31, 23, 30, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=-7)))
    store.write(lambda: note("a"), Stamp(there))
    (entry,) = store.log()
    assert entry.time == there
    assert entry.time.tzinfo == dt.UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Stamp(dt.datetime(2026, 7, 31))  # noqa: DTZ001


def test_a_body_handed_out_is_a_copy(store: Store) -> None:
    write(store, note("a", "kept"))
    store.versions("note", "a")[0].body["text"] = "changed"
    assert store.versions("note", "a")[0].body == {"text": "kept"}


def test_what_was_written_is_there_when_opened_again(store: Store) -> None:
    written = [write(store, note(f"n{i}", "Zoë\n\x00\u2028" * i)) for i in range(20)]
    store.close()
    with closing(Store(store.file.parent)) as again:
        assert again.log() == written
        assert again.verify().entries == 20


def test_a_process_opens_a_workspace_once(tmp_path: Path) -> None:
    first = open_store(Workspace(tmp_path / "x" / ".." / "home"))
    assert open_store(Workspace(tmp_path / "home")) is first
    first.close()


def test_only_this_user_may_read_the_file(store: Store) -> None:
    write(store, note("a"))
    assert {part.stat().st_mode & 0o077 for part in store.file.parent.glob("state*")} == {0}


# Writing ------------------------------------------------------------------------------------------------------------


def test_the_same_nonce_twice_is_one_write_with_one_answer(store: Store) -> None:
    stamp = Stamp(NOW, "Ana")
    first = store.write(lambda: note("a", "one"), stamp)
    again = store.write(lambda: pytest.fail("asked again"), stamp)
    assert again == first
    assert len(store.log()) == 1


def test_the_same_nonce_is_one_write_after_a_restart(store: Store) -> None:
    stamp = Stamp(NOW)
    first = store.write(lambda: note("a"), stamp)
    store.close()
    with closing(Store(store.file.parent)) as again:
        assert again.write(lambda: note("b"), stamp) == first


def test_the_same_nonce_from_many_threads_is_one_write(store: Store) -> None:
    stamp = Stamp(NOW)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda i: store.write(lambda: note(str(i)), stamp), range(100)))
    assert len(set(answers)) == len(store.log()) == 1


def test_what_decide_raises_writes_nothing(store: Store) -> None:
    def refuse() -> Change:
        raise TierwiseError("no")

    with pytest.raises(TierwiseError, match="No"):
        store.write(refuse, Stamp(NOW))
    assert store.log() == []
    assert write(store, note("a")).seq == 1


def test_decide_reads_a_state_that_cannot_change(store: Store) -> None:
    """Ten threads count up one number; a lost update would leave it below 200."""

    def count_up() -> Change:
        before = store.latest("note", "count")
        return Change("note", "count", "saved", body={"n": before.body["n"] + 1 if before else 1})

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: store.write(count_up, Stamp(NOW)), range(200)))
    assert [document.body["n"] for document in store.versions("note", "count")] == list(range(1, 201))


def test_twenty_threads_lose_nothing_and_double_nothing(store: Store) -> None:
    def fifty(thread: int) -> list[Document]:
        return [write(store, note(f"{thread}.{i}", str(i))) for i in range(50)]

    with ThreadPoolExecutor(20) as pool:
        acknowledged = [document for documents in pool.map(fifty, range(20)) for document in documents]
    assert sorted(document.seq for document in acknowledged) == list(range(1, 1001))
    with closing(Store(store.file.parent)) as again:
        assert again.log() == sorted(acknowledged, key=lambda document: document.seq)
        assert again.verify().entries == 1000


OTHER_PROCESS = """
import datetime as dt, sys
from pathlib import Path
from core.workspace.state import Change, Stamp, Store

store = Store(Path(sys.argv[1]))
for i in range(100):
    change = Change("note", f"{sys.argv[2]}.{i}", "saved", body={"i": i})
    store.write(lambda: change, Stamp(dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC), sys.argv[2]))
"""


def test_two_processes_write_into_one_log(store: Store) -> None:
    command = [sys.executable, "-c", OTHER_PROCESS, str(store.file.parent)]
    others = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("p", "q")]
    for i in range(50):
        write(store, note(f"here.{i}"))
    assert [other.wait(60) for other in others] == [0, 0]
    assert sorted(d.id for d in store.log()) == sorted(
        [f"here.{i}" for i in range(50)] + [f"{name}.{i}" for name in ("p", "q") for i in range(100)]
    )
    assert store.verify().entries == 250


def test_nothing_in_the_log_can_be_changed_or_deleted(store: Store) -> None:
    write(store, note("a"))
    for statement in ("UPDATE log SET author = 'Eve'", "DELETE FROM log"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            execute(store.file, statement)


def test_a_store_that_writes_and_reads_answers_a_ping(store: Store) -> None:
    store.ping()
    store.ping()
    assert store.log() == []


# What can stand in the way ------------------------------------------------------------------------------------------


def test_a_writer_elsewhere_is_waited_for_and_then_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store._connections[0].execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(store.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match=r"another process is writing .* Nothing was saved: try again"):
            write(store, note("a"))
        assert store.log() == []  # reading goes on
    assert write(store, note("a")).seq == 1


def test_a_full_disk_is_named_and_passes(store: Store) -> None:
    write(store, note("a"))
    writer, _ = store._connections
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match=r"the disk is full\. Nothing was saved: free some space"):
        write(store, note("b", "x" * 100_000))
    assert [document.id for document in store.log()] == ["a"]
    writer.execute("PRAGMA max_page_count = 100000")
    write(store, note("b", "x" * 100_000))
    assert store.verify().entries == 2


def test_a_file_that_may_only_be_read_is_named(store: Store) -> None:
    store._connections[0].execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable, match=r"cannot be opened or written .* TIERWISE_HOME"):
        write(store, note("a"))
    with pytest.raises(StoreUnavailable):
        store.ping()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="TIERWISE_HOME"):
        Store(tmp_path / "file" / "home")


def test_something_else_in_the_place_of_the_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / log.NAME).write_bytes(b"name,revenue\nAcme,1\n" * 100)
    with pytest.raises(StoreDamaged, match=r"not a database.*restore"):
        Store(tmp_path)


# Schemas ------------------------------------------------------------------------------------------------------------


def test_a_newer_schema_is_refused(store: Store) -> None:
    store.close()
    execute(store.file, "PRAGMA user_version = 7")
    with pytest.raises(StoreUnavailable, match=r"newer Tierwise made it \(schema 7; this one knows 1\)"):
        Store(store.file.parent)


@pytest.fixture
def schema_2(monkeypatch: pytest.MonkeyPatch) -> None:
    real = log.sql
    more = "CREATE TABLE more (x);\nPRAGMA user_version = 2;\n"
    monkeypatch.setattr(log, "sql", lambda name: more if name == "schema_2" else real(name))
    monkeypatch.setattr(log, "MIGRATIONS", (*log.MIGRATIONS, "schema_2"))


def test_an_older_schema_is_led_on_and_kept_as_it_was(store: Store, request: pytest.FixtureRequest) -> None:
    written = write(store, note("a"))
    store.close()
    request.getfixturevalue("schema_2")
    with closing(Store(store.file.parent)) as newer:
        assert newer.log() == [written]
        assert log.schema(newer._connections[0]) == 2
    with closing(sqlite3.connect(store.file.parent / "backups" / "schema-1.sqlite")) as before:
        assert log.schema(before) == 1
        assert before.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_old_schema(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written = write(store, note("a"))
    store.close()
    real = log.sql
    broken = "CREATE TABLE more (x);\nPRAGMA user_version = 2;\nCREATE TABLE more (x);\n"
    with monkeypatch.context() as patch:
        patch.setattr(log, "sql", lambda name: broken if name == "schema_2" else real(name))
        patch.setattr(log, "MIGRATIONS", (*log.MIGRATIONS, "schema_2"))
        with pytest.raises(TierwiseError, match="more already exists"):
            Store(store.file.parent)
    with closing(Store(store.file.parent)) as again:
        assert again.log() == [written]


def test_two_that_open_a_new_store_at_once_make_one(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)

    def opened(_: int) -> Store:
        barrier.wait()
        return Store(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(opened, range(8)))
    for i, one in enumerate(stores):
        write(one, note(str(i)))
    assert {one.verify().entries for one in stores} == {8}
    for one in stores:
        one.close()


# Damage -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Document]]:
    """A closed store of 200 rows on about 60 pages, and what is in it."""
    home = tmp_path_factory.mktemp("original")
    random = Random(7)
    with closing(Store(home)) as store:
        for i in range(200):
            text = "".join(random.choices("abcdefghij", k=random.randint(1, 1500)))
            write(store, note(f"n{i % 40}", text), author=random.choice(["Ana", "", "Björn"]))
        return home, store.log()


def copied(source: Path, target: Path) -> Path:
    target.mkdir()
    for part in source.glob("state*"):
        shutil.copy(part, target)
    return target


def flip(file: Path, position: int, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[position] ^= 1 << bit
    file.write_bytes(data)


def seen(home: Path, truth: list[Document]) -> bool:
    """Whether opening and checking ends in an error of ours; where it does not, everything must be as it was."""
    try:
        with closing(Store(home)) as store:
            assert store.log() == truth, "wrong without a word"
            store.verify()
    except (StoreDamaged, StoreUnavailable):
        return True
    return False


def test_a_flipped_bit_is_seen_or_did_no_harm(original: tuple[Path, list[Document]], tmp_path: Path) -> None:
    source, documents = original
    size = (source / log.NAME).stat().st_size
    random = Random(60)
    found = []
    for i in range(FLIPS):
        home = copied(source, tmp_path / f"copy-{i}")
        flip(home / log.NAME, random.randrange(size), random.randrange(8))
        found.append(seen(home, documents))
    # The others fell on space that is free within a page: what was read is what was written.
    assert sum(found) > FLIPS / 2


def test_a_flipped_bit_in_a_text_is_always_seen_and_its_row_named(
    original: tuple[Path, list[Document]], tmp_path: Path
) -> None:
    """Bits that SQLite itself never notices."""
    source, documents = original
    data = (source / log.NAME).read_bytes()
    for document in documents[::7]:
        home = copied(source, tmp_path / f"copy-{document.seq}")
        flip(home / log.NAME, data.find((document.text or "").encode()[:200]) + 12, 1)
        with pytest.raises(StoreDamaged, match=rf"row {document.seq} of the log .* checksum .* core.workspace restore"):
            Store(home)


def test_a_flipped_bit_in_the_newest_writes_is_seen(store: Store, tmp_path: Path) -> None:
    """SQLite drops what follows a damaged frame of the write-ahead log without a word; the head tells."""
    documents = [write(store, note(f"n{i}", "x" * 300)) for i in range(60)]
    wal = store.file.with_name(log.NAME + "-wal")
    size = wal.stat().st_size
    random = Random(61)
    found = []
    for i in range(FLIPS):
        home = copied(store.file.parent, tmp_path / f"copy-{i}")
        (home / (log.NAME + "-shm")).unlink()
        flip(home / wal.name, random.randrange(size), random.randrange(8))
        found.append(seen(home, documents))
    assert sum(found) > FLIPS / 2


def test_a_torn_write_ahead_log_is_seen(store: Store, tmp_path: Path) -> None:
    documents = [write(store, note(f"n{i}", "x" * 300)) for i in range(30)]
    wal = store.file.with_name(log.NAME + "-wal")
    random = Random(62)
    for i in range(20):
        home = copied(store.file.parent, tmp_path / f"copy-{i}")
        (home / (log.NAME + "-shm")).unlink()
        with (home / wal.name).open("r+b") as stream:
            stream.truncate(random.randrange(wal.stat().st_size))
        assert seen(home, documents)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["UPDATE log SET author = 'Eve' WHERE seq = 5"], id="row changed"),
        pytest.param(["DELETE FROM log WHERE seq = 5"], id="row deleted"),
        pytest.param(["DELETE FROM log WHERE seq > 195"], id="newest rows deleted"),
        pytest.param(["DELETE FROM log"], id="all deleted"),
        pytest.param(["DROP TABLE log"], id="table dropped"),
        pytest.param(
            [
                "UPDATE log SET seq = 1000 WHERE seq = 5",
                "UPDATE log SET seq = 5 WHERE seq = 6",
                "UPDATE log SET seq = 6 WHERE seq = 1000",
            ],
            id="rows swapped",
        ),
    ],
)
def test_a_log_changed_by_other_programs_is_seen(
    original: tuple[Path, list[Document]], tmp_path: Path, statements: list[str]
) -> None:
    home = copied(original[0], tmp_path / "copy")
    triggers = ["DROP TRIGGER log_is_never_changed", "DROP TRIGGER log_is_never_shortened"]
    execute(home / log.NAME, *triggers, *statements)
    with pytest.raises(StoreDamaged, match="restore"):
        Store(home)


def test_the_chain_alone_sees_a_missing_and_a_forged_row(original: tuple[Path, list[Document]], tmp_path: Path) -> None:
    source, documents = original
    forged = seal_of(replace(documents[4], author="Eve").row()[:-1])
    forge = "UPDATE log SET author = 'Eve', seal = '{}' WHERE seq = 5"
    for name, statement, seen_at in (
        ("missing", "DELETE FROM log WHERE seq = 5", 5),
        ("forged", forge.format(forged), 6),
    ):
        home = copied(source, tmp_path / name)
        (home / "state.head").unlink()
        execute(home / log.NAME, "DROP TRIGGER log_is_never_changed", "DROP TRIGGER log_is_never_shortened", statement)
        with pytest.raises(StoreDamaged, match=f"row {seen_at} of the log is missing or was replaced"):
            Store(home)


def test_an_older_copy_put_back_is_seen(store: Store, tmp_path: Path) -> None:
    write(store, note("a"))
    store.close()
    copied(tmp_path, tmp_path / "older")
    with closing(Store(tmp_path)) as again:
        write(again, note("b"))
    shutil.copy(tmp_path / "older" / log.NAME, tmp_path)
    with pytest.raises(StoreDamaged, match="the newest row of the log is missing"):
        Store(tmp_path)


def test_a_store_that_vanished_is_not_taken_for_a_new_one(store: Store) -> None:
    write(store, note("a"))
    store.close()
    store.file.unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        Store(store.file.parent)


def test_a_store_that_vanishes_while_open_is_refused_at_every_call(store: Store) -> None:
    write(store, note("a"))
    for part in store.file.parent.glob("state.sqlite*"):
        part.unlink()
    for _ in range(3):
        with pytest.raises(StoreDamaged, match="missing"):
            store.log()
        with pytest.raises(StoreDamaged, match="missing"):
            write(store, note("b"))


@pytest.mark.parametrize("head", [b"", b"rubbish", b"\xff" * 95, b"1 " + b"0" * 64 + b" 00000000\n"])
def test_a_head_that_cannot_be_read_stops_nobody(store: Store, head: bytes) -> None:
    write(store, note("a"))
    store.close()
    store.file.with_suffix(".head").write_bytes(head)
    with closing(Store(store.file.parent)) as again:
        assert len(again.log()) == 1


def test_damage_while_open_does_not_reach_the_answers(store: Store) -> None:
    documents = [write(store, note(f"n{i}", "x" * 2000)) for i in range(50)]
    execute(store.file, "PRAGMA wal_checkpoint(TRUNCATE)")
    place = store.file.read_bytes().find(b"x" * 100)
    with store.file.open("r+b") as stream:
        stream.seek(place)
        stream.write(b"y")
    assert store.log() == documents
    with pytest.raises(StoreDamaged, match="checksum"):
        store.verify()
