"""Fragile: which accounts' tiers rest on opinion, what revenue that is, and which evidence would settle them.

In: a prepared book, its verdict and how sure each tier is.  Out: the accounts with the most revenue x (1 - confidence),
those that stand exactly on a cut-off, and the blanks that decide a tier, by the revenue at stake. A blank decides where
the least or the most that its criterion can give leads to another tier than the account has without it; other blanks
stay blank. Points between the two lead to tiers between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts import listing
from core.accounts.banding import MISSING
from core.accounts.listing import Wanted
from core.decisions import nearest
from core.decisions.robustness import acceptability
from core.measures import scoring, tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.decisions.nearest import Flip
    from core.decisions.robustness.acceptability import Acceptability
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FragileAccount:
    """One account whose tier is not sure.

    revenue and at_stake (revenue x (1 - confidence)): cents; on_the_line: its score is exactly a cut-off; blanks: the
    criteria whose missing value decides its tier; tips: the criterion whose weight alone changes the tier soonest, with
    the share at which it does, None where no single weight does.
    """

    account_id: str
    name: str
    tier: str
    score: float
    confidence: float
    label: str
    revenue: int
    at_stake: int
    on_the_line: bool
    blanks: tuple[str, ...]
    tips: tuple[str, float] | None
    profile: int


def rows(
    prepared: Portfolio, verdict: Verdict, model: Model, found: Acceptability, *, limit: int = 50
) -> list[FragileAccount]:
    """List the accounts with the most revenue resting on opinion, the most first; sure ones are left out."""
    table = acceptability.by_profile(verdict, found)
    wanted = Wanted(sort="cents", times="doubt", tiers=tuple(range(len(verdict.names))))
    accounts = listing.page(prepared.listing, table, wanted, limit=limit)
    names = ["account_id", "name", "tier", "score", "confidence", "label", "cents", "doubt", "profile"]
    cube = prepared.cube
    line, decide = on_the_line(cube, model, verdict), deciding_blanks(cube, model, verdict)
    made = []
    for row in accounts.select(names).to_pylist():
        at_stake, profile = round((row["cents"] or 0) * row["doubt"]), row["profile"]
        if at_stake <= 0:
            continue
        blanks = tuple(c.name for j, c in enumerate(model.criteria) if decide[profile, j])
        tips = _tips(model, cube.points[profile].tolist(), int(row["tier"]), int(cube.gate[profile]))
        made.append(
            FragileAccount(
                row["account_id"], row["name"], verdict.labels[row["tier"]], row["score"], row["confidence"],
                row["label"], row["cents"], at_stake, bool(line[profile]), blanks, tips, profile,
            )
        )  # fmt: skip
    return made


def _tips(model: Model, points: Sequence[int], tier: int, gate: int) -> tuple[str, float] | None:
    ways: list[Flip] = []
    for up, cut, target in ((True, tier - 1, tier - 1), (False, tier, tier + 1)):
        if 0 <= cut < len(model.tiers) - 1 and target >= gate:
            profile = nearest.Profile(tuple(points), model.weights, model.cut_offs[cut], model.floor)
            ways += nearest.flips(profile, model.criteria, up=up)[:1]
    best = min(ways, key=lambda flip: abs(flip.change), default=None)
    return (best.criterion, float(best.at)) if best else None


def at_stake(cube: Cube, found: Acceptability) -> int:
    """Add up revenue x (1 - confidence) over the rated profiles, in cents: what rests on opinion.

    A profile with more credits than revenue adds nothing.
    """
    doubt = 1 - np.nan_to_num(found.confidence, nan=1.0)
    return round(float((np.maximum(cube.revenue, 0) * doubt).sum()))


def on_the_line(cube: Cube, model: Model, verdict: Verdict) -> Flags:
    """Tell which rated profiles have exactly the score of a cut-off that their gates let them pass."""
    scores = verdict.scores
    found = np.zeros(len(cube), dtype=bool)
    for cut, cut_off in enumerate(model.cut_offs[:-1]):
        found |= (100 * scores.earned == cut_off * scores.present) & (cube.gate <= cut)
    return found & (verdict.tier < len(verdict.names))


def deciding_blanks(cube: Cube, model: Model, verdict: Verdict) -> Flags:
    """Tell, by profile and criterion, where the missing value decides the tier: a (P, J) matrix."""
    found = np.zeros(cube.points.shape, dtype=bool)
    for j, criterion in enumerate(model.criteria):
        blank = np.flatnonzero(cube.points[:, j] == MISSING)
        for level in {min(criterion.levels), max(criterion.levels)} if len(blank) else ():
            filled = cube.points[blank].copy()
            filled[:, j] = level
            then = tiers.assign(scoring.score(filled, model.weights), model, cube.gate[blank])
            found[blank, j] |= then.tier != verdict.tier[blank]
    return found


@dataclass(frozen=True, slots=True)
class Blanks:
    """One criterion's missing values: the accounts without it, and those whose tier it decides, with their cents."""

    criterion: str
    missing: int
    decides: int
    revenue: int


def blanks(cube: Cube, model: Model, verdict: Verdict) -> list[Blanks]:
    """Say which blanks decide tiers, the most revenue at stake first; criteria without blanks are left out."""
    decide = deciding_blanks(cube, model, verdict)
    found = [
        Blanks(
            criterion.name,
            int(cube.accounts[cube.points[:, j] == MISSING].sum()),
            int(cube.accounts[decide[:, j]].sum()),
            int(cube.revenue[decide[:, j]].sum()),
        )
        for j, criterion in enumerate(model.criteria)
    ]
    return sorted((row for row in found if row.missing), key=lambda row: (-row.revenue, -row.decides, row.criterion))


@dataclass(frozen=True, slots=True)
class Sureness:
    """One tier by how sure it is: accounts and revenue (cents) under each label, best first."""

    tier: str
    label: str
    accounts: int
    revenue: int


def by_label(cube: Cube, verdict: Verdict, found: Acceptability) -> list[Sureness]:
    """Count accounts and revenue by tier, best first, and by label, surest first; unrated accounts are left out."""
    labels = found.labels
    made = []
    for i, name in enumerate(verdict.names):
        for label in (acceptability.ROBUST, acceptability.LIKELY, acceptability.TOSS_UP):
            where = (verdict.tier == i) & (labels == label)
            made.append(Sureness(name, label, int(cube.accounts[where].sum()), int(cube.revenue[where].sum())))
    return made
