"""The engine: locked down against every statement that reaches out, and one cursor a thread."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from core.accounts import books, engine
from tests import making

if TYPE_CHECKING:
    from pathlib import Path

SECRET = pa.table({"password": ["x"]})
"""What a statement would see if it could name Python variables."""

# Measured: the attack list; `{file}` is a file that exists, `{new}` one that must not come to be.
ATTACKS = [
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_csv_auto('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM parquet_schema('{file}')",
    "SELECT * FROM read_json('{file}')",
    "SELECT * FROM read_duckdb('{file}')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('{folder}/*')",
    "FROM read_text('/proc/self/environ')",
    "SELECT * FROM query('SELECT * FROM read_text(''{file}'')')",
    "SELECT * FROM query_table('{file}')",
    "COPY (SELECT 1) TO '{new}'",
    "COPY (SELECT 1) TO '{new}' (FORMAT parquet)",
    "COPY (SELECT 1) TO '{new}' (FORMAT csv, USE_TMP_FILE false)",
    "CREATE TABLE loot AS SELECT * FROM read_csv('{file}')",
    "CREATE TABLE t(a INTEGER); COPY t FROM '{file}'",
    "EXPORT DATABASE '{new}'",
    "IMPORT DATABASE '{folder}'",
    "ATTACH '{new}' AS other",
    "ATTACH '{file}' AS other (READ_ONLY)",
    "ATTACH 'https://example.invalid/x.duckdb' AS other",
    "SELECT * FROM read_csv('https://example.invalid/x.csv')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{file}'",
    "FORCE INSTALL spatial FROM community",
    "SET enable_external_access=true",
    "SET lock_configuration=false",
    "RESET enable_external_access",
    "SET temp_directory='{folder}'",
    "SET allowed_directories=['/']",
    "SET allowed_paths=['/etc/passwd']",
    "SET python_enable_replacements=true",
    "SET autoinstall_known_extensions=true",
    "SET memory_limit='100GB'",
    "SET GLOBAL threads=64",
    "PRAGMA enable_profiling='json'; PRAGMA profiling_output='{new}'",
    "SET log_query_path='{new}'",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "SELECT * FROM SECRET",
    "SELECT * FROM local_secret",
]


@pytest.mark.parametrize("statement", ATTACKS)
def test_a_statement_that_reaches_out_fails(statement: str, tmp_path: Path) -> None:
    local_secret = SECRET
    file, new = tmp_path / "file.csv", tmp_path / "new"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    text = statement.replace("{file}", str(file)).replace("{new}", str(new)).replace("{folder}", str(tmp_path))
    with pytest.raises(duckdb.Error):
        engine.cursor().execute(text).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.csv"]
    assert local_secret.num_rows == 1


def test_what_the_lock_must_not_hinder_still_works() -> None:
    cursor = engine.cursor()
    cursor.register("given", pa.table({"a": [1, 2]}))
    assert cursor.sql("SELECT sum(a) FROM given").fetchall() == [(3,)]
    assert cursor.sql("SELECT $x + 1", params={"x": 1}).fetchall() == [(2,)]


def test_what_one_cursor_registers_no_other_sees() -> None:
    engine.cursor().register("mine", pa.table({"a": [1]}))
    with pytest.raises(duckdb.CatalogException):
        engine.cursor().sql("SELECT * FROM mine")


def test_eight_threads_with_cursors_of_their_own_get_the_right_rows() -> None:
    numbers = engine.create("numbers", pa.table({"n": range(5_000)}))
    wrong: list[object] = []

    def ask(thread: int) -> None:
        for turn in range(15):
            cursor = engine.cursor()
            cursor.register("given", pa.table({"k": [thread * 100 + turn]}))
            k = thread * 100 + turn
            text = "SELECT k, count(*) FROM query_table($numbers), given WHERE n < k GROUP BY k"
            found = cursor.sql(text, params={"numbers": numbers.name}).fetchall()
            if found != ([(k, k)] if k else []):
                wrong.append((k, found))

    threads = [threading.Thread(target=ask, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def stored(start: str) -> list[str]:
    """The tables and views in DuckDB whose name begins so, once what nobody holds has been dropped."""
    found = engine.cursor().sql("SELECT table_name FROM information_schema.tables ORDER BY table_name").fetchall()
    return [name for (name,) in found if name.startswith(start)]


def test_a_table_is_there_for_as_long_as_anybody_holds_it() -> None:
    first = engine.create("held", pa.table({"a": [1]}))
    second = engine.create("held", pa.table({"a": [1]}))
    assert first is second is engine.hold("held")
    del first
    assert stored("held") == ["held"]
    del second
    assert engine.hold("held") is None
    assert stored("held") == []


def test_a_table_that_nobody_holds_any_more_gives_its_memory_back() -> None:
    def taken() -> int:
        found = engine.cursor().sql("SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()").fetchall()
        return int(found[0][0])

    before, large = taken(), 8 << 20
    held = engine.create("large", pa.table({"n": np.random.default_rng(7).integers(1 << 62, size=large // 8)}))
    assert taken() > before + large // 2
    del held
    assert taken() < before + large // 2


def test_a_table_that_is_created_again_before_it_is_dropped_stays() -> None:
    held = engine.create("again", pa.table({"a": [1]}))
    del held
    held = engine.create("again", pa.table({"a": [1]}))
    assert stored("again") == ["again"]
    assert engine.cursor().table(held.name).fetchall() == [(1,)]
    del held
    assert stored("again") == []


def test_threads_that_create_and_leave_the_same_table_at_once_do_not_fail_each_other() -> None:
    failed: list[object] = []
    start = threading.Barrier(8)
    words = pa.array(["b", "a"]).dictionary_encode()

    def work(name: str) -> None:
        start.wait()
        try:
            for _ in range(40):
                held = engine.create(name, pa.table({"word": words}))
                rows = engine.cursor().table(held.name).select("word").fetchall()
                if rows != [("b",), ("a",)]:
                    failed.append(rows)
                del held
        except Exception as error:  # noqa: BLE001  whatever it is, it must not be
            failed.append(error)

    threads = [threading.Thread(target=work, args=(f"shared{n % 2}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert stored("shared") == []


def test_a_hold_that_goes_in_the_garbage_collector_waits_for_no_lock() -> None:
    held = engine.create("in_a_circle", pa.table({"a": [1]}))
    gone = weakref.ref(held)
    circle: list[object] = [held]
    circle.append(circle)
    del held, circle
    with engine._CATALOG, engine._LOCK:  # as where Python collects while a table is being made
        gc.collect()
    assert gone() is None
    assert stored("in_a_circle") == []


@pytest.mark.parametrize("name", ["plain", 'with "quotes"', "a; DROP TABLE bystander; --", "a.b"])
def test_dropping_drops_that_table_and_no_other(name: str) -> None:
    bystander = engine.create("bystander", pa.table({"a": [1]}))
    cursor = engine.cursor()
    cursor.from_arrow(pa.table({"a": [1]})).create('"' + name.replace('"', '""') + '"')
    assert stored(name) == [name]
    engine._drop(name, numbered=False)
    engine._drop(name, numbered=False)
    assert stored(name) == []
    assert stored("bystander") == [bystander.name]


def test_a_table_that_is_there_already_is_left_as_it_is() -> None:
    held = engine.create("once", pa.table({"a": [1]}))
    engine.create("once", pa.table({"a": [2]}))
    assert engine.keep("once", lambda: pa.table({"a": [3]})) is held
    assert engine.cursor().table("once").fetchall() == [(1,)]


def test_numbered_words_are_shown_as_words_beside_their_numbers() -> None:
    words = pa.array(["b", None, 'it\'s \\ "quoted"\n', "b"]).dictionary_encode()
    held = engine.create("numbered_words", pa.table({"word": words, "n": range(4)}))
    found = engine.cursor().table("numbered_words")
    assert dict(zip(found.columns, map(str, found.types), strict=True)) == {
        "word": "VARCHAR", "n": "BIGINT", "k_word": "SMALLINT"
    }  # fmt: skip
    assert found.fetchall() == [("b", 0, 0), (None, 1, None), ('it\'s \\ "quoted"\n', 2, 1), ("b", 3, 0)]
    assert len(stored("numbered_words")) == 3
    del held
    assert stored("numbered_words") == []


@pytest.mark.parametrize("count", [32_766, 32_767, 32_768, 32_769])
def test_a_column_of_many_words_has_room_for_all_their_numbers(count: int) -> None:
    words = pa.DictionaryArray.from_arrays(
        pa.array([0, count - 1, None]), pa.array(list(map(str, range(count))), pa.large_string())
    )
    held = engine.create(f"room{count}", pa.table({"word": words}))
    found = engine.cursor().table(held.name).select("word").fetchall()
    assert found == [("0",), (str(count - 1),), (None,)]


def test_a_table_that_could_not_be_made_whole_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"word": pa.array(["b", "a"]).dictionary_encode()})

    def fails(column: str) -> duckdb.Expression:
        raise MemoryError(column)

    with monkeypatch.context() as broken:
        broken.setattr(engine, "_word", fails)
        with pytest.raises(MemoryError):
            engine.create("half", table)
    assert stored("half") == []
    held = engine.create("half", table)
    assert engine.cursor().table(held.name).select("word").fetchall() == [("b",), ("a",)]


def test_numbered_words_keep_the_order_of_a_large_table() -> None:
    words = pa.DictionaryArray.from_arrays(
        pa.array(range(300_000), pa.int32()).cast(pa.int32()), [str(n) for n in range(300_000)]
    )
    held = engine.create("many_words", pa.table({"word": words, "n": range(300_000)}))
    found = engine.cursor().table(held.name).to_arrow_table()
    assert found["n"].to_pylist() == list(range(300_000))
    assert found["word"].to_pylist() == [str(n) for n in range(300_000)]


def test_a_database_for_a_file_is_not_the_locked_one() -> None:
    book = making.book({"employees": ["1"]})
    connection = engine.scratch()
    with pytest.raises(duckdb.CatalogException):
        connection.table(book.table)
    connection.close()
    books.close(book)


def test_a_fixed_statement_that_returns_nothing_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def query(self, name: str, text: str) -> None:
            assert name == "keyed"
            assert text

    with pytest.raises(RuntimeError, match=r"cube.sql returns no rows"):
        engine.ask(Silent(), "keyed", "cube")  # type: ignore[arg-type]
