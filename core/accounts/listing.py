"""Accounts by name: pages of a table, however large the book, and the columns that do not add up over profiles.

A listing is a narrow table in DuckDB (row, profile, health, revenue) made once for a book, its bands and its filters.
What a model decides comes in by profile, so that a change of weights joins a few thousand rows and re-bands nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import books, engine, filters

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.cube import Cube

col, lit, fn = duckdb.ColumnExpression, duckdb.ConstantExpression, duckdb.FunctionExpression


@dataclass(frozen=True, slots=True)
class Listing:
    """The accounts of a book that passed the filters; `table` names them in DuckDB."""

    table: str
    book: Book


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts, in which order: tiers and health statuses by their codes (None is all), a part of the name or id.

    `ids` asks for some accounts, `account_id` for one. `moved` keeps the accounts whose profile is marked in the column
    `moved` of `by_profile`. `sort` names a column of the listing, `times` one of `by_profile` that it is multiplied by,
    a missing amount being 0 then; ties go by revenue potential, then account id, so that no order is an accident.
    """

    tiers: Sequence[int] | None = None
    statuses: Sequence[int] | None = None
    search: str = ""
    owners: Sequence[str] = ()
    ids: Sequence[str] = ()
    account_id: str = ""
    moved: bool = False
    sort: str = "cents"
    times: str = ""
    descending: bool = True


def profile_of(accounts: pa.Table, found: Cube) -> pa.ChunkedArray:
    """Give the row of the cube that belongs to each of the accounts that it was made of (`cube.keyed`)."""
    return pc.index_in(accounts["key"], pa.array([int(key) for key in found.key], accounts.schema.field("key").type))


def make(book: Book, accounts: pa.Table, profile: pa.ChunkedArray, *, name: str) -> Listing:
    """Make the listing that belongs to a cube, of the accounts that it was made of and their profiles.

    `name` must be unique to book, banding and filters.
    """
    table = f"listing_{name}"
    if not books.attached(table):
        rest = {column: accounts[column] for column in ("status", "health_score", "cents")}
        books.attach(table, {"row": accounts["row"], "profile": profile, **rest})
    return Listing(table, book)


def narrow(whole: Listing, passes: npt.NDArray[np.bool_], numbers: npt.NDArray[np.int32], *, name: str) -> Listing:
    """Make the listing of the accounts of a whole book that pass, with the numbers that their profiles have now."""
    table = f"listing_{name}"
    if not books.attached(table):
        books.attach(table, filters.renumbered(engine.cursor().table(whole.table).to_arrow_table(), passes, numbers))
    return Listing(table, whole.book)


def page(
    listing: Listing, by_profile: pa.Table, wanted: Wanted, *, limit: int | None = None, offset: int = 0
) -> pa.Table:
    """Give the accounts that are wanted, `limit` of them from `offset`, with every column of the book.

    `by_profile` says what each profile comes to: columns profile (int32), tier (int8) and any others.
    """
    order = _order(wanted)
    found = _found(listing, by_profile, wanted).sort(*order)
    if limit is None:
        return found.to_arrow_table()
    # First which accounts, then all there is to say of them: sorting every column of a large book costs three times it.
    cursor = engine.cursor()
    cursor.register("chosen", found.limit(limit, offset).select(col("row")).to_arrow_table())
    cursor.register("by_profile", by_profile)
    names = {"profiled": listing.table, "accounts": listing.book.table}
    return cursor.sql(engine.sql("chosen"), params=names).sort(*order).to_arrow_table()


def ordered(listing: Listing, by_profile: pa.Table, wanted: Wanted, columns: Sequence[str]) -> pa.Table:
    """Give some columns of every account that is wanted, in its order: what an export of a large book can hold."""
    found = _found(listing, by_profile, wanted).sort(*_order(wanted))
    return found.select(*map(col, columns)).to_arrow_table()


def _order(wanted: Wanted) -> tuple[duckdb.Expression, ...]:
    column = col(wanted.sort)
    if wanted.times:
        column = duckdb.CaseExpression(column.isnull(), lit(0)).otherwise(column) * col(wanted.times)
    return (
        column.desc().nulls_last() if wanted.descending else column.asc().nulls_last(),
        col("revenue_potential").desc().nulls_last(),
        col("account_id").asc(),
    )


def summary(listing: Listing, by_profile: pa.Table, wanted: Wanted) -> tuple[int, int]:
    """Count the accounts that are wanted, and add their revenue up in cents (credits left out)."""
    revenue = duckdb.CaseExpression(col("cents") > lit(0), col("cents")).otherwise(lit(0))
    totals = [fn("count_star").alias("accounts"), fn("sum", revenue).cast("BIGINT").alias("revenue")]
    accounts, cents = _found(listing, by_profile, wanted).aggregate(totals).fetchall()[0]
    return int(accounts), int(cents or 0)


def _found(listing: Listing, by_profile: pa.Table, wanted: Wanted) -> duckdb.DuckDBPyRelation:
    cursor = engine.cursor()
    cursor.register("by_profile", by_profile)
    names = {"profiled": listing.table, "accounts": listing.book.table}
    found = cursor.sql(engine.sql("listed"), params=names)
    for column, values in (
        ("tier", wanted.tiers),
        ("status", wanted.statuses),
        ("owner", wanted.owners or None),
        ("account_id", wanted.ids or None),
    ):
        if values is not None:
            found = found.filter(col(column).isin(*map(lit, values)) if values else lit(value=False))
    if wanted.account_id:
        found = found.filter(col("account_id") == lit(wanted.account_id))
    if wanted.moved:
        found = found.filter(col("moved"))
    if wanted.search.strip():
        part = lit(wanted.search.strip().lower())
        found = found.filter(
            fn("contains", fn("lower", col("name")), part) | fn("contains", fn("lower", col("account_id")), part)
        )
    return found


def mix(listing: Listing, by_profile: pa.Table) -> pa.Table:
    """Group the accounts that move by lifecycle, owner, region and industry: see `mix.sql` for the columns.

    `by_profile` marks, in boolean columns, the profiles that are `moved`, that `enter` and that `leave` a tier.
    """
    cursor = engine.cursor()
    cursor.register("by_profile", by_profile)
    names = {"profiled": listing.table, "accounts": listing.book.table}
    return cursor.sql(engine.sql("mix"), params=names).to_arrow_table()


def joint(before: Listing, after: Listing) -> tuple[Listing, pa.Table]:
    """Put two listings of one book side by side: a listing whose profiles are pairs of theirs, and what each pair has.

    The pairs are numbered by their row in the table: see `joint.sql` for its columns. Both listings need the same
    filters. Costs a scan; it belongs into a cache.
    """
    names = {"before": before.table, "after": after.table}
    found = engine.cursor().sql(engine.sql("joint"), params=names).to_arrow_table()
    table = f"joint_{before.table}_{after.table}"
    if not books.attached(table):
        cursor = engine.cursor()
        numbers = pa.array(np.arange(found.num_rows, dtype=np.int32))
        cursor.register("pairs", found.select(["before", "after"]).append_column("pair", numbers))
        rows = cursor.sql(engine.sql("paired"), params=names).to_arrow_table()
        books.attach(table, {column: rows[column] for column in rows.column_names})
    return Listing(table, after.book), found


def profiles(listing: Listing) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Give profile and revenue (cents) of every account, for what does not add up over profiles.

    A missing amount is 0 here, so that every account has a place; do not take these for accounts without revenue.
    """
    rows = engine.cursor().table(listing.table).select(col("profile"), col("cents")).to_arrow_table()
    return rows["profile"].to_numpy(), rows["cents"].fill_null(0).to_numpy()


def column(listing: Listing, name: str) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Give a text column of the contract and revenue (cents, 0 where missing) of every account, row by row."""
    cursor = engine.cursor()
    texts = cursor.table(listing.book.table).select(col("row"), col(name).alias("value"))
    found = cursor.table(listing.table).select(col("row"), col("cents")).join(texts, "row").to_arrow_table()
    return found["value"].to_pandas().to_numpy(dtype=object, na_value=None), found["cents"].fill_null(0).to_numpy()


def trailing(listing: Listing, until: dt.date) -> npt.NDArray[np.int64]:
    """Give what each account paid in the twelve months up to a day's month, in cents, from the revenue history."""
    names = {"profiled": listing.table, "accounts": listing.book.table, "history": listing.book.history_table}
    found = engine.cursor().sql(engine.sql("trailing"), params={**names, "until": until}).to_arrow_table()
    cents: npt.NDArray[np.int64] = found["cents"].drop_null().to_numpy()
    return cents
