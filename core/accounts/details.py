"""Details: what a few accounts show, however large the book; the relatives, the past and the shares of one.

In: an open book or its listing, and which accounts.  Out: arrays and Arrow tables; money in cents, or as said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from core.accounts import engine
from core.accounts.contract import BY_NAME

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.listing import Listing

QUARTERS = 8
"""How many quarters a trend shows, as in `trend.sql`."""


def few(book: Book, rows: Sequence[int] | npt.NDArray[np.int64]) -> duckdb.DuckDBPyConnection:
    """Open a cursor that knows some accounts (row and contract) and their history as `few_accounts` and `few_history`.

    What asks for the past of fifty accounts must not add up the past of a million.
    """
    cursor = engine.cursor()
    cursor.register("chosen", pa.table({"row": np.asarray(rows, dtype=np.int64)}))
    found = cursor.sql(engine.sql("few"), params={"accounts": book.table})
    cursor.register("few_accounts", found.select(*map(duckdb.ColumnExpression, ("row", *BY_NAME))).to_arrow_table())
    past = cursor.sql(engine.sql("few_history"), params={"history": book.history_table}).to_arrow_table()
    cursor.register("few_history", past)
    return cursor


def trends(book: Book, rows: Sequence[int], as_of: dt.date | None) -> list[list[float]]:
    """Give what each account paid in the last eight quarters, oldest first, in units of the currency.

    Empty where the book has no history of it; a quarter without an amount is 0 where there are others.
    """
    if as_of is None or not book.has_history:
        return [[] for _ in rows]
    found = few(book, rows).sql(engine.sql("trend"), params={"as_of": as_of}).to_arrow_table()
    known: dict[int, list[float]] = {}
    for row, back, amount in zip(*(found[name].to_pylist() for name in ("row", "back", "amount")), strict=True):
        known.setdefault(row, [0.0] * QUARTERS)[QUARTERS - 1 - back] = amount
    return [known.get(int(row), []) for row in rows]


def past(book: Book, row: int) -> pa.Table:
    """Give everything recorded of what one account paid, oldest first: columns account_id, period, amount (units)."""
    return few(book, [row]).table("few_history").to_arrow_table()


def account(listing: Listing, account_id: str) -> dict[str, Any] | None:
    """Give everything the file says of one account, None where the book has none of that id."""
    wanted = duckdb.ColumnExpression("account_id") == duckdb.ConstantExpression(account_id)
    found = engine.cursor().table(listing.book.table).filter(wanted).limit(1).to_arrow_table().to_pylist()
    return found[0] if found else None


def family(listing: Listing, account_id: str, parent_id: str | None) -> pa.Table:
    """List parent, siblings and children of an account: see `family.sql` for the columns."""
    given = {"profiled": listing.table, "accounts": listing.book.table}
    asked = {**given, "account_id": account_id, "parent_id": parent_id}
    return engine.cursor().sql(engine.sql("family"), params=asked).to_arrow_table()


def owned(listing: Listing, owner: str | None) -> dict[str, int]:
    """Count accounts and revenue of the whole listing and of one owner: see `owned.sql` for the keys."""
    given = {"profiled": listing.table, "accounts": listing.book.table, "owner": owner}
    found: dict[str, int] = engine.cursor().sql(engine.sql("owned"), params=given).to_arrow_table().to_pylist()[0]
    return found


def told(listing: Listing) -> pa.Table:
    """Say what loss the book's own probabilities expect, by health status: see `told.sql` for the columns."""
    given = {"profiled": listing.table, "accounts": listing.book.table}
    return engine.cursor().sql(engine.sql("told"), params=given).to_arrow_table()


def survival(book: Book, split: dt.date) -> pa.Table:
    """Say who paid before a day and whether they still pay a year later: see `survival.sql`; amounts in units."""
    given = {"history": book.history_table, "split": split}
    return engine.cursor().sql(engine.sql("survival"), params=given).to_arrow_table()


def values(listing: Listing, names: Sequence[str]) -> pa.Table:
    """Give columns of the account table beside row, status, health_score and cents, for every listed account.

    `names` are columns as the book stores them.
    """
    cursor = engine.cursor()
    own = cursor.table(listing.book.table).select(*map(duckdb.ColumnExpression, ("row", *names)))
    shown = cursor.table(listing.table).select(
        *map(duckdb.ColumnExpression, ("row", "status", "health_score", "cents"))
    )
    return shown.join(own, "row").order("row").to_arrow_table()
