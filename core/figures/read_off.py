"""The curve of concentration with the reader's own points on it: so many accounts, so much revenue.

In: a ready curve and the points to be marked. Out: a Plotly figure. Nothing is computed but places on the drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme
from core.figures.concentration import NOTHING

if TYPE_CHECKING:
    import pandas as pd

LOW = 0.15
"""Below this share of revenue a mark is too near the axis for two lines of words under it."""


def pareto(
    curve: pd.DataFrame,
    by_accounts: tuple[int, float],
    by_share: tuple[int, float],
    *,
    who: str = "account",
    dark: bool = False,
    currency: str = "USD",  # noqa: ARG001
) -> Any:
    """Revenue gathered by the largest accounts; columns x (accounts, largest first) and y (cumulative share).

    Two points of the reader's are marked, each (accounts, share of revenue): `by_accounts` for the number of accounts
    that they chose, `by_share` for the share of revenue. `who` says what is counted: an account, or a customer of
    several.
    """
    if not len(curve):
        return theme.empty(NOTHING, dark=dark)
    x, y = theme.column(curve, "x"), theme.column(curve, "y")
    (count, share), (needed, goal) = by_accounts, by_share
    title = f"{_top(count, who)} {wording.share(share)}; {_needed(needed, x[-1], who)} {_whole(goal)}"
    frame = theme.figure(title, f"{title}. Cumulative share of revenue, largest {who} first.", height=290, dark=dark)
    hover = [
        f"the largest {wording.plural(round(a), who)}<br>{wording.share(b)} of revenue"
        for a, b in zip(x, y, strict=True)
    ]
    line = {"color": theme.tier_colours(1, dark=dark)[0], "width": 2.25, "simplify": False}
    frame.add_scatter(x=x, y=y, mode="lines", line=line, hovertext=hover, hoverinfo="text", name="Curve")
    _mark(frame, (count, share), x[-1], who, filled=True, dark=dark)
    _mark(frame, (needed, goal), x[-1], who, filled=False, dark=dark)
    frame.update_xaxes(range=[0, x[-1]], title_text=f"{who}s, largest first", **_ticks([count, needed], x[-1]))
    ticks = theme.percent_ticks(0, 0.2, 0.4, 0.6, 0.8, 1)
    frame.update_yaxes(range=[0, 1.02], title_text="revenue", showgrid=True, ticklabelstandoff=4, **ticks)
    frame.update_layout(margin_r=22)
    return frame


def _top(count: int, who: str) -> str:
    return f"The largest {who} holds" if count == 1 else f"The top {wording.count(count)} hold"


def _needed(count: int, of: float, who: str) -> str:
    verb = "makes" if count == 1 else "make"
    return f"{wording.plural(count, who)} ({wording.share(count / of)}) {verb}"


def _whole(share: float) -> str:
    """A share that the reader chose, in whole per cent."""
    return wording.share(share).replace(".0", "")


def _mark(frame: Any, at: tuple[int, float], end: float, who: str, *, filled: bool, dark: bool) -> None:
    count, share = at
    colours, main = theme.palette(dark=dark), theme.tier_colours(1, dark=dark)[0]
    guide = {"color": colours.before, "width": 1, "dash": "dot"}
    frame.add_shape(type="line", x0=0, x1=count, y0=share, y1=share, line=guide, layer="below")
    frame.add_shape(type="line", x0=count, x1=count, y0=0, y1=share, line=guide, layer="below")
    edge = {"color": colours.background if filled else main, "width": 2}
    marker = {"color": main if filled else colours.background, "size": 10, "line": edge}
    frame.add_scatter(
        x=[count], y=[share], mode="markers", marker=marker, hoverinfo="skip", cliponaxis=False, name="Point"
    )
    text = (
        f"top {wording.count(count)}\n{wording.share(share)}"
        if filled
        else f"{_whole(share)}\n{wording.plural(count, who)}"
    )
    side, shift = ("left", 8) if count / end <= 0.8 else ("right", -8)  # right of it the room below the curve is free
    # A point near the axis has no room below it: its words stand beside it, clear of the axis and its numbers.
    below = {"yanchor": "top", "xshift": shift, "yshift": -6} if share > LOW else (
        {"yanchor": "bottom", "xshift": 2 * shift, "yshift": -2})  # fmt: skip
    theme.note(frame, text, x=count, y=share, xanchor=side, align=side, **below)


def _ticks(wanted: list[int], end: float) -> dict[str, Any]:
    """Name the reader's points and both ends on the axis; close neighbours give way to the first named."""
    places: list[float] = []
    for at in [*map(float, wanted), 0.0, float(end)]:
        if all(abs(at - other) > 0.1 * end for other in places):
            places.append(at)
    return {"tickvals": sorted(places), "ticktext": [wording.count(round(at)) for at in sorted(places)]}
