"""Losses: what stays when the largest accounts go, and how probable a loss of a given size is.

In: ready tables; money in cents, shares and chances as fractions. Out: a Plotly figure each. Nothing is added up, left
out or put in another order here.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

NOTHING = "No account has revenue yet."
NO_RISK = "No account can be lost under these probabilities."

_DRAWN = 80  # points of the normal curve


def ladder(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:
    """Revenue that stays after losing the largest accounts; columns accounts (lost), left (cents) and share_left."""
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    rows = theme.records(table, "accounts", "left", "share_left")
    first, last = rows[0], rows[-1]
    title = f"Without the {_top(first[0])} {wording.share(first[2])} of revenue stays"
    if len(rows) > 1:
        title = f"{title}, without the {_top(last[0])} {wording.share(last[2])}"
    labels = [wording.money_share(cents, share, currency) for _, cents, share in rows]
    names = [f"Lose the {_top(n)}" for n, *_ in rows]
    listing = "; ".join(f"{name}: {label} stays" for name, label in zip(names, labels, strict=True))
    frame = theme.figure(title, f"{title}. {listing}.", height=46 * len(rows) + 44, dark=dark)
    colours, places = theme.palette(dark=dark), list(range(len(rows)))
    whole = {"x": [1.0] * len(rows), "y": places, "hoverinfo": "skip", "name": "Revenue today"}
    frame.add_bar(orientation="h", marker=theme.outline_style(dark=dark), **whole)
    hover = [f"{name}<br>{label} stays" for name, label in zip(names, labels, strict=True)]
    mark = theme.bar_style(theme.Mark(*(theme.tier_colours(2, dark=dark)[1],) * 2))
    stays = {"x": [theme.number(share) for *_, share in rows], "y": places, "hovertext": hover, "name": "Stays"}
    frame.add_bar(orientation="h", marker=mark, hoverinfo="text", **stays)
    ink = theme.ink_on(theme.tier_colours(2, dark=dark)[1])
    for at, (label, (*_, share)) in enumerate(zip(labels, rows, strict=True)):
        inside = theme.number(share) > theme.name_share(label)
        place = {"x": 0 if inside else theme.number(share), "xanchor": "left", "xshift": 7}
        theme.note(frame, label, y=at, font={"color": ink if inside else colours.ink}, **place)
    frame.update_xaxes(range=[0, 1.005], visible=False)
    theme.name_rows(frame, names, dark=dark)
    outlined = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "yshift": -2}
    theme.note(frame, "outline: revenue today", x=0, y=0, font={"color": colours.muted, "size": 11}, **outlined)
    frame.update_layout(barmode="overlay", bargap=0.4, margin_b=24)
    return frame


def distribution(
    curve: pd.DataFrame, marks: pd.DataFrame, mean: float, deviation: float, *, dark: bool = False,
    currency: str = "USD"
) -> Any:  # fmt: skip
    """The chance of losing more than x, with the values at risk, against the normal curve of equal moments.

    `curve` has columns loss (cents, ascending) and chance; `marks` level and value (cents), lowest level first.
    """
    if not len(curve) or not len(marks) or deviation <= 0:
        return theme.empty(NO_RISK, dark=dark)
    values = theme.records(marks, "level", "value")
    level, value = values[len(values) // 2]
    title = f"One year in {_one_in(level)} loses {wording.money_short(int(value), currency)} or more"
    if not value:
        title = f"{_percent(level)} of years lose nothing"
    levels = "; ".join(f"{_percent(1 - q)}: {wording.money_short(int(x), currency)} or more" for q, x in values)
    frame = theme.figure(title, f"{title}. Chance of losing more, by loss. {levels}.", height=310, dark=dark)
    colours = theme.palette(dark=dark)
    losses, chances = theme.column(curve, "loss"), theme.column(curve, "chance")
    # Where small losses never happen, the axis does not begin at 0, and its title says so.
    start = max(0.0, mean - 4.5 * deviation)
    start = 0.0 if start < 0.25 * float(losses[-1]) else start
    texts = [f"{_percent(1 - q)}: {wording.money_short(int(x), currency)}" for q, x in values]
    # The curve falls, so the room to the right of every mark is free; the axis ends where the last label does.
    ends = [
        start + (float(x) - start) / (1 - theme.name_share(text)) for (_, x), text in zip(values, texts, strict=True)
    ]
    end = max(float(losses[-1]), *ends)
    _normal(frame, mean, deviation, (start, end), dark=dark)
    line = {"color": theme.tier_colours(1, dark=dark)[0], "width": 2.25, "shape": "hv", "simplify": False}
    hover = [
        f"more than {wording.money_short(round(x), currency)}<br>chance {wording.share(c)}"
        for x, c in zip(losses, chances, strict=True)
    ]
    frame.add_scatter(x=losses, y=chances, mode="lines", line=line, hovertext=hover, hoverinfo="text", name="Loss")
    _marks(frame, values, texts, dark=dark)
    if mean > 0:
        guide = {"color": colours.before, "width": 1, "dash": "dot"}
        frame.add_shape(type="line", x0=mean, x1=mean, y0=0, y1=1, line=guide, layer="below")
        said = f"expected {wording.money_short(round(mean), currency)}"
        theme.note(frame, said, x=mean, y=1, xanchor="left", yanchor="top", xshift=5, font={"color": colours.muted})
    what = "revenue lost in a year" + ("" if start == 0 else ", axis not from 0")
    frame.update_xaxes(range=[start, end], title_text=what, **_money_ticks(start, end, currency))
    ticks = theme.percent_ticks(0, 0.25, 0.5, 0.75, 1)
    frame.update_yaxes(range=[0, 1.02], title_text="chance of losing more", showgrid=True, ticklabelstandoff=4, **ticks)
    frame.update_layout(margin_r=22)
    return frame


def _normal(frame: Any, mean: float, deviation: float, ends: tuple[float, float], *, dark: bool) -> None:
    """Draw the normal curve as an outline: it is compared with, never read."""
    bell = NormalDist(mean, deviation)
    x = [ends[0] + (ends[1] - ends[0]) * k / _DRAWN for k in range(_DRAWN + 1)]
    line = {"color": theme.palette(dark=dark).before, "width": 1.25, "dash": "dash"}
    chances = [1 - bell.cdf(at) for at in x]
    frame.add_scatter(x=x, y=chances, mode="lines", line=line, hoverinfo="skip", name="Normal approximation")


def _marks(frame: Any, values: Sequence[tuple[float, int]], texts: Sequence[str], *, dark: bool) -> None:
    """Mark each value at risk on the curve, and name it beside its line, the leftmost on top so that none cross."""
    colours = theme.palette(dark=dark)
    edge = {"color": colours.background, "width": 2}
    marker = {"color": theme.tier_colours(1, dark=dark)[0], "size": 9, "line": edge}
    points = {"x": [x for _, x in values], "y": [1 - q for q, _ in values]}
    frame.add_scatter(mode="markers", marker=marker, hoverinfo="skip", cliponaxis=False, name="At risk", **points)
    guide = {"color": colours.before, "width": 1, "dash": "dot"}
    for row, ((level, value), text) in enumerate(zip(values, texts, strict=True), 1):
        top = 0.28 + 0.11 * (len(values) - row)
        frame.add_shape(type="line", x0=value, x1=value, y0=1 - level, y1=top, line=guide, layer="below")
        theme.note(frame, text, x=value, y=top, xanchor="left", yanchor="middle", xshift=5)


def _percent(chance: float) -> str:
    return wording.share(round(chance, 6)).replace(f".0{wording.NBSP}", wording.NBSP)


def _money_ticks(start: float, end: float, currency: str) -> dict[str, Any]:
    step = theme.nice_ceiling((end - start) / 4)
    places = [step * k for k in range(math.ceil(start / step), int(end // step) + 1)]
    return {"tickvals": places, "ticktext": [wording.money_short(round(place), currency) for place in places]}


def _top(n: int) -> str:
    return "largest" if n == 1 else f"top {wording.count(n)}"


def _one_in(level: float) -> str:
    return wording.count(round(1 / (1 - level)))
