"""A book as one immutable Parquet file: typed columns under safe names, what they mean in the file's own metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from core.accounts.checking import Column
from core.accounts.contract import Kind
from core.accounts.raws import of_few_words, plain
from core.errors import BadFile

if TYPE_CHECKING:
    from pathlib import Path

    from core.accounts.checking import Checked

_KEY = b"tierwise"
_VERSION = 1
AT_ONCE = 1 << 18
"""Rows that are written at once, and so lie in a group of their own."""


@dataclass(frozen=True, slots=True)
class About:
    """What a snapshot says of itself. `history` is the digest of the revenue history that goes with it, or empty.

    Where the rows of the file are payments or deals, there are fewer `accounts` than rows that were not set aside.
    """

    name: str
    source: str
    columns: tuple[Column, ...]
    rows_in_file: int
    rows_set_aside: int
    accounts: int
    history: str = ""


def describe(checked: Checked, *, name: str, source: str) -> About:
    """Say of a checked table what its snapshot will say of itself."""
    return About(name, source, checked.columns, checked.rows_in_file, checked.rows_set_aside, checked.table.num_rows)


def write(table: pa.Table, about: About, file: Path) -> None:
    """Write a table and what it is; the same input gives the same bytes, and so the same name."""
    data = {
        "version": _VERSION,
        **{key: getattr(about, key) for key in ("name", "source", "rows_in_file", "rows_set_aside", "history")},
        "columns": [[c.name, c.heading, c.kind.value] for c in about.columns],
    }
    text = json.dumps(data, sort_keys=True).encode()
    schema = plain(table.slice(0, 0)).schema.with_metadata({_KEY: text})
    with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as out:
        for start in range(0, max(table.num_rows, 1), AT_ONCE):  # words of all rows at once would fill the memory
            part = plain(table.slice(start, AT_ONCE)).replace_schema_metadata({_KEY: text})
            out.write_table(part, AT_ONCE)


def read_about(file: Path) -> About:
    """Read what a snapshot says of itself, without its rows; raises `BadFile` where it is no snapshot of ours."""
    try:
        footer = pq.read_metadata(file)
        data = json.loads((footer.metadata or {})[_KEY])
        columns = tuple(Column(name, heading, Kind(kind)) for name, heading, kind in data["columns"])
    except (KeyError, ValueError, OSError, pa.ArrowException) as error:
        what = "this is not a book that Tierwise has written"
        raise BadFile(what, where=file.name, way_out="Upload the account file again") from error
    kept = {key: data[key] for key in ("name", "source", "rows_in_file", "rows_set_aside", "history")}
    return About(columns=columns, accounts=footer.num_rows, **kept)


def read(file: Path, *, coded: bool = False) -> pa.Table:
    """Read the rows, checking every page's checksum; raises `BadFile` where the file has been damaged.

    With `coded`, the columns of a large book that have few words come as numbered words.
    """
    try:
        few = of_few_words(pq.ParquetFile(file)) if coded else []
        found = pq.read_table(file, page_checksum_verification=True, read_dictionary=few)
        return found.replace_schema_metadata(None)
    except (OSError, pa.ArrowException) as error:
        what = "the book's file is damaged"
        raise BadFile(what, where=file.name, way_out="Upload the account file again") from error


def with_history(about: About, digest: str) -> About:
    """Say which revenue history goes with the book."""
    return replace(about, history=digest)
