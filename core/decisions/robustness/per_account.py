"""Per account: how sure its tier is, how far it is from another one, and how far each weight may move.

In: a prepared book, a model, and a belief about the weights.  Out: one record an account, in the order of the file. All
of it is worked out once a profile, and its accounts share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts import listing
from core.accounts.listing import Wanted
from core.decisions.robustness import acceptability, margins, tipping
from core.measures import portfolio, tiers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.decisions.robustness.acceptability import Belief
    from core.measures.portfolio import Portfolio
    from core.model.model import Model


@dataclass(frozen=True, slots=True)
class Robustness:
    """How robust one profile's tier is.

    confidence: the share of weightings that give this tier; label: robust, likely or toss-up; margin_points: the least
    weight that must move before the tier changes, in points; None where unrated, margin_points also where no weights
    change it. intervals: by criterion, the weights (shares, lowest and highest) at which the tier stays while the
    others keep their proportions; None where one criterion has all the weight.
    """

    tier: str
    confidence: float | None
    label: str | None
    margin_points: float | None
    intervals: Mapping[str, tuple[float, float] | None]


def measure(prepared: Portfolio, model: Model, belief: Belief) -> list[tuple[str, Robustness]]:
    """Give the id and the robustness of every account."""
    cube = prepared.cube
    verdict = tiers.weigh(cube, model)
    sure = acceptability.measure(cube, model, verdict, belief)
    least = margins.measure(cube, model, verdict).least
    spans = tipping.intervals(cube, model, verdict)
    lows, highs = (np.column_stack([getattr(span, end) for span in spans]).tolist() for end in ("low", "high"))
    names = [criterion.id for criterion in model.criteria]
    labels = sure.labels
    by_profile = [
        Robustness(
            tier=verdict.labels[tier],
            confidence=None if labels[i] is None else float(sure.confidence[i]),
            label=labels[i],
            margin_points=float(100 * least[i]) if np.isfinite(least[i]) else None,
            intervals={
                name: None if np.isnan(low) else (low, high)
                for name, low, high in zip(names, lows[i], highs[i], strict=True)
            },
        )
        for i, tier in enumerate(verdict.tier.tolist())
    ]
    wanted = Wanted(sort="row", descending=False)
    found = listing.page(prepared.listing, portfolio.by_profile(verdict), wanted).select(["account_id", "profile"])
    ids, profiles = (found[name].to_pylist() for name in ("account_id", "profile"))
    return [(key, by_profile[profile]) for key, profile in zip(ids, profiles, strict=True)]
