"""Comparison: what changes between two verdicts on the same book, in accounts and in money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import wording

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.tiers import Verdict


@dataclass(frozen=True, slots=True)
class Movement:
    """Who enters and who leaves a tier: accounts and revenue (cents)."""

    tier: str
    entering: int
    entering_revenue: int
    leaving: int
    leaving_revenue: int
    moved: int
    moved_revenue: int


def movement(cube: Cube, before: Verdict, after: Verdict, *, tier: int = 0) -> Movement:
    """Compare two verdicts on one cube: who enters and leaves `tier` (0 is the best), and who changes tier at all."""
    enters = (after.tier == tier) & (before.tier != tier)
    leaves = (before.tier == tier) & (after.tier != tier)
    moves = before.tier != after.tier

    def held(where: npt.NDArray[np.bool_]) -> tuple[int, int]:
        return int(cube.accounts[where].sum()), int(cube.revenue[where].sum())

    return Movement(after.names[tier], *held(enters), *held(leaves), *held(moves))


def sentence(found: Movement, currency: str) -> str:
    """Say a movement in one sentence, as it stands over the charts."""
    if not found.moved:
        return "No account changes its tier."
    if not found.entering and not found.leaving:
        moved = _worth(found.moved, found.moved_revenue, currency)
        return f"{found.tier} stays as it is; {moved} {'moves' if found.moved == 1 else 'move'} elsewhere."
    enter = f"{_worth(found.entering, found.entering_revenue, currency)} {'enters' if found.entering < 2 else 'enter'}"
    leave = f"{_worth(found.leaving, found.leaving_revenue, currency)} {'leaves' if found.leaving < 2 else 'leave'}"
    text = f"{enter} {found.tier}, {leave}."
    return text[0].upper() + text[1:]


def _worth(count: int, cents: int, currency: str) -> str:
    return f"{wording.accounts(count)} worth {wording.money_short(cents, currency)}" if count else "no account"
