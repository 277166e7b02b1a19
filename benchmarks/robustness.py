"""How sure is every tier? Exact confidence, tipping points and margins of every profile there can be.

The books hold accounts spread over all 1,728 profiles of the scorecard, each known on every criterion. Tierwise works
out exactly under which share of weightings each profile has the tier that it has. Beside it stands what one would
write otherwise: draw 10,000 weightings, score everybody under each, and count, which leaves an error of half a point;
over the profiles, which takes knowing that they exist, and over the accounts. Before anything is timed, the drawn
shares must lie within 5 standard errors of the exact ones.

The second table has everything that a visit of the page asks for. None of it looks at accounts, so a book a hundred
times as large must take no longer.
"""

from __future__ import annotations

import itertools
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import harness
from benchmarks.harness import Claim, Section
from core.accounts.cube import Cube
from core.decisions.robustness import acceptability, draws, margins, sensitivity, tipping
from core.measures import tiers
from core.model import toml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from benchmarks.harness import Result
    from core.model.model import Model

    Floats = npt.NDArray[np.float64]

OURS, PROFILES, ACCOUNTS = (
    "Tierwise, exact", "numpy, 10,000 weightings over the profiles", "numpy, 10,000 weightings over the accounts",
)  # fmt: skip
CONFIDENCE, TIPPING = "exact confidence, ± 5 points", "all tipping points"
MOST_CONFIDENCE, MOST_TIPPING, FLAT = 0.100, 0.050, 1.2
MOST_ACCOUNTS = 10_000
"""More accounts than this would take numpy minutes and much memory."""


def made(model: Model, size: int) -> tuple[Cube, npt.NDArray[np.int64]]:
    """Spread accounts over all profiles of a model: the cube, and each account's profile."""
    rows = np.array(list(itertools.product(*(sorted(set(c.levels)) for c in model.criteria))), dtype=np.uint8)
    profile = np.random.default_rng(7).integers(0, len(rows), size)
    counts = np.bincount(profile, minlength=len(rows)).astype(np.int64)
    columns: dict[str, Any] = {field.name: np.zeros(len(rows), dtype=np.int64) for field in fields(Cube)}
    columns |= {name: np.zeros((len(rows), 4), dtype=np.int64) for name in ("health_accounts", "health_revenue")}
    columns |= {"points": rows, "gate": np.zeros(len(rows), dtype=np.uint8), "key": np.arange(len(rows))}
    return Cube(**columns | {"accounts": counts, "counted": counts.copy(), "revenue": counts * 100_000}), profile


def exact(cube: Cube, model: Model, spread: float) -> Floats:
    """Work out every profile's confidence exactly."""
    belief = acceptability.around(model.weights, spread)
    return acceptability.measure(cube, model, tiers.weigh(cube, model), belief).confidence


def drawn(points: npt.NDArray[np.float32], model: Model, spread: float, number: int) -> Floats:
    """Draw weightings, score every row under each, and count how often its tier is the one it has now."""
    belief = acceptability.around(model.weights, spread)
    weightings = np.random.default_rng(number + 1).dirichlet(belief.alphas, draws.DRAWS).astype(np.float32)
    edges = [cut_off / 100 - 1e-4 for cut_off in model.cut_offs[-2::-1]]
    now = np.digitize(points @ np.array(model.weights, dtype=np.float32) / 10_000, edges)
    share = np.empty(len(points))
    for start in range(0, len(points), 1_000):
        rows = slice(start, start + 1_000)
        share[rows] = (np.digitize(points[rows] @ weightings.T, edges) == now[rows, None]).mean(axis=1)
    return share


def contest(model: Model, size: int, spread: float, rounds: int) -> dict[str, Result]:
    """Hold the contenders equal at one size, then time them."""
    cube, profile = made(model, size)
    rows = cube.points.astype(np.float32)
    entrants: dict[str, Callable[[int], Floats]] = {
        OURS: lambda _: exact(cube, model, spread),
        PROFILES: partial(drawn, rows, model, spread),
    }
    if size <= MOST_ACCOUNTS:
        entrants[ACCOUNTS] = partial(drawn, rows[profile], model, spread)
    right = entrants[OURS](0)
    error = np.sqrt(right * (1 - right) / draws.DRAWS)
    assert (np.abs(entrants[PROFILES](0) - right) <= 5 * np.maximum(error, 1 / draws.DRAWS)).all()
    return harness.race(entrants, rounds)


def asked_of(model: Model, size: int) -> dict[str, Callable[[int], object]]:
    """List everything that the page asks for."""
    cube, _ = made(model, size)
    verdict = tiers.weigh(cube, model)
    any_weights = acceptability.anything(len(model.criteria))
    return {
        CONFIDENCE: lambda _: exact(cube, model, 5),
        "exact confidence, ± 10 points": lambda _: exact(cube, model, 10),
        "exact confidence, any weights": lambda _: acceptability.measure(cube, model, verdict, any_weights),
        TIPPING: lambda _: tipping.intervals(cube, model, verdict),
        "what Tier 1 holds at every weight, all criteria": lambda _: [
            tipping.staircase(cube, model, j) for j in range(len(model.criteria))
        ],
        "the least weight that changes each tier": lambda _: margins.measure(cube, model, verdict),
        "every weight and cut-off moved either way": lambda _: sensitivity.tornado(cube, model, verdict),
    }


def questions(model: Model, sizes: Sequence[int], rounds: int) -> dict[int, dict[str, Result]]:
    """Time everything that the page asks for, all sizes in the same rounds, so that they can be compared."""
    entrants = {(name, size): ask for size in sizes for name, ask in asked_of(model, size).items()}
    numbered = {str(i): ask for i, ask in enumerate(entrants.values())}
    found = dict(zip(entrants, harness.race(numbered, rounds).values(), strict=True))
    return {size: {name: found[name, size] for name, of in entrants if of == size} for size in sizes}


def run(sizes: Sequence[int], rounds: int = 9) -> Section:
    """Time robustness at every size."""
    model = toml.load(toml.DEFAULT)
    races = {size: contest(model, size, 5, rounds) for size in sizes}
    asked = questions(model, sizes, 3 * rounds)
    race = harness.race_table({f"{size:,} accounts, ± 5 points": found for size, found in races.items()})
    rows = [
        [name, *(harness.duration(found[name].median) for found in asked.values())]
        for name in next(iter(asked.values()))
    ]
    table = harness.table(["", *(f"{size:,} accounts" for size in sizes)], rows)
    text = f"Model “{model.name}”: {len(made(model, 1)[0]):,} profiles."
    return Section("Robustness of every tier", text, f"{race}\n\n{table}", _claims(asked))


def _claims(asked: dict[int, dict[str, Result]]) -> tuple[Claim, ...]:
    small, large = (asked[size] for size in (min(asked), max(asked)))
    claims = [
        Claim(f"{name}: at most {1000 * most:g} ms for all 1,728 profiles", harness.duration(large[name].median),
              large[name].median <= most)
        for name, most in ((CONFIDENCE, MOST_CONFIDENCE), (TIPPING, MOST_TIPPING))
    ]  # fmt: skip
    for name in (CONFIDENCE, TIPPING):
        ratio = large[name].median / small[name].median
        what = f"{name}: the same at {max(asked):,} accounts as at {min(asked):,}, within 20 %"
        claims.append(Claim(what, harness.ratio(ratio), 1 / FLAT <= ratio <= FLAT))
    return tuple(claims)
