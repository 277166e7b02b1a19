"""Draws: acceptability where weights must keep to ranges or to an order, which no closed form covers.

In: a room, that is the weights that are allowed: a lowest and a highest value for each, and criteria that may not weigh
less than others.  Out: acceptability with its standard error, from weightings drawn uniformly from the room. One set of
draws serves every profile, so that profiles can be compared.

Every weighting is the end of its own random walk (hit and run), so the draws are independent and the standard error is
√(p(1 - p) / N). Sources: hit and run, Smith, Operations Research 32(6), 1984; the number of draws, Tervonen and
Lahdelma, European Journal of Operational Research 178(2), 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from core.decisions.robustness import acceptability, exact
from core.errors import TierwiseError
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.decisions.robustness.acceptability import Acceptability, Belief
    from core.measures.tiers import Verdict
    from core.model.model import Model

    Floats = npt.NDArray[np.float64]

DRAWS = 10_000
"""Draws for a standard error of at most half a point."""
SEED = 7
FEWEST = 1_000
_MOST_SCORES = 150_000_000
_STEPS_A_CRITERION = 25
_NARROW = 1e-9
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Room:
    """The weights that are allowed. low and high: shares, in the model's order; order: pairs (heavier, lighter)."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    order: tuple[tuple[int, int], ...] = ()


def within(weights: Sequence[int], points: float) -> Room:
    """Allow every weight (basis points) to be off by so many points, and none below 0.

    >>> within((6000, 4000), 10)
    Room(low=(0.5, 0.3), high=(0.7, 0.5), order=())
    """
    shares, off = [weight / FULL_WEIGHT for weight in weights], points / 100
    low = tuple(round(max(0.0, share - off), 6) for share in shares)
    return Room(low, tuple(round(min(1.0, share + off), 6) for share in shares))


def from_order(weights: Sequence[int], *, number: int = DRAWS, seed: int = SEED) -> Floats:
    """Draw weightings (a row each) uniformly from all that keep the criteria in the order that these weights have.

    Criteria that weigh the same may go either way. A uniform draw, sorted; its mean is the rank-order centroid.
    """
    rng = np.random.default_rng(seed)
    drawn = -np.sort(-rng.dirichlet([1.0] * len(weights), number), axis=1)
    place = 0
    found = np.empty_like(drawn)
    for level in sorted(set(weights), reverse=True):
        group = [j for j, weight in enumerate(weights) if weight == level]
        found[:, group] = rng.permuted(drawn[:, place : place + len(group)], axis=1)
        place += len(group)
    return found


def from_belief(belief: Belief, *, number: int = DRAWS, seed: int = SEED) -> Floats:
    """Draw weightings (a row each) from a belief: what the exact acceptability is checked against."""
    return np.random.default_rng(seed).dirichlet([max(alpha, 1e-12) for alpha in belief.alphas], number)


def from_room(room: Room, *, number: int = DRAWS, seed: int = SEED) -> Floats:
    """Draw weightings (a row each) uniformly from a room.

    Raises `TierwiseError` where no weights that add to 100 % keep to it, or only a single one does.
    """
    start, free = _middle(room)
    if free < 2:
        return np.repeat(start[None, :], number, axis=0)
    rng = np.random.default_rng(seed)
    bounds, limits = _sides(room)
    moves = np.array(room.high) - np.array(room.low) > _NARROW
    at = np.repeat(start[None, :], number, axis=0)
    for _ in range(_STEPS_A_CRITERION * len(start)):
        way = np.where(moves, rng.standard_normal(at.shape), 0.0)
        way -= np.where(moves, way.sum(axis=1, keepdims=True) / moves.sum(), 0.0)
        slope, left = way @ bounds.T, np.maximum(limits - at @ bounds.T, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = left / slope
        furthest = np.where(slope > _NARROW, reach, np.inf).min(axis=1)
        nearest = np.where(slope < -_NARROW, reach, -np.inf).max(axis=1)
        at += way * (nearest + rng.random(number) * (furthest - nearest))[:, None]
    return at


def _sides(room: Room) -> tuple[Floats, Floats]:
    """Write the room as rows a with a · w <= b."""
    one = np.eye(len(room.low))
    order = [one[lighter] - one[heavier] for heavier, lighter in room.order]
    rows = np.vstack([one, -one, *order]) if order else np.vstack([one, -one])
    return rows, np.array([*room.high, *(-low for low in room.low), *([0.0] * len(order))])


def _middle(room: Room) -> tuple[Floats, int]:
    """Find weights well inside the room, and count the weights that can move."""
    rows, limits = _sides(room)
    moves = np.array(room.high) - np.array(room.low) > _NARROW
    count = len(room.low)
    if not moves.any() and abs(sum(room.low) - 1) <= _NARROW * count:
        return np.array(room.low), 0
    # The largest distance to every side, except those of weights that cannot move at all.
    held = np.concatenate([~moves, ~moves, np.zeros(len(room.order), dtype=bool)])
    size = np.where(held, 0.0, np.linalg.norm(rows, axis=1))
    found = linprog(
        [*([0.0] * count), -1.0], A_ub=np.column_stack([rows, size]), b_ub=limits,
        A_eq=[[*([1.0] * count), 0.0]], b_eq=[1.0], bounds=[(None, None)] * count + [(0, None)], method="highs",
    )  # fmt: skip
    if found.status != 0:
        what = "no weights that add to 100 % keep to these ranges and this order"
        raise TierwiseError(what, where="weights", way_out="Widen a range")
    if found.x[-1] <= _NARROW and moves.sum() > 1:
        if _only(room, found.x[:-1]):
            return np.array(found.x[:-1]), 0
        what = "these ranges leave some weights no room at all beside the others"
        raise TierwiseError(what, where="weights", way_out="Widen a range, or fix those weights at one value")
    return np.array(found.x[:-1]), int(moves.sum())


def _only(room: Room, at: Floats) -> bool:
    """Tell whether these weights are the only ones in the room: no weight can rise or fall."""
    rows, limits = _sides(room)
    for j in range(len(at)):
        for sign in (1.0, -1.0):
            goal = [sign * (i == j) for i in range(len(at))]
            found = linprog(
                goal, A_ub=rows, b_ub=limits, A_eq=[[1.0] * len(at)], b_eq=[1.0], bounds=(None, None), method="highs"
            )
            if abs(found.x[j] - at[j]) > _NARROW * 100:
                return False
    return True


def measure(cube: Cube, model: Model, verdict: Verdict, weightings: Floats) -> Acceptability:
    """Estimate the acceptability of every tier for every profile from drawn weightings, with its standard error.

    Where profiles are very many, fewer of the draws are used, and the error says so.
    """
    number = min(len(weightings), max(FEWEST, _MOST_SCORES // max(1, len(cube))))
    used = weightings[:number]
    reached = [_share(exact.above(cube.points, cut_off), used) for cut_off in model.cut_offs[:-1]]
    table = np.column_stack([*reached, np.ones(len(cube))])
    return acceptability.of_reached(table, cube.gate, verdict, draws=number, every=True)


def _share(above: npt.NDArray[np.int64], weightings: Floats) -> Floats:
    found = np.empty(len(above))
    size = max(1, 4_000_000 // len(weightings))
    for start in range(0, len(above), size):
        rows = above[start : start + size].astype(np.float64)
        found[start : start + size] = (rows @ weightings.T >= -_TIE).mean(axis=1)
    return found
