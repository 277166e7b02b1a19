"""Tiers: how many accounts stand in each, what revenue they bring, and how both move while a weight is dragged.

In: one row per tier, best first, "Unrated" last if there is any, with the columns tier, accounts, share_accounts,
revenue (cents), share_revenue and potential (cents); shares are fractions of the book. Out: a Plotly figure, or ECharts
options for the live board. Nothing is left out or put in another order here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import options, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

# What a healthy first tier is usually said to hold: a share of accounts, a share of revenue.
BENCHMARK_ACCOUNTS = (0.05, 0.15)
BENCHMARK_REVENUE = (0.50, 0.70)

NOTHING = "No account has a tier yet."
_READING = "Grey outline: before. Filled: after."


@dataclass(frozen=True, slots=True)
class _Row:
    tier: str
    accounts: int
    share_accounts: float | None
    revenue: int
    share_revenue: float | None
    potential: int


# ------------------------------------------------------------------------------------------------- the book as it is


def distribution(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:
    """Each tier's share of accounts (outlined) against its share of revenue (filled); the first one with benchmarks."""
    rows = _rows(table)
    if not rows:
        return theme.empty(NOTHING, dark=dark)
    top = rows[0]
    revenue_part, accounts_part = wording.share(top.share_revenue), wording.share(top.share_accounts)
    title = f"{top.tier} holds {revenue_part} of revenue from {accounts_part} of accounts"
    if top.share_revenue is None:  # nobody brings revenue
        title = f"{top.tier} holds {accounts_part} of accounts"
    frame = theme.figure(title, _alt(title, rows, currency), height=64 * len(rows) + 48, dark=dark)
    _bands(frame, dark=dark)
    # The first tier gets more room: its benchmarks are named above and below its bars.
    places = [0.0, *(at + 0.3 for at in range(1, len(rows)))]
    accounts = [(theme.number(row.share_accounts), _accounts_share(row)) for row in rows]
    revenue = [(theme.number(row.share_revenue), _money_share(row, currency)) for row in rows]
    hover = [_hover(row, currency) for row in rows]
    marks = theme.tier_marks([row.tier for row in rows], dark=dark)
    fills = _fills([marks[row.tier] for row in rows])
    _bars(frame, "Share of accounts", accounts, [at - 0.19 for at in places], hover, theme.outline_style(dark=dark))
    _bars(frame, "Share of revenue", revenue, [at + 0.19 for at in places], hover, fills)
    shares, labels = zip(*accounts, *revenue, strict=True)
    frame.update_xaxes(range=[0, max(theme.axis_end(shares, labels), 0.9)], visible=False)
    frame.update_yaxes(range=[places[-1] + 0.5, -0.75], tickvals=places, ticktext=[_tick(row.tier) for row in rows])
    frame.update_yaxes(tickfont_color=theme.palette(dark=dark).ink, tickfont_size=13, ticklabelstandoff=8)
    return frame


def _bands(frame: Any, *, dark: bool) -> None:
    colours = theme.palette(dark=dark)
    small = {"color": colours.muted, "size": 11}
    for (low, high), top, bottom, name_at, whole in (
        (BENCHMARK_ACCOUNTS, -0.41, -0.01, -0.57, "accounts"),
        (BENCHMARK_REVENUE, 0.01, 0.41, 0.57, "revenue"),
    ):
        frame.add_shape(
            type="rect", x0=low, x1=high, y0=top, y1=bottom, layer="below", line_width=0, fillcolor=colours.band
        )
        text = f"benchmark {_range(low, high)} of {whole}"
        middle = {"x": low, "xanchor": "left"} if whole == "accounts" else {"x": (low + high) / 2, "xanchor": "center"}
        theme.note(frame, text, y=name_at, font=small, **middle)


def _bars(
    frame: Any,
    name: str,
    drawn: Sequence[tuple[float, str]],
    places: Sequence[float],
    hover: Sequence[str],
    style: dict[str, Any],
) -> None:
    shares, labels = zip(*drawn, strict=True)
    look = {"orientation": "h", "textposition": "outside", "textangle": 0, "cliponaxis": False, "hoverinfo": "text"}
    frame.add_bar(name=name, x=shares, y=places, width=0.3, text=labels, hovertext=hover, marker=style, **look)


def _fills(marks: Sequence[theme.Mark]) -> dict[str, Any]:
    return {
        "color": [mark.fill for mark in marks],
        "line": {"color": [mark.edge for mark in marks], "width": 1},
        "pattern": {
            "shape": ["/" if mark.hatched else "" for mark in marks],
            "fgcolor": [mark.edge for mark in marks],
            "size": 6,
            "solidity": 0.2,
        },
    }


def _hover(row: _Row, currency: str) -> str:
    return theme.safe(row.tier) + (
        f"<br>{wording.accounts(row.accounts)}, {wording.share(row.share_accounts)}"
        f"<br>revenue {wording.money_short(row.revenue, currency)}, {wording.share(row.share_revenue)}"
        f"<br>potential {wording.money_short(row.potential, currency)}"
    )


# ------------------------------------------------------------------------------------------------- while a weight moves


def live_accounts(
    before: theme.Table,
    after: theme.Table,
    *,
    axis_max: float | None = None,
    dark: bool = False,
    currency: str = "USD",
) -> options.Options:
    """Accounts per tier, before outlined and after filled, as columns.

    `axis_max` is the number of accounts at the top of the chart. Without it the whole book fits, which never changes
    while weights move; pass `theme.nice_ceiling` of the largest tier once per drag for taller columns.
    """
    now, then = _rows(after), _matched(before, after)
    title = NOTHING
    if now:
        title = f"{now[0].tier}: {wording.accounts(now[0].accounts)}, {_more(now[0].accounts - then[0].accounts)}"
    grid = {"left": 4, "right": 4, "top": 60, "bottom": 24}
    chart = options.frame(title, _READING, _alt(title, now, currency), dark=dark, grid=grid)
    end = axis_max if axis_max is not None else float(max(1, sum(row.accounts for row in then)))
    chart["xAxis"] = options.names_axis([theme.shorten(row.tier, 14) for row in now], dark=dark)
    chart["yAxis"] = options.hidden_axis(end)
    items = _items(now, then, lambda row: (float(row.accounts), wording.count_short(row.accounts)), currency, dark=dark)
    # Evenly apart: a label of four signs stands over each column without touching its neighbour's.
    look = {"barMaxWidth": 34, "barGap": "30%", "barCategoryGap": "12%"}
    chart["series"] = _pair(*items, {"position": "top", "distance": 3}, look, dark=dark)
    return chart


def live_revenue(
    before: theme.Table,
    after: theme.Table,
    *,
    axis_max: float = 1.0,
    dark: bool = False,
    currency: str = "USD",
) -> options.Options:
    """Each tier's share of revenue, before outlined and after filled, with the first tier's benchmark as a band.

    `axis_max` is the share at the right end; labels have room beyond it.
    """
    now, then = _rows(after), _matched(before, after)
    title = NOTHING
    if now:
        title = f"{now[0].tier}: {wording.share(now[0].share_revenue)} of revenue, {_points(now[0], then[0])}"
        if now[0].share_revenue is None:
            title = "No account has revenue yet"
    names = [theme.shorten(row.tier, 14) for row in now]
    grid = {"left": theme.names_width(names), "right": 96, "top": 66, "bottom": 4}
    chart = options.frame(title, _READING, _alt(title, now, currency), dark=dark, grid=grid)
    axis = options.names_axis(names, dark=dark) | {"inverse": True}
    # A second, hidden axis carries the band: on one axis the bars would have to make room for it.
    chart["xAxis"], chart["yAxis"] = options.hidden_axis(axis_max), [axis, axis | {"show": False}]
    items = _items(
        now, then, lambda row: (theme.number(row.share_revenue), _money_share(row, currency)), currency, dark=dark
    )
    look = {"barMaxWidth": 16, "barGap": "18%", "barCategoryGap": "30%"}
    chart["series"] = _band(len(now), dark=dark) + _pair(*items, {"position": "right", "distance": 5}, look, dark=dark)
    return chart


def live_scores(
    histogram_before: theme.Table,
    histogram_after: theme.Table,
    cut_offs: Sequence[tuple[str, float]],
    *,
    axis_max: float | None = None,
    dark: bool = False,
) -> options.Options:
    """How the scores are spread, with the cut-offs as lines.

    The histograms have one row per range of scores (low, high, accounts), the same ranges before and after. `cut_offs`
    holds (tier, lowest score), best first, the last tier from 0. Without `axis_max` the axis leaves half as much again
    above the tallest column of before, so that it keeps still in all but the largest moves.
    """
    after, before = _bins(histogram_after), _bins(histogram_before)
    title = _fullest(after)
    alt = f"{title}. Cut-offs: {', '.join(f'{tier} from {wording.score(lowest)}' for tier, lowest in cut_offs)}."
    grid = {"left": 6, "right": 12, "top": 82, "bottom": 24}
    chart = options.frame(title, _READING, alt, dark=dark, grid=grid)
    tallest = max([1.0, *(1.5 * n for _, _, n in before), *(float(n) for _, _, n in after)])
    chart["xAxis"] = _score_axis([lowest for _, lowest in cut_offs], dark=dark)
    chart["yAxis"] = options.hidden_axis(axis_max if axis_max is not None else theme.nice_ceiling(tallest))
    chart["series"] = [_filled_bins(after, cut_offs, dark=dark), _outlined_bins(before, dark=dark)]
    return chart


def _items(
    now: list[_Row], then: list[_Row], drawn: Callable[[_Row], tuple[float, str]], currency: str, *, dark: bool
) -> tuple[list[options.Options], list[options.Options]]:
    """The bars of before and those of after, each with the same tooltip for its tier."""
    marks = theme.tier_marks([row.tier for row in now], dark=dark)
    tips = [_tip(new, old, currency) for new, old in zip(now, then, strict=True)]
    grey = options.outlined(dark=dark)
    before = [options.item(*drawn(row), tip, grey) for row, tip in zip(then, tips, strict=True)]
    after = [
        options.item(*drawn(row), tip, options.filled(marks[row.tier])) for row, tip in zip(now, tips, strict=True)
    ]
    return before, after


def _pair(
    before: list[options.Options],
    after: list[options.Options],
    label: dict[str, Any],
    look: dict[str, Any],
    *,
    dark: bool,
) -> list[options.Options]:
    faint = label | {"color": theme.palette(dark=dark).muted}
    return [
        options.bars("Before", before, dark=dark, label=faint, z=2, **look),
        options.bars("After", after, dark=dark, label=label, z=3, **look),
    ]


def _band(n: int, *, dark: bool) -> list[options.Options]:
    low, high = BENCHMARK_REVENUE
    colours = theme.palette(dark=dark)
    rest: list[Any] = ["-"] * (n - 1)
    base = {
        "type": "bar",
        "yAxisIndex": 1,
        "stack": "band",
        "barWidth": "92%",
        "z": 0,
        "silent": True,
        "animation": False,
    }
    name = {"show": True, "position": "top", "distance": 2, "fontSize": 11, "color": colours.muted}
    return [
        base | {"name": "Below the band", "itemStyle": {"color": "transparent"}, "data": [low, *rest][: max(n, 0)]},
        base
        | {
            "name": "Benchmark",
            "itemStyle": {"color": colours.band},
            "label": name | {"formatter": f"benchmark {_range(low, high)}"},
            "data": [round(high - low, 4), *rest][: max(n, 0)],
        },
    ]


def _tip(new: _Row, old: _Row, currency: str) -> list[str]:
    return [
        new.tier,
        f"before: {wording.accounts(old.accounts)}, {_money_share(old, currency)} of revenue",
        f"after: {wording.accounts(new.accounts)}, {_money_share(new, currency)} of revenue",
    ]


def _more(difference: int) -> str:
    if difference == 0:
        return "as before"
    return f"{wording.count(abs(difference))} {'more' if difference > 0 else 'fewer'} than before"


def _points(new: _Row, old: _Row) -> str:
    change = wording.change_points(theme.number(new.share_revenue) - theme.number(old.share_revenue))
    return "as before" if change == "0.0 points" else change


# ------------------------------------------------------------------------------------------------- scores


def _score_axis(cut_offs: Sequence[float], *, dark: bool) -> options.Options:
    colours = theme.palette(dark=dark)
    marks = sorted({0.0, 100.0, *cut_offs})
    return {
        "type": "value", "min": 0, "max": 100, "splitLine": {"show": False},
        "axisLine": {"show": True, "lineStyle": {"color": colours.border}},
        "axisTick": {"show": False, "customValues": marks},
        "axisLabel": {"color": colours.muted, "fontSize": theme.TEXT_SIZE, "customValues": marks, "hideOverlap": True},
    }  # fmt: skip


def _filled_bins(
    bins: list[tuple[float, float, int]], cut_offs: Sequence[tuple[str, float]], *, dark: bool
) -> options.Options:
    marks = theme.tier_marks([tier for tier, _ in cut_offs], dark=dark)
    # Twenty bars: what they share stands once, since the browser copies every item at each move of a slider.
    items: list[options.Options] = [
        {"value": [(low + high) / 2, n], "name": f"{_edge(low)} to under {_edge(high)}: {wording.accounts(n)}",
         "itemStyle": {"color": mark.fill, "borderColor": mark.edge}}
        for low, high, n in bins for mark in [marks[_tier_at(low, cut_offs)]]
    ]  # fmt: skip
    series = options.bars("After", items, dark=dark, barWidth="96%", barCategoryGap="4%", z=2)
    series |= {"itemStyle": {"borderWidth": 1}, "tooltip": {"formatter": "{b}"}}
    series["label"]["show"] = False
    series["markLine"], series["markArea"] = _lines(cut_offs, dark=dark), _tier_names(cut_offs, dark=dark)
    return series


def _outlined_bins(bins: list[tuple[float, float, int]], *, dark: bool) -> options.Options:
    # A step line through the lower edges draws the outline of all bars at once, and nothing of their inside.
    corners = [[low, n] for low, _, n in bins] + [[high, n] for _, high, n in bins[-1:]]
    grey = theme.palette(dark=dark).before
    look = {"step": "end", "symbol": "none", "silent": True, "z": 3, "lineStyle": {"color": grey, "width": 1.5}}
    return {"type": "line", "name": "Before", "itemStyle": {"color": grey}, "data": corners, **look}


def _lines(cut_offs: Sequence[tuple[str, float]], *, dark: bool) -> options.Options:
    style = {"color": theme.palette(dark=dark).ink, "width": 1, "type": "solid", "opacity": 0.55}
    return {"symbol": "none", "silent": True, "animation": False, "label": {"show": False}, "lineStyle": style,
            "data": [{"xAxis": lowest} for _, lowest in cut_offs[:-1]]}  # fmt: skip


def _tier_names(cut_offs: Sequence[tuple[str, float]], *, dark: bool) -> options.Options:
    ends = [100.0, *(lowest for _, lowest in cut_offs[:-1])]
    label = {"show": True, "position": "top", "distance": 4, "fontSize": 11, "color": theme.palette(dark=dark).muted}
    areas = [
        [{"name": theme.shorten(tier, 12), "xAxis": lowest}, {"xAxis": end}]
        for (tier, lowest), end in zip(cut_offs, ends, strict=True)
    ]
    return {"silent": True, "animation": False, "itemStyle": {"color": "transparent"}, "label": label, "data": areas}


def _tier_at(score: float, cut_offs: Sequence[tuple[str, float]]) -> str:
    return next((tier for tier, lowest in cut_offs if score >= lowest), cut_offs[-1][0])


def _fullest(bins: list[tuple[float, float, int]]) -> str:
    if not any(n for _, _, n in bins):
        return "No account has a score yet"
    low, high, n = max(bins, key=lambda bin_: bin_[2])
    return f"Most common score: {_edge(low)} to {_edge(high)} ({wording.accounts(n)})"


def _bins(table: theme.Table) -> list[tuple[float, float, int]]:
    return [(low, high, n) for low, high, n in theme.records(table, "low", "high", "accounts")]


def _edge(value: float) -> str:
    return f"{value:g}"


# ------------------------------------------------------------------------------------------------- rows and words


def _rows(table: theme.Table) -> list[_Row]:
    names = ("tier", "accounts", "share_accounts", "revenue", "share_revenue", "potential")
    return [_Row(*values) for values in theme.records(table, *names)]


def _matched(before: theme.Table, after: theme.Table) -> list[_Row]:
    # The chart keeps the shape of `after`, also when a tier had nobody before and was not listed.
    known = {row.tier: row for row in _rows(before)}
    return [known.get(tier, _Row(tier, 0, 0.0, 0, 0.0, 0)) for tier in theme.column(after, "tier")]


def _alt(title: str, rows: list[_Row], currency: str) -> str:
    parts = [f"{row.tier} {wording.accounts(row.accounts)}, {_money_share(row, currency)} of revenue" for row in rows]
    return f"{title}. {'; '.join(parts)}." if rows else title


def _accounts_share(row: _Row) -> str:
    return f"{wording.accounts(row.accounts)} · {wording.share(row.share_accounts)}"


def _money_share(row: _Row, currency: str) -> str:
    return wording.money_share(row.revenue, row.share_revenue, currency)


def _range(low: float, high: float) -> str:
    return f"{low * 100:.0f}–{high * 100:.0f}{wording.NBSP}%"


def _tick(tier: str) -> str:
    return theme.safe(theme.shorten(tier, 14))
