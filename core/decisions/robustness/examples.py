"""Weights from examples: the nearest weights under which named accounts stand where people say they belong.

In: statements (“Acme above Borealis”, “Acme at least Tier 2”), the accounts' points and a model.  Out: the weights that
satisfy all statements and differ least from the present ones, or the smallest set of statements that contradict each
other. For a profile each statement is linear in the weights:

    reaches τ           Σ w u >= 0, u being the points above τ (`exact.above`)
    stays below τ       Σ w u <= -ε Σ_known w
    above the other     Σ w (p - q) >= ε Σ_known w, the same criteria being known of both
    is rated            Σ_known w >= the coverage floor

so that the least Σ|w' - w| is a linear program (scipy, HiGHS). The answer is rounded to basis points and then checked
in integers; where rounding has broken a statement the program is solved again with a wider ε. Sources: preference
disaggregation, Jacquet-Lagrèze and Siskos, European Journal of Operational Research 10(2), 1982; irreducible infeasible
sets by deletion, Chinneck and Dravnieks, ORSA Journal on Computing 3(2), 1991.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from core.accounts.banding import MISSING
from core.decisions.robustness import exact
from core.errors import TierwiseError
from core.measures import scoring, tiers
from core.model.numbers import FULL_WEIGHT, weights_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.model.model import Model

    Floats = npt.NDArray[np.float64]

IN, AT_LEAST, AT_MOST = "in", "at least in", "at most in"
HOW = (IN, AT_LEAST, AT_MOST)
MOST = 30
"""Statements that can be weighed together."""
_CLEARANCES = (1.0, 5.0, 20.0, 50.0)
"""ε in hundredths of a score point: tried one after the other until the rounded weights hold."""
_ENUMERATED = 3
"""The smallest contradictions are looked for among sets of up to so many statements."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An account that statements are about: its name, points in tenths (255 missing), and what its gates allow."""

    name: str
    points: tuple[int, ...]
    gate: int = 0


@dataclass(frozen=True, slots=True)
class Above:
    """“`one` stands above `other`”: names of subjects by their keys."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class InTier:
    """“`account` is in (at least in, at most in) `tier`”; `tier` counts from 0, the best."""

    account: str
    tier: int
    how: str = IN


Statement = Above | InTier


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest weights (basis points, in the model's order) and the weight that moves, a share (0.28 is 28 points).

    `exact` are the weights before rounding, shares. `holds` is whether the rounded ones satisfy every statement.
    """

    weights: tuple[int, ...]
    exact: tuple[float, ...]
    moved: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Statements, by their places, that no weights satisfy together; without any one of them some would.

    `smallest` is whether there is no smaller set anywhere among the statements.
    """

    places: tuple[int, ...]
    smallest: bool


Side = tuple["Floats", float]
"""A row a and a number b with a · w <= b; w in shares, b in hundredths of a score point."""


def nearest(model: Model, subjects: Mapping[str, Subject], statements: Sequence[Statement]) -> Found | Contradiction:
    """Find the weights nearest to the model's that satisfy every statement, or why there are none.

    Raises `TierwiseError` for a statement that cannot be weighed: about an account against itself, or about two
    accounts of which different criteria are known.
    """
    if len(statements) > MOST:
        what = f"{len(statements)} statements are more than can be weighed together"
        raise TierwiseError(what, where="statements", way_out=f"Keep the {MOST} that matter most")
    for clearance in _CLEARANCES:
        sides = [_sides(model, subjects, statement, clearance) for statement in statements]
        solved = _solve(model, [side for group in sides for side in group])
        if solved is None:
            break
        weights = weights_from([max(0.0, float(share)) for share in solved])
        if all(satisfied(model, subjects, statement, weights) for statement in statements):
            return _found(model, weights, solved, holds=True)
    sides = [_sides(model, subjects, statement, _CLEARANCES[0]) for statement in statements]
    solved = _solve(model, [side for group in sides for side in group])
    if solved is None:
        return _contradiction(model, sides)
    return _found(model, weights_from([max(0.0, float(share)) for share in solved]), solved, holds=False)


def _found(model: Model, weights: tuple[int, ...], solved: Floats, *, holds: bool) -> Found:
    moved = sum(abs(a - b) for a, b in zip(weights, model.weights, strict=True)) / 2 / FULL_WEIGHT
    return Found(weights, tuple(float(share) for share in solved), moved, holds)


def satisfied(model: Model, subjects: Mapping[str, Subject], statement: Statement, weights: Sequence[int]) -> bool:
    """Tell whether whole weights (basis points) make a statement true: decided by integers, as every tier is."""
    if isinstance(statement, Above):
        pair = [subjects[statement.one], subjects[statement.other]]
        scores = scoring.score(np.array([s.points for s in pair], dtype=np.uint8), weights)
        (one, other), (known, theirs) = scores.earned.tolist(), scores.present.tolist()
        return bool(known and theirs and one * theirs > other * known)
    subject = subjects[statement.account]
    scores = scoring.score(np.array([subject.points], dtype=np.uint8), weights)
    tier = int(tiers.assign(scores, model, np.array([subject.gate], dtype=np.uint8)).tier[0])
    if tier == len(model.tiers):
        return False
    if statement.how == IN:
        return tier == statement.tier
    return tier <= statement.tier if statement.how == AT_LEAST else tier >= statement.tier


def _sides(model: Model, subjects: Mapping[str, Subject], statement: Statement, clearance: float) -> list[Side]:
    if isinstance(statement, Above):
        return _above(subjects[statement.one], subjects[statement.other], clearance)
    subject, last = subjects[statement.account], len(model.tiers) - 1
    points = np.array([subject.points], dtype=np.uint8)
    known = (points[0] != MISSING).astype(np.float64)
    # Enough must be known for a tier at all; a hundredth of a point of weight keeps a floor of 0 away from nothing.
    found: list[Side] = []
    if not known.all():
        found.append((-known, -max(model.floor, 1) / FULL_WEIGHT))
    never: Side = (np.zeros(len(known)), -1.0)
    if statement.how in {IN, AT_LEAST}:
        if subject.gate > statement.tier:
            found.append(never)
        elif statement.tier < last:
            above = exact.above(points, model.cut_offs[statement.tier])[0].astype(np.float64)
            found.append((-above + (clearance - _CLEARANCES[0]) * known, 0.0))
    if statement.how in {IN, AT_MOST} and statement.tier > subject.gate:
        above = exact.above(points, model.cut_offs[statement.tier - 1])[0].astype(np.float64)
        found.append((above + clearance * known, 0.0))
    return found


def _above(one: Subject, other: Subject, clearance: float) -> list[Side]:
    points, against = (np.array(subject.points, dtype=np.int64) for subject in (one, other))
    known = points != MISSING
    if one == other:
        what = "an account cannot stand above itself"
        raise TierwiseError(what, where=one.name, way_out="Name two accounts")
    if (known != (against != MISSING)).any():
        what = f"“{one.name}” and “{other.name}” have values for different criteria, so no weights compare them fairly"
        raise TierwiseError(what, where="statements", way_out="Say in which tier each belongs instead")
    ahead = np.where(known, points - against, 0) * 100.0
    return [(-ahead + clearance * known, 0.0)]


def _solve(model: Model, sides: Sequence[Side]) -> Floats | None:
    """Minimise Σ|w - w₀| over weights that keep to every side; None where none do.

    Variables: w, then what each weight gains, then what it loses; w - gains + losses = w₀.
    """
    count = len(model.weights)
    one, zero = np.eye(count), np.zeros((count, count))
    equal = np.vstack([np.hstack([one, -one, one]), np.hstack([np.ones(count), np.zeros(2 * count)])])
    present = np.array([*model.weights, FULL_WEIGHT]) / FULL_WEIGHT
    # Scaled to score points, so that one tolerance of the solver suits every row.
    rows = [np.concatenate([row / 100 if abs(row).max() > 1 else row, zero[0], zero[0]]) for row, _ in sides]
    found = linprog(
        np.concatenate([np.zeros(count), np.ones(2 * count)]),
        A_ub=np.array(rows) if rows else None, b_ub=[limit for _, limit in sides] if rows else None,
        A_eq=equal, b_eq=present, bounds=(0, None), method="highs",
    )  # fmt: skip
    if found.status == 2:
        return None
    if found.status != 0:  # pragma: no cover - the program is bounded, and small
        what = "the weights could not be worked out"
        raise TierwiseError(what, where="statements", way_out="Leave one statement out and try again")
    weights: Floats = found.x[:count]
    return weights


def _contradiction(model: Model, sides: Sequence[Sequence[Side]]) -> Contradiction:
    """Find a smallest set of statements that contradict each other: by trying all small ones, or by deletion."""

    def impossible(places: Sequence[int]) -> bool:
        return _solve(model, [side for place in places for side in sides[place]]) is None

    kept = list(range(len(sides)))
    for place in range(len(sides)):
        without = [other for other in kept if other != place]
        if impossible(without):
            kept = without
    for size in range(1, min(_ENUMERATED, len(kept) - 1) + 1):
        for places in combinations(range(len(sides)), size):
            if impossible(places):
                return Contradiction(places, smallest=True)
    return Contradiction(tuple(kept), smallest=len(kept) <= _ENUMERATED + 1)
