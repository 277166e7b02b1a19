"""Comparison: what changes between two verdicts on the same book, in accounts and in money.

In: a cube (or a prepared book) and two verdicts or models on it.  Out: who enters and leaves a tier, the flow between
tiers, the accounts that move with what moved them, and whom that concerns. Everything costs the profiles only, except
the names of accounts, which cost a look-up in the listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core import wording
from core.accounts import listing
from core.accounts.banding import MISSING
from core.accounts.cube import NOT_GIVEN
from core.accounts.listing import Wanted
from core.measures import tiers
from core.measures.agreement import same_tier
from core.measures.health import STATUS_NAMES
from core.model.health import AT_RISK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.criteria import Criterion
    from core.model.model import Model

CUT_OFFS = "Cut-offs"
COVERAGE_FLOOR = "Coverage floor"
"""What else than a criterion's weight can move an account."""


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
    moves = ~same_tier(before, after)

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


# Flow between tiers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flow:
    """Accounts and revenue (cents) that were in the tier `before` and are in the tier `after`."""

    before: str
    after: str
    accounts: int
    revenue: int


def flows(cube: Cube, before: Verdict, after: Verdict) -> list[Flow]:
    """Say how accounts pass between tiers, those that stay and the unrated among them; pairs with nobody are left out.

    Best tier before first, then best tier after. The rows add up to every account and all revenue of the cube.
    """
    shape = (len(before.labels), len(after.labels))
    accounts, revenue = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(accounts, (before.tier, after.tier), cube.accounts)
    np.add.at(revenue, (before.tier, after.tier), cube.revenue)
    return [
        Flow(before.labels[i], after.labels[j], int(accounts[i, j]), int(revenue[i, j]))
        for i, j in np.argwhere(accounts)
    ]


# What moved an account -----------------------------------------------------------------------------------------------


def reason(
    points: npt.NDArray[np.uint8], before: Model, after: Model, was: Verdict, now: Verdict
) -> npt.NDArray[np.int8]:
    """Say of every profile (a row of points) what moved it: a place in `reasons(before.criteria)`, -1 if it stays.

    Let τ be the cut-off of the better of its two tiers: it reached τ before and does not after, or the other way round.
    What criterion j contributes to that is W_j (v_j - τ), v_j its points as a score (0..100) and W_j its weight: an
    account reaches τ iff the sum over its known criteria is at least 0, with and without missing values. The criterion
    that did it is the one whose contribution changed most in the direction of the move. A change of τ itself is set
    apart as the cut-offs' own part, each of the two changes being valued at the mean of the other:

        criterion j    ΔW_j · (v_j - (τ + τ')/2)              cut-offs    -Δτ · Σ_known (W_j + W'_j)/2

    These add up exactly to the change of the sum, so at least one goes in the direction of the move. Contributions are
    measured from τ and not from 0 points because a weight that rises takes from all the others: of an account that
    falls since its weakest criterion now counts more, the weakest criterion is the reason, not the strongest.

    An account that becomes unrated (or rated again) is moved by what is missing: by the missing criterion whose weight
    rose (fell) most, or by the coverage floor. The first of equals is taken. Integers throughout.
    """
    found = np.full(len(points), -1, dtype=np.int8)
    moves = np.flatnonzero(~same_tier(was, now))
    unrated_before, unrated_after = (v.tier[moves] == len(v.names) for v in (was, now))
    rows, known = points[moves], points[moves] != MISSING
    change = np.subtract(after.weights, before.weights)
    better = np.minimum(np.minimum(was.tier, now.tier)[moves], min(len(was.names), len(now.names)) - 1)
    old, new = np.array(before.cut_offs)[better], np.array(after.cut_offs)[better]

    middle = (old + new)[:, None]  # twice the mean, in hundredths
    weights = np.where(known, change * (200 * rows.astype(np.int64) - middle), 0)
    either = np.where(known, np.add(before.weights, after.weights), 0).sum(axis=1)
    by_score = np.column_stack([weights, (old - new) * either, np.zeros_like(either)])
    up = np.where(now.tier[moves] < was.tier[moves], 1, -1)

    floor = np.full_like(either, before.floor - after.floor)
    by_coverage = np.column_stack([np.where(known, 0, -change), np.zeros_like(floor), floor])
    appears = np.where(unrated_after, -1, 1)
    changed = unrated_before | unrated_after
    effects = np.where(changed[:, None], by_coverage * appears[:, None], by_score * up[:, None])
    found[moves] = np.argmax(effects, axis=1)
    return found


def reasons(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Name what can move an account: the criteria, then the cut-offs and the coverage floor."""
    return (*(criterion.name for criterion in criteria), CUT_OFFS, COVERAGE_FLOOR)


# The accounts that move ----------------------------------------------------------------------------------------------


def movers(
    prepared: Portfolio, before: Model, after: Model, *, limit: int | None = 100, offset: int = 0, search: str = ""
) -> pa.Table:
    """List the accounts whose tier differs between two models with the same bands, most revenue first.

    Columns: account_id, name, before, after (tiers), score_before, score_after, change (score points), reason (what
    moved it), revenue (cents, with credits; missing where it is not known), health, lifecycle, owner.
    """
    was, now = tiers.weigh(prepared.cube, before), tiers.weigh(prepared.cube, after)
    by_profile = _by_profile(prepared.cube, before, after, was, now)
    wanted = Wanted(moved=True, search=search)
    found = listing.page(prepared.listing, by_profile, wanted, limit=limit, offset=offset)
    return pa.table(
        {
            "account_id": found["account_id"],
            "name": found["name"],
            "before": _named(found["tier_before"], was.labels),
            "after": _named(found["tier"], now.labels),
            "score_before": found["score_before"],
            "score_after": found["score_after"],
            "change": found["change"],
            "reason": _named(found["reason"], reasons(after.criteria)),
            "revenue": found["cents"],
            "health": _named(found["status"], STATUS_NAMES),
            "lifecycle": found["lifecycle"],
            "owner": found["owner"],
        }
    )


def _by_profile(cube: Cube, before: Model, after: Model, was: Verdict, now: Verdict) -> pa.Table:
    old, new = was.scores.score, now.scores.score
    return pa.table(
        {
            "profile": np.arange(len(cube), dtype=np.int32),
            "moved": ~same_tier(was, now),
            "tier": now.tier,
            "tier_before": was.tier,
            "score_before": pa.array(old, from_pandas=True),  # NaN becomes missing
            "score_after": pa.array(new, from_pandas=True),
            "change": pa.array(new - old, from_pandas=True),
            "reason": reason(cube.points, before, after, was, now),
        }
    )


def _named(codes: pa.ChunkedArray, names: Sequence[str]) -> pa.Array:
    """Write codes as their names; only those of a page, since a book has as many as it has accounts."""
    return pa.array([names[code] for code in codes.to_pylist()], pa.string())


# Whom it concerns ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """What an owner, a region or an industry wins and loses of a tier: accounts and revenue (cents)."""

    name: str
    entering: int
    entering_revenue: int
    leaving: int
    leaving_revenue: int

    @property
    def net(self) -> int:
        """Accounts won less accounts lost."""
        return self.entering - self.leaving

    @property
    def net_revenue(self) -> int:
        """Revenue won less revenue lost, in cents."""
        return self.entering_revenue - self.leaving_revenue


@dataclass(frozen=True, slots=True)
class Mix:
    """Who the accounts that change their tier are, and which groups win and lose accounts of `tier`.

    customers, prospects and unknown (no lifecycle given) add up to `moved`; at_risk counts those that are At Risk or
    Critical. The groups that win most accounts net come first; one that neither wins nor loses any is left out.
    """

    tier: str
    moved: int
    customers: int
    prospects: int
    unknown: int
    at_risk: int
    at_risk_revenue: int
    owners: tuple[Group, ...]
    regions: tuple[Group, ...]
    industries: tuple[Group, ...]


def mix(prepared: Portfolio, before: Verdict, after: Verdict, *, tier: int = 0) -> Mix:
    """Say whom a change concerns: one GROUP BY over the accounts that move. `tier` 0 is the best."""
    cube, moves = prepared.cube, ~same_tier(before, after)
    by_profile = {
        "profile": np.arange(len(cube), dtype=np.int32),
        "moved": moves,
        "enters": moves & (after.tier == tier),
        "leaves": moves & (before.tier == tier),
    }
    rows = listing.mix(prepared.listing, pa.table(by_profile)).to_pylist() if moves.any() else []
    lifecycle = {row["name"]: row["moved"] for row in rows if row["kind"] == 0}
    codes = [STATUS_NAMES.index(status) for status in AT_RISK]
    return Mix(
        tier=after.names[tier],
        moved=int(cube.accounts[moves].sum()),
        customers=lifecycle.get("customer", 0),
        prospects=lifecycle.get("prospect", 0),
        unknown=lifecycle.get(None, 0),
        at_risk=int(cube.health_accounts[moves][:, codes].sum()),
        at_risk_revenue=int(cube.health_revenue[moves][:, codes].sum()),
        owners=_groups(row for row in rows if row["kind"] == 1),
        regions=_groups(row for row in rows if row["kind"] == 2),
        industries=_groups(row for row in rows if row["kind"] == 3),
    )


def _groups(rows: Iterable[dict[str, Any]]) -> tuple[Group, ...]:
    names = ("entering", "entering_revenue", "leaving", "leaving_revenue")
    found = [Group(row["name"] or NOT_GIVEN, *(row[name] for name in names)) for row in rows]
    found = [group for group in found if group.entering or group.leaving]
    return tuple(sorted(found, key=lambda group: (-group.net, -group.net_revenue, group.name)))
