"""Holdings: how many accounts, and how much revenue, fall into each band of a criterion.

In: a cube, the model that it was made under, the place of a criterion.  Out: one row a band, category or range of
points, then one for what is missing. The cube knows points, not bands, so bands that earn the same points share a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING
from core.model.criteria import BandCriterion, CategoryCriterion

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.model.criteria import Criterion
    from core.model.model import Model

NOTHING = "Missing"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a band holds: its label, the points it earns (None where missing, or a range), accounts, revenue (cents)."""

    label: str
    points: float | None
    accounts: int
    revenue: int


def holdings(cube: Cube, model: Model, place: int) -> list[Holding]:
    """Say what each band of the criterion at `place` holds; the rows add up to every account of the cube."""
    column, criterion = cube.points[:, place], model.criteria[place]
    accounts, revenue = np.zeros(MISSING + 1, dtype=np.int64), np.zeros(MISSING + 1, dtype=np.int64)
    np.add.at(accounts, column, cube.accounts)
    np.add.at(revenue, column, cube.revenue)
    rows = [
        Holding(label, points, int(accounts[levels].sum()), int(revenue[levels].sum()))
        for label, points, levels in _labels(criterion)
    ]
    return [*rows, Holding(NOTHING, None, int(accounts[MISSING]), int(revenue[MISSING]))]


def _labels(criterion: Criterion) -> list[tuple[str, float | None, list[int]]]:
    """Name the rows, each with the tenths of points that belong to it."""
    if isinstance(criterion, BandCriterion | CategoryCriterion):
        named: dict[int, list[str]] = {}
        for level, label in zip(criterion.levels, criterion.labels(), strict=True):
            named.setdefault(level, []).append(label)
        return [(" or ".join(labels), level / 10, [level]) for level, labels in named.items()]
    ranges = [(low, range(10 * low, 10 * low + (20 if low < 8 else 21))) for low in range(0, 10, 2)]
    return [(f"{low} to {low + 2} points", None, list(levels)) for low, levels in ranges]
