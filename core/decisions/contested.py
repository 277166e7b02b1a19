"""What disagreement about weights touches: which accounts stand in another tier for some than for others.

Every person's weights are a model of their own; on the cube all of them are scored at once, in one product of integers,
so that fifty people cost some milliseconds and no scan of accounts.

    agreed      a profile whose tier is the same under everybody's weights
    behind it   where two camps put a profile on two sides of a cut-off τ: the criterion j with the largest
                (u_j - l_j)(p_j - τ), u and l being the mean weights of those who put it higher and lower. Over all
                criteria these parts add up to the difference between the two camps' scores; a missing value counts
                with p_j = τ, which is what renormalising over the known values comes to.
    no effect   a criterion whose weight may run over everything that was said of it, the others in proportion, from
                the group's weights, and no account changes its tier. A score moves one way only while one weight
                does, so its two ends decide.

In: a cube (or a prepared book), a model, and weights in basis points, one row a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.accounts import listing
from core.accounts.banding import MISSING
from core.accounts.listing import Wanted
from core.measures.tiers import UNRATED
from core.model.numbers import FULL_WEIGHT, weights_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

    Whole = npt.NDArray[np.int64]
    Rows = Sequence[Sequence[int]]


_BLOCK = 1 << 17
"""People x criteria x profiles at a time: these stay in the processor's cache, and the library that multiplies matrices
takes one core for them. For more it would take all, and wait for each at every block: on a busy machine, for long."""


@dataclass(frozen=True, slots=True, eq=False)
class Contested:
    """The tier of every profile for every person, (K, P), and what they agree on. Shares are None where undefined.

    agreed: (P,), true where all give one tier; revenue in cents.
    """

    tier: npt.NDArray[np.int8]
    agreed: npt.NDArray[np.bool_]
    share_accounts: float | None
    share_revenue: float | None
    accounts: int
    revenue: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What the spread of one criterion's weight can do by itself: accounts that change tier, and their revenue (cents).

    `low` and `high` are the weights between which it was said to lie, in basis points.
    """

    criterion: str
    low: int
    high: int
    accounts: int
    revenue: int

    @property
    def matters(self) -> bool:
        """Whether any account changes its tier."""
        return self.accounts > 0


@dataclass(frozen=True, slots=True)
class Dispute:
    """An account on which people differ: who puts it where, by tier (best first), and the criterion behind it.

    `people` holds the places of persons; `criterion` is None where only the coverage floor or a gate divides them.
    """

    account_id: str
    name: str
    revenue: int
    people: tuple[tuple[str, tuple[int, ...]], ...]
    criterion: str | None


def tiers_for_all(cube: Cube, model: Model, weights: Rows) -> npt.NDArray[np.int8]:
    """Give every profile its tier under every person's weights: (K, P), 0 the best, `len(model.tiers)` unrated.

    Equal to `tiers.weigh` with each person's weights. The products are of whole numbers below 2^53, so that the
    machine's quick multiplication of matrices is exact; what is compared with a cut-off are integers.
    """
    rows = np.asarray(weights, dtype=np.float64)
    tier = np.zeros((len(rows), len(cube.points)), dtype=np.int8)
    size = max(64, _BLOCK // max(rows.size, 1))
    for start in range(0, len(cube.points), size):
        block = slice(start, start + size)
        tier[:, block] = _tiers(cube.points[block], cube.gate[block], model, rows)
    return tier


def _tiers(
    points: npt.NDArray[np.uint8], gate: npt.NDArray[np.uint8], model: Model, rows: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8]:
    known = points != MISSING
    earned = (rows @ np.where(known, points, 0).T.astype(np.float64)).astype(np.int32)
    # Where nothing is missing, the weight that is present is the same for all.
    present = (rows @ known.T.astype(np.float64)).astype(np.int32) if not known.all() else np.int32(FULL_WEIGHT)
    earned *= 100  # at most 10^8, as is a cut-off times what is present
    tier = np.broadcast_to(np.int8(0), earned.shape).copy()
    for cut_off in model.cut_offs[:-1]:
        tier += earned < np.int32(cut_off) * present
    np.maximum(tier, gate.astype(np.int8), out=tier)
    return np.where((present < model.floor) | (present == 0), np.int8(len(model.tiers)), tier)


def measure(cube: Cube, model: Model, weights: Rows) -> Contested:
    """Find what a room agrees on; at least one person is needed."""
    tier = tiers_for_all(cube, model, weights)
    agreed = (tier == tier[0]).all(axis=0)
    accounts, revenue = int(cube.accounts[~agreed].sum()), int(cube.revenue[~agreed].sum())
    return Contested(tier, agreed, *_rest(cube, accounts, revenue), accounts, revenue)


def effects(cube: Cube, model: Model, group: Sequence[int], weights: Rows) -> list[Effect]:
    """Tell what the spread of each criterion's weight can do by itself, the most revenue first."""
    said = np.asarray(weights, dtype=np.int64)
    lows, highs = said.min(axis=0), said.max(axis=0)
    ends = [varied(group, j, int(end)) for j in range(len(group)) for end in (lows[j], highs[j])]
    tier = tiers_for_all(cube, model, ends)
    found = []
    for j, criterion in enumerate(model.criteria):
        moves = tier[2 * j] != tier[2 * j + 1]
        touched = int(cube.accounts[moves].sum()), int(cube.revenue[moves].sum())
        found.append(Effect(criterion.id, int(lows[j]), int(highs[j]), *touched))
    return sorted(found, key=lambda effect: (-effect.revenue, -effect.accounts, effect.criterion))


def varied(group: Sequence[int], place: int, weight: int) -> tuple[int, ...]:
    """Give the criterion at `place` another weight and scale the others to what is left; basis points.

    >>> varied((3000, 2000, 5000), 0, 6500)
    (6500, 1000, 2500)
    """
    others = [value for j, value in enumerate(group) if j != place]
    rest = FULL_WEIGHT - weight
    shared = list(weights_from(others if any(others) else [1] * len(others), rest)) if others and rest else []
    shared = shared or [0] * len(others)
    return (*shared[:place], weight, *shared[place:])


def disputes(prepared: Portfolio, model: Model, weights: Rows, found: Contested, *, most: int = 50) -> list[Dispute]:
    """List the accounts on which people differ, the most revenue first, with who puts them where and why."""
    by_profile = pa.table({"profile": np.arange(len(found.agreed), dtype=np.int32), "tier": found.tier[0],
                           "moved": ~found.agreed})  # fmt: skip
    rows = listing.page(prepared.listing, by_profile, Wanted(moved=True), limit=most)
    behind: dict[int, tuple[tuple[tuple[str, tuple[int, ...]], ...], str | None]] = {}
    made = []
    for row in rows.select(["account_id", "name", "cents", "profile"]).to_pylist():
        profile = int(row["profile"])
        if profile not in behind:
            behind[profile] = (
                _sides(model, found.tier[:, profile]),
                _behind(prepared.cube, model, weights, found, profile),
            )
        people, criterion = behind[profile]
        made.append(
            Dispute(row["account_id"], row["name"] or row["account_id"], int(row["cents"] or 0), people, criterion)
        )
    return made


def _sides(model: Model, tier: npt.NDArray[np.int8]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    labels = (*model.tier_names, UNRATED)
    return tuple((labels[t], tuple(int(i) for i in np.flatnonzero(tier == t))) for t in sorted({int(t) for t in tier}))


def _behind(cube: Cube, model: Model, weights: Rows, found: Contested, profile: int) -> str | None:
    """Name the criterion that divides the room on a profile, at the cut-off that divides it most evenly."""
    tier = found.tier[:, profile]
    rated = tier < len(model.tiers)
    below = {cut: tier[rated] > cut for cut in range(len(model.tiers) - 1)}
    splits = {cut: min(int(lower.sum()), int((~lower).sum())) for cut, lower in below.items()}
    cut = max(splits, key=lambda place: (splits[place], -place), default=None)
    if cut is None or not splits[cut]:
        return None
    rows = np.asarray(weights, dtype=np.float64)[rated] / FULL_WEIGHT
    apart = rows[~below[cut]].mean(axis=0) - rows[below[cut]].mean(axis=0)
    points = cube.points[profile].astype(np.float64)
    level = model.cut_offs[cut] / 100
    parts = apart * np.where(cube.points[profile] == MISSING, 0.0, points - level)
    place = int(np.argmax(parts))
    return model.criteria[place].id if parts[place] > 0 else None


def _rest(cube: Cube, accounts: int, revenue: int) -> tuple[float | None, float | None]:
    all_accounts, all_revenue = int(cube.accounts.sum()), int(cube.revenue.sum())
    return (
        1 - accounts / all_accounts if all_accounts else None,
        1 - revenue / all_revenue if all_revenue else None,
    )
