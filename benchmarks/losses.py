"""The loss of a book, outcome by outcome: value at risk when every account goes with a probability of its own.

Tierwise adds the logarithms of all accounts' generating functions up in one array and transforms it there and back, so
that the number of accounts hardly matters; what rounding onto the grid may change is bounded, and the bound is shown.
Beside it stand dynamic programming account by account on a grid of as few steps as still serves (20,000), and drawing
20,000 years at random, up to 10,000 accounts; beyond, they take minutes. Both are held to our limits, widened by 2 %.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import harness
from benchmarks.harness import Claim, Section
from core.accounts import books as core_books
from core.measures import loss_distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from benchmarks.harness import Contenders, Result
    from benchmarks.shelf import Shelf

    Cents = npt.NDArray[np.int64]
    Chances = npt.NDArray[np.float64]

LEVEL = 0.95
STEPS, YEARS = 20_000, 20_000
MOST = {2_000: 1.0, 100_000: 10.0}
"""Seconds that are promised, by accounts."""
SLOW_UP_TO = 10_000
"""Accounts from which the others take minutes, and are left out."""


def ours(cents: Cents, p: Chances) -> loss_distribution.Quantile:
    """Give our value at risk with its limits."""
    return loss_distribution.assess(cents, p, levels=(LEVEL,)).quantiles[0]


def account_by_account(cents: Cents, p: Chances) -> float:
    """Convolve one account after the other, amounts rounded to a step."""
    step = cents.sum() / STEPS
    whole = np.round(cents / step).astype(np.int64)
    chances = np.zeros(int(whole.sum()) + 1)
    chances[0] = 1.0
    for r, q in zip(whole.tolist(), p.tolist(), strict=True):
        if r:
            moved = q * chances[:-r]
            chances *= 1 - q
            chances[r:] += moved
    return float(step * np.searchsorted(np.cumsum(chances), LEVEL))


def drawn(cents: Cents, p: Chances) -> float:
    """Draw years at random and read the quantile off."""
    random = np.random.default_rng(1)
    years = [float(cents[random.random(cents.size) < p].sum()) for _ in range(YEARS)]
    return float(np.quantile(years, LEVEL, method="inverted_cdf"))


def contest(cents: Cents, p: Chances, rounds: int) -> dict[str, Result]:
    """Hold the contenders to our limits, then time them; those that take minutes run once, or not at all."""
    found = ours(cents, p)
    entrants: Contenders = {"Tierwise, with limits": lambda _: ours(cents, p)}
    if cents.size <= SLOW_UP_TO:
        room = 0.02 * found.value
        slow = {"account by account, 20,000 steps": account_by_account, "drawing 20,000 years": drawn}
        timed = {}
        for name, rival in slow.items():
            start = time.perf_counter()
            value = rival(cents, p)
            timed[name] = harness.Result(*[time.perf_counter() - start] * 3)
            assert found.low - room <= value <= found.high + room, (name, value, found)
        return harness.race(entrants, rounds) | timed
    return harness.race(entrants, rounds)


def run(books: Shelf, sizes: Sequence[int], rounds: int = 5) -> Section:
    """Time the distribution of the loss at every size."""
    races, claims, widths = {}, [], []
    for size in sizes:
        random = np.random.default_rng(7)
        cents = core_books.amounts(books.book(size))
        # Prospects bring nothing, so others take their places: that many accounts can really be lost.
        cents = np.resize(cents[cents > 0], size) + random.integers(0, 100_00, size)
        p = random.choice([0.05, 0.25, 0.60], size, p=[0.75, 0.17, 0.08])
        races[f"{size:,} accounts"] = contest(cents, p, rounds)
        ((_, own), *_) = races[f"{size:,} accounts"].items()
        found = ours(cents, p)
        widths.append(f"{(found.high - found.low) / 2 / found.value:.3%} at {size:,}")
        if size in MOST:
            what = f"The loss distribution of {size:,} accounts within {MOST[size]:.0f} s"
            claims.append(Claim(what, harness.duration(own.median), own.median <= MOST[size]))
    text = f"The value at risk at 95 % lies within these limits of the exact one: ± {', '.join(widths)} accounts."
    return Section("Loss distribution", text, harness.race_table(races), tuple(claims))
