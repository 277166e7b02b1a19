"""Fit and need: one mark a profile, what it scores across, how well its accounts are up, its revenue as area.

In: one row a profile with the columns profile, tier, score, need, accounts and revenue (cents). Out: a Plotly figure in
which dragging selects; what is selected comes back as places in the table, in `customdata`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "No profile has both a score and this measure."
_LARGEST, _SMALLEST = 34.0, 5.0  # pixels, the widest and the narrowest mark


def scatter(
    table: theme.Table,
    tiers: Sequence[tuple[str, float]],
    need: str,
    *,
    dark: bool = False,
    currency: str = "USD",
) -> Any:
    """Every profile by score and `need` (“health” or “engagement”); `tiers` holds (tier, cut-off), best first."""
    rows = theme.records(table, "profile", "tier", "score", "need", "accounts", "revenue")
    if not rows:
        return theme.empty(NOTHING, dark=dark)
    title = _title(rows, tiers, need)
    text = f"{title}. {wording.plural(len(rows), 'profile')} by score and {need}; the area of a mark is its revenue."
    frame = theme.figure(title, text, height=380, dark=dark)
    largest = max([*(row[5] for row in rows), 1])
    for name, cut_off in tiers[:-1]:
        frame.add_vline(x=cut_off, line={"color": theme.palette(dark=dark).border, "width": 1, "dash": "dot"})
        theme.note(frame, theme.shorten(name, 12), x=cut_off, y=1.0, yref="paper", xanchor="left", yanchor="bottom")
    marks = theme.tier_marks([name for name, _ in tiers], dark=dark)
    for name in reversed([name for name, _ in tiers]):  # the best tier is drawn last, above the others
        _add(frame, [row for row in rows if row[1] == name], name, marks[name], largest, (need, currency))
    frame.update_xaxes(range=[-3, 103], title_text="score", tickvals=[0, 20, 40, 60, 80, 100])
    frame.update_yaxes(range=[-4, 104], title_text=need, tickvals=[0, 25, 50, 75, 100], showgrid=True)
    frame.update_layout(dragmode="lasso", margin_t=frame.layout.margin.t + 12)
    return frame


def _add(
    frame: Any,
    rows: Sequence[tuple[Any, ...]],
    name: str,
    mark: theme.Mark,
    largest: int,
    words: tuple[str, str],
) -> None:
    need, currency = words
    frame.add_scatter(
        x=[row[2] for row in rows],
        y=[row[3] for row in rows],
        customdata=[row[0] for row in rows],
        hovertext=[_hover(row, need, currency) for row in rows],
        hoverinfo="text",
        name=theme.safe(name),
        mode="markers",
        marker={
            "size": [max(_SMALLEST, _LARGEST * math.sqrt(max(row[5], 0) / largest)) for row in rows],
            "color": mark.fill,
            "opacity": 0.8,
            "line": {"color": mark.edge, "width": 1},
        },
    )


def _hover(row: tuple[Any, ...], need: str, currency: str) -> str:
    _, tier, score, measured, accounts, cents = row
    return (
        f"{theme.safe(tier)}, score {wording.score(score)}<br>{need} {wording.score(measured)} on average<br>"
        f"{wording.accounts(accounts)}, {wording.money_short(cents, currency)}<br>drag around marks to list accounts"
    )


def _title(rows: Sequence[tuple[Any, ...]], tiers: Sequence[tuple[str, float]], need: str) -> str:
    best = tiers[0][0]
    inside, outside = (_mean([row for row in rows if (row[1] == best) == first]) for first in (True, False))
    if inside is None or outside is None:
        return f"Score against {need}, by profile"
    return f"{best} averages {need} {wording.score(inside)}, the others {wording.score(outside)}"


def _mean(rows: Sequence[tuple[Any, ...]]) -> float | None:
    accounts = sum(row[4] for row in rows)
    return sum(row[3] * row[4] for row in rows) / accounts if accounts else None
