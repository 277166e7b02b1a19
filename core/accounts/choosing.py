"""Choosing: which accounts of a ground are wanted, and which come first, without asking what the file says of them.

Numbers decide that nearly always: profile, health, revenue. So a question about a million accounts passes over a few
arrays, and only the rows of the table that is shown are looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import engine, filters, searching
from core.accounts.filters import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.accounts.books import Book
    from core.accounts.filters import Part
    from core.accounts.listing import Wanted

    Places = npt.NDArray[np.intp]
    """Places in the ground."""
    Numbers = npt.NDArray[Any]

col, lit = duckdb.ColumnExpression, duckdb.ConstantExpression


def table(part: Part, at: Places) -> pa.Table:
    """Give the accounts at some places as a listing has them.

    Columns: row, profile (their row in the part's cube), status, health_score, cents; what is not known is missing.
    """
    blocks = [_block(part, at[start : start + _AT_ONCE]) for start in range(0, max(len(at), 1), _AT_ONCE)]
    return pa.Table.from_batches(blocks)


_AT_ONCE = 1 << 16
"""Accounts in a block of a table: few enough for a processor's cache, and DuckDB reads blocks on two threads."""


def _block(part: Part, at: Places) -> pa.RecordBatch:
    ground = part.ground
    score = ground.score[at]
    return pa.record_batch(
        {
            "row": ground.row[at].astype(np.int64),
            "profile": part.profile(at),
            "status": (ground.group[at] & STATUSES - 1).astype(np.uint8),
            "health_score": pa.array(score, mask=np.isnan(score)),
            "cents": pa.array(ground.cents[at], mask=~ground.revenue_known[at]),
        }
    )


def wanted(part: Part, book: Book, by_profile: pa.Table, asked: Wanted) -> Places:
    """Give the places of the accounts that are wanted, in no order."""
    ground = part.ground
    chosen = _groups(part, by_profile, asked)[ground.group]
    if part.passes is not None:
        chosen &= part.passes
    if conditions := of_file(asked):
        found = engine.cursor().table(book.table)
        for condition in conditions:
            found = found.filter(condition)
        chosen &= filters.marked(found, book.rows)[ground.row]
    if asked.search.strip():
        chosen &= searching.marks(book, asked.search)[ground.row]
    return np.flatnonzero(chosen)


def of_file(asked: Wanted) -> list[duckdb.Expression]:
    """Say what a wanted account must be by what the file says of it; the search is not among it."""
    found = [
        col(name).isin(*map(lit, values)) for name, values in (("owner", asked.owners), ("account_id", asked.ids))
        if values
    ]  # fmt: skip
    return found + ([col("account_id") == lit(asked.account_id)] if asked.account_id else [])


def first(part: Part, book: Book, by_profile: pa.Table, asked: Wanted, count: int) -> Places | None:
    """Give the places of the first `count` wanted accounts, and of those that tie with the last, in no order.

    What ties has the same revenue potential too: only the account id is left to decide. None where something sorts
    that the ground does not know.
    """
    key = _key(part, by_profile, asked)
    if key is None:
        return None
    at, sure = wanted(part, book, by_profile, asked), []
    for values_at in (key, lambda at: _ranked(part.ground.potential[at], part.ground.potential_known[at])):
        if len(at) <= count:
            break
        values = values_at(at)
        edge = np.partition(values, len(at) - count)[len(at) - count]
        sure.append(at[values > edge])
        at = at[values == edge]
        count -= len(sure[-1])
    return np.concatenate([*sure, at])


def _groups(part: Part, by_profile: pa.Table, asked: Wanted) -> npt.NDArray[np.bool_]:
    """Tell of every profile of the whole book and every health status whether its accounts are wanted."""
    kept = np.ones(by_profile.num_rows, dtype=np.bool_)
    if asked.tiers is not None:
        kept &= np.isin(by_profile["tier"].to_numpy(), list(asked.tiers))
    if asked.moved:
        kept &= by_profile["moved"].fill_null(fill_value=False).to_numpy()
    profiles = _spread(part, by_profile, kept, missing=False)
    statuses = np.ones(STATUSES, dtype=np.bool_)
    if asked.statuses is not None:
        statuses = np.isin(np.arange(STATUSES), list(asked.statuses))
    return (profiles[:, None] & statuses).ravel()


def _spread(part: Part, by_profile: pa.Table, values: Numbers, *, missing: object) -> Numbers:
    """Give every profile of the whole book the value of its row in `by_profile`."""
    numbers = by_profile["profile"].to_numpy()
    table = np.full(max(part.numbers.max(initial=-1), numbers.max(initial=-1)) + 2, missing, dtype=values.dtype)
    table[numbers] = values
    return table[part.numbers]  # the last place is that of -1


def _key(part: Part, by_profile: pa.Table, asked: Wanted) -> Callable[[Places], Numbers] | None:
    """Say how to rank accounts by what is asked: the greater comes first, what is missing is the least."""
    ground = part.ground
    own: dict[str, Callable[[Places], tuple[Numbers, Numbers]]] = {
        "cents": lambda at: (ground.cents[at], ground.revenue_known[at]),
        "health_score": lambda at: (ground.score[at], ~np.isnan(ground.score[at])),
        "row": lambda at: (ground.row[at], np.ones(len(at), dtype=np.bool_)),
    }
    if asked.times:
        weight = _by_profile(part, by_profile, asked.times)
        if weight is None or asked.sort != "cents":
            return None
        weights, has = weight
        return lambda at: _ranked(
            ground.cents[at] * weights[ground.group[at] // STATUSES].astype(np.float64),
            has[ground.group[at] // STATUSES],
            descending=asked.descending,
        )
    if asked.sort in own:
        return lambda at: _ranked(*own[asked.sort](at), descending=asked.descending)
    column = _by_profile(part, by_profile, asked.sort)
    if column is None:
        return None
    ranks = _ranked(*column, descending=asked.descending)
    return lambda at: ranks[ground.group[at] // STATUSES]


def _by_profile(part: Part, by_profile: pa.Table, name: str) -> tuple[Numbers, npt.NDArray[np.bool_]] | None:
    """Give a column by profile of the whole book, and where it has a number; None where it holds anything else."""
    if name not in by_profile.column_names:
        return None
    column = by_profile[name]
    if pa.types.is_floating(column.type):
        values = column.fill_null(0).to_numpy()
        if not np.isfinite(values).all():
            return None
    elif pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        values = column.cast(pa.int64()).fill_null(0).to_numpy()
    else:
        return None
    known = pc.is_valid(column).to_numpy()
    return _spread(part, by_profile, values, missing=0), _spread(part, by_profile, known, missing=False)


def _ranked(values: Numbers, known: npt.NDArray[np.bool_], *, descending: bool = True) -> Numbers:
    """Turn values round where the least comes first, and put the missing below all."""
    least = np.iinfo(values.dtype).min if values.dtype.kind == "i" else -np.inf
    return np.where(known, values if descending else -values, values.dtype.type(least))
