"""Sensitivity in money: what changes tier when a weight, a cut-off or a band's edge is moved a little either way.

In: a cube (for edges: a prepared book) and a model.  Out: a row for everything that can be moved, with the accounts and
the revenue that change tier, and what that does to the best tier, for the lower and the higher value apart: both may
lower it. A weight moves by points, the others keeping their proportions; a cut-off by points of score, as far as its
neighbours let it; an edge by a percentage of its value. Weights and cut-offs cost the profiles only, and weights are
not rounded. An edge bands the book anew, which is a scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.decisions import comparison
from core.decisions.robustness import exact
from core.measures import portfolio, tiers
from core.model.criteria import BandCriterion
from core.model.model import Model
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.cube import Cube
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict

WEIGHT, CUT_OFF, EDGE = "weight", "cut-off", "band edge"
STEP = 5
"""Points of weight, points of score, or percent of a band's edge."""
GAP = 50
"""Hundredths of a score point that two cut-offs keep between them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move does.

    value: the new one, as a person says it; moved: accounts, and revenue in cents, that change tier; top: by how much
    the best tier grows in both.
    """

    value: str
    moved: int
    moved_revenue: int
    top: int
    top_revenue: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that can be moved, lower and higher; None where there is no room on that side."""

    kind: str
    name: str
    now: str
    lower: Effect | None
    higher: Effect | None

    @property
    def most(self) -> int:
        """The most revenue (cents) that changes tier on either side."""
        return max((effect.moved_revenue for effect in (self.lower, self.higher) if effect), default=0)


def tornado(cube: Cube, model: Model, verdict: Verdict, *, step: int = STEP) -> list[Bar]:
    """Move every weight and every cut-off by `step` points; the bars that move the most revenue first."""
    bars = [*_weights(cube, model, verdict, step), *_cut_offs(cube, model, verdict, step)]
    return ranked(bars)


def ranked(bars: Sequence[Bar]) -> list[Bar]:
    """Put the bars that move the most revenue first; of equals, the ones that move the most accounts."""
    return sorted(bars, key=lambda bar: (-bar.most, -_most_accounts(bar), bar.kind, bar.name))


def _most_accounts(bar: Bar) -> int:
    return max((effect.moved for effect in (bar.lower, bar.higher) if effect), default=0)


def _effect(cube: Cube, before: Verdict, after: npt.NDArray[np.int64], value: str) -> Effect:
    moved = before.tier != after
    top = (after == 0).astype(np.int64) - (before.tier == 0)
    return Effect(
        value, int(cube.accounts[moved].sum()), int(cube.revenue[moved].sum()),
        int((cube.accounts * top).sum()), int((cube.revenue * top).sum()),
    )  # fmt: skip


def _weights(cube: Cube, model: Model, verdict: Verdict, step: int) -> list[Bar]:
    bars = []
    for j, (criterion, weight) in enumerate(zip(model.criteria, model.weights, strict=True)):
        sides: list[Effect | None] = []
        for change in (-100 * step, 100 * step):
            share = min(FULL_WEIGHT, max(0, weight + change))
            if share == weight or len(model.criteria) == 1:
                sides.append(None)
                continue
            tier = exact.tier(cube.points, cube.gate, exact.moved_to(model.weights, j, share), model)
            sides.append(_effect(cube, verdict, tier, _percent(share)))
        bars.append(Bar(WEIGHT, criterion.name, _percent(weight), *sides))
    return bars


def _cut_offs(cube: Cube, model: Model, verdict: Verdict, step: int) -> list[Bar]:
    bars = []
    for i, tier in enumerate(model.tiers[:-1]):
        now = model.cut_offs[i]
        most = model.cut_offs[i - 1] - GAP if i else 10_000
        least = model.cut_offs[i + 1] + GAP
        sides: list[Effect | None] = []
        for change in (-100 * step, 100 * step):
            value = min(max(now + change, min(least, now)), max(most, now))
            if value == now:
                sides.append(None)
                continue
            changed = model.with_cut_offs({tier.name: value / 100})
            after = tiers.assign(verdict.scores, changed, cube.gate).tier.astype(np.int64)
            sides.append(_effect(cube, verdict, after, f"{value / 100:g}"))
        bars.append(Bar(CUT_OFF, f"Cut-off of {tier.name}", f"{now / 100:g}", *sides))
    return bars


def _percent(share: int) -> str:
    return f"{share / 100:g} %"


# Edges of bands ------------------------------------------------------------------------------------------------------


def edges(model: Model) -> list[tuple[int, int]]:
    """List the edges that can be moved: places of criteria and of their bands. An edge at 0 has no percentage."""
    return [
        (j, b)
        for j, criterion in enumerate(model.criteria)
        if isinstance(criterion, BandCriterion)
        for b, band in enumerate(criterion.bands)
        if band.lower
    ]


def with_edge(model: Model, criterion: int, band: int, lower: float) -> Model | None:
    """Give the model with one edge elsewhere; None where it would pass a neighbour."""
    made = model.criteria[criterion]
    if not isinstance(made, BandCriterion):
        return None
    found = [each.lower for each in made.bands]
    before = found[band - 1] if band else None
    after = found[band + 1] if band + 1 < len(found) else None
    if (before is not None and lower <= before) or (after is not None and lower >= after):
        return None
    bands = tuple(each.model_copy(update={"lower": lower}) if b == band else each for b, each in enumerate(made.bands))
    changed = made.model_copy(update={"bands": bands})
    criteria = tuple(changed if j == criterion else each for j, each in enumerate(model.criteria))
    return Model.model_validate({**dict(model), "criteria": criteria})


def edge_bars(
    prepared: Portfolio,
    model: Model,
    verdict: Verdict,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    step: int = STEP,
    progress: Callable[[float], object] | None = None,
) -> list[Bar]:
    """Move every edge by `step` percent of its value: a scan of the book for each side of each edge.

    `prepared` must be the book under the same filters; `progress` is told the share that is done.
    """
    bars, found = [], edges(model)
    for done, (j, b) in enumerate(found):
        criterion = model.criteria[j]
        assert isinstance(criterion, BandCriterion)  # noqa: S101  `edges` lists no others
        now = criterion.bands[b].lower or 0.0
        sides: list[Effect | None] = []
        for sign in (-1, 1):
            value = now + sign * abs(now) * step / 100
            changed = with_edge(model, j, b, value)
            sides.append(_banded(prepared, changed, verdict, filters, f"{value:,.10g}") if changed else None)
        bars.append(Bar(EDGE, f"{criterion.name}, edge at {now:,.10g}", f"{now:,.10g}", *sides))
        if progress:
            progress((done + 1) / len(found))
    return bars


def _banded(
    prepared: Portfolio, changed: Model, verdict: Verdict, filters: Mapping[str, Sequence[str]] | None, value: str
) -> Effect:
    after = portfolio.prepare(prepared.book, changed, as_of=prepared.as_of, filters=filters)
    joint = comparison.join(prepared, after)
    found = comparison.movement(joint, verdict, tiers.weigh(after.cube, changed))
    return Effect(
        value, found.moved, found.moved_revenue, found.entering - found.leaving,
        found.entering_revenue - found.leaving_revenue,
    )  # fmt: skip
