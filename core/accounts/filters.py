"""Filters: the cube of a whole book, and of the accounts that have chosen values, without banding or grouping anew.

A filter changes neither an account's points nor its health, so the accounts of a whole book are laid out once in the
order of their profiles (`ground`). Its cube adds up runs of all of them, that of a filter runs of those that pass. All
sums but one are of whole numbers, and so equal to those of a scan; `revenue_log` is a sum of floats, whose last digits
depend on the order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core import parallel
from core.accounts import arrays, cube, engine
from core.accounts.contract import FILTERS
from core.accounts.cube import Cube

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from core.accounts.books import Book
    from core.model.model import Model

    Places = npt.NDArray[np.intp] | slice
    Whole = npt.NDArray[np.int64]
    Numbers = npt.NDArray[Any]

col = duckdb.ColumnExpression

STATUSES = 4
MOST = 1 << 22
"""Accounts of which a sum of products of limbs still fits into 64 bits."""
_LIMB = 20
_MASK = (1 << _LIMB) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The accounts of a whole book in the order of profile and health status; one entry an account.

    row: its place in the book; group: 4 x profile + status; cents, potential, pipeline: cents, 0 where missing;
    revenue_known, potential_known: whether that 0 is an amount; score: the health score as it is, NaN where not known;
    health, engagement: scores in hundredths, -1 where not known; loss: the book's own probability of loss in
    millionths, -1 where it says none. codes: columns that were filtered by, as places in the book's list of their
    values, -1 where missing. An account costs 50 bytes.
    """

    row: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    cents: Whole
    potential: Whole
    pipeline: Whole
    revenue_known: npt.NDArray[np.bool_]
    potential_known: npt.NDArray[np.bool_]
    score: npt.NDArray[np.float64]
    health: npt.NDArray[np.int16]
    engagement: npt.NDArray[np.int16]
    loss: npt.NDArray[np.int32]
    codes: dict[str, npt.NDArray[np.int16]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The accounts of a whole book that pass filters: in order of the ground, whether each does (None is all of them).

    numbers: for every profile of the whole book its row in the cube of these accounts, -1 where it has none.
    """

    ground: Ground
    passes: npt.NDArray[np.bool_] | None
    numbers: npt.NDArray[np.int32]

    @property
    def at(self) -> npt.NDArray[np.intp]:
        """The places in the ground of the accounts that pass."""
        return np.arange(len(self.ground.row)) if self.passes is None else np.flatnonzero(self.passes)

    def by_row(self) -> npt.NDArray[np.intp]:
        """Give the places of the accounts that pass in the order of the book."""
        places = np.empty(len(self.ground.row), dtype=np.intp)
        places[self.ground.row] = np.arange(len(places))
        return places if self.passes is None else places[self.passes[places]]

    def profile(self, at: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
        """Give the profile of the accounts at some places, as its row in the part's cube."""
        return self.numbers[self.ground.group[at] // STATUSES]


def ground(accounts: pa.Table, profile: npt.NDArray[np.int32]) -> Ground | None:
    """Lay out the accounts of a whole book (`cube.keyed`), whose profiles are given in the same order.

    None for a book whose sums might not fit into 64 bits; then a filter costs a scan.
    """
    if len(profile) > MOST:
        return None
    group = profile * np.int32(STATUSES) + accounts["status"].to_numpy().astype(np.int32)
    with ThreadPoolExecutor(1) as pool:  # numpy lets go of Python's lock
        ordering = pool.submit(_order, group)
        money = {name: accounts[name].fill_null(0).to_numpy() for name in ("cents", "potential", "pipeline")}
        fits, order = all(map(_fits, money.values())), ordering.result()
    if not fits:
        return None
    columns: dict[str, Callable[[], Any]] = {
        "row": lambda: accounts["row"].to_numpy().astype(np.int32),
        "group": lambda: group,
        "cents": lambda: money["cents"],
        "potential": lambda: money["potential"],
        "pipeline": lambda: money["pipeline"],
        "revenue_known": lambda: accounts["cents"].is_valid().to_numpy(),
        "potential_known": lambda: accounts["potential"].is_valid().to_numpy(),
        "score": lambda: accounts["health_score"].cast(pa.float64()).fill_null(np.nan).to_numpy(),
        "health": lambda: _whole(accounts["health_score"], 100).astype(np.int16),
        "engagement": lambda: _whole(accounts["engagement_score"], 100).astype(np.int16),
        "loss": lambda: _losses(accounts),
    }
    made = parallel.two_at_once(lambda make: make().take(order), columns.values())
    return Ground(**dict(zip(columns, made, strict=True)))


def _order(group: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    small = len(group) and group.max() < 1 << 16
    return np.argsort(group.astype(np.uint16) if small else group, kind="stable")  # small ones sort ten times as fast


def _fits(amounts: Whole) -> bool:
    """Tell that no sum of some of these amounts needs more than 64 bits."""
    most = max(int(amounts.max(initial=0)), -int(amounts.min(initial=0)))
    return most * len(amounts) <= _LARGEST or float(np.abs(amounts).sum(dtype=np.float64)) <= _LARGEST


_LARGEST = 1 << 62


def _losses(accounts: pa.Table) -> npt.NDArray[np.int32]:
    if "churn_probability" not in accounts.column_names:
        return np.full(accounts.num_rows, -1, dtype=np.int32)
    return _whole(accounts["churn_probability"], 1_000_000).astype(np.int32)


def _whole(values: pa.ChunkedArray, times: int) -> Numbers:
    """Multiply values that are not negative and round them half up, as SQL's `round` does; -1 where missing."""
    rest = values.cast(pa.float64()).fill_null(-1).to_numpy() * times
    below = np.floor(rest)
    np.subtract(rest, below, out=rest)
    below += rest >= 0.5
    whole: Numbers = np.maximum(below, -1, out=below)
    return whole


def passing(book: Book, ground: Ground, filters: Mapping[str, Sequence[str]]) -> npt.NDArray[np.bool_]:
    """Tell which accounts, in the order of the ground, have one of the values of each column."""
    passes = np.ones(len(ground.row), dtype=np.bool_)
    for name, values in filters.items():
        if values and name in FILTERS and name in book.codes:
            if name not in ground.codes:  # by number, since a long list of values costs DuckDB more than the scan
                ground.codes[name] = arrays.coded(book, name).code[ground.row].astype(np.int16)
            given = set(values) - {cube.NOT_GIVEN}
            kept = [*(value in given for value in book.codes[name]), cube.NOT_GIVEN in values]
            passes &= np.array(kept)[ground.codes[name]]  # the last place is also that of -1
        else:
            rows = engine.cursor().table(book.table)
            for condition in cube.conditions(book, {name: values}):
                rows = rows.filter(condition)
            passes &= marked(rows, book.rows)[ground.row]
    return passes


def marked(accounts: duckdb.DuckDBPyRelation, count: int) -> npt.NDArray[np.bool_]:
    """Tell of each of the `count` accounts of a book, by row, whether it is among these."""
    marks = np.zeros(count, dtype=np.bool_)
    marks[accounts.select(col("row")).to_arrow_table()["row"].to_numpy()] = True
    return marks


def whole(ground: Ground, keys: Sequence[int | Decimal], model: Model) -> tuple[Cube, Part]:
    """Give the cube of all accounts of a book, whose profiles have these numbers, and the part that leaves none out."""
    _, sums = _cells(ground, slice(None))
    found = Cube(**cube.coordinates(keys, model), **sums)
    return found, Part(ground, None, np.arange(len(found), dtype=np.int32))


def narrow(whole: Cube, ground: Ground, passes: npt.NDArray[np.bool_]) -> tuple[Cube, Part]:
    """Give the cube of the accounts that pass, and which they are; `whole` is the cube of the whole book."""
    kept, sums = _cells(ground, np.flatnonzero(passes))
    fixed = {name: getattr(whole, name)[kept] for name in ("key", "points", "gate", "gate_best", "gate_worst")}
    numbers = np.full(len(whole), -1, dtype=np.int32)
    numbers[kept] = np.arange(len(kept))
    return Cube(**fixed, **sums), Part(ground, passes, numbers)


def _cells(ground: Ground, at: Places) -> tuple[npt.NDArray[np.int32], dict[str, Any]]:
    """Add up the accounts at some places: the profiles that there are, and the fields of a cube that are sums."""
    group = ground.group[at]
    cells = _firsts(group)  # where a profile's accounts of one status begin
    profile = group[cells] // STATUSES
    firsts = _firsts(profile)
    kept = profile[firsts]
    sums = _sums(ground, at, _Runs(cells[firsts], cells, len(group)))
    status, place = group[cells] % STATUSES, np.repeat(np.arange(len(kept)), np.diff(firsts, append=len(profile)))
    by_status = {name: _spread(sums.pop(name), status, place, len(kept)) for name in ("accounts", "revenue")}
    return kept, {
        **{name: values.sum(axis=1) for name, values in by_status.items()},
        **{f"health_{name}": values for name, values in by_status.items()},
        **sums,
    }


def told(ground: Ground, passes: npt.NDArray[np.bool_] | None) -> list[tuple[int, float, int]]:
    """Say by health status what loss the book's own probabilities expect, as `told.sql` does: see there.

    For each status: accounts told, loss in cents, and revenue (cents) of which nothing is told.
    """
    at = slice(None) if passes is None else np.flatnonzero(passes)
    group, revenue, loss = ground.group[at], np.maximum(ground.cents[at], 0), ground.loss[at]
    cells = _firsts(group)
    status, tells = group[cells] % STATUSES, loss >= 0
    parts = np.maximum(loss, 0, dtype=np.int64)
    # Cents times millionths: in one go where the sum of a cell fits into 64 bits, else in limbs of 20 bits.
    most = int(_added(revenue, cells, np.int64).max(initial=0))
    shifts = (0,) if most * 1_000_000 < 1 << 62 else (0, _LIMB, 2 * _LIMB)
    limbs = [revenue] if len(shifts) == 1 else [revenue >> shift & _MASK for shift in shifts]
    losses = [_by_status(_added(limb * parts, cells, np.int64), status) for limb in limbs]
    counts = _by_status(_added(tells, cells, np.int64), status)
    untold = _by_status(_added(revenue * ~tells, cells, np.int64), status)
    return [
        (counts[code], sum(part[code] << shift for part, shift in zip(losses, shifts, strict=True)) / 1e6, untold[code])
        for code in range(STATUSES)
    ]


def _by_status(sums: Whole, status: Numbers) -> list[int]:
    """Add sums of cells up by status, exactly: in two halves, since the whole may not fit into 64 bits."""
    by_code = (sums[status == code] for code in range(STATUSES))
    return [(int((some >> 32).sum()) << 32) + int((some & 0xFFFFFFFF).sum()) for some in by_code]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Accounts that pass, in order: where those of a profile begin, and of a profile and a status; how many pass."""

    profiles: npt.NDArray[np.intp]
    cells: npt.NDArray[np.intp]
    length: int

    def add(self, values: Numbers, kind: type = np.int64) -> Numbers:
        return _added(values, self.profiles, kind)


def _firsts(values: Numbers) -> npt.NDArray[np.intp]:
    """Give the places at which a run of equal values begins."""
    begins = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def _added(values: Numbers, firsts: npt.NDArray[np.intp], kind: type) -> Numbers:
    return np.add.reduceat(values, firsts, dtype=kind) if len(firsts) else np.zeros(0, dtype=kind)


def _sums(ground: Ground, at: Places, runs: _Runs) -> dict[str, Numbers]:
    """Add up what a cube holds: everything by profile, but `accounts` and `revenue` by profile and status."""
    cents = ground.cents[at]
    revenue = np.maximum(cents, 0)
    jobs: list[Callable[[], dict[str, Numbers]]] = [
        lambda: _squares(revenue, runs),
        lambda: {"revenue_log": runs.add(revenue * np.log(np.maximum(revenue, 1)), np.float64)},
        lambda: {
            "accounts": np.diff(runs.cells, append=runs.length).astype(np.int64),
            "revenue": _added(revenue, runs.cells, np.int64),
            "counted": runs.add(cents > 0),
            "credits": runs.add(cents < 0),
            "credit_amount": runs.add(np.minimum(cents, 0)),
        },
        lambda: _scores("health", ground.health[at], runs),
        lambda: _scores("engagement", ground.engagement[at], runs),
        lambda: {"potential": runs.add(ground.potential[at])},
        lambda: {"pipeline": runs.add(ground.pipeline[at])},
    ]
    with ThreadPoolExecutor(2) as pool:
        return {name: values for made in pool.map(lambda job: job(), jobs) for name, values in made.items()}


def _scores(name: str, scores: npt.NDArray[np.int16], runs: _Runs) -> dict[str, Numbers]:
    return {f"{name}_known": runs.add(scores >= 0), f"{name}_sum": runs.add(np.maximum(scores, 0))}


def _squares(revenue: Whole, runs: _Runs) -> dict[str, Numbers]:
    """Add squared cents up exactly, in limbs of 20 bits, and give each sum as its bits from 62 on and those below."""
    limbs = [revenue & _MASK]
    while (revenue >> _LIMB * len(limbs)).any():
        limbs.append(revenue >> _LIMB * len(limbs) & _MASK)
    digits = [np.zeros(len(runs.profiles), dtype=np.uint64) for _ in range(2 * 3)]
    for i, low in enumerate(limbs):
        for j, high in enumerate(limbs[i:], i):
            digits[i + j] += runs.add(low * high).astype(np.uint64) << np.uint64(i != j)
    for place in range(3):  # a square has three limbs below its 60th bit
        digits[place + 1] += digits[place] >> np.uint64(_LIMB)
        digits[place] &= np.uint64(_MASK)
    below = digits[0] | digits[1] << np.uint64(_LIMB) | digits[2] << np.uint64(2 * _LIMB)
    low = below | (digits[3] & np.uint64(3)) << np.uint64(60)
    high = (digits[3] >> np.uint64(2)) + (digits[4] << np.uint64(18))
    return {"squared_high": high.astype(np.int64), "squared_low": low.astype(np.int64)}


def _spread(values: Numbers, status: Numbers, place: Numbers, profiles: int) -> Whole:
    table = np.zeros((profiles, STATUSES), dtype=np.int64)
    table[place, status] = values
    return table
