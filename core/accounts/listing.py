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
    from core.accounts.filters import Ground

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


def narrow(
    whole: Listing, ground: Ground, at: npt.NDArray[np.intp], numbers: npt.NDArray[np.int32], *, name: str
) -> Listing:
    """Make the listing of some accounts of a whole book, with the numbers that their profiles have now."""
    table = f"listing_{name}"
    if not books.attached(table):
        rows = engine.cursor().table(whole.table).to_arrow_table()
        books.attach(table, filters.renumbered(rows, ground, at, numbers))
    return Listing(table, whole.book)


def page(
    listing: Listing,
    by_profile: pa.Table,
    wanted: Wanted,
    *,
    limit: int | None = None,
    offset: int = 0,
    columns: Sequence[str] = (),
) -> pa.Table:
    """Give the accounts that are wanted, `limit` of them from `offset`, with these columns or every one of the book.

    `by_profile` says what each profile comes to: columns profile (int32), tier (int8) and any others.
    """
    order = _order(wanted)
    named = [col(name) for name in columns] or [duckdb.StarExpression()]
    if limit is None:
        return _found(listing, by_profile, wanted).sort(*order).select(*named).to_arrow_table()
    # First which accounts, then all there is to say of them: sorting every column of a large book costs three times it.
    cursor = engine.cursor()
    chosen = _first(listing, by_profile, wanted, limit + offset)
    if chosen is None:
        found = _found(listing, by_profile, wanted).sort(*order).limit(limit, offset)
        chosen, offset = found.select(col("row")).to_arrow_table(), 0
    cursor.register("chosen", chosen)
    cursor.register("by_profile", by_profile)
    names = {"profiled": listing.table, "accounts": listing.book.table}
    told = cursor.sql(engine.sql("chosen"), params=names).sort(*order).limit(limit, offset)
    return told.select(*named).to_arrow_table()


def _first(listing: Listing, by_profile: pa.Table, wanted: Wanted, count: int) -> pa.Table | None:
    """Give the rows of the first `count` accounts, and of those that tie with the last of them.

    Asked without what the file says of an account, which is most of the work. None where that is needed to know, and
    where too many tie.
    """
    if not _slim(wanted) or wanted.times or wanted.sort not in {*_OWN, *by_profile.column_names} or count < 1:
        return None
    column, statement = col(wanted.sort), "own" if wanted.sort in _OWN else "profiled"
    found = _found(listing, by_profile, wanted, statement).filter(column.isnotnull())
    ranked = found.sort(column.desc() if wanted.descending else column.asc())
    last = ranked.limit(1, count - 1).select(column).fetchall()
    if not last:
        return None
    edge = lit(last[0][0])
    reaching = found.filter(column >= edge if wanted.descending else column <= edge)
    rows = reaching.select(col("row")).limit(count + _MOST_TIES).to_arrow_table()
    return rows if rows.num_rows < count + _MOST_TIES else None


_MOST_TIES = 500
_OWN = ("row", "profile", "status", "health_score", "cents")
"""The columns of a listing's table."""


def _slim(wanted: Wanted) -> bool:
    """Tell whether a listing and what its profiles decide are enough to know which accounts are wanted."""
    return not (wanted.search.strip() or wanted.owners or wanted.ids or wanted.account_id)


def ordered(
    listing: Listing, by_profile: pa.Table, wanted: Wanted, columns: Sequence[str]
) -> tuple[pa.Table, npt.NDArray[np.intp]]:
    """Give some columns of every account that is wanted, and the places of the accounts in the order that is wanted.

    Only what decides the order is sorted: sorted whole, a large book would stand in memory twice. `columns` has row.
    """
    rows = _found(listing, by_profile, wanted).sort(*_order(wanted)).select(col("row")).to_arrow_table()["row"]
    found = _found(listing, by_profile, wanted).select(*map(col, columns)).to_arrow_table()
    there = found["row"].to_numpy()
    by_row = np.argsort(there)
    return found, by_row[np.searchsorted(there, rows.to_numpy(), sorter=by_row)]


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
    found = _found(listing, by_profile, wanted, "own" if _slim(wanted) else "listed")
    accounts, cents = found.aggregate(totals).fetchall()[0]
    return int(accounts), int(cents or 0)


def _found(
    listing: Listing, by_profile: pa.Table, wanted: Wanted, statement: str = "listed"
) -> duckdb.DuckDBPyRelation:
    """Give the accounts that are wanted: `listed` with all there is to say of them, `profiled` with their profile's.

    `own` is the listing alone where that is enough, else `profiled`.
    """
    cursor = engine.cursor()
    if statement == "own" and wanted.tiers is None and not wanted.moved:
        found = cursor.table(listing.table)
    else:
        cursor.register("by_profile", by_profile)
        text = engine.sql("profiled" if statement == "own" else statement)
        names = {"profiled": listing.table, "accounts": listing.book.table}
        found = cursor.sql(text, params={name: table for name, table in names.items() if f"${name}" in text})
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
