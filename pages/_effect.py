"""What the model on screen does to the book: the baseline before, edits and weights after.

Costs the profiles only, once both ways of banding are prepared; so it may follow a slider.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.decisions import comparison
from core.figures import theme
from core.figures import tiers as tier_figures
from core.measures import tiers
from core.measures.tiers import TierRow
from core.model import lint
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.cube import Cube
    from core.decisions.comparison import Joint
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

NOTHING = "Nothing to remark: every criterion can change a tier, and every tier can be reached."


@dataclass(frozen=True, slots=True)
class Effect:
    """One book under two models, before and after; each verdict is on its own cube."""

    before: Portfolio
    after: Portfolio
    joint: Joint
    models: tuple[Model, Model]
    verdicts: tuple[Verdict, Verdict]
    rows: tuple[dict[str, list[Any]], dict[str, list[Any]]]

    @property
    def sentence(self) -> str:
        """Say in one sentence who moves."""
        return comparison.sentence(comparison.movement(self.joint, *self.verdicts), self.after.book.currency)


def found(model: Model | None = None) -> Effect:
    """Find what the model on screen does, or another one with the same bands; raises `TierwiseError` as it does."""
    before, after = state.portfolio_before(), state.portfolio()
    models = state.baseline(), model or state.current()
    was, is_now = tiers.weigh(before.cube, models[0]), tiers.weigh(after.cube, models[1])
    verdicts = comparison.renamed(was, is_now), is_now
    then, now = (tiers.distribution(p.cube, v) for p, v in zip((before, after), verdicts, strict=True))
    return Effect(before, after, store.joint(before, after), models, verdicts, (_columns(then), _columns(now)))


def accounts(effect: Effect, key: str, height: int = 270) -> None:
    """Show accounts by tier before and after."""
    then, now = effect.rows
    # The axis leaves room above the tallest tier of before, and grows in round steps only, so that it rarely moves.
    top = max(theme.nice_ceiling(1.6 * max(then["accounts"])), theme.nice_ceiling(max(now["accounts"])))
    parts.live(
        tier_figures.live_accounts(then, now, axis_max=top, **state.look()), key, height, glide=not state.in_hand()
    )


def revenue(effect: Effect, key: str) -> None:
    """Show revenue by tier before and after."""
    then, now = effect.rows
    parts.live(
        tier_figures.live_revenue(then, now, **state.look()), key, 62 * len(now["tier"]), glide=not state.in_hand()
    )


def scores(effect: Effect, key: str, height: int = 260) -> None:
    """Show how the scores are spread before and after."""
    cut_offs = [(tier.name, tier.cut_off) for tier in effect.models[1].tiers]
    spreads = (_spread(effect.before.cube, effect.verdicts[0]), _spread(effect.after.cube, effect.verdicts[1]))
    parts.live(tier_figures.live_scores(*spreads, cut_offs, dark=state.dark()), key, height, glide=not state.in_hand())


def _columns(rows: Sequence[TierRow]) -> dict[str, list[Any]]:
    """Give rows as columns: a table of pandas costs more than all the scores of a book."""
    return {field.name: [getattr(row, field.name) for row in rows] for field in fields(TierRow)}


def _spread(cube: Cube, verdict: Verdict) -> dict[str, list[Any]]:
    counts = tiers.histogram(cube, verdict).tolist()
    width = 100 / len(counts)
    lows = [width * i for i in range(len(counts))]
    return {"low": lows, "high": [low + width for low in lows], "accounts": counts}


def remarks(effect: Effect) -> None:
    """List what is odd about the model on screen."""
    cube = effect.after.cube
    for remark in lint.check(effect.models[1], cube.points, cube.accounts) or [NOTHING]:
        st.markdown(f"- {parts.text(remark)}")
