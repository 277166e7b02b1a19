"""Reading a file as it is: its kind by its first bytes, its parts, one part as an Arrow table, nothing interpreted.

A workbook's parts are its sheets, an archive's its files, a DuckDB file's its tables. Nothing here trusts a file:
Parquet is checked by its footer and read within a budget of bytes, an archive by what it would unpack to, a DuckDB
file is opened read-only by a database that may do nothing else.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.accounts import delimited, engine, raws, sheets
from core.accounts.raws import MOST_COLUMNS, MOST_ROWS, Fault, Raw
from core.errors import BadFile, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Fault", "Raw", "parts", "read"]

MOST_BYTES = 3 << 30
"""What a Parquet file or a table may unpack to."""
FEW_BYTES = 1 << 30
"""What numbered words may come to at most, were each as long as the longest, without being counted."""
MOST_UNPACKED = 2 << 30
"""What one file of an archive may unpack to."""
MOST_PARTS = 500
_ZIP, _PARQUET, _DUCK = b"PK\x03\x04", b"PAR1", b"DUCK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_DIRECTORY = 64 << 20
"""Bytes in which the container of a workbook is searched for what it holds."""
_FOREIGN = {
    b"%PDF-": "a PDF document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"{\\rtf": "a text document", b"\x1f\x8b": "packed with gzip", b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive", b"SQLite format 3": "an SQLite database",
}  # fmt: skip
_PAGE = (b"<!doctype html", b"<html")
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".jsonl", ".ndjson", ".json", ".duckdb", ".db")


def read(path: Path, part: str = "", *, coded: bool = False) -> Raw:
    """Read a file by what it is, not by what it is called; raises `BadFile`.

    `part` names a sheet, a file of an archive (and its sheet after a slash and two colons) or a table; without it the
    first sheet, or the only file or table, is read. With `coded`, columns of few words come as numbered words where a
    Parquet file or a text is large.
    """
    kind = kind_of(path)
    if coded and kind in {"parquet", "text"}:
        raw = _read_parquet(path, coded=True) if kind == "parquet" else delimited.read(path, coded=True)
    else:
        raw = _read(path, part)
    if raw.cells.num_rows == 0 and not raw.broken:
        what = "the file has a heading but no rows"
        raise BadFile(what, where=path.name, way_out="Add one row per account")
    return replace(raw, notes=raw.notes + _left_out(raw))


def _read(path: Path, part: str) -> Raw:
    kind = kind_of(path)
    if kind == "zip":
        return _of_archive(path, part)
    if kind == "xlsx":
        return sheets.read(path, part)
    if kind == "duckdb":
        return _of_database(path, part)
    return {"parquet": _read_parquet, "json": _read_json}.get(kind, delimited.read)(path)


def kind_of(path: Path) -> str:
    """Tell by its bytes what a file is: xlsx, zip, parquet, duckdb, json or text; raises `BadFile`."""
    if not path.is_file():
        what = "there is no such file"
        raise BadFile(what, where=path.name, way_out="Check the name and the folder")
    with path.open("rb") as stream:
        start = stream.read(64)
    if not start:
        what = "the file is empty"
        raise BadFile(what, where=path.name, way_out="Choose a file with a heading row and one row per account")
    _refuse_foreign(path, start)
    if start.startswith(_ZIP):
        return "zip" if _is_archive(path) else "xlsx"
    if start.startswith(_PARQUET):
        return "parquet"
    if start[8:12] == _DUCK:
        return "duckdb"
    return "json" if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else "text"


def _refuse_foreign(path: Path, start: bytes) -> None:
    """Say what a file is that is no table, where its first bytes tell."""
    if start.startswith(_OLE):  # a workbook with a password is an encrypted stream in the container of the old format
        with path.open("rb") as stream:
            secret = "EncryptedPackage".encode("utf-16-le") in stream.read(MOST_DIRECTORY)
        what = "the workbook is protected by a password" if secret else "this is a workbook of the old kind, XLS"
        raise BadFile(what, where=path.name, way_out=f"Save it {'without one' if secret else 'as XLSX'}")
    page = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    found = next((what for magic, what in _FOREIGN.items() if start.startswith(magic)), "")
    found = found or ("a web page, perhaps one that asks to sign in" if page.startswith(_PAGE) else "")
    if found:
        what = f"the file is {found}, and no table"
        raise BadFile(what, where=path.name, way_out="Export the accounts as CSV, XLSX or Parquet")


def parts(path: Path) -> list[str]:
    """List the sheets, files or tables among which one is chosen; nothing where a file is one table."""
    kind = kind_of(path)
    if kind == "zip":
        return list(_members(path))
    if kind == "xlsx":
        return sheets.names(path)
    if kind == "duckdb":
        with _database(path) as connection:
            return _tables(connection)
    return []


def _left_out(raw: Raw) -> tuple[str, ...]:
    """Name the columns that hold something under no heading, counted from 1."""
    nameless = [i for i, heading in enumerate(raw.headings) if not heading]
    found = [str(i + 1) for i in nameless if raws.holds_anything(raw.cells[f"c{i}"])]
    if len(found) < 2:
        return tuple(f"column {number} has no heading and is left out" for number in found)
    more = f" and {len(found) - 12} more" if len(found) > 12 else ""
    return (f"columns {', '.join(found[:12])}{more} have no heading and are left out",)


# Archives ------------------------------------------------------------------------------------------------------------


def _is_archive(path: Path) -> bool:
    """Tell an archive of files from a workbook, which is a zip as well; what is broken counts as a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, LookupError):
        return False
    return "[content_types].xml" not in names and any(name.endswith(KINDS) for name in names)


def _members(path: Path) -> dict[str, zipfile.ZipInfo]:
    """List the tables of an archive; what a Mac or a folder leaves there is none."""
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_PARTS:
        what = f"the archive holds {len(infos):,} files, and at most {MOST_PARTS} are looked at"
        raise BadFile(what, where=path.name, way_out="Put only the account files into it")
    hidden = ("__macosx", ".")
    return {
        info.filename: info
        for info in infos
        if info.filename.lower().endswith(KINDS) and not PurePosixPath(info.filename).name.startswith(".")
        and not info.filename.lower().startswith(hidden)
    }  # fmt: skip


def _of_archive(path: Path, part: str) -> Raw:
    name, _, inner = part.partition("::")
    members = _members(path)
    if name and name not in members:
        raise UnknownName.of(f"file in {path.name}", name, members)
    if not members or (not name and len(members) > 1):
        what = f"the archive holds {len(members)} files" if members else "the archive holds no table"
        raise BadFile(what, where=path.name, way_out="Choose one of them: " + ", ".join(list(members)[:8]))
    info = members[name or next(iter(members))]
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        file = Path(folder) / "part"  # never under the name that the archive gives it
        try:
            with zipfile.ZipFile(path) as archive, archive.open(info) as packed, file.open("wb") as out:
                _unpack(packed, out, path)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            what = f"“{info.filename}” in the archive cannot be unpacked"
            raise BadFile(what, where=path.name, way_out="Pack it again, without a password") from error
        if kind_of(file) == "zip":
            what = "there is an archive in the archive"
            raise BadFile(what, where=path.name, way_out="Unpack it first")
        raw = _read(file, inner)
    return replace(raw, facts={"file": info.filename, **raw.facts})


def _unpack(packed: Any, out: Any, path: Path) -> None:
    size = 0
    while block := packed.read(1 << 20):
        size += len(block)
        if size > MOST_UNPACKED:
            what = "the archive unpacks to more than 2 GB"
            raise BadFile(what, where=path.name, way_out="Hand the table over as Parquet")
        out.write(block)


# Parquet -------------------------------------------------------------------------------------------------------------


def _read_parquet(path: Path, *, coded: bool = False) -> Raw:
    try:
        file, rows = pq.ParquetFile(path, page_checksum_verification=True), 1 << 17
        _ = file.schema_arrow.names
        if coded and (few := raws.of_few_words(file)):
            file, rows = pq.ParquetFile(path, page_checksum_verification=True, read_dictionary=few), 1 << 20
    except (pa.ArrowException, OSError, ValueError) as error:
        what = "the Parquet file is broken"
        raise BadFile(what, where=path.name, way_out="Write it again") from error
    _check_footer(file, path)
    headings = raws.headings(file.schema_arrow.names, path)
    try:
        table = pa.concat_tables([file.schema_arrow.empty_table(), *_within(_pieces(file, rows), path)])
        columns = [column if coded and _may_stay(column.type) else _kept(column) for column in table.columns]
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        if isinstance(error, BadFile):
            raise
        what = "the Parquet file cannot be read"
        raise BadFile(what, where=path.name, way_out="Write it again, or hand it over as CSV") from error
    return Raw(headings, _numbered(columns, 1))


def _may_stay(kind: pa.DataType) -> bool:
    """Tell whether a single table's column needs no form that it shares with others'."""
    return _is_coded(kind) or (pa.types.is_integer(kind) and not pa.types.is_uint64(kind))


def _is_coded(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))


def _numbered(columns: list[pa.ChunkedArray], first: int) -> pa.Table:
    rows = len(columns[0]) if columns else 0
    row = pa.array(np.arange(first, first + rows), pa.int64())
    return pa.table([row, *columns], names=["row", *(f"c{i}" for i in range(len(columns)))])


def _pieces(file: pq.ParquetFile, rows: int) -> Iterator[pa.Table]:
    """Read as many rows at once as are asked for: groups of rows together, a larger one bit by bit.

    A column that comes in one piece need not be put together, which takes as long as to read it.
    """
    together: list[int] = []
    left = rows
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if together and count > left:
            yield file.read_row_groups(together)
            together, left = [], rows
        if count > rows:
            yield from (pa.table(batch) for batch in file.iter_batches(rows, row_groups=[group]))
        else:
            together.append(group)
            left -= count
    if together:
        yield file.read_row_groups(together)


def _within(pieces: Iterator[pa.Table], path: Path) -> Iterator[pa.Table]:
    """Pass pieces on as long as they fit; a file of 2 KB can name a long word a million times."""
    size = 0
    for piece in pieces:
        # Counted exactly only where it might matter: that takes longer than to read the words.
        arrays = [array for column in piece.columns for array in column.chunks]
        longest = sum(_longest(array) * len(array) for array in arrays)
        size += piece.nbytes + (longest if size + longest < FEW_BYTES else sum(map(_spelled, arrays)))
        if size > MOST_BYTES:
            what = f"the table unpacks to more than {MOST_BYTES >> 30} GB"
            raise BadFile(what, where=path.name, way_out="Leave out the columns that decide nothing, or split the book")
        yield piece


def _longest(column: pa.Array) -> int:
    """Give the bytes of the longest of a column's numbered words; 0 for any other column."""
    return int(raws.lengths(column.dictionary).max(initial=0)) if _is_coded(column.type) else 0


def _spelled(column: pa.Array) -> int:
    """Count the bytes that numbered words would take if they were written out; 0 for any other column."""
    if not _is_coded(column.type):
        return 0
    lengths = np.append(raws.lengths(column.dictionary).astype(np.int64), 0)
    codes = column.indices.cast(pa.int32()).fill_null(len(lengths) - 1).to_numpy()
    return int(np.bincount(codes, minlength=len(lengths)) @ lengths)


def _kept(column: pa.ChunkedArray) -> pa.ChunkedArray:  # noqa: PLR0911  one kind of column after the other
    """Keep numbers and days as themselves, all else as its text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _kept(pc.cast(column, kind.value_type))
    if pa.types.is_uint64(kind):
        return pc.cast(column, pa.decimal128(20, 0))
    if pa.types.is_integer(kind):
        return pc.cast(column, pa.int64())
    if pa.types.is_floating(kind):
        return pc.cast(column, pa.float64())
    if pa.types.is_timestamp(kind):
        return pc.cast(pc.floor_temporal(column, unit="day"), pa.date32(), safe=False)
    if pa.types.is_date(kind):
        return pc.cast(column, pa.date32())
    if pa.types.is_decimal(kind):
        return column
    return pc.cast(column, pa.string())


def _check_footer(footer: pq.ParquetFile, path: Path) -> None:
    """Refuse by the footer what would not end well: nested columns, and a small file that declares 100 GB."""
    nested = [f.name for f in footer.schema_arrow if pa.types.is_nested(f.type)]
    if nested:
        what = f"the column “{nested[0]}” is nested"
        raise BadFile(what, where=path.name, way_out="Flatten it to one value per row, or leave it out")
    if footer.metadata.num_rows > raws.MOST_ROWS:
        what = f"there are {footer.metadata.num_rows:,} rows, and at most {raws.MOST_ROWS:,} are read"
        raise BadFile(what, where=path.name, way_out="Split the book")


# JSON lines ----------------------------------------------------------------------------------------------------------


def _read_json(path: Path) -> Raw:
    """Read one object a line (or one list of objects); a line that is no object is a broken row with its number."""
    encoding, notes = delimited.encoding_of(path)
    headings: dict[str, int] = {}
    rows: list[tuple[int, dict[str, Any]]] = []
    broken: list[tuple[int, str, str]] = []
    for number, line, found in _objects(path, encoding):
        if isinstance(found, dict) and not any(isinstance(cell, dict | list) for cell in found.values()):
            rows.append((number, found))
            headings.update({key: len(headings) for key in found if key not in headings})
            if len(headings) > MOST_COLUMNS:
                break
        else:
            what = "the line holds a value within a value" if isinstance(found, dict) else "the line is no JSON object"
            broken.append((number, what, line[: raws.LONGEST_LINE]))
    if broken and not rows:
        number, what, _ = broken[0]
        raise BadFile(f"{what} (line {number})", where=path.name, way_out="Write one flat JSON object a line")
    listed = raws.headings(list(headings), path)
    arrays: list[pa.Array] = [pa.array([n for n, _ in rows], pa.int64())]
    arrays += [pa.array([_json_text(row.get(key)) for _, row in rows], pa.string()) for key in headings]
    plain = frozenset(
        i for i, key in enumerate(headings) if all(not isinstance(row.get(key), str) for _, row in rows)
    )  # fmt: skip
    cells = pa.Table.from_arrays(arrays, schema=raws.schema(len(listed)))
    facts = {"encoding": "UTF-8" if encoding.startswith("utf-8") else encoding, "form": "JSON"}
    return Raw(listed, cells, tuple(broken), notes, facts=facts, plain=plain)


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, str, object]]:
    with path.open(encoding=encoding, errors="strict") as stream:
        if stream.read(1) == "[":
            stream.seek(0)
            try:
                whole = json.load(stream, parse_int=str, parse_float=str)
            except (json.JSONDecodeError, RecursionError) as error:
                what = "the JSON cannot be read"
                raise BadFile(what, where=path.name, way_out="Write one object a line") from error
            yield from ((number, json.dumps(found), found) for number, found in enumerate(whole, 1))
            return
        stream.seek(0)
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    # Digits stay as they are written: 0.10 is no binary number.
                    yield number, line.strip(), json.loads(line, parse_int=str, parse_float=str)
                except (json.JSONDecodeError, RecursionError):
                    yield number, line.strip(), None


def _json_text(cell: object) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)


# DuckDB --------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _database(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a foreign DuckDB file read-only, in a database that can reach nothing else and change nothing."""
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        copy = Path(folder) / "book.duckdb"  # a copy: what SQL in it could still reach is its own file
        shutil.copyfile(path, copy)
        connection = None
        try:
            connection = duckdb.connect(str(copy), read_only=True, config=engine.CONFIG)
            for setting in ("SET memory_limit='2GB'", *engine.SETTINGS):
                connection.execute(setting)
            yield connection
        except duckdb.Error as error:
            what = "the DuckDB file cannot be read"
            raise BadFile(what, where=path.name, way_out="Write the table as Parquet") from error
        finally:
            if connection is not None:
                connection.close()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.sql(engine.sql("tables")).fetchall()
    return [name if schema == "main" else f"{schema}.{name}" for schema, name in found]


def _of_database(path: Path, part: str) -> Raw:
    with _database(path) as connection:
        names = _tables(connection)
        if part and part not in names:
            raise UnknownName.of(f"table in {path.name}", part, names)
        if not names or (not part and len(names) > 1):
            what = f"the file holds {len(names)} tables" if names else "the file holds no table"
            raise BadFile(what, where=path.name, way_out="Choose one of them: " + ", ".join(names[:8]))
        relation = connection.table(part or names[0])
        nested = [n for n, t in zip(relation.columns, relation.types, strict=True) if t.id in {"list", "struct", "map"}]
        if nested:
            what = f"the column “{nested[0]}” is nested"
            raise BadFile(what, where=path.name, way_out="Flatten it to one value per row, or leave it out")
        rows = int(relation.aggregate([duckdb.FunctionExpression("count_star")]).fetchall()[0][0])
        if rows > raws.MOST_ROWS:
            what = f"there are {rows:,} rows, and at most {MOST_ROWS:,} are read"
            raise BadFile(what, where=path.name, way_out="Split the book")
        table = relation.to_arrow_table()
    headings = raws.headings(table.column_names, path)
    try:
        columns = [_kept(column) for column in table.columns]
    except (pa.ArrowException, MemoryError) as error:
        what = "the table cannot be read"
        raise BadFile(what, where=path.name, way_out="Write it as Parquet") from error
    return Raw(headings, _numbered(columns, 1), facts={"table": part or names[0]})
