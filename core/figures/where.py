"""Where revenue rests: groups and their largest accounts on a map, the points of HHI of each, and their curves.

In: ready tables in the order to be drawn; revenue in cents, shares as fractions. Out: a Plotly figure each.
"""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

NOTHING = "No account has revenue yet."
EACH = 3
"""How many small curves stand side by side."""


def treemap(table: pd.DataFrame, total: int, *, dark: bool = False, currency: str = "USD") -> Any:
    """Groups as rooms, their largest accounts as tiles; the rest of a group is one tile.

    Columns group, name (None for the rest), accounts and revenue; the tiles of a group stand together. `total` is the
    revenue of the whole book in cents, which shares are of.
    """
    rows = theme.records(table, "group", "name", "accounts", "revenue")
    if not rows or total <= 0:
        return theme.empty(NOTHING, dark=dark)
    groups = list(dict.fromkeys(group for group, *_ in rows))
    sums = {group: sum(cents for of, *_, cents in rows if of == group) for group in groups}
    tiles = [row for row in rows if row[1] is not None]
    group, name, _, cents = max(tiles, key=lambda row: row[3])
    who = f"{theme.shorten(name, 28)} of {theme.shorten(group, 24)}"
    title = f"The largest tile is {who}: {wording.share(cents / total)} of revenue"
    told = "; ".join(f"{theme.shorten(of, 40)} {wording.share(sums[of] / total)}" for of in groups)
    frame = theme.figure(title, f"{title}. {told}.", height=380, dark=dark)
    number = {of: f"g{at}" for at, of in enumerate(groups)}
    labels = [theme.safe(theme.shorten(of, 28)) for of in groups]
    labels += [_tile(one) if one is not None else f"{wording.count(n)} others" for _, one, n, _ in rows]
    hover = [_hover(of, sums[of], total, currency) for of in groups]
    hover += [
        _hover(one if one is not None else f"{wording.accounts(n)} of {of}", amount, total, currency)
        for of, one, n, amount in rows
    ]
    colours = theme.palette(dark=dark)
    fills = [colours.cells[0]] * len(groups)
    fills += [theme.tier_colours(4, dark=dark)[2] if one is not None else colours.plain.fill for _, one, *_ in rows]
    inks = [colours.ink] * len(groups) + [theme.ink_on(fill) for fill in fills[len(groups) :]]
    room = {"t": 20, "l": 2, "r": 2, "b": 2}
    frame.add_treemap(
        ids=[*number.values(), *(f"t{at}" for at in range(len(rows)))],
        labels=labels,
        parents=[""] * len(groups) + [number[of] for of, *_ in rows],
        values=[sums[of] for of in groups] + [amount for *_, amount in rows],
        branchvalues="total", sort=False, hovertext=hover, hoverinfo="text", textinfo="label",
        marker={"colors": fills, "line": {"color": colours.background, "width": 1}, "pad": room},
        textfont={"size": 12, "color": inks},
        tiling={"pad": 1}, pathbar={"visible": False}, maxdepth=2,
    )  # fmt: skip
    # A name that does not fit its tile legibly is left to the hover.
    frame.update_layout(margin={"l": 0, "r": 0, "b": 0}, uniformtext={"minsize": 10, "mode": "hide"})
    return frame


def _tile(name: str) -> str:
    """A name on up to three short lines, as the tiles of large accounts have room for."""
    lines = textwrap.wrap(theme.shorten(name, 34), 10, break_long_words=False)[:3]
    return "<br>".join(theme.safe(line) for line in lines)


def _hover(name: str, cents: int, total: int, currency: str) -> str:
    return f"{theme.safe(theme.shorten(name, 60))}<br>{wording.money_share(cents, cents / total, currency)}"


def points(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:  # noqa: ARG001
    """The share of the HHI (filled) and of the revenue (outlined) of each group; columns group, share and part."""
    rows = theme.records(table, "group", "share", "part")
    known = [(group, share, part) for group, share, part in rows if part is not None and not math.isnan(part)]
    if not known:
        return theme.empty(NOTHING, dark=dark)
    group, share, part = max(known, key=lambda row: row[2] - row[1])
    title = f"{theme.shorten(group, 28)} brings {wording.share(share)} of revenue and {wording.share(part)} of the HHI"
    names = [theme.shorten(row[0], 20) for row in rows]
    told = "; ".join(f"{row[0]} {wording.share(row[1])} of revenue, {wording.share(row[2])} of HHI" for row in rows)
    frame = theme.figure(title, f"{title}. {told}.", height=46 * len(rows) + 24, dark=dark)
    look = {"orientation": "h", "textposition": "outside", "textangle": 0, "cliponaxis": False, "hoverinfo": "text"}
    hover = [
        f"{theme.safe(theme.shorten(row[0], 60))}<br>{wording.share(row[1])} of revenue<br>"
        f"{wording.share(row[2])} of the HHI"
        for row in rows
    ]
    values, labels = [], []
    for name, at, shift, style in (
        ("of revenue", 1, -0.18, theme.outline_style(dark=dark)),
        ("of the HHI", 2, 0.18, theme.bar_style(theme.palette(dark=dark).strong)),
    ):
        shares = [theme.number(row[at]) for row in rows]
        texts = [f"{wording.share(row[at])} {name}" for row in rows]
        frame.add_bar(
            name=name, x=shares, y=[place + shift for place in range(len(rows))], width=0.3, text=texts, marker=style,
            hovertext=hover, **look,
        )  # fmt: skip
        values += shares
        labels += texts
    frame.update_xaxes(range=[0, theme.axis_end(values, labels)], visible=False)
    theme.name_rows(frame, [theme.safe(text) for text in names], dark=dark)
    return frame


def multiples(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    counts: Mapping[str, int],
    *,
    who: str = "account",
    dark: bool = False,
    currency: str = "USD",  # noqa: ARG001
) -> Any:
    """Each group's concentration curve, small, in the order given: share of accounts, largest first, against revenue.

    `counts` gives the accounts of each group (n). The point marks the largest fifth, ceil(n / 5): never a part of one.
    `who` says what is counted: an account, or a customer of several.
    """
    if not curves:
        return theme.empty(NOTHING, dark=dark)
    ends = {group: -(-counts[group] // 5) / counts[group] for group in curves}
    fifths = {group: _at(x, y, ends[group]) for group, (x, y) in curves.items()}
    # Of groups that are equal, the one with the most is named: a group of one always brings all of its revenue.
    steep = max(curves, key=lambda group: (counts[group] > 1, fifths[group], counts[group]))
    title = f"In {theme.shorten(steep, 28)} the largest fifth brings {wording.share(fifths[steep])} of revenue"
    if len(curves) > 1 and all(fifths[group] < fifths[steep] for group in curves if group != steep):
        title += ", the most of any group"
    told = "; ".join(f"{theme.shorten(group, 40)} {wording.share(part)}" for group, part in fifths.items())
    lines = -(-len(curves) // EACH)
    frame = theme.figure(title, f"{title}. {told}.", height=130 * lines + 10, dark=dark)
    for at, (group, (x, y)) in enumerate(curves.items()):
        _small(frame, at, lines, group, (counts[group], who), (x, y, (ends[group], fifths[group])), dark=dark)
    frame.update_layout(margin_l=4, margin_r=4)
    return frame


def _at(x: Sequence[float], y: Sequence[float], where: float) -> float:
    for (x0, y0), (x1, y1) in zip(zip(x, y, strict=True), list(zip(x, y, strict=True))[1:], strict=False):
        if x1 >= where:
            return float(y0 + (y1 - y0) * ((where - x0) / (x1 - x0) if x1 > x0 else 1.0))
    return 1.0


def _small(
    frame: Any,
    at: int,
    lines: int,
    group: str,
    counted: tuple[int, str],
    curve: tuple[Sequence[float], Sequence[float], tuple[float, float]],
    *,
    dark: bool,
) -> None:
    """One small curve in its own place, with its name above."""
    colours, (count, who), (x, y, (end, fifth)) = theme.palette(dark=dark), counted, curve
    row, column = divmod(at, EACH)
    name = "" if at == 0 else str(at + 1)
    left, right = column / EACH + 0.02, (column + 1) / EACH - 0.02
    top, bottom = 1 - row / lines - 0.3 / lines, 1 - (row + 1) / lines + 0.03 / lines
    axis = {"range": [-0.02, 1.04], "visible": False, "fixedrange": True}
    frame.update_layout(
        {
            f"xaxis{name}": axis | {"domain": [left, right], "anchor": f"y{name}"},
            f"yaxis{name}": axis | {"domain": [bottom, top], "anchor": f"x{name}"},
        }
    )
    own = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
    guide = {"color": colours.before, "width": 1, "dash": "dot"}
    frame.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=guide, hoverinfo="skip", name="Equal shares", **own)
    whole = theme.safe(theme.shorten(group, 60))
    hover = [
        f"{whole}<br>largest {wording.share(a)} of {who}s<br>{wording.share(b)} of its revenue"
        for a, b in zip(x, y, strict=True)
    ]
    mark = theme.tier_colours(1, dark=dark)[0]
    frame.add_scatter(
        x=list(x), y=list(y), mode="lines", line={"color": mark, "width": 2}, hovertext=hover, hoverinfo="text",
        name=whole, **own,
    )  # fmt: skip
    frame.add_scatter(
        x=[end], y=[fifth], mode="markers", hoverinfo="skip", name="A fifth", marker={"color": mark, "size": 6}, **own
    )
    place = {"xref": f"x{name} domain", "yref": f"y{name} domain", "xanchor": "left", "x": 0}
    theme.note(frame, theme.shorten(group, 16), y=1, yanchor="bottom", yshift=14, **place)
    muted = {"size": 11, "color": colours.muted}
    text = f"{wording.count_short(count)}: {wording.share(fifth)}"
    theme.note(frame, text, y=1, yanchor="bottom", font=muted, **place)
