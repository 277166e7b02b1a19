"""Concentration: how much revenue rests on how few accounts, where, and since when.

In: ready tables; revenue in cents, shares as fractions of the book's revenue. Out: a Plotly figure each. Nothing is
added up, left out or put in another order here; a curve is read at one point, for the title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

Unit = Literal["share", "money", "count", "score", "hhi", "gini"]

NOTHING = "No account has revenue yet."
NO_TREND = "One period is known; a trend needs two."

_EIGHTY = f"80{wording.NBSP}%"
_WIDTH = 0.72  # of a row; left to Plotly, a tier's bars are as thick as its rows are far apart


# ------------------------------------------------------------------------------------------------- curves


def lorenz(
    curve: pd.DataFrame,
    gini: float | None,
    *,
    who: str = "account",
    dark: bool = False,
    currency: str = "USD",  # noqa: ARG001
) -> Any:
    """The Lorenz curve against the line of equal revenue; columns x (share of accounts, smallest first) and y.

    `who` says what is counted, as in every figure here: an account, or a customer of several.
    """
    if len(curve) < 2:
        return theme.empty(NOTHING, dark=dark)
    x, y = theme.column(curve, "x"), theme.column(curve, "y")
    half = float(np.interp(0.5, x, y))
    title = f"The smaller half of the {who}s brings {wording.share(half)} of revenue (Gini {wording.gini(gini)})"
    if len(curve) == 2:  # both ends and nothing between: there is no half of one
        title = f"A single {who} brings all revenue (Gini {wording.gini(gini)})"
    frame = theme.figure(title, f"{title}. Lorenz curve against equal shares.", height=290, dark=dark)
    colours = theme.palette(dark=dark)
    equal = {"color": colours.before, "width": 1.25, "dash": "dot"}
    frame.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=equal, hoverinfo="skip", name="Equal shares")
    none = {"width": 0, "color": colours.band}
    frame.add_scatter(x=x, y=y, mode="lines", fill="tonexty", fillcolor=colours.band, line=none, hoverinfo="skip")
    hover = [f"smallest {wording.share(a)} of {who}s<br>{wording.share(b)} of revenue" for a, b in _pairs(x, y)]
    _curve(frame, x, y, hover, dark=dark)
    _point(frame, 0.5, half, dark=dark)
    theme.note(frame, "if all were equal", x=0.3, y=0.36, xanchor="right", font={"color": colours.muted})
    ticks = theme.percent_ticks(0, 0.25, 0.5, 0.75, 1)
    frame.update_xaxes(range=[0, 1], title_text=f"{who}s, smallest first", **ticks)
    _share_axis(frame, ticks)
    return frame


def pareto(curve: pd.DataFrame, pareto_80: int | None, *, dark: bool = False, currency: str = "USD") -> Any:  # noqa: ARG001
    """Revenue gathered by the largest accounts; columns x (accounts, largest first) and y (cumulative share).

    `pareto_80` is the number of accounts that make 80 % of revenue, or None where it is undefined.
    """
    if not len(curve):
        return theme.empty(NOTHING, dark=dark)
    x, y = theme.column(curve, "x"), theme.column(curve, "y")
    title = _pareto_title(pareto_80, x[-1])
    frame = theme.figure(title, f"{title}. Cumulative share, largest account first.", height=290, dark=dark)
    hover = [f"{_largest_of(a)}<br>{wording.share(b)} of revenue" for a, b in _pairs(x, y)]
    _curve(frame, x, y, hover, dark=dark)
    if pareto_80 is not None:
        _mark_pareto(frame, pareto_80, float(np.interp(pareto_80, x, y)), x[-1], dark=dark)
    frame.update_xaxes(range=[0, x[-1]], title_text="accounts, largest first", **_count_ticks(pareto_80, x[-1]))
    _share_axis(frame, theme.percent_ticks(0, 0.2, 0.4, 0.6, 0.8, 1))
    return frame


def trend(table: pd.DataFrame, what: str, unit: Unit = "share", *, dark: bool = False, currency: str = "USD") -> Any:
    """One measure through time, small; columns period and value. `what` names it, `unit` says how to write it."""
    periods, values = [str(period) for period in theme.column(table, "period")], theme.column(table, "value")
    if len(values) < 2:
        return theme.empty(NO_TREND, dark=dark)
    written = [_written(value, unit, currency) for value in values]
    title = f"{what}: {written[-1]}{_since(values, periods, unit, currency)}"
    frame = theme.figure(title, f"{title}. At first {written[0]}.", height=116, dark=dark)
    hover = [f"{theme.safe(period)}<br>{text}" for period, text in _pairs(periods, written)]
    _curve(frame, list(range(len(values))), values, hover, dark=dark)
    last = len(values) - 1
    for at, side in ((0, "left"), (last, "right")):
        _point(frame, at, values[at], dark=dark)
        theme.note(frame, written[at], x=at, y=theme.number(values[at]), xanchor=side, yanchor="bottom", yshift=5)
        font = {"color": theme.palette(dark=dark).muted}
        theme.note(frame, periods[at], x=at, y=0, yref="paper", xanchor=side, yanchor="top", yshift=-2, font=font)
    frame.update_xaxes(showticklabels=False, range=[-0.015 * last, 1.015 * last])
    frame.update_yaxes(visible=False, range=_room(values))
    frame.update_layout(margin_b=22)
    return frame


def _curve(frame: Any, x: Sequence[Any], y: Sequence[Any], hover: Sequence[str], *, dark: bool) -> None:
    # Plotly drops points that lie nearly on a line; a curve is read for its shape, so all are kept.
    line = {"color": theme.tier_colours(1, dark=dark)[0], "width": 2.25, "simplify": False}
    frame.add_scatter(x=x, y=y, mode="lines", line=line, hovertext=hover, hoverinfo="text", name="Curve")


def _point(frame: Any, x: float, y: float, *, dark: bool) -> None:
    edge = {"color": theme.palette(dark=dark).background, "width": 2}
    marker = {"color": theme.tier_colours(1, dark=dark)[0], "size": 9, "line": edge}
    frame.add_scatter(x=[x], y=[y], mode="markers", marker=marker, hoverinfo="skip", cliponaxis=False, name="Point")


def _share_axis(frame: Any, ticks: dict[str, Any]) -> None:
    frame.update_yaxes(range=[0, 1.02], title_text="revenue", showgrid=True, ticklabelstandoff=4, **ticks)
    frame.update_layout(margin_r=22)


def _pareto_title(k: int | None, n: float) -> str:
    if k is None:
        return f"How many accounts make {_EIGHTY} of revenue: {wording.UNDEFINED}"
    return f"{wording.accounts(k)} ({wording.share(k / n)}) {'makes' if k == 1 else 'make'} {_EIGHTY} of revenue"


def _mark_pareto(frame: Any, k: int, y: float, n: float, *, dark: bool) -> None:
    guide = {"color": theme.palette(dark=dark).before, "width": 1, "dash": "dot"}
    frame.add_shape(type="line", x0=0, x1=k, y0=0.8, y1=0.8, line=guide, layer="below")
    frame.add_shape(type="line", x0=k, x1=k, y0=0, y1=y, line=guide, layer="below")
    _point(frame, k, y, dark=dark)
    text = f"{wording.accounts(k)}\n{'makes' if k == 1 else 'make'} {_EIGHTY}"
    # The curve is concave, so the room right of the point is free, and near the end that to the left.
    side, shift = ("left", 8) if k / n <= 0.8 else ("right", -8)
    theme.note(frame, text, x=k, y=y, xanchor=side, align=side, yanchor="top", xshift=shift, yshift=-8)


def _count_ticks(k: int | None, n: float) -> dict[str, Any]:
    # The axis names what the reader asks for: none, the accounts that make 80 %, all. Close neighbours give way to it.
    places = [0.0, float(n)] if k is None else [*(at for at in (0.0, float(n)) if abs(at - k) > 0.1 * n), float(k)]
    return {"tickvals": sorted(places), "ticktext": [wording.count(round(at)) for at in sorted(places)]}


def _largest_of(n: float) -> str:
    return f"the largest {wording.accounts(round(n))}"


# ------------------------------------------------------------------------------------------------- bars


def largest(
    table: pd.DataFrame,
    tiers: Sequence[str],
    *,
    who: str = "account",
    dark: bool = False,
    currency: str = "USD",
) -> Any:
    """The largest accounts as bars in the colour of their tier.

    Columns name, revenue, share, cumulative_share and tier, largest first; `tiers` names all tiers of the model.
    """
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    together = wording.share(theme.column(table, "cumulative_share")[-1])
    bring = f"The {len(table)} largest {who}s bring" if len(table) > 1 else f"The largest {who} brings"
    title = f"{bring} {together} of revenue"
    labels = [wording.money_share(cents, part, currency) for cents, part in theme.records(table, "revenue", "share")]
    names = [theme.shorten(name, 18) for name in theme.column(table, "name")]
    frame = theme.figure(title, _listing(title, names, labels), height=26 * len(table) + 40, dark=dark)
    _tier_bars(frame, table, tiers, labels, dark=dark)
    shares = [theme.number(part) for part in theme.column(table, "share")]
    frame.update_xaxes(range=[0, theme.axis_end(shares, labels)], visible=False)
    theme.name_rows(frame, [theme.safe(name) for name in names], dark=dark)
    left = theme.names_width(names)
    frame.update_yaxes(automargin=False)
    frame.update_layout(barmode="overlay", margin_l=left)
    _tier_key(frame, table, tiers, left, dark=dark)
    return frame


def by_segment(table: pd.DataFrame, *, who: str = "account", dark: bool = False, currency: str = "USD") -> Any:
    """Where revenue comes from, and how much of each group rests on its largest account.

    Columns group, accounts, revenue, share, top1 (the largest account's share of its group) and hhi.
    """
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    groups, shares = theme.column(table, "group"), [theme.number(part) for part in theme.column(table, "share")]
    first = max(range(len(shares)), key=shares.__getitem__)
    title = f"{theme.shorten(groups[first], 28)} brings {wording.share(shares[first])} of revenue"
    labels = [wording.money_share(cents, part, currency) for cents, part in theme.records(table, "revenue", "share")]
    names = [theme.shorten(group, 20) for group in groups]
    frame = theme.figure(title, _listing(title, names, labels), height=46 * len(table) + 40, dark=dark)
    _segment_bars(frame, table, labels, who, dark=dark)
    frame.update_xaxes(range=[0, theme.axis_end(shares, labels) * 1.08], visible=False)
    theme.name_rows(frame, _segment_names(table, names, who, dark=dark), dark=dark)
    text = f"{'light' if dark else 'dark'} part: the largest {who} of the group"
    place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top", "yshift": -2}
    theme.note(frame, text, x=0, y=0, font={"color": theme.palette(dark=dark).muted, "size": 11}, **place)
    frame.update_layout(barmode="overlay", bargap=0.45, margin_b=24)
    return frame


def _tier_bars(frame: Any, table: pd.DataFrame, tiers: Sequence[str], labels: Sequence[str], *, dark: bool) -> None:
    """One trace per tier that occurs; every bar keeps its own row."""
    marks = theme.tier_marks(tiers, dark=dark)
    of_row = _known(table, marks)
    hover = [
        f"{_full(name)}<br>{label}<br>{theme.safe(tier)}<br>with those above: {wording.share(total)}"
        for (name, tier, total), label in _pairs(theme.records(table, "name", "tier", "cumulative_share"), labels)
    ]
    shares = [theme.number(part) for part in theme.column(table, "share")]
    for tier in [name for name in marks if name in of_row]:
        rows = [at for at, name in enumerate(of_row) if name == tier]
        own = {"x": [shares[at] for at in rows], "y": rows, "text": [labels[at] for at in rows], "width": _WIDTH}
        _bars(frame, tier, own | {"hovertext": [hover[at] for at in rows]}, theme.bar_style(marks[tier]))


def _tier_key(frame: Any, table: pd.DataFrame, tiers: Sequence[str], left: int, *, dark: bool) -> None:
    marks = theme.tier_marks(tiers, dark=dark)
    found = set(_known(table, marks))
    theme.key(
        frame, {theme.shorten(tier, 15): mark for tier, mark in marks.items() if tier in found}, left=left, dark=dark
    )


def _known(table: pd.DataFrame, marks: dict[str, theme.Mark]) -> list[str]:
    return [tier if tier in marks else theme.UNRATED_NAME for tier in theme.column(table, "tier")]


def _segment_bars(frame: Any, table: pd.DataFrame, labels: Sequence[str], who: str, *, dark: bool) -> None:
    colours = theme.palette(dark=dark)
    rows = theme.records(table, "group", "share", "accounts", "top1", "hhi")
    hover = [
        f"{_full(group)}<br>{label}<br>{wording.plural(n, who)}, the largest holds {wording.share(top)} of the group"
        f"<br>HHI {wording.hhi(index)}"
        for (group, _, n, top, index), label in _pairs(rows, labels)
    ]
    places = list(range(len(rows)))
    whole = {"x": [theme.number(part) for _, part, *_ in rows], "y": places, "text": list(labels), "hovertext": hover}
    _bars(frame, "Group", whole, theme.bar_style(colours.plain))
    tops = [theme.number(part) * theme.number(top) for _, part, _, top, _ in rows]
    inner = {"x": tops, "y": places, "hovertext": hover}
    _bars(frame, f"Largest {who} of the group", inner, theme.bar_style(colours.strong))


def _segment_names(table: pd.DataFrame, names: Sequence[str], who: str, *, dark: bool) -> list[str]:
    return [
        theme.safe(name) + theme.small(f"{wording.plural(n, who)}, HHI {wording.hhi(index)}", dark=dark)
        for (n, index), name in _pairs(theme.records(table, "accounts", "hhi"), names)
    ]


def _bars(frame: Any, name: str, what: dict[str, Any], style: dict[str, Any]) -> None:
    look = {"orientation": "h", "textposition": "outside", "cliponaxis": False, "hoverinfo": "text", "marker": style}
    frame.add_bar(name=theme.safe(name), **what, **look)


# ------------------------------------------------------------------------------------------------- words


def _full(name: object) -> str:
    return theme.safe(theme.shorten(name, 60))


def _listing(title: str, names: Sequence[str], labels: Sequence[str]) -> str:
    return f"{title}. " + "; ".join(f"{name} {label}" for name, label in _pairs(names, labels)) + "."


def _pairs(one: Sequence[Any], other: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(one, other, strict=True))


def _written(value: Any, unit: Unit, currency: str) -> str:
    writers: dict[str, Callable[[Any], str]] = {
        "share": wording.share,
        "money": lambda cents: wording.money_short(cents, currency),
        "count": wording.count,
        "score": wording.score,
        "hhi": wording.hhi,
        "gini": wording.gini,
    }
    return writers[unit](value)


def _since(values: Sequence[Any], periods: Sequence[str], unit: Unit, currency: str) -> str:
    if values[0] is None or values[-1] is None:
        return ""
    change = values[-1] - values[0]
    if unit == "share":
        text = wording.change_points(change)
    else:
        text = ("+" if change > 0 else "") + _written(change, unit, currency)
    return "" if wording.UNDEFINED in text else f", {text} since {periods[0]}"


def _room(values: Sequence[Any]) -> list[float]:
    known = [theme.number(value) for value in values]
    low, high = min(known), max(known)
    span = (high - low) or abs(high) or 1.0
    return [low - 0.15 * span, high + 0.45 * span]
