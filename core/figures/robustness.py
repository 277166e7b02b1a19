"""Robustness: how sure the tiers are, what tips them, and what that moves.

In: tables with one row per tier and label, per distance, per breakpoint or per thing that can be moved; money in cents,
weights and shares as fractions. Out: Plotly figures. Nothing is summed, left out or put in another order here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

NOTHING = "No account has a tier yet."
_NAME_LETTERS = 24


def _marks(*, dark: bool) -> dict[str, theme.Mark]:
    """Sure is dark and full, unsure light and hatched: the same hue as tiers, since it speaks of nothing else."""
    fills, edges = theme.tier_colours(4, dark=dark), theme.tier_edges(4, dark=dark)
    return {
        "robust": theme.Mark(fills[0], edges[0]),
        "likely": theme.Mark(fills[2], edges[2]),
        "toss-up": theme.palette(dark=dark).unrated,
    }


def sureness(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:
    """Each tier's accounts by how sure they are, as parts of the tier.

    Columns tier, label (robust, likely, toss-up), accounts, revenue; the same labels for every tier, in their order.
    """
    tiers = list(dict.fromkeys(theme.column(table, "tier")))
    wholes = {tier: int(table.loc[table["tier"] == tier, "accounts"].sum()) for tier in tiers}
    if not any(wholes.values()):
        return theme.empty(NOTHING, dark=dark)
    rows = theme.records(table, "tier", "label", "accounts", "revenue")
    top = {label: accounts for tier, label, accounts, _ in rows if tier == tiers[0]}
    part = wording.share(top["robust"] / wholes[tiers[0]] if wholes[tiers[0]] else None)
    title = f"{part} of {tiers[0]} is robust"
    told = "; ".join(f"{tier}, {label}: {wording.accounts(accounts)}" for tier, label, accounts, _ in rows)
    frame = theme.figure(title, f"{title}. {told}.", height=46 * len(tiers) + 20, dark=dark)
    names = [theme.safe(theme.shorten(tier, 14)) for tier in tiers]
    for label, mark in _marks(dark=dark).items():
        own = [(wholes[tier], accounts, revenue) for tier, named, accounts, revenue in rows if named == label]
        text = [_fitting(n, n / whole if whole else 0.0) for whole, n, _ in own]
        hover = [
            f"{theme.safe(tier)}, {label}<br>{wording.accounts(n)}, {wording.share(n / whole if whole else None)}"
            f"<br>revenue {wording.money_short(revenue, currency)}"
            for tier, (whole, n, revenue) in zip(tiers, own, strict=True)
        ]
        frame.add_bar(
            name=label, orientation="h", x=[n / whole if whole else 0 for whole, n, _ in own],
            y=list(range(len(tiers))), width=0.62, marker=theme.bar_style(mark), hovertext=hover, hoverinfo="text",
            text=text, textposition="inside", insidetextanchor="middle", textangle=0,
            textfont_color=theme.ink_on(mark.fill),
        )  # fmt: skip
    frame.update_layout(barmode="stack")
    frame.update_xaxes(range=[0, 1], visible=False)
    theme.name_rows(frame, names, dark=dark)
    left = theme.names_width(names)
    frame.update_layout(margin_l=left)
    theme.key(frame, _marks(dark=dark), left=left, dark=dark)
    return frame


def _fitting(n: int, share: float) -> str:
    """A number as it fits into its part of a bar on a phone: whole, short, or not at all."""
    written = (wording.count(n), wording.count_short(n))
    return next((said for said in written if share > theme.name_share(said, room=4)), "")


def distances(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:
    """Revenue by the weight that must move before its tier changes.

    Columns low and high (shares of weight; both None for what no weights change), accounts, revenue; nearest first.
    """
    rows = [
        (None if _none(low) else low, None if _none(high) else high, int(accounts), int(revenue))
        for low, high, accounts, revenue in theme.records(table, "low", "high", "accounts", "revenue")
    ]
    if not any(accounts for *_, accounts, _ in rows):
        return theme.empty(NOTHING, dark=dark)
    near = sum(revenue for low, high, _, revenue in rows if low is not None and high is not None and high <= 0.05)
    close = sum(n for low, high, n, _ in rows if low is not None and high is not None and high <= 0.05)
    changed = f"{wording.money_short(near, currency)} of revenue changes" if near > 0 else _changing(close)
    title = f"{changed} tier within 5 points of weight"
    names = [_distance(low, high) for low, high, *_ in rows]
    labels = [
        f"{wording.money_short(revenue, currency)} · {wording.count_short(n)} {'account' if n == 1 else 'accounts'}"
        for *_, n, revenue in rows
    ]
    told = "; ".join(
        f"{name}: {wording.money_short(revenue, currency)} · {wording.accounts(n)}"
        for name, (*_, n, revenue) in zip(names, rows, strict=True)
    )
    frame = theme.figure(title, f"{title}. {told}.", height=30 * len(rows) + 20, dark=dark)
    colours = theme.palette(dark=dark)
    values = [max(0.0, revenue / 100) for *_, revenue in rows]
    hover = [
        f"{name}<br>{wording.accounts(n)}<br>revenue {wording.money(revenue, currency)}"
        for name, (*_, n, revenue) in zip(names, rows, strict=True)
    ]
    frame.add_bar(
        orientation="h", x=values, y=list(range(len(rows))), width=0.66, text=labels, textposition="outside",
        cliponaxis=False, hovertext=hover, hoverinfo="text", marker=theme.bar_style(colours.plain),
    )  # fmt: skip
    frame.update_xaxes(range=[0, theme.axis_end(values, labels)], visible=False)
    theme.name_rows(frame, names, dark=dark)
    return frame


def _changing(accounts: int) -> str:
    """How many change, where they bring no revenue."""
    who = wording.accounts(accounts) if accounts else "No account"
    return f"{who} {'change' if accounts > 1 else 'changes'}"


def _none(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124  a table writes None as NaN


def _distance(low: float | None, high: float | None) -> str:
    if low is None:
        return "no weights do"
    if high is None:
        return f"{100 * low:g} points and more"
    points = "point" if high == 0.01 else "points"
    return f"under {100 * high:g} {points}" if not low else f"{100 * low:g} to {100 * high:g} points"


def staircase(
    table: pd.DataFrame,
    *,
    names: tuple[str, str],
    now: float,
    keeps: tuple[float, float] | None = None,
    money: bool = False,
    dark: bool = False,
    currency: str = "USD",
) -> Any:
    """What a tier holds at every weight of one criterion, as an exact step function; `now` is the weight on screen.

    `names` are those of the criterion and the tier. Columns weight, at, after (accounts, or cents with `money`), by
    rising weight from 0 to 1. `keeps` is the range in which most accounts keep their tier, drawn as a band.
    """
    steps = theme.records(table, "weight", "at", "after")
    criterion, tier = names

    def written(value: float) -> str:
        return wording.money_short(int(value), currency) if money else wording.count(int(value))

    what = f"{theme.shorten(tier, 20)} {'revenue' if money else 'accounts'}"
    here = next((at if weight == now else after for weight, at, after in reversed(steps) if weight <= now), 0)
    least, most = min(min(at, after) for _, at, after in steps), max(max(at, after) for _, at, after in steps)
    title = f"{what}: {written(here)} now, {written(least)} to {written(most)} at other weights"
    told = f"{title}. The weight of {criterion} is {wording.share(now)} now."
    frame = theme.figure(title, told, height=220, dark=dark)
    colours = theme.palette(dark=dark)
    scale = 100 if money else 1
    xs = [weight for weight, _, _ in steps for _ in range(2)]
    ys = [value / scale for _, at, after in steps for value in (at, after)]
    hover = [f"from {wording.share(weight)}: {written(value)}" for weight, at, after in steps for value in (at, after)]
    if keeps:
        frame.add_vrect(*keeps, layer="below", line_width=0, fillcolor=colours.band)
    frame.add_scatter(
        x=xs, y=ys, mode="lines", line={"shape": "hv", "color": colours.ramp_edges[1], "width": 2}, hovertext=hover,
        hoverinfo="text",
    )  # fmt: skip
    _mark_now(frame, now, colours)
    top = theme.nice_ceiling(max(most / scale, 1))
    frame.update_yaxes(range=[0, top * 1.06], tickvals=[0, top], ticktext=["0", written(top * scale)], showgrid=True)
    frame.update_xaxes(
        range=[0, 1], **theme.percent_ticks(0, 0.25, 0.5, 0.75, 1),
        title_text=theme.safe(f"weight of {theme.shorten(criterion, 30)}"),
    )  # fmt: skip
    return frame


def _mark_now(frame: Any, now: float, colours: theme.Palette) -> None:
    """Draw a dotted line at the weight on screen, named on the side where there is room."""
    frame.add_vline(now, line={"color": colours.ink, "width": 1, "dash": "dot"})
    side = {"xanchor": "left", "xshift": 4} if now < 0.6 else {"xanchor": "right", "xshift": -4}
    theme.note(frame, f"now {wording.share(now)}", x=now, y=1, yref="paper", yanchor="top", **side,
               font={"color": colours.muted, "size": 11})  # fmt: skip


def tornado(table: pd.DataFrame, *, step: str, dark: bool = False, currency: str = "USD") -> Any:
    """Revenue that changes tier when each thing is lowered (to the left) or raised (to the right).

    Columns name, now, lower, higher (the new values as text, None where there is no room), lower_revenue,
    higher_revenue (cents), lower_accounts, higher_accounts; the first row on top. `step` says how far, as “5 points”.
    """
    rows = theme.records(table, "name", "now", "lower", "lower_revenue", "lower_accounts", "higher", "higher_revenue",
                         "higher_accounts")  # fmt: skip
    if not rows:
        return theme.empty("There is nothing to move.", dark=dark)
    first = rows[0]
    most = max(int(first[3] or 0), int(first[6] or 0))
    title = f"{theme.shorten(first[0], 30)} matters most: {wording.money_short(most, currency)} changes tier"
    if not most:
        moved = any(row[4] or row[7] for row in rows)
        title = "No revenue changes tier" if moved else "No account changes its tier"
    sides = [_side(rows, 2, -1, currency), _side(rows, 5, 1, currency)]
    told = "; ".join(f"{row[0]}: {low} lower, {high} higher" for row, low, high in zip(
        rows, sides[0]["text"], sides[1]["text"], strict=True))  # fmt: skip
    frame = theme.figure(title, f"{title}, {step} either way. {told}.", height=36 * len(rows) + 40, dark=dark)
    colours = theme.palette(dark=dark)
    places = list(range(len(rows)))
    for side, mark, name in zip(sides, (colours.plain, colours.strong), ("lower", "higher"), strict=True):
        frame.add_bar(
            name=name, orientation="h", y=places, width=0.6, textposition="outside", cliponaxis=False,
            hoverinfo="text", marker=theme.bar_style(mark), **side,
        )  # fmt: skip
    longest = max([*(abs(x) for side in sides for x in side["x"]), 1.0])
    frame.update_xaxes(range=[-1.6 * longest, 1.6 * longest], visible=False)
    names = [
        theme.safe(theme.shorten(row[0], _NAME_LETTERS)) + theme.small(theme.safe(f"now {row[1]}"), dark=dark)
        for row in rows
    ]
    theme.name_rows(frame, names, dark=dark)
    left = theme.names_width([theme.shorten(row[0], _NAME_LETTERS) for row in rows])
    frame.update_layout(barmode="overlay", margin_l=left)
    theme.key(frame, {f"{step} lower": colours.plain, f"{step} higher": colours.strong}, left=left, dark=dark)
    return frame


def _side(rows: Sequence[tuple[Any, ...]], at: int, sign: int, currency: str) -> dict[str, Any]:
    """Give the bars to one side: lengths, labels and what hovering tells."""
    lengths, labels, hover = [], [], []
    for row in rows:
        value, revenue, accounts = row[at : at + 3]
        if value is None or _none(value):
            lengths.append(0.0)
            labels.append("")
            hover.append(f"{theme.safe(row[0])}<br>no room to move")
            continue
        lengths.append(sign * max(0.0, int(revenue) / 100))
        labels.append(wording.money_short(int(revenue), currency))
        hover.append(
            f"{theme.safe(row[0])}: {theme.safe(row[1])} to {theme.safe(value)}<br>"
            f"{wording.accounts(int(accounts))} with {labels[-1]} change tier"
        )
    return {"x": lengths, "text": labels, "hovertext": hover}
