"""Health: which tiers are in danger, which accounts, and how much revenue stands behind them.

In: ready tables; revenue in cents, health scores 0 to 100. Out: a Plotly figure each. Nothing is added up, left out or
put in another order here. A status is told by colour, by shape and by its word.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

Scale = Literal["log", "linear"]
Cells = dict[tuple[str, str], tuple[int, int]]

# Lowest health score of Healthy and of At Risk; Critical lies below.
CUT_OFFS = (70.0, 50.0)

NOTHING = "No account has a health score yet."
NO_REVENUE = "No account with revenue has a health score yet."

_IN_DANGER = ("At Risk", "Critical")
_NAMED = 3  # the largest accounts in danger that are named in the picture
_MANY = 2000  # points from which the browser draws them as one surface


# ------------------------------------------------------------------------------------------------- the matrix


def matrix(table: pd.DataFrame, *, clickable: bool = False, dark: bool = False, currency: str = "USD") -> Any:
    """Tier by health, one cell each, stronger with revenue; columns tier, health, accounts and revenue.

    Where it is clickable, a point lies on every cell that holds an account; its customdata are tier and status.
    """
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    tiers, statuses = _in_order(theme.column(table, "tier")), _statuses(theme.column(table, "health"))
    cells = {(tier, status): (n, cents) for tier, status, n, cents in _matrix_rows(table)}
    title = _matrix_title(tiers[0], cells, currency)
    frame = theme.figure(title, f"{title}. {_matrix_words(cells, currency)}.", height=54 * len(tiers) + 44, dark=dark)
    _fill_cells(frame, tiers, statuses, cells, currency, dark=dark)
    if clickable:
        _click_points(frame, tiers, statuses, cells, currency)
    _headers(frame, statuses, dark=dark)
    _tier_strips(frame, tiers, dark=dark)
    frame.update_xaxes(range=[-0.5, len(statuses) - 0.5], visible=False)
    frame.update_yaxes(range=[len(tiers) - 0.5, -1.02], tickvals=list(range(len(tiers))), ticklabelstandoff=8)
    frame.update_yaxes(ticktext=[theme.safe(theme.shorten(tier, 14)) for tier in tiers])
    frame.update_yaxes(tickfont_color=theme.palette(dark=dark).ink, tickfont_size=13)
    return frame


def _fill_cells(
    frame: Any, tiers: Sequence[str], statuses: Sequence[str], cells: Cells, currency: str, *, dark: bool
) -> None:
    grid = [[(tier, status, *cells.get((tier, status), (0, 0))) for status in statuses] for tier in tiers]
    low, high = theme.palette(dark=dark).cells
    frame.add_heatmap(
        x=list(range(len(statuses))),
        y=list(range(len(tiers))),
        z=[[cents / 100 for *_, cents in row] for row in grid],
        text=[[_cell_text(n, cents, currency) for _, _, n, cents in row] for row in grid],
        hovertext=[[_cell_hover(*cell, currency) for cell in row] for row in grid],
        zmin=0,
        zmax=max(1.0, *(cents / 100 for row in grid for *_, cents in row)),
        colorscale=[[0, low], [1, high]],
        textfont={"color": theme.palette(dark=dark).ink},
        xgap=3,
        ygap=3,
        showscale=False,
        texttemplate="%{text}",
        hoverinfo="text",
    )


def _click_points(frame: Any, tiers: Sequence[str], statuses: Sequence[str], cells: Cells, currency: str) -> None:
    """Lay an unseen point on every cell: a click selects points, never the cells of a heatmap."""
    held = [(x, y, t, s) for y, t in enumerate(tiers) for x, s in enumerate(statuses) if cells.get((t, s), (0, 0))[0]]
    unseen = {"marker": {"opacity": 0}}
    frame.update_traces(hoverinfo="skip")
    frame.add_scatter(
        x=[x for x, *_ in held],
        y=[y for _, y, *_ in held],
        customdata=[[tier, status] for *_, tier, status in held],
        hovertext=[
            f"{_cell_hover(tier, status, *cells[tier, status], currency)}<br>Click to list them"
            for *_, tier, status in held
        ],
        hoverinfo="text",
        mode="markers",
        marker={"size": 44, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
    )


def _matrix_rows(table: pd.DataFrame) -> list[tuple[str, str, int, int]]:
    return [
        (tier, status, n, cents)
        for tier, status, n, cents in theme.records(table, "tier", "health", "accounts", "revenue")
    ]


def _matrix_title(tier: str, cells: Cells, currency: str) -> str:
    found = [(status, *cells.get((tier, status), (0, 0))) for status in _IN_DANGER]
    parts = [f"{wording.money_short(cents, currency)} {status}" for status, n, cents in found if cents > 0]
    if not parts:  # where they bring nothing, their number is what there is to say
        parts = [f"{wording.accounts(n)} {status}" for status, n, _ in found if n]
    return f"{tier} has {' and '.join(parts)}" if parts else f"No account of {tier} is At Risk or Critical"


def _matrix_words(cells: Cells, currency: str) -> str:
    return "; ".join(
        f"{tier} {status} {wording.accounts(n)}, {wording.money_short(cents, currency)}"
        for (tier, status), (n, cents) in cells.items()
    )


def _cell_text(n: int, cents: int, currency: str) -> str:
    return f"{wording.accounts(n)}<br><b>{wording.money_short(cents, currency)}</b>" if n else wording.NOTHING


def _cell_hover(tier: str, status: str, n: int, cents: int, currency: str) -> str:
    what = f"{theme.safe(tier)}, {theme.safe(status)}"
    return f"{what}<br>{wording.accounts(n)}<br>{wording.money_short(cents, currency)}"


def _headers(frame: Any, statuses: Sequence[str], *, dark: bool) -> None:
    for at, status in enumerate(statuses):
        mark = theme.health_mark(status, dark=dark)
        frame.add_shape(type="rect", x0=at - 0.49, x1=at + 0.49, y0=-1.0, y1=-0.56, fillcolor=mark.fill, line_width=0)
        ink = {"color": theme.ink_on(mark.fill), "weight": 600}
        theme.note(frame, theme.health_label(status), x=at, y=-0.78, font=ink)


def _tier_strips(frame: Any, tiers: Sequence[str], *, dark: bool) -> None:
    """A narrow strip in the tier's colour before each row, as in every other figure."""
    marks = theme.tier_marks(tiers, dark=dark)
    for at, tier in enumerate(tiers):
        look = {"fillcolor": marks[tier].fill, "line": {"color": marks[tier].edge, "width": 1}}
        across = {"xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": -5, "x1": -1}
        frame.add_shape(type="rect", y0=at - 0.46, y1=at + 0.46, **across, **look)


# ------------------------------------------------------------------------------------------------- the scatter


def value_against_risk(
    table: pd.DataFrame,
    *,
    cut_offs: tuple[float, float] = CUT_OFFS,
    scale: Scale = "log",
    dark: bool = False,
    currency: str = "USD",
) -> Any:
    """Every account by health score and revenue; columns name, revenue, health_score, health and tier.

    Where there is a column account_id, it is the customdata of the account's point.
    On the logarithmic scale an account without revenue stands on the base line; its hover still says what it brings.
    """
    if not len(table):
        return theme.empty(NO_REVENUE, dark=dark)
    title = _largest_in_danger(table, currency)
    text = f"{title}. {wording.accounts(len(table))} by health score and revenue."
    frame = theme.figure(title, text, height=330, dark=dark)
    amounts = [cents / 100 for cents in theme.column(table, "revenue")]
    base, top = _extent(amounts, scale)
    drawn = [max(amount, base) for amount in amounts]
    _regions(frame, cut_offs, dark=dark)
    _scatter(frame, table, drawn, currency, dark=dark)
    _name_largest(frame, table, drawn, top / base if scale == "log" else top, scale)
    frame.update_xaxes(range=[-2, 102], title_text="health score", **_score_ticks(cut_offs))
    _money_axis(frame, base, top, scale, currency)
    return frame


def _scatter(frame: Any, table: pd.DataFrame, drawn: Sequence[float], currency: str, *, dark: bool) -> None:
    statuses, scores = theme.column(table, "health"), theme.column(table, "health_score")
    hover = _account_hover(table, currency)
    ids = theme.column(table, "account_id") if "account_id" in table else None
    add = frame.add_scattergl if len(table) > _MANY else frame.add_scatter
    for status in _statuses(statuses):
        rows = [at for at, found in enumerate(statuses) if found == status]
        mark = theme.health_mark(status, dark=dark)
        edge = {"color": mark.edge, "width": 1}
        shape = theme.HEALTH_SYMBOLS.get(status, "circle-open")
        add(
            x=[scores[at] for at in rows],
            y=[drawn[at] for at in rows],
            hovertext=[hover[at] for at in rows],
            customdata=None if ids is None else [[ids[at]] for at in rows],
            name=theme.safe(status),
            mode="markers",
            marker={"color": mark.fill, "symbol": shape, "size": 9, "opacity": 0.85, "line": edge},
            hoverinfo="text",
        )


def _account_hover(table: pd.DataFrame, currency: str) -> list[str]:
    return [
        f"{theme.safe(theme.shorten(name, 60))}<br>{wording.money_short(cents, currency)}<br>"
        f"{theme.safe(theme.health_label(status))}, health {wording.score(score)}<br>{theme.safe(tier)}"
        for name, cents, score, status, tier in theme.records(
            table, "name", "revenue", "health_score", "health", "tier"
        )
    ]


def _largest_in_danger(table: pd.DataFrame, currency: str) -> str:
    rows = _danger(table)
    if not rows:
        return "No account is At Risk or Critical"
    name, cents, status = theme.records(table, "name", "revenue", "health")[rows[0]]
    # The two words of a status stay on one line.
    status = status.replace(" ", wording.NBSP)
    return f"Largest at risk: {theme.shorten(name, 28)}, {wording.money_short(cents, currency)}, {status}"


def _danger(table: pd.DataFrame) -> list[int]:
    """Rows of the largest accounts in danger; equal revenue keeps the order of the table."""
    revenue = theme.column(table, "revenue")
    rows = [at for at, status in enumerate(theme.column(table, "health")) if status in _IN_DANGER]
    return sorted(rows, key=lambda at: -revenue[at])[:_NAMED]


def _name_largest(frame: Any, table: pd.DataFrame, drawn: Sequence[float], span: float, scale: Scale) -> None:
    """Name the largest accounts in danger beside their marks, where the name runs over no other mark."""
    names, scores = theme.column(table, "name"), theme.column(table, "health_score")
    heights = [math.log10(amount) if scale == "log" else amount for amount in drawn]
    whole = math.log10(span) if scale == "log" else span
    for at in _danger(table):
        text = theme.shorten(names[at], 18)
        side = _free_side(at, scores, [height / whole for height in heights], theme.name_share(text) * 104)
        if side:
            anchor = "right" if side < 0 else "left"
            theme.note(frame, text, x=scores[at], y=heights[at], xanchor=anchor, xshift=7 * side)


def _free_side(at: int, x: Sequence[float], y: Sequence[float], width: float) -> int:
    """-1 where a text of this width has room to the left of a mark, 1 where it has to the right, 0 where nowhere.

    The width is that on a phone, where crowding is worst.
    """
    for side in (-1, 1):
        inside = 0 <= x[at] + side * width <= 100
        crowded = any(0 < side * (x[b] - x[at]) < width and abs(y[b] - y[at]) < 0.04 for b in range(len(x)) if b != at)
        if inside and not crowded:
            return side
    return 0


def _regions(frame: Any, cut_offs: tuple[float, float], *, dark: bool) -> None:
    healthy, at_risk = cut_offs
    colours = theme.palette(dark=dark)
    across = {"x0": at_risk, "x1": healthy, "y0": 0, "y1": 1, "yref": "paper"}
    frame.add_shape(type="rect", layer="below", line_width=0, fillcolor=colours.band, **across)
    for status, low, high in (("Critical", 0.0, at_risk), ("At Risk", at_risk, healthy), ("Healthy", healthy, 100.0)):
        sign = f"<span style='color:{theme.health_mark(status, dark=dark).edge}'>{theme.HEALTH_SIGNS[status]}</span>"
        place = {"x": (low + high) / 2, "y": 1, "yref": "paper", "yanchor": "bottom"}
        frame.add_annotation(text=f"{sign} {status}", showarrow=False, font={"color": colours.muted}, **place)
    frame.update_layout(margin_t=frame.layout.margin.t + 14)


def _extent(amounts: Sequence[float], scale: Scale) -> tuple[float, float]:
    known = [amount for amount in amounts if amount > 0] or [1.0]
    return (min(known) / 2 if scale == "log" else min(0.0, *amounts)), max(known)


def _money_axis(frame: Any, base: float, top: float, scale: Scale, currency: str) -> None:
    if scale == "log":
        powers = range(math.ceil(math.log10(base)), math.floor(math.log10(top * 1.6)) + 1)
        # Amounts that lie close together have no two powers of ten among them; then they are the scale themselves.
        ends = [2 * base, top] if top > 2.5 * base else [top]
        ticks = [10.0**power for power in powers] if len(powers) > 1 else ends
        frame.update_yaxes(type="log", range=[math.log10(base / 1.3), math.log10(top * 1.6)])
    else:
        ticks = [theme.nice_ceiling(top / 4) * at for at in range(5)]
        frame.update_yaxes(range=[base * 1.05 - top * 0.03, top * 1.1])
    frame.update_yaxes(tickvals=ticks, ticktext=[wording.money_short(round(tick * 100), currency) for tick in ticks])
    frame.update_yaxes(title_text="revenue", showgrid=True)


def _score_ticks(cut_offs: tuple[float, float]) -> dict[str, Any]:
    values = sorted({0.0, 100.0, *cut_offs})
    return {"tickvals": values, "ticktext": [f"{value:g}" for value in values]}


# ------------------------------------------------------------------------------------------------- statuses


def revenue_by_status(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:
    """Revenue behind each status; columns health, accounts, revenue and share_revenue."""
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    rows = theme.records(table, "health", "accounts", "revenue", "share_revenue")
    labels = [wording.money_share(cents, part, currency) for _, _, cents, part in rows]
    status, _, cents, part = max(rows, key=lambda row: _rank(row[0]))
    title = f"{status} accounts bring {wording.money_short(cents, currency)}, {wording.share(part)} of revenue"
    words = [f"{row[0]} {wording.accounts(row[1])} {label}" for row, label in zip(rows, labels, strict=True)]
    frame = theme.figure(title, f"{title}. {'; '.join(words)}.", height=44 * len(rows) + 16, dark=dark)
    shares = [theme.number(row[3]) for row in rows]
    for at, row in enumerate(rows):
        what = {"x": [shares[at]], "y": [at], "text": [labels[at]], "hovertext": [theme.safe(words[at])]}
        style = theme.bar_style(theme.health_mark(row[0], dark=dark))
        look = {"orientation": "h", "textposition": "outside", "cliponaxis": False, "hoverinfo": "text"}
        frame.add_bar(name=theme.safe(row[0]), marker=style, **what, **look)
    frame.update_layout(barmode="overlay", bargap=0.42)
    frame.update_xaxes(range=[0, theme.axis_end(shares, labels)], visible=False)
    theme.name_rows(frame, [_status_name(row[0], row[1], dark=dark) for row in rows], dark=dark)
    return frame


def _status_name(status: str, n: int, *, dark: bool) -> str:
    return theme.safe(theme.health_label(status)) + theme.small(wording.accounts(n), dark=dark)


# ------------------------------------------------------------------------------------------------- one account


def revenue_history(
    table: pd.DataFrame, *, reviews: Sequence[str] = (), dark: bool = False, currency: str = "USD"
) -> Any:
    """What one account paid, period by period; columns period (its last day, as text) and amount (cents).

    A review is marked with a line at the period it fell into, or before the first one, and with its day where there is
    room; of several at one place the newest is named.
    """
    if not len(table):
        return theme.empty("Nothing is recorded of what this account paid.", dark=dark)
    rows = theme.records(table, "period", "amount")
    title = _history_title(rows, currency)
    words = "; ".join(f"{period} {wording.money_short(cents, currency)}" for period, cents in rows[-8:])
    frame = theme.figure(title, f"{title}. {words}.", height=220, dark=dark)
    frame.add_bar(
        x=list(range(len(rows))),
        y=[cents / 100 for _, cents in rows],
        hovertext=[f"{theme.safe(period)}<br>{wording.money(cents, currency)}" for period, cents in rows],
        hoverinfo="text",
        marker=theme.bar_style(theme.palette(dark=dark).strong),
    )
    places = {sum(period < day for period, _ in rows) - 0.5: day for day in sorted(reviews)}
    _mark_reviews(frame, places, len(rows), dark=dark)
    step = max(1, math.ceil(len(rows) / 6))
    ticks_at = list(range(0, len(rows), step))
    frame.update_xaxes(tickvals=ticks_at, ticktext=[theme.safe(rows[at][0][:7]) for at in ticks_at])
    top = max([1.0, *(cents / 100 for _, cents in rows)])
    ticks = [theme.nice_ceiling(top / 3) * at for at in range(4)]
    frame.update_yaxes(
        tickvals=ticks, ticktext=[wording.money_short(round(100 * tick), currency) for tick in ticks], showgrid=True
    )
    frame.update_layout(bargap=0.25)
    return frame


def _mark_reviews(frame: Any, reviews: Mapping[float, str], periods: int, *, dark: bool) -> None:
    named = math.inf
    for at, day in sorted(reviews.items(), reverse=True):
        line = {"color": theme.palette(dark=dark).muted, "width": 1, "dash": "dot"}
        frame.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line=line)
        if named - at >= periods * 2 / 3:  # two days need as much room on a phone
            side = "right" if at > periods / 2 else "left"
            theme.note(frame, f"review {day}", x=at, y=1, yref="paper", xanchor=side, yanchor="bottom")
            named = at


def _history_title(rows: Sequence[tuple[str, int]], currency: str) -> str:
    last, cents = rows[-1]
    best = max(rows, key=lambda row: row[1])
    if cents <= 0:
        return f"Nothing was paid by {last[:7]}; the most was {wording.money_short(best[1], currency)} by {best[0][:7]}"
    now, peak = wording.money_short(cents, currency), wording.money_short(best[1], currency)
    most = "the most of any period" if cents >= best[1] else f"the most was {peak}"
    return f"{now} by {last[:7]}; {'nearly the most of any period' if now == peak and cents < best[1] else most}"


def _statuses(found: Sequence[str]) -> list[str]:
    """The statuses that occur, in the order they have everywhere; unknown ones last, as they come."""
    known = [status for status in theme.HEALTH if status in found]
    return known + [status for status in _in_order(found) if status not in theme.HEALTH]


def _in_order(found: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _rank(status: str) -> int:
    return list(theme.HEALTH).index(status) if status in theme.HEALTH else -1
