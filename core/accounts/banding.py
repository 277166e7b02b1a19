"""Banding: from an account's values to its profile, as one DuckDB expression.

The expression numbers the profile: every criterion is a digit (its points' place among the points it can give, or one
more for missing), the gates are one more digit. So a profile is one integer, and grouping by it is one GROUP BY.
`Digits` turns that integer back into points.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from core.accounts.contract import NUMERIC, Kind
from core.errors import TierwiseError, UnknownName
from core.model.criteria import BandCriterion, CategoryCriterion, LinearCriterion, fold
from core.model.numbers import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.checking import Column
    from core.model.criteria import Criterion
    from core.model.model import Model
    from core.model.tiers import Gate

MISSING = 255
"""Stands in a matrix of points, which are tenths from 0 to 100, for a missing value."""

_LARGEST_BIGINT = 2**63 - 1

col, lit, fn, case = (
    duckdb.ColumnExpression,
    duckdb.ConstantExpression,
    duckdb.FunctionExpression,
    duckdb.CaseExpression,
)


@dataclass(frozen=True, slots=True)
class Digits:
    """How a profile is numbered: for each criterion the points (tenths) of each digit, then three digits of the gates.

    `tiers` is the base of those three, 1 where the model has no gates.
    """

    levels: tuple[tuple[int, ...], ...]
    tiers: int

    @property
    def bases(self) -> tuple[int, ...]:
        """How many digits each place has; a criterion has one more than levels, for missing."""
        return (*(len(levels) + 1 for levels in self.levels), self.tiers, self.tiers, self.tiers)

    @property
    def sql_type(self) -> str:
        """The smallest integer type that holds every profile's number."""
        return "BIGINT" if prod(self.bases) <= _LARGEST_BIGINT else "HUGEINT"

    def points_of(self, keys: Sequence[int]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Write profile numbers as points and gates: a (profiles, criteria) matrix of tenths, and a (profiles, 3) one.

        Each of the three is the best tier allowed (0 is the first): as the gates say, and at best and at worst, were
        the values known that gates miss.
        """
        small = self.sql_type == "BIGINT"
        rest: npt.NDArray[np.int64] | npt.NDArray[np.object_] = np.array(keys, dtype=np.int64 if small else object)
        points = np.empty((len(keys), len(self.levels)), dtype=np.uint8)
        for j, levels in enumerate(self.levels):
            digit = (rest % (len(levels) + 1)).astype(np.int64)
            points[:, j] = np.array([*levels, MISSING], dtype=np.uint8)[digit]
            rest = rest // (len(levels) + 1)
        gates = [(rest // self.tiers**place) % self.tiers for place in range(3)]
        return points, np.column_stack(gates).astype(np.uint8)


def digits(model: Model) -> Digits:
    """Say how profiles of a model are numbered."""
    return Digits(tuple(_levels(criterion) for criterion in model.criteria), len(model.tiers) if model.gates else 1)


def _levels(criterion: Criterion) -> tuple[int, ...]:
    return tuple(sorted(set(criterion.levels)))


def key(book: Book, model: Model) -> duckdb.Expression:
    """Give the expression that numbers an account's profile."""
    number, place = lit(0).cast(digits(model).sql_type), 1
    for criterion, base in zip(model.criteria, digits(model).bases, strict=False):
        number = number + _digit(book, criterion).cast(digits(model).sql_type) * lit(place)
        place *= base
    if model.gates:
        for missing_fails in (None, False, True):
            number = number + _gates(book, model, missing_fails).cast(digits(model).sql_type) * lit(place)
            place *= len(model.tiers)
    return number


def missing_columns(book: Book, model: Model) -> list[Criterion]:
    """List the criteria whose column the book does not have: they count as missing for every account."""
    return [criterion for criterion in model.criteria if _find(book, criterion.column) is None]


def _find(book: Book, name: str) -> str | None:
    try:
        return book.column(name).name
    except UnknownName:
        return None


def _digit(book: Book, criterion: Criterion) -> duckdb.Expression:
    """Give the place of an account's points among the criterion's levels; one past the last is missing."""
    levels = _levels(criterion)
    nothing = lit(len(levels))
    if _find(book, criterion.column) is None:
        return nothing
    if isinstance(criterion, CategoryCriterion):
        return _category_digit(book, criterion, levels)
    value = _number(book, criterion)
    if isinstance(criterion, BandCriterion):
        return _band_digit(value, criterion, levels)
    if isinstance(criterion, LinearCriterion):
        span = criterion.ten_at - criterion.zero_at
        exact = (value - lit(criterion.zero_at)) * lit(100.0) / lit(span)
        tenths = _half_up(fn("least", fn("greatest", exact, lit(0.0)), lit(100.0)))
        return case(value.isnull(), nothing).otherwise(tenths)
    outside = value.isnull() | (value < lit(0.0)) | (value > lit(10.0))
    return case(outside, nothing).otherwise(_half_up(value * lit(10.0)))


def _half_up(tenths: duckdb.Expression) -> duckdb.Expression:
    """Round half up on the digits a person sees: 0.285 of 1 is 28.5 tenths, though in binary it is a hair less."""
    return fn("round", fn("round", tenths, lit(9))).cast("INTEGER")


def _number(book: Book, criterion: Criterion | Gate) -> duckdb.Expression:
    """Read a column as a number; refuse a column that holds words or dates."""
    column = book.column(criterion.column)
    if column.kind in (Kind.TEXT, Kind.DATE, Kind.LIFECYCLE, Kind.THREAT) and _says_anything(book, column.name):
        raise TierwiseError(
            f"“{criterion.name}” reads a number from the column “{column.heading}”, which holds {column.kind.value}",
            where="criteria",
            way_out="Use kind = categories, or name another column",
        )
    return col(column.name).try_cast("DOUBLE")


def _says_anything(book: Book, name: str) -> bool:
    from core.accounts import engine  # noqa: PLC0415  a question asked of one kind of column only

    return bool(engine.cursor().table(book.table).filter(col(name).isnotnull()).limit(1).fetchall())


def _band_digit(value: duckdb.Expression, criterion: BandCriterion, levels: tuple[int, ...]) -> duckdb.Expression:
    """Look the bands up from the top: the first lower edge that the value reaches decides."""
    nothing = lit(len(levels))
    digit = case(value.isnull(), nothing)
    for band in reversed(criterion.bands):
        place = lit(levels.index(scaled(band.points, 10)))
        if band.lower is None:
            return digit.otherwise(place)
        digit = digit.when(value >= lit(float(band.lower)), place)
    return digit.otherwise(nothing)


def _category_digit(book: Book, criterion: CategoryCriterion, levels: tuple[int, ...]) -> duckdb.Expression:
    column = book.column(criterion.column)
    nothing = lit(len(levels))
    digit = case(col(column.name).isnull(), nothing)
    for category in criterion.categories:
        place = levels.index(scaled(category.points, 10))
        digit = digit.when(_is_one_of(book, column, category.values), lit(place))
    otherwise = criterion.otherwise
    return digit.otherwise(nothing if otherwise is None else lit(levels.index(scaled(otherwise, 10))))


def _is_one_of(book: Book, column: Column, values: Sequence[str]) -> duckdb.Expression:
    """Compare a text with listed values, without regard to case; by number where the book has numbered its values.

    A column of numbers is compared by value: 1, 1.0 and 1.00 are the same category.
    """
    wanted, name = {fold(value) for value in values}, column.name
    if column.kind in NUMERIC:
        listed = [lit(number) for value in sorted(wanted) if (number := _as_number(value)) is not None]
        return col(name).cast("DOUBLE").isin(*listed) if listed else lit(value=False)
    if name not in book.codes:
        return fn("lower", fn("trim", col(name).cast("VARCHAR"))).isin(*map(lit, sorted(wanted)))
    numbers = [i for i, value in enumerate(book.codes[name]) if fold(value) in wanted]
    return col(f"k_{name}").isin(*map(lit, numbers)) if numbers else lit(value=False)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _gates(book: Book, model: Model, missing_fails: bool | None) -> duckdb.Expression:  # noqa: FBT001
    """Give the best tier (0 is the first) that an account may have: the strictest of the gates it fails.

    `missing_fails` says what a missing value does in place of each gate's own word for it.
    """
    limits = [
        case(_passes(book, gate, gate.missing_fails if missing_fails is None else missing_fails), lit(0)).otherwise(
            lit(model.tier_names.index(gate.best_tier))
        )
        for gate in model.gates
    ]
    return limits[0] if len(limits) == 1 else fn("greatest", *limits)


def _passes(book: Book, gate: Gate, missing_fails: bool) -> duckdb.Expression:  # noqa: FBT001
    if _find(book, gate.column) is None:
        return lit(not missing_fails)
    if gate.at_least is not None or gate.below is not None:
        value = _number(book, gate)
        test = value >= lit(gate.at_least) if gate.at_least is not None else value < lit(gate.below)
    else:
        column = book.column(gate.column)
        value, test = col(column.name), _is_one_of(book, column, gate.allowed or gate.refused)
        test = test if gate.allowed else ~test
    return case(value.isnull(), lit(not missing_fails)).otherwise(test)
