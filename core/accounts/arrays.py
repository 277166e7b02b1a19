"""Columns of a listing and of a book as arrays by row, for what does not add up over profiles.

A row is an account's place in the book, from 0. Texts come as codes, so that a million of them group like numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from core.accounts import engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.listing import Listing

col = duckdb.ColumnExpression


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """The accounts that passed the filters, in row order: row, profile, and revenue in cents (0 where missing)."""

    row: npt.NDArray[np.int32]
    profile: npt.NDArray[np.int32]
    cents: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A text column of a whole book, by row: a value's place in `values`, or -1 where the account has none."""

    code: npt.NDArray[np.int32]
    values: tuple[str, ...]


def listed(listing: Listing) -> Listed:
    """Give row, profile and revenue of every account of a listing."""
    if (part := listing.part) is not None:
        at = part.by_row()
        return Listed(part.ground.row[at], part.profile(at), part.ground.cents[at])
    found = listing.rows()
    cents: npt.NDArray[np.int64] = found["cents"].fill_null(0).to_numpy()
    return Listed(found["row"].to_numpy().astype(np.int32), found["profile"].to_numpy(), cents)


def coded(book: Book, name: str) -> Coded:
    """Give a text column of the contract as codes, by row."""
    numbered = name in book.codes
    column = col(f"k_{name}" if numbered else name).alias("value")
    found = engine.cursor().table(book.table).select(col("row"), column).to_arrow_table()
    if numbered:
        values, code = book.codes[name], found["value"].cast(pa.int32()).combine_chunks()
    else:
        texts = found["value"].cast(pa.string()).combine_chunks().dictionary_encode()
        values, code = tuple(texts.dictionary.to_pylist()), texts.indices
    by_row = np.empty(found.num_rows, dtype=np.int32)
    by_row[found["row"].to_numpy()] = code.fill_null(-1).to_numpy()
    return Coded(by_row, values)


def named(book: Book, rows: Sequence[int] | npt.NDArray[np.int32]) -> list[tuple[str, str]]:
    """Give id and name of a few accounts by their rows, in the order asked."""
    cursor = engine.cursor()
    chosen = pa.table({"row": pa.array(np.asarray(rows, dtype=np.int64)), "place": np.arange(len(rows))})
    cursor.register("chosen", chosen)
    found = cursor.sql(engine.sql("named"), params={"accounts": book.table}).to_arrow_table()
    return list(zip(found["account_id"].to_pylist(), found["name"].to_pylist(), strict=True))
