"""Filters: the cube and the listing of the accounts that have chosen values, without banding or grouping anew.

A filter changes neither an account's points nor its health, so the accounts of a whole book are laid out once in the
order of their profiles (`ground`), and a filter adds up runs of those that pass. All sums but one are of whole numbers,
and so equal to those of a scan; `revenue_log` is a sum of floats, whose last digits depend on the order.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.accounts import cube, engine
from core.accounts.cube import Cube

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.accounts.books import Book

    Whole = npt.NDArray[np.int64]
    Numbers = npt.NDArray[Any]

STATUSES = 4
MOST = 1 << 22
"""Accounts of which a sum of products of limbs still fits into 64 bits."""
_LIMB = 20
_MASK = (1 << _LIMB) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The accounts of a whole book in the order of profile and health status; one entry an account.

    row: its place in the book; group: 4 x profile + status; cents, potential, pipeline: cents, 0 where missing;
    health, engagement: scores in hundredths, -1 where not known.
    """

    row: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    cents: Whole
    potential: Whole
    pipeline: Whole
    health: npt.NDArray[np.int16]
    engagement: npt.NDArray[np.int16]


def ground(accounts: pa.Table, profile: npt.NDArray[np.int32]) -> Ground | None:
    """Lay out the accounts of a whole book (`cube.keyed`), whose profiles are given in the same order.

    None for a book whose sums might not fit into 64 bits; then a filter costs a scan.
    """
    money = {name: accounts[name].fill_null(0).to_numpy() for name in ("cents", "potential", "pipeline")}
    if len(profile) > MOST or any(np.abs(values).sum(dtype=np.float64) > 2.0**62 for values in money.values()):
        return None
    group = profile.astype(np.int32) * np.int32(STATUSES) + accounts["status"].to_numpy().astype(np.int32)
    small = group.astype(np.uint16) if len(group) and group.max() < 1 << 16 else group  # which sorts ten times as fast
    order = np.argsort(small, kind="stable")
    columns: dict[str, Numbers] = {
        "row": accounts["row"].to_numpy().astype(np.int32),
        "group": group,
        **money,
        "health": _hundredths(accounts["health_score"]),
        "engagement": _hundredths(accounts["engagement_score"]),
    }
    with ThreadPoolExecutor(2) as pool:  # numpy lets go of Python's lock
        made = pool.map(lambda values: values[order], columns.values())
        return Ground(**dict(zip(columns, made, strict=True)))


def _hundredths(scores: pa.ChunkedArray) -> npt.NDArray[np.int16]:
    """Round scores from 0 to 100 to hundredths, half up, as SQL's `round` does."""
    exact = scores.cast(pa.float64()).fill_null(-1).to_numpy() * 100
    below = np.floor(exact)
    rounded = below + (exact - below >= 0.5)
    return np.where(exact < 0, -1, rounded).astype(np.int16)


def passing(book: Book, filters: Mapping[str, Sequence[str]]) -> npt.NDArray[np.bool_]:
    """Tell of every account, by its row in the book, whether it has one of the values of each column."""
    found = engine.cursor().table(book.table)
    for condition in cube.conditions(book, filters):
        found = found.filter(condition)
    passes = np.zeros(book.rows, dtype=np.bool_)
    passes[found.select(duckdb.ColumnExpression("row")).to_arrow_table()["row"].to_numpy()] = True
    return passes


def narrow(whole: Cube, ground: Ground, passes: npt.NDArray[np.bool_]) -> tuple[Cube, npt.NDArray[np.int32]]:
    """Give the cube of the accounts that pass, and the number there of every profile of the whole cube, else -1."""
    at = np.flatnonzero(passes[ground.row])
    group = ground.group[at]
    cells = _firsts(group)  # where a profile's accounts of one status begin
    profile = group[cells] // STATUSES
    firsts = _firsts(profile)
    runs = _Runs(cells[firsts], cells, len(at))
    kept = profile[firsts]
    sums = _sums(ground, at, runs)
    status, place = group[cells] % STATUSES, np.repeat(np.arange(len(kept)), np.diff(firsts, append=len(profile)))
    by_status: dict[str, Any] = {
        name: _spread(sums.pop(name), status, place, len(kept)) for name in ("accounts", "revenue")
    }
    fixed: dict[str, Any] = {
        name: getattr(whole, name)[kept] for name in ("key", "points", "gate", "gate_best", "gate_worst")
    }
    numbers = np.full(len(whole), -1, dtype=np.int32)
    numbers[kept] = np.arange(len(kept))
    made = Cube(
        **fixed,
        **{name: values.sum(axis=1) for name, values in by_status.items()},
        **{f"health_{name}": values for name, values in by_status.items()},
        **sums,
    )
    return made, numbers


def renumbered(listed: pa.Table, passes: npt.NDArray[np.bool_], numbers: npt.NDArray[np.int32]) -> dict[str, pa.Array]:
    """Give the rows of a whole book's listing that pass, with the numbers that their profiles have now."""
    kept = listed.filter(pa.array(passes[listed["row"].to_numpy()]))
    profile = pa.array(numbers[kept["profile"].to_numpy()])
    return {name: profile if name == "profile" else kept[name] for name in kept.column_names}


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


def _sums(ground: Ground, at: npt.NDArray[np.intp], runs: _Runs) -> dict[str, Numbers]:
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
