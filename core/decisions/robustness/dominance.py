"""Dominance: what no weights can change.

In: profiles.  Out: the best and the worst tier that a profile can have under any weights, and which profiles stand
above which whatever the weights. A score is a mean of the points that are known, so it lies between the least and the
most of them, and reaches both when one criterion has all the weight. One profile stands above another under any
weights where it has at least as many points on every criterion, the same ones being known; or where its least is no
less than the other's most. Whether enough of an account is known is judged under the present weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts.banding import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict
    from core.model.model import Model

    Flags = npt.NDArray[np.bool_]

ABOVE, BELOW, EQUAL, OPEN = "above", "below", "equal", "open"
_CHUNK = 256


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """The best and the worst tier of each profile under any weights; the number of tiers where it is unrated."""

    best: npt.NDArray[np.int64]
    worst: npt.NDArray[np.int64]

    @property
    def settled(self) -> Flags:
        """Tell which profiles have the same tier under any weights."""
        same: Flags = self.best == self.worst
        return same


def reach(cube: Cube, model: Model, verdict: Verdict) -> Reach:
    """Give what tiers each profile can have under any weights at all."""
    known = cube.points != MISSING
    most = np.where(known, cube.points, 0).max(axis=1, initial=0).astype(np.int64) * 100
    least = np.where(known, cube.points, 100).min(axis=1, initial=100).astype(np.int64) * 100
    cut_offs = np.array(model.cut_offs[:-1], dtype=np.int64)
    best, worst = ((score[:, None] < cut_offs).sum(axis=1) for score in (most, least))
    unrated = verdict.tier == len(model.tiers)
    return Reach(*(np.where(unrated, len(model.tiers), np.maximum(tier, cube.gate)) for tier in (best, worst)))


@dataclass(frozen=True, slots=True)
class Fate:
    """Of one tier: the accounts (and cents) in it now, always in it, in it under some weights, and never in it.

    now = always + those that some weights take out of it.
    """

    tier: str
    accounts: int
    revenue: int
    always: int
    always_revenue: int
    sometimes: int
    never: int


def fates(cube: Cube, verdict: Verdict, found: Reach) -> list[Fate]:
    """Say of every tier, best first, which accounts are always, sometimes or never in it; unrated ones are left out."""
    rows = []
    rated = verdict.tier < len(verdict.names)
    everyone = int(cube.accounts[rated].sum())
    for i, name in enumerate(verdict.names):
        now, possible = verdict.tier == i, rated & (found.best <= i) & (found.worst >= i)
        always = possible & found.settled
        reaches, holds = int(cube.accounts[possible].sum()), int(cube.accounts[always].sum())
        rows.append(
            Fate(
                name, int(cube.accounts[now].sum()), int(cube.revenue[now].sum()), holds,
                int(cube.revenue[always].sum()), reaches - holds, everyone - reaches,
            )
        )  # fmt: skip
    return rows


def relation(one: Sequence[int], other: Sequence[int]) -> str:
    """Say how one profile (tenths, 255 missing) stands to another under any weights.

    >>> relation((100, 80), (100, 50)), relation((50, 50), (80, 50)), relation((100, 0), (0, 100))
    ('above', 'below', 'open')
    """
    points = np.array([one], dtype=np.uint8)
    against = np.array(other, dtype=np.uint8)
    under, over = bool(beaten_by(points, against)[0]), bool(beats(points, against)[0])
    if bool((points[0] == against).all()) or (under and over):
        return EQUAL
    return BELOW if under else ABOVE if over else OPEN


def beats(points: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> Flags:
    """Tell which profiles (rows) stand above another one under any weights, ties aside."""
    return _above(points, other, sign=1)


def beaten_by(points: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> Flags:
    """Tell which profiles (rows) stand below another one under any weights, ties aside."""
    return _above(points, other, sign=-1)


def _above(points: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], *, sign: int) -> Flags:
    known, theirs = points != MISSING, other != MISSING
    if not theirs.any():
        return np.zeros(len(points), dtype=bool)
    ours = points.astype(np.int64) * sign
    against = other.astype(np.int64) * sign
    alike = (known == theirs).all(axis=1)
    everywhere = alike & ((ours >= against) | ~theirs).all(axis=1) & ((ours > against) & theirs).any(axis=1)
    least = np.where(known, ours, 1_000).min(axis=1)
    apart = known.any(axis=1) & (least >= against[theirs].max()) & ~(alike & ((ours == against) | ~theirs).all(axis=1))
    found: Flags = everywhere | apart
    return found


@dataclass(frozen=True, slots=True)
class Order:
    """Pairs of accounts with different points, and those of them whose order no weights can change."""

    pairs: int
    decided: int

    @property
    def share(self) -> float | None:
        """The share of pairs that are decided; None where there is no pair."""
        return self.decided / self.pairs if self.pairs else None


def order(cube: Cube, verdict: Verdict, *, most: int = 4_000) -> Order | None:
    """Count the pairs of rated accounts whose order no weights can change; None where profiles are too many to compare.

    Costs O(profiles²), so it stops at `most` profiles.
    """
    rated = verdict.tier < len(verdict.names)
    points, accounts = cube.points[rated], cube.accounts[rated]
    if len(points) > most:
        return None
    # A missing value is the same as another missing value, and like no points: put apart, the patterns never mix.
    known = points != MISSING
    decided = 0
    ours = points.astype(np.int16)
    least, greatest = np.where(known, ours, 1_000).min(axis=1), np.where(known, ours, -1).max(axis=1)
    number = known @ (1 << np.arange(points.shape[1], dtype=np.int64))
    for start in range(0, len(points), _CHUNK):
        rows = slice(start, start + _CHUNK)
        alike = number[rows, None] == number[None, :]
        above = alike & (ours[rows, None, :] >= ours[None, :, :]).all(axis=2)
        above |= least[rows, None] >= greatest[None, :]
        above[np.arange(above.shape[0]), np.arange(start, start + above.shape[0])] = False
        decided += int(accounts[rows] @ (above @ accounts))
    whole = int(accounts.sum())
    pairs = (whole * whole - int((accounts * accounts).sum())) // 2
    both_ways = _both_ways(least, greatest, accounts)
    return Order(pairs, decided - both_ways)


def _both_ways(least: npt.NDArray[np.int16], greatest: npt.NDArray[np.int16], accounts: npt.NDArray[np.int64]) -> int:
    """Count the pairs that each stand above the other: all their known points are the same single number."""
    same = least == greatest
    total = 0
    for value in np.unique(least[same]):
        held = accounts[same & (least == value)]
        total += (int(held.sum()) ** 2 - int((held * held).sum())) // 2
    return total


def never_in(found: Reach, tier: int, verdict: Verdict) -> Flags:
    """Tell which rated profiles no weights bring into a tier or a better one."""
    return (verdict.tier < len(verdict.names)) & (found.best > tier)
