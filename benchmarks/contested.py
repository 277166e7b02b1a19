"""What a room disagrees about: fifty people, a hundred thousand accounts of which no two are alike.

That is the worst there is: a book under the six criteria of the scorecard has at most 1,728 profiles without missing
values, and costs a fiftieth of it. Every person's tier of every profile is computed, who puts the account where, which
criterion divides them, and which disagreements change nothing.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np

from benchmarks import harness
from benchmarks.harness import Claim, Section
from core.decisions import contested
from core.model import toml
from core.model.numbers import weights_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.cube import Cube, Whole
    from core.model.model import Model

PEOPLE = 50
MOST = 0.2
"""Seconds that it may take for 100,000 accounts."""


@dataclasses.dataclass(frozen=True, slots=True)
class Room:
    """The part of a cube that is read here."""

    points: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
    gate: np.ndarray[tuple[int], np.dtype[np.uint8]]
    accounts: Whole
    revenue: Whole


def made(size: int, seed: int = 5) -> tuple[Room, list[tuple[int, ...]]]:
    """Make profiles, one account each, and fifty people's weights."""
    rng = np.random.default_rng(seed)
    points = rng.choice(np.array([0, 50, 80, 100, 255], dtype=np.uint8), size=(size, 6))
    ones = np.ones(size, dtype=np.int64)
    weights = [weights_from(row) for row in rng.integers(1, 100, size=(PEOPLE, 6)).tolist()]
    return Room(points, np.zeros(size, dtype=np.uint8), ones, ones), weights


def _measured(room: Room, model: Model, weights: list[tuple[int, ...]], _round: int) -> object:
    return contested.measure(cast("Cube", room), model, weights)


def run(sizes: Sequence[int] = (2_000, 100_000), rounds: int = 7) -> Section:
    """Time the contested accounts at every size."""
    model = toml.load(toml.DEFAULT)
    races, claims = {}, []
    for size in sizes:
        room, weights = made(size)
        entrants: harness.Contenders = {f"{PEOPLE} people": partial(_measured, room, model, weights)}
        races[f"{size:,} profiles"] = harness.race(entrants, rounds)
        took = races[f"{size:,} profiles"][f"{PEOPLE} people"].median
        if size == 100_000:
            what = f"Contested accounts of {PEOPLE} people and {size:,} accounts: within {1000 * MOST:.0f} ms"
            claims.append(Claim(what, harness.duration(took), took <= MOST))
    return Section("What a room disagrees about", "", harness.race_table(races), tuple(claims))
