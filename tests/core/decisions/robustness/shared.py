"""What the tests of robustness share: all profiles of the scorecard as a cube, and cubes out of rows of points."""

from __future__ import annotations

import itertools
import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from core.accounts.cube import Cube
from core.model import toml
from core.model.model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "known" / "robustness.json").read_text("utf-8"))
EXTRAS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "known" / "extras.json").read_text("utf-8"))
SCORECARD = toml.load(toml.DEFAULT)
ACME = (100, 80, 100, 100, 80, 50)
# The known answers number the scorecard's profiles with the points of every criterion rising.
PROFILES = list(itertools.product(*(sorted(set(c.levels)) for c in SCORECARD.criteria)))


def cube(
    points: Sequence[Sequence[int]],
    *,
    accounts: Sequence[int] | None = None,
    revenue: Sequence[int] | None = None,
    gate: Sequence[int] | None = None,
) -> Cube:
    """A cube of these profiles (tenths, 255 missing), one account each where nothing else is said."""
    size = len(points)
    counts = np.array(accounts if accounts is not None else [1] * size, dtype=np.int64)
    made: dict[str, Any] = {field.name: np.zeros(size, dtype=np.int64) for field in fields(Cube)}
    made |= {name: np.zeros((size, 4), dtype=np.int64) for name in ("health_accounts", "health_revenue")}
    made |= {
        "key": np.arange(size, dtype=np.int64),
        "points": np.array(points, dtype=np.uint8).reshape(size, -1),
        "gate": np.array(gate if gate is not None else [0] * size, dtype=np.uint8),
        "accounts": counts,
        "counted": counts.copy(),
        "revenue": np.array(revenue if revenue is not None else [100] * size, dtype=np.int64),
    }
    return Cube(**made)


def model(count: int, *, importance: Sequence[float] | None = None, cut_offs: Sequence[float] = (75, 50, 0),
          floor: float = 0.0) -> Model:  # fmt: skip
    """A model of so many criteria that hold points themselves."""
    weights = importance or [1.0] * count
    return Model.model_validate(
        {
            "name": "made",
            "coverage_floor": floor,
            "criteria": [
                {"id": f"c{j}", "name": f"Criterion {j}", "column": f"Column {j}", "kind": "points", "importance": w}
                for j, w in enumerate(weights)
            ],
            "tiers": [{"name": f"Tier {i + 1}", "cut_off": cut} for i, cut in enumerate(cut_offs)],
        }
    )


@st.composite
def settings_(draw: st.DrawFn, *, missing: bool = True, most: int = 6) -> tuple[Model, Cube]:
    """A model of any weights, cut-offs and floor, with a few profiles under it, gates and ties included."""
    count = draw(st.integers(1, 5))
    importance = draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))
    importance[0] += not any(importance)
    cuts = sorted(draw(st.sets(st.sampled_from([25.0, 40.0, 50.0, 60.0, 75.0, 80.0]), min_size=1, max_size=3)))
    made = model(count, importance=[float(w) for w in importance], cut_offs=[*cuts[::-1], 0.0],
                 floor=draw(st.sampled_from([0.0, 0.6])))  # fmt: skip
    level = st.sampled_from([0, 25, 40, 50, 60, 75, 80, 100])
    level = level | st.just(255) if missing else level
    row = st.lists(level, min_size=count, max_size=count)
    rows = draw(st.lists(row, min_size=1, max_size=most))
    gates = draw(st.lists(st.integers(0, len(cuts)), min_size=len(rows), max_size=len(rows)))
    sums = st.lists(st.integers(0, 50), min_size=len(rows), max_size=len(rows))
    return made, cube(rows, accounts=draw(sums), revenue=draw(sums), gate=gates)
