"""Accounts by name: pages of a table, however large the book, and the columns that do not add up over profiles.

A listing says of the accounts that passed the filters which profile, health and revenue each has. It is a part of a
book's ground (`filters.Part`), or a narrow table in DuckDB where there is none: for a book too large for it, for
accounts banded with a filter, and for two listings put side by side. What a model decides comes in by profile, so that
a change of weights touches a few thousand rows and re-bands nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import choosing, engine, searching

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.engine import Table
    from core.accounts.filters import Part

col, lit, fn = duckdb.ColumnExpression, duckdb.ConstantExpression, duckdb.FunctionExpression


@dataclass(frozen=True, slots=True)
class Listing:
    """The accounts of a book that passed the filters, under a name that no other listing has.

    `part` is where they stand in the ground of the book; without it, there is a table of that name in DuckDB. A table
    stays in memory for as long as a listing that has it in `held`.
    """

    name: str
    book: Book
    part: Part | None = field(default=None, compare=False, repr=False)
    held: list[Table] = field(default_factory=list, compare=False, repr=False)

    @property
    def table(self) -> str:
        """The name of the accounts' table in DuckDB, which a part makes when it is first asked for."""
        if not self.held:
            self.held.append(engine.keep(self.name, self.rows))
        return self.name

    def rows(self) -> pa.Table:
        """Give every account in the order of the book: row, profile, status, health_score, cents."""
        if self.part is not None:
            return choosing.table(self.part, self.part.by_row())
        return engine.cursor().table(self.name).order("row").to_arrow_table()


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


def make(book: Book, accounts: pa.Table, profile: npt.NDArray[np.int32], *, name: str) -> Listing:
    """Make the listing that belongs to a cube, of the accounts that it was made of and their profiles, as a table.

    `name` must be unique to book, banding and filters.
    """
    rest = {column: accounts[column] for column in ("status", "health_score", "cents")}
    rows = pa.table({"row": accounts["row"], "profile": profile, **rest})
    return Listing(name, book, held=[engine.create(name, rows)])


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
    if limit is None:
        named = [col(name) for name in columns] or [duckdb.StarExpression()]
        return _found(listing, by_profile, wanted).sort(*_order(wanted)).select(*named).to_arrow_table()
    # First which accounts, then all there is to say of them: sorting every column of a large book costs three times it.
    chosen = _first(listing, by_profile, wanted, limit + offset)
    if chosen is not None and chosen.num_rows <= _FEW:
        told = _told(listing.book, chosen, by_profile, (*columns, *_ordering(wanted)) if columns else ())
        told = told.take(_places(told, wanted)).slice(offset, limit)
        return told.select(list(columns)) if columns else told
    of_file = not wanted.times and wanted.sort not in {*_OWN, *by_profile.column_names}
    if listing.part is not None and of_file:
        few = _by_file(listing.part, listing.book, by_profile, wanted, limit, offset)
    else:
        found = _found(listing, by_profile, wanted) if chosen is None else _beside(listing.book, by_profile, chosen)
        few = found.sort(*_order(wanted)).limit(limit, offset).select(*map(col, _OWN)).to_arrow_table()
    return _told(listing.book, few, by_profile, columns)


_FEW = 2_000
"""Accounts that are put in order once all is told of them."""
_MOST_TIES = 500
_OWN = ("row", "profile", "status", "health_score", "cents")
"""The columns of a listing."""


def _first(listing: Listing, by_profile: pa.Table, wanted: Wanted, count: int) -> pa.Table | None:
    """Give the first `count` accounts, and those that tie with the last of them, in no order.

    Asked without what the file says of an account, which is most of the work. None where that is needed to know.
    """
    if listing.part is not None:
        places = choosing.first(listing.part, listing.book, by_profile, wanted, count) if count > 0 else None
        return None if places is None else choosing.table(listing.part, places)
    if not _slim(wanted) or wanted.times or wanted.sort not in {*_OWN, *by_profile.column_names} or count < 1:
        return None
    if wanted.sort not in _OWN:
        ranks = by_profile[wanted.sort]
        if pa.types.is_floating(ranks.type) and pc.any(pc.is_nan(ranks)).as_py():  # where Arrow orders otherwise
            return None
    column, statement = col(wanted.sort), "own" if wanted.sort in _OWN else "profiled"
    found = _found(listing, by_profile, wanted, statement).filter(column.isnotnull())
    ranked = found.sort(column.desc() if wanted.descending else column.asc())
    last = ranked.limit(1, count - 1).select(column).fetchall()
    if not last:
        return None
    edge = lit(last[0][0])
    reaching = found.filter(column >= edge if wanted.descending else column <= edge)
    rows = reaching.select(*map(col, _OWN)).limit(count + _MOST_TIES).to_arrow_table()
    return rows if rows.num_rows < count + _MOST_TIES else None


def _by_file(part: Part, book: Book, by_profile: pa.Table, wanted: Wanted, limit: int, offset: int) -> pa.Table:
    """Give a page of the wanted accounts in the order of a column of the file."""
    places = choosing.wanted(part, book, by_profile, wanted)
    cursor = engine.cursor()
    cursor.register("chosen", pa.table({"row": part.ground.row[places]}))
    accounts = cursor.sql(engine.sql("few"), params={"accounts": book.table}).sort(*_order(wanted))
    rows = accounts.limit(limit, offset).select(col("row")).to_arrow_table()["row"]
    found = choosing.table(part, places[np.isin(part.ground.row[places], rows.to_numpy())])
    return found.take(pc.index_in(rows, found["row"]))


def _told(book: Book, chosen: pa.Table, by_profile: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Say of a few accounts, in their order, what is known of them: these columns, or those of `listed.sql`."""
    decided = by_profile.drop_columns("profile").take(pc.index_in(chosen["profile"], by_profile["profile"]))
    own = {name: table[name] for table in (chosen, decided) for name in table.column_names}
    cursor = engine.cursor()
    cursor.register("chosen", chosen)
    found = cursor.sql(engine.sql("few"), params={"accounts": book.table})
    if columns:
        found = found.select(col("row"), *(col(name) for name in dict.fromkeys(columns) if name not in own))
    told = found.to_arrow_table()
    told = told.take(pc.index_in(chosen["row"], told["row"])).drop_columns("row")
    own |= {name: told[name] for name in told.column_names}
    return pa.table({name: own[name] for name in dict.fromkeys(columns or own)})


def _ordering(wanted: Wanted) -> tuple[str, ...]:
    """Name the columns that decide the order."""
    return (wanted.sort, *([wanted.times] if wanted.times else []), "revenue_potential", "account_id")


def _places(told: pa.Table, wanted: Wanted) -> pa.Array:
    """Give the places of accounts in the order that is wanted, as `_order` says it to DuckDB."""
    sort = told[wanted.sort]
    if wanted.times:
        sort = pc.multiply(sort.fill_null(0).cast(pa.float64()), told[wanted.times].cast(pa.float64()))
    keys = pa.table({"sort": sort, "potential": told["revenue_potential"], "id": told["account_id"]})
    downward = {"sort": wanted.descending, "potential": True, "id": False}
    orders = [(name, "descending" if down else "ascending", "at_end") for name, down in downward.items()]
    return pc.sort_indices(keys, sort_keys=orders)


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
    if listing.part is not None:
        cents = listing.part.ground.cents[choosing.wanted(listing.part, listing.book, by_profile, wanted)]
        return len(cents), int(np.maximum(cents, 0).sum())
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
    if listing.part is not None:
        places = choosing.wanted(listing.part, listing.book, by_profile, wanted)
        return _beside(listing.book, by_profile, choosing.table(listing.part, places))
    cursor = engine.cursor()
    if statement == "own" and wanted.tiers is None and not wanted.moved:
        found = cursor.table(listing.name)
    else:
        cursor.register("by_profile", by_profile)
        text = engine.sql("profiled" if statement == "own" else statement)
        names = {"profiled": listing.name, "accounts": listing.book.table}
        found = cursor.sql(text, params={name: table for name, table in names.items() if f"${name}" in text})
    for column, values in (("tier", wanted.tiers), ("status", wanted.statuses)):
        if values is not None:
            found = found.filter(col(column).isin(*map(lit, values)) if values else lit(value=False))
    conditions = choosing.of_file(wanted)
    if wanted.moved:
        conditions.append(col("moved"))
    if wanted.search.strip():
        conditions.append(searching.condition(wanted.search))
    for condition in conditions:
        found = found.filter(condition)
    return found


def _beside(book: Book, by_profile: pa.Table, chosen: pa.Table) -> duckdb.DuckDBPyRelation:
    """Give chosen accounts with all there is to say of them."""
    cursor = engine.cursor()
    cursor.register("by_profile", by_profile)
    cursor.register("chosen", chosen)
    return cursor.sql(engine.sql("listed"), params={"profiled": "chosen", "accounts": book.table})


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
    cursor = engine.cursor()
    names = {"before": before.table, "after": after.table}
    found = cursor.sql(engine.sql("joint"), params=names).to_arrow_table()

    def paired() -> pa.Table:
        numbers = pa.array(np.arange(found.num_rows, dtype=np.int32))
        cursor.register("pairs", found.select(["before", "after"]).append_column("pair", numbers))
        return cursor.sql(engine.sql("paired"), params=names).to_arrow_table()

    name = f"joint_{before.name}_{after.name}"
    return Listing(name, after.book, held=[engine.keep(name, paired)]), found


def profiles(listing: Listing) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Give profile and revenue (cents) of every account, in no order, for what does not add up over profiles.

    A missing amount is 0 here, so that every account has a place; do not take these for accounts without revenue.
    """
    if (part := listing.part) is not None:
        return part.profile(part.at), part.ground.cents[part.at]
    rows = engine.cursor().table(listing.name).select(col("profile"), col("cents")).to_arrow_table()
    return rows["profile"].to_numpy(), rows["cents"].fill_null(0).to_numpy()


def column(listing: Listing, name: str) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Give a text column of the contract and revenue (cents, 0 where missing) of every account, row by row."""
    cursor = engine.cursor()
    texts = cursor.table(listing.book.table).select(col("row"), col(name).alias("value"))
    accounts = cursor.table(listing.table).select(col("row"), col("cents"))
    found = accounts.join(texts, "row").to_arrow_table()
    return found["value"].to_pandas().to_numpy(dtype=object, na_value=None), found["cents"].fill_null(0).to_numpy()


def trailing(listing: Listing, until: dt.date) -> npt.NDArray[np.int64]:
    """Give what each account paid in the twelve months up to a day's month, in cents, from the revenue history."""
    cursor, book = engine.cursor(), listing.book
    names = {"profiled": listing.table, "accounts": book.table, "history": book.history_table}
    found = cursor.sql(engine.sql("trailing"), params={**names, "until": until}).to_arrow_table()
    cents: npt.NDArray[np.int64] = found["cents"].drop_null().to_numpy()
    return cents
