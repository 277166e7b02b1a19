"""Comparison: what changes between two verdicts on the same book, in accounts and in money.

In: a cube (or a prepared book) and two verdicts or models on it; where the two models band accounts differently, a
`Joint` of the two prepared books in its place.  Out: who enters and leaves a tier, the flow between tiers, the accounts
that move with what moved them, and whom that concerns. Everything costs the profiles (or their pairs) only, except the
names of accounts, which cost a look-up in the listing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core import wording
from core.accounts import listing
from core.accounts.banding import MISSING
from core.accounts.cube import NOT_GIVEN
from core.accounts.listing import Wanted
from core.decisions.robustness import acceptability
from core.measures import tiers
from core.measures.agreement import same_tier
from core.measures.health import STATUS_NAMES
from core.measures.scoring import Scores
from core.measures.tiers import UNRATED, Verdict
from core.model.health import AT_RISK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube, Whole
    from core.accounts.listing import Listing
    from core.decisions.robustness.acceptability import Belief
    from core.measures.portfolio import Portfolio
    from core.model.criteria import Criterion
    from core.model.model import Model

CUT_OFFS = "Cut-offs"
COVERAGE_FLOOR = "Coverage floor"
GATES = "Gates"
"""What else than a criterion can move an account."""


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """One book prepared twice, side by side: one entry a pair of profiles, before and after, that an account has.

    `at_before` and `at_after` say where a pair stands in the two cubes; the sums are those of a cube, health being that
    of after; the profiles of `listing` are the pairs. Holds for any weights and cut-offs. Where both are the same book
    under the same bands, the pairs are the profiles and nothing is copied.
    """

    before: Cube
    after: Cube
    listing: Listing
    at_before: npt.NDArray[np.int64] | slice
    at_after: npt.NDArray[np.int64] | slice
    accounts: Whole
    revenue: Whole
    health_accounts: Whole
    health_revenue: Whole

    def aligned(self, before: Verdict, after: Verdict) -> tuple[Verdict, Verdict]:
        """Give two verdicts, each on its own cube, with one entry a pair."""
        return _taken(before, self.at_before), _taken(after, self.at_after)


def _taken(verdict: Verdict, where: npt.NDArray[np.int64] | slice) -> Verdict:
    if isinstance(where, slice):
        return verdict
    scores = Scores(verdict.scores.earned[where], verdict.scores.present[where])
    return Verdict(verdict.names, scores, verdict.tier[where], verdict.provisional[where])


def join(before: Portfolio, after: Portfolio) -> Joint:
    """Put one book, prepared twice with the same filters, side by side; a scan where the bands differ, else free."""
    cube = after.cube
    if before.listing.name == after.listing.name:
        sums = (cube.accounts, cube.revenue, cube.health_accounts, cube.health_revenue)
        return Joint(cube, cube, after.listing, slice(None), slice(None), *sums)
    paired, rows = listing.joint(before.listing, after.listing)
    columns = {name: rows[name].to_numpy().astype(np.int64) for name in rows.column_names}
    health = (np.column_stack([columns[f"{what}_{code}"] for code in range(4)]) for what in ("accounts", "revenue"))
    sums = (columns["accounts"], columns["revenue"], *health)
    return Joint(before.cube, cube, paired, columns["before"], columns["after"], *sums)


def _pairs(held: Cube | Joint, before: Verdict, after: Verdict) -> tuple[Verdict, Verdict]:
    return held.aligned(before, after) if isinstance(held, Joint) else (before, after)


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


def movement(cube: Cube | Joint, before: Verdict, after: Verdict, *, tier: int = 0) -> Movement:
    """Compare two verdicts: who enters and leaves `tier` (0 is the best), and who changes tier at all."""
    before, after = _pairs(cube, before, after)
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


def flows(cube: Cube | Joint, before: Verdict, after: Verdict) -> list[Flow]:
    """Say how accounts pass between tiers, those that stay and the unrated among them; pairs with nobody are left out.

    Best tier before first, then best tier after. The rows add up to every account and all revenue of the cube.
    """
    before, after = _pairs(cube, before, after)
    shape = (len(before.labels), len(after.labels))
    accounts, revenue = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(accounts, (before.tier, after.tier), cube.accounts)
    np.add.at(revenue, (before.tier, after.tier), cube.revenue)
    return [
        Flow(before.labels[i], after.labels[j], int(accounts[i, j]), int(revenue[i, j]))
        for i, j in np.argwhere(accounts)
    ]


def renamed(before: Verdict, after: Verdict) -> Verdict:
    """Give `before` under the names of `after` where both have as many tiers: a tier that was renamed is the same."""
    return replace(before, names=after.names) if len(before.names) == len(after.names) else before


def both_tiers(before: Verdict, after: Verdict) -> tuple[str, ...]:
    """Name the tiers of both, best first, unrated last; one that only `before` has stands where it had its place."""
    names = list(after.names)
    for place, name in enumerate(before.names):
        if name not in names:
            names.insert(place, name)
    return (*names, UNRATED)


# What moved an account -----------------------------------------------------------------------------------------------


def reason(
    points: npt.NDArray[np.uint8],
    before: Model,
    after: Model,
    was: Verdict,
    now: Verdict,
    points_after: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.int8]:
    """Say of every profile (a row of points) what moved it: a place in `reasons(before, after)`, -1 if it stays.

    Let τ be the cut-off of the better of its two tiers: it reached τ before and does not after, or the other way round.
    What criterion j contributes to that is a_j (v_j - τ), v_j its points as a score (0..100) and a_j its weight W_j, or
    0 where the value is missing: an account reaches τ iff the sum over the criteria is at least 0, with and without
    missing values. The criterion that did it is the one whose contribution changed most in the direction of the move. A
    change of τ itself is set apart as the cut-offs' own part, each of two changes valued at the mean of the other:

        criterion j    Δ(a_j v_j) - Δa_j · (τ + τ')/2         cut-offs    -Δτ · Σ (a_j + a'_j)/2

    These add up exactly to the change of the sum, so at least one goes in the direction of the move; where bands stay,
    the first is Δa_j · (v_j - (τ + τ')/2). Contributions are measured from τ and not from 0 points because a weight
    that rises takes from all the others: of an account that falls since its weakest criterion now counts more, the
    weakest criterion is the reason, not the strongest. An account that reaches τ both times was moved by the gates.

    An account that becomes unrated (or rated again) is moved by what is missing: by the criterion whose missing weight
    rose (fell) most, or by the coverage floor. The first of equals is taken. Integers throughout.
    """
    found = np.full(len(points), -1, dtype=np.int8)
    moves = np.flatnonzero(~same_tier(was, now))
    ids = [criterion.id for criterion in _either(before, after)]
    old, new = (
        _Side.of(before, points[moves], ids),
        _Side.of(after, (points if points_after is None else points_after)[moves], ids),
    )
    unrated_before, unrated_after = (v.tier[moves] == len(v.names) for v in (was, now))
    better = np.minimum(np.minimum(was.tier, now.tier)[moves], min(len(was.names), len(now.names)) - 1)
    low, high = np.array(before.cut_offs)[better], np.array(after.cut_offs)[better]

    by_score = _by_score(old, new, low, high)
    by_score[:, :-1] *= np.where(now.tier[moves] < was.tier[moves], 1, -1)[:, None]
    by_coverage = _by_coverage(old, new, before.floor - after.floor)
    by_coverage *= np.where(unrated_after, -1, 1)[:, None]
    changed = unrated_before | unrated_after
    found[moves] = np.argmax(np.where(changed[:, None], by_coverage, by_score), axis=1)
    return found


def _by_score(old: _Side, new: _Side, low: Whole, high: Whole) -> Whole:
    """Give what each of `reasons` did to the sum; the gates, in the last column, where it is at least 0 both times."""
    middle = (low + high)[:, None]  # twice the mean, in hundredths
    parts = 200 * (new.earned - old.earned) - (new.known - old.known) * middle
    either = (old.known + new.known).sum(axis=1)
    both = (100 * old.earned.sum(axis=1) >= low * old.known.sum(axis=1)) & (
        100 * new.earned.sum(axis=1) >= high * new.known.sum(axis=1)
    )
    gates = np.where(both, np.iinfo(np.int64).max, 0)
    return np.column_stack([parts, (low - high) * either, np.zeros_like(either), gates])


def _by_coverage(old: _Side, new: _Side, floor: int) -> Whole:
    """Give what each of `reasons` did to the weight that is missing; `floor` is by how much the floor fell."""
    nothing = np.zeros(len(old.missing), dtype=np.int64)
    return np.column_stack([old.missing - new.missing, nothing, np.full_like(nothing, floor), nothing])


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """What one model makes of some profiles, one column a criterion: weight known, weight missing, weight x points."""

    known: Whole
    missing: Whole
    earned: Whole

    @classmethod
    def of(cls, model: Model, points: npt.NDArray[np.uint8], ids: Sequence[str]) -> _Side:
        """Take the criteria in the order of `ids`; one that the model does not have has no weight at all."""
        places = {criterion.id: j for j, criterion in enumerate(model.criteria)}
        rows = np.full((len(points), len(ids)), MISSING, dtype=np.int64)
        weights = np.zeros(len(ids), dtype=np.int64)
        for place, name in enumerate(ids):
            if name in places:
                rows[:, place] = points[:, places[name]]
                weights[place] = model.weights[places[name]]
        there = rows != MISSING
        return cls(np.where(there, weights, 0), np.where(there, 0, weights), np.where(there, weights * rows, 0))


def _either(before: Model, after: Model) -> list[Criterion]:
    """List the criteria of either model: those of after, then those that only before has."""
    known = {criterion.id for criterion in after.criteria}
    return [*after.criteria, *(criterion for criterion in before.criteria if criterion.id not in known)]


def reasons(before: Model, after: Model) -> tuple[str, ...]:
    """Name what can move an account: the criteria, then the cut-offs, the coverage floor and the gates."""
    return (*(criterion.name for criterion in _either(before, after)), CUT_OFFS, COVERAGE_FLOOR, GATES)


# The accounts that move ----------------------------------------------------------------------------------------------


def movers(
    prepared: Portfolio | Joint,
    before: Model,
    after: Model,
    *,
    limit: int | None = 100,
    offset: int = 0,
    search: str = "",
    belief: Belief | None = None,
) -> pa.Table:
    """List the accounts whose tier differs between two models, most revenue first.

    A `Portfolio` serves two models with the same bands. Columns: account_id, name, before, after (tiers), score_before,
    score_after, change (score points), reason (what moved it), revenue (cents, with credits; missing where it is not
    known), health, lifecycle, owner. With a `belief` about the weights also confidence: the share of weightings around
    those of `after` that give the account the tier it then has (missing where unrated).
    """
    joint = prepared if isinstance(prepared, Joint) else join(prepared, prepared)
    was, now = joint.aligned(tiers.weigh(joint.before, before), tiers.weigh(joint.after, after))
    by_profile = _by_profile(joint, before, after, was, now)
    wanted = Wanted(moved=True, search=search)
    found = listing.page(joint.listing, by_profile, wanted, limit=limit, offset=offset)
    listed = pa.table(
        {
            "account_id": found["account_id"],
            "name": found["name"],
            "before": _named(found["tier_before"], was.labels),
            "after": _named(found["tier"], now.labels),
            "score_before": found["score_before"],
            "score_after": found["score_after"],
            "change": found["change"],
            "reason": _named(found["reason"], reasons(before, after)),
            "revenue": found["cents"],
            "health": _named(found["status"], STATUS_NAMES),
            "lifecycle": found["lifecycle"],
            "owner": found["owner"],
        }
    )
    if belief is None:
        return listed
    return listed.append_column("confidence", _confidence(joint, after, found["profile"].to_numpy(), belief))


def _confidence(joint: Joint, after: Model, pairs: npt.NDArray[np.int32], belief: Belief) -> pa.Array:
    """Say of the pairs of profiles that are listed how sure the tier after is; the others are not worked out."""
    points, gate = joint.after.points[joint.at_after][pairs], joint.after.gate[joint.at_after][pairs]
    return pa.array(acceptability.of_rows(after, points, gate, belief).confidence, from_pandas=True)


def _by_profile(joint: Joint, before: Model, after: Model, was: Verdict, now: Verdict) -> pa.Table:
    old, new = was.scores.score, now.scores.score
    points = joint.before.points[joint.at_before], joint.after.points[joint.at_after]
    return pa.table(
        {
            "profile": np.arange(len(joint.accounts), dtype=np.int32),
            "moved": ~same_tier(was, now),
            "tier": now.tier,
            "tier_before": was.tier,
            "score_before": pa.array(old, from_pandas=True),  # NaN becomes missing
            "score_after": pa.array(new, from_pandas=True),
            "change": pa.array(new - old, from_pandas=True),
            "reason": reason(points[0], before, after, was, now, points[1]),
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


def mix(prepared: Portfolio | Joint, before: Verdict, after: Verdict, *, tier: int = 0) -> Mix:
    """Say whom a change concerns: one GROUP BY over the accounts that move. `tier` 0 is the best."""
    joint = prepared if isinstance(prepared, Joint) else join(prepared, prepared)
    before, after = joint.aligned(before, after)
    moves = ~same_tier(before, after)
    by_profile = {
        "profile": np.arange(len(moves), dtype=np.int32),
        "moved": moves,
        "enters": moves & (after.tier == tier),
        "leaves": moves & (before.tier == tier),
    }
    rows = listing.mix(joint.listing, pa.table(by_profile)).to_pylist() if moves.any() else []
    lifecycle = {row["name"]: row["moved"] for row in rows if row["kind"] == 0}
    codes = [STATUS_NAMES.index(status) for status in AT_RISK]
    return Mix(
        tier=after.names[tier],
        moved=int(joint.accounts[moves].sum()),
        customers=lifecycle.get("customer", 0),
        prospects=lifecycle.get("prospect", 0),
        unknown=lifecycle.get(None, 0),
        at_risk=int(joint.health_accounts[moves][:, codes].sum()),
        at_risk_revenue=int(joint.health_revenue[moves][:, codes].sum()),
        owners=_groups(row for row in rows if row["kind"] == 1),
        regions=_groups(row for row in rows if row["kind"] == 2),
        industries=_groups(row for row in rows if row["kind"] == 3),
    )


def _groups(rows: Iterable[dict[str, Any]]) -> tuple[Group, ...]:
    names = ("entering", "entering_revenue", "leaving", "leaving_revenue")
    found = [Group(row["name"] or NOT_GIVEN, *(row[name] for name in names)) for row in rows]
    found = [group for group in found if group.entering or group.leaving]
    return tuple(sorted(found, key=lambda group: (-group.net, -group.net_revenue, group.name)))
