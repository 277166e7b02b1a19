"""The profile cube: the book grouped by profile, with everything that adds up.

A score depends on an account's points alone, so accounts with equal points share one row of the cube. A change of
weights or cut-offs costs O(profiles), never O(accounts), and is exactly equal to the account-by-account answer.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from core.accounts import banding, engine
from core.accounts.contract import FILTERS
from core.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    import pyarrow as pa

    from core.accounts.books import Book
    from core.accounts.engine import Table
    from core.model.model import Model

col, lit = duckdb.ColumnExpression, duckdb.ConstantExpression

Whole = npt.NDArray[np.int64]
"""Counts, or money in cents."""

HALF = 1 << 62
"""A sum of squared cents is `squared_high` x 2^62 + `squared_low`."""

NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """The book by profile. Every array has one entry (or row) a profile; all are read-only.

    points: (P, J) tenths of a point, 255 missing; gate: best tier allowed (0 = any), gate_best and gate_worst: what it
    would be at best and at worst, were the values known that gates miss; revenue, potential, pipeline,
    credit_amount: cents; counted: accounts with revenue; squared: Σ cents² as two halves; revenue_log: Σ cents·ln
    cents; health_sum and engagement_sum: scores in hundredths, added over the accounts of which they are known;
    health_accounts and health_revenue: (P, 4) by status (healthy, at risk, critical, not known).
    """

    key: npt.NDArray[np.object_] | Whole
    points: npt.NDArray[np.uint8]
    gate: npt.NDArray[np.uint8]
    gate_best: npt.NDArray[np.uint8]
    gate_worst: npt.NDArray[np.uint8]
    accounts: Whole
    counted: Whole
    revenue: Whole
    potential: Whole
    pipeline: Whole
    credits: Whole
    credit_amount: Whole
    squared_high: Whole
    squared_low: Whole
    revenue_log: npt.NDArray[np.float64]
    health_known: Whole
    health_sum: Whole
    engagement_known: Whole
    engagement_sum: Whole
    health_accounts: Whole
    health_revenue: Whole

    def __post_init__(self) -> None:
        """Make every array read-only: a cube is shared by everybody who looks at the book."""
        for field in fields(self):
            getattr(self, field.name).flags.writeable = False

    def __len__(self) -> int:
        """Count the profiles."""
        return len(self.accounts)


def build(book: Book, model: Model, *, health: Table, filters: Mapping[str, Sequence[str]] | None = None) -> Cube:
    """Group a book by profile: one scan, one GROUP BY.

    `health` is the book's table of health; `filters` keeps the accounts with one of the values of each column.
    Raises `TierwiseError` where a criterion cannot read its column.
    """
    return group(keyed(book, model, health=health, filters=filters), model)


def group(accounts: pa.Table, model: Model) -> Cube:
    """Group accounts that have their profile's number, as `keyed` gives them."""
    found = engine.ask(engine.cursor().from_arrow(accounts), "keyed", "cube")
    columns = {name: found[name].to_numpy() for name in found.column_names if name != "key"}
    health_accounts, health_revenue = (
        np.column_stack([columns.pop(f"{what}_{status}") for status in range(4)]).astype(np.int64)
        for what in ("accounts", "revenue")
    )
    return Cube(
        **coordinates(found["key"].to_pylist(), model),
        health_accounts=health_accounts,
        health_revenue=health_revenue,
        **{name: np.array(column) for name, column in columns.items()},
    )


def profiles(accounts: pa.Table) -> tuple[list[int | Decimal], npt.NDArray[np.int32]]:
    """Give the numbers of the profiles that accounts have, least first, and each account's place among them."""
    coded = accounts["key"].combine_chunks().dictionary_encode()
    order = pc.sort_indices(coded.dictionary).to_numpy()
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    return coded.dictionary.take(order).to_pylist(), place[coded.indices.to_numpy()]


def coordinates(keys: Sequence[int | Decimal], model: Model) -> dict[str, npt.NDArray[Any]]:
    """Give the fields of a cube that a profile's number alone decides: key, points and gates."""
    digits, numbers = banding.digits(model), [int(key) for key in keys]
    points, gates = digits.points_of(numbers)
    return {
        "key": np.array(numbers, dtype=np.int64 if digits.sql_type == "BIGINT" else object),
        "points": points,
        **dict(zip(("gate", "gate_best", "gate_worst"), gates.T.copy(), strict=True)),
    }


def keyed(book: Book, model: Model, *, health: Table, filters: Mapping[str, Sequence[str]] | None = None) -> pa.Table:
    """Give the accounts that pass the filters, each with what a cube adds up and its profile's number.

    Columns: row, key, status, health_score, engagement_score, cents, potential, pipeline (money in cents), and
    churn_probability where the book has it.
    """
    chosen = {name: values for name, values in (filters or {}).items() if values}
    wanted = conditions(book, chosen)
    found = (
        engine.cursor()
        .table(book.table)
        .select(
            *map(col, ("row", "engagement_score", *(("churn_probability",) if book.has("churn_probability") else ()))),
            banding.key(book, model).alias("key"),
            *(_cents(name).alias(short) for name, short in _MONEY.items()),
            *(col(f"k_{name}" if name in book.codes else name) for name in chosen),
        )
        .to_arrow_table()
    )
    # Both have a row for every account, in the order of the book, so that nothing has to be joined.
    judged = engine.cursor().table(health.name).to_arrow_table()
    if not found["row"].equals(judged["row"]):
        found, judged = found.sort_by("row"), judged.sort_by("row")
    for name in ("health_score", "status"):
        found = found.add_column(1, name, judged[name])
    if not chosen:
        return found
    # Filtered in a second step: before the join, a filter makes DuckDB hash the whole book, which takes three times as
    # long as the scan.
    narrowed = engine.cursor().from_arrow(found)
    for condition in wanted:
        narrowed = narrowed.filter(condition)
    return narrowed.to_arrow_table()


_MONEY = {"annual_revenue": "cents", "revenue_potential": "potential", "pipeline": "pipeline"}


def _cents(name: str) -> duckdb.Expression:
    return (col(name) * lit(100)).cast("BIGINT")


def conditions(book: Book, filters: Mapping[str, Sequence[str]]) -> list[duckdb.Expression]:
    """Say what an account must be to pass the filters, one condition a column that has any values.

    They read numbers in place of texts, where the book has numbered its values.
    """
    found = []
    for name, values in filters.items():
        if name not in FILTERS:
            raise UnknownName.of("filter", name, FILTERS)
        if not values:
            continue
        given: list[str | int] = [value for value in values if value != NOT_GIVEN]
        column = col(name)
        if name in book.codes:
            places = {value: place for place, value in enumerate(book.codes[name])}
            given, column = [places[value] for value in given if value in places], col(f"k_{name}")
        condition = column.isin(*map(lit, given)) if given else lit(value=False)
        found.append(condition | column.isnull() if NOT_GIVEN in values else condition)
    return found


def choices(book: Book) -> dict[str, list[str]]:
    """List the values that each filter offers in a book; a filter with fewer than two is left out."""
    offered: dict[str, list[str]] = {}
    for name in FILTERS:
        if not book.has(name):
            continue
        column = duckdb.ColumnExpression(name)
        rows = engine.cursor().table(book.table).select(column).distinct().fetchall()
        values = sorted(row[0] for row in rows if row[0] is not None)
        values += [NOT_GIVEN] if any(row[0] is None for row in rows) else []
        if len(values) > 1:
            offered[name] = values
    return offered
