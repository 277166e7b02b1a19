"""Drawings: the figures of the screen, made anew from the tables of a story, for pictures and print.

In: a chapter.  Out: its Plotly figure in the light theme, or None where the screen has none and the table says it all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from core.figures import concentration, theme, tiers
from core.measures.tiers import UNRATED
from core.report import leadership, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.report.story import Chapter, Story

_FROM_TABLE = ("pareto", "lorenz", "tiers", "largest", *leadership.GROUPED_BY)
DRAWN = (
    *_FROM_TABLE, *leadership.FURTHER, "time", "bridge", "retention", "ranks", "losing", "loss_curve"
)  # fmt: skip
"""The chapters that have a figure."""


def figure(chapter: Chapter, tier_names: Sequence[str], currency: str) -> Any | None:
    """Draw the figure of a chapter; `tier_names` are all tiers of the model, best first."""
    if chapter.picture is not None:
        return chapter.picture()
    drawers: dict[str, Callable[[], Any]] = {
        "pareto": lambda: _pareto(chapter),
        "lorenz": lambda: _lorenz(chapter),
        "tiers": lambda: tiers.distribution(_table(chapter, _TIERS), currency=currency),
        "largest": lambda: concentration.largest(
            _named(chapter, "name", _LARGEST), (*tier_names, UNRATED), currency=currency
        ),
    }
    drawers |= {key: lambda: _grouped(chapter, currency) for key in leadership.GROUPED_BY}
    return drawers[chapter.key]() if chapter.key in drawers and chapter.chart is not None else None


def picture(story: Story, tier_names: Sequence[str], kind: str) -> bytes:
    """Give the figure of a story's first chapter as "png", "svg" or "html"; a sentence where it has nothing to draw."""
    drawn = figure(story.chapters[0], tier_names, story.provenance.currency) if story.chapters else None
    shown = drawn if drawn is not None else theme.empty(concentration.NOTHING)
    if kind == "html":
        return pictures.interactive(shown, story.provenance)
    return pictures.still(shown, "png" if kind == "png" else "svg", story.provenance)


_TIERS = {
    "Tier": "tier",
    "Accounts": "accounts",
    "Share of accounts": "share_accounts",
    "Revenue": "revenue",
    "Share of revenue": "share_revenue",
    "Potential": "potential",
}
_LARGEST = {
    "Tier": "tier",
    "Revenue": "revenue",
    "Share of revenue": "share",
    "Cumulative share": "cumulative_share",
}
_GROUPS = {
    "That pay": "accounts",
    "Revenue": "revenue",
    "Share of revenue": "share",
    "Its largest": "top1",
    "HHI within": "hhi",
}


def _table(chapter: Chapter, names: dict[str, str]) -> pd.DataFrame:
    """Give columns of a chapter under the names that figures know; None stays None."""
    return pd.DataFrame({name: pd.Series(chapter.column(own).values, dtype=object) for own, name in names.items()})


def _curve(chapter: Chapter) -> pd.DataFrame:
    x, y = chapter.columns[:2]
    return _table(chapter, {x.name: "x", y.name: "y"}).astype(float)


def _pareto(chapter: Chapter) -> Any:
    curve = _curve(chapter)
    reached = [int(x) for x, y in zip(curve["x"], curve["y"], strict=True) if y >= 0.8]
    return concentration.pareto(curve, reached[0] if reached else None)


def _lorenz(chapter: Chapter) -> Any:
    curve = _curve(chapter)
    # Twice the area between the line of equal shares and the curve; the message of the chapter has the exact one.
    y, x = curve["y"].to_numpy(), curve["x"].to_numpy()
    gini = 1 - float(((y[1:] + y[:-1]) * (x[1:] - x[:-1])).sum())
    return concentration.lorenz(curve, gini)


def _grouped(chapter: Chapter, currency: str) -> Any:
    return concentration.by_segment(_named(chapter, "group", _GROUPS), currency=currency)


def _named(chapter: Chapter, first: str, names: dict[str, str]) -> pd.DataFrame:
    return _table(chapter, {chapter.columns[0].name: first} | names)
