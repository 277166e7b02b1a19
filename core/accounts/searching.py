"""Searching: the accounts whose name or id has a text in it, in whatever case.

To write a million names in small letters takes longer than to look through them. So a book's names and ids are kept in
small letters from the first search on, as one text an account: some 55 bytes of memory each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb

from core.accounts import books, engine, filters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from core.accounts.books import Book

col, lit, fn = duckdb.ColumnExpression, duckdb.ConstantExpression, duckdb.FunctionExpression

BETWEEN = "\n"
"""What stands between name and id."""
_MOST = 16
"""Searches whose answers are kept; each is a byte an account."""


def condition(text: str) -> duckdb.Expression:
    """Say of an account of the file what it must be to have a text in its name or id."""
    part = lit(_said(text))
    return fn("contains", fn("lower", col("name")), part) | fn("contains", fn("lower", col("account_id")), part)


def marks(book: Book, text: str) -> npt.NDArray[np.bool_]:
    """Tell of every account, by row, whether its name or id has a text in it. Read-only."""
    part = _said(text)
    if BETWEEN in part:  # which might be found across both
        return found(book.table, book.rows, part)
    return found(books.beside(book, book.words_table, lambda: _words(book)).name, book.rows, part)


@lru_cache(maxsize=_MOST)  # a table's name is a fingerprint of what it holds
def found(table: str, rows: int, part: str) -> npt.NDArray[np.bool_]:
    """Answer `marks` by the name of a table, of a book's accounts or of their words; `part` is in small letters."""
    across = BETWEEN in part
    there = engine.cursor().table(table).filter(condition(part) if across else fn("contains", col("words"), lit(part)))
    marks = filters.marked(there, rows)
    marks.flags.writeable = False
    return marks


def _words(book: Book) -> pa.Table:
    both = fn("concat_ws", lit(BETWEEN), fn("lower", col("name")), fn("lower", col("account_id")))
    return engine.cursor().table(book.table).select(col("row"), both.alias("words")).to_arrow_table()


def _said(text: str) -> str:
    return text.strip().lower()
