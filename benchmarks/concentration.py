"""Concentration of a whole book: Gini, HHI, shares of the largest, Pareto, Theil.

Tierwise adds cents up as whole numbers, sorts once and gives 14 figures. Beside it stands PySAL's Gini alone, and what
it takes to get 12 of them otherwise: PySAL's Gini and Theil, and numpy in floats for the rest. Those 12 are held equal
to one part in a thousand million, which for Pareto's count of accounts is exactly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from inequality.gini import Gini
from inequality.theil import Theil

from benchmarks import harness
from benchmarks.harness import Section
from core.accounts import books as core_books
from core.measures import concentration

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from benchmarks.harness import Contenders, Result
    from benchmarks.shelf import Shelf


def ours(cents: npt.NDArray[np.int64]) -> dict[str, float]:
    """Measure, and name what the others can give too."""
    found = concentration.measure(cents)
    assert found.gini is not None
    assert found.hhi is not None
    assert found.theil is not None
    assert found.pareto_80 is not None
    tops = {f"top {n}": share for n, share in found.top_n.items() if share is not None}
    shares = {f"top {p:g}": top.share for p, top in found.top_share.items() if top is not None}
    whole = {"gini": found.gini, "hhi": found.hhi, "theil": found.theil, "pareto": found.pareto_80.accounts}
    return {**whole, **tops, **shares}


def pysal_and_numpy(cents: npt.NDArray[np.int64]) -> dict[str, float]:
    """Give the same figures from PySAL and from sorted floats."""
    amounts = cents[cents > 0] / 100
    ordered = np.sort(amounts)[::-1]
    running = np.cumsum(ordered)
    total = running[-1]
    tops = {f"top {n}": running[n - 1] / total for n in concentration.TOP_N}
    shares = {f"top {p:g}": running[math.ceil(p * len(ordered)) - 1] / total for p in concentration.TOP_SHARES}
    pareto = int(np.searchsorted(running, 0.8 * total)) + 1
    hhi = 10_000 * float(np.sum((ordered / total) ** 2))
    return {"gini": Gini(amounts).g, "hhi": hhi, "theil": Theil(amounts).T, "pareto": pareto, **tops, **shares}


def contest(cents: npt.NDArray[np.int64], rounds: int) -> dict[str, Result]:
    """Hold the contenders equal, then time them."""
    right, theirs = ours(cents), pysal_and_numpy(cents)
    assert right.keys() == theirs.keys()
    assert all(math.isclose(right[name], theirs[name], rel_tol=1e-9) for name in right), (right, theirs)
    floats = cents[cents > 0] / 100
    entrants: Contenders = {
        "Tierwise, 14 figures": lambda _: ours(cents),
        "PySAL, Gini alone": lambda _: Gini(floats).g,
        "PySAL and numpy, 12 figures": lambda _: pysal_and_numpy(cents),
    }
    return harness.race(entrants, rounds)


def run(books: Shelf, sizes: Sequence[int], rounds: int = 11) -> Section:
    """Time the measures of concentration at every size."""
    races = {f"{size:,} accounts": contest(core_books.amounts(books.book(size)), rounds) for size in sizes}
    return Section("Concentration", "", harness.race_table(races))
