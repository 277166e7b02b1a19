"""Through time: a measure of concentration by period, what moved it, what stayed, and the ranks of the largest.

In: ready tables, oldest period first; a value that is not known is None. Out: a Plotly figure each. Nothing is added
up, left out or put in another order here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

Unit = Literal["share", "money", "count", "hhi", "gini", "number"]

NO_TREND = "One period is known; a trend needs two."
NO_RANKS = "No account has revenue in the periods that the history covers."
NOT_KNOWN = "not known: the history does not cover it"

_ROW = 22  # pixels of a rank


def written(value: Any, unit: Unit, currency: str = "USD") -> str:
    r"""A value of a measure as it is written.

    >>> written(0.382, "share"), written(None, "gini"), written(81.44, "number")
    ('38.2\xa0%', 'n/a', '81.4')
    """
    writers: dict[str, Callable[[Any], str]] = {
        "share": wording.share,
        "money": lambda cents: wording.money_short(cents, currency),
        "count": wording.count,
        "hhi": wording.hhi,
        "gini": wording.gini,
        "number": wording.score,
    }
    return writers[unit](value)


def change(value: float, unit: Unit, currency: str = "USD", *, of: float = 10_000) -> str:
    """A change of a measure with its sign; of a share in points, of an HHI as fine as the index it is a change `of`.

    >>> change(0.041, "share"), change(-3, "count"), change(0.004, "gini"), change(12, "hhi")
    ('+4.1 points', '−3', '0.00', '+12')
    >>> change(0.4, "hhi", of=2000), change(0.044, "hhi", of=0.82)
    ('0', '+0.04')
    """
    if unit == "share":
        return wording.change_points(value)
    return _signed(value, wording.hhi(value, of=of) if unit == "hhi" else written(value, unit, currency))


def part(points: float, whole: float) -> str:
    """A part of what moved an HHI, with its sign; a decimal finer than the index.

    >>> part(-3.46, 83), part(0.0075, 0.82), part(0.0, 83)
    ('−3.5', '+0.008', '0.0')
    """
    return _signed(points, wording.hhi(points, of=whole, finer=1))


def _signed(value: float, text: str) -> str:
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text


# ------------------------------------------------------------------------------------------------- one measure


def line(table: pd.DataFrame, what: str, unit: Unit, *, dark: bool = False, currency: str = "USD") -> Any:
    """One measure by period; columns period and value, of which a missing one leaves a gap in the line."""
    rows = [(str(period), _known(value)) for period, value in theme.records(table, "period", "value")]
    known = [(at, value) for at, (_, value) in enumerate(rows) if value is not None]
    if len(known) < 2:
        return theme.empty(NO_TREND, dark=dark)
    (first, then), (last, now) = known[0], known[-1]
    since = f"{change(now - then, unit, currency, of=now)} since {rows[first][0]}"
    title = f"{what}: {written(now, unit, currency)}, {since}"
    listed = "; ".join(f"{period} {written(value, unit, currency)}" for period, value in rows)
    frame = theme.figure(title, f"{title}. {listed}.", height=250, dark=dark)
    hover = [
        f"{theme.safe(period)}<br>{NOT_KNOWN if value is None else written(value, unit, currency)}"
        for period, value in rows
    ]
    colour, paper = theme.tier_colours(1, dark=dark)[0], theme.palette(dark=dark).background
    look = {
        "line": {"color": colour, "width": 2.25},
        "marker": {"color": colour, "size": 7, "line": {"color": paper, "width": 1.5}},
    }
    values = [value for _, value in rows]
    frame.add_scatter(
        x=list(range(len(rows))), y=values, mode="lines+markers", hovertext=hover, hoverinfo="text",
        name=theme.safe(what), connectgaps=False, cliponaxis=False, **look,
    )  # fmt: skip
    # The line comes to its end from the left and leaves its beginning to the right: the label stands on the other side.
    ends = ((first, then, "left", known[1][1] > then), (last, now, "right", known[-2][1] > now))
    for at, value, side, below in ends:
        place = {"yanchor": "top", "yshift": -7} if below else {"yanchor": "bottom", "yshift": 7}
        theme.note(frame, written(value, unit, currency), x=at, y=value, xanchor=side, **place)
    _gaps(frame, values, dark=dark)
    _period_axis(frame, [period for period, _ in rows])
    numbers = [value for _, value in known]
    frame.update_yaxes(visible=False, range=_room(numbers))
    return frame


def _known(value: Any) -> float | None:
    return None if value is None or value != value else value  # noqa: PLR0124  pandas makes None a NaN, which is not itself


def _gaps(frame: Any, values: Sequence[float | None], *, dark: bool) -> None:
    fill = theme.palette(dark=dark).band
    for at, value in enumerate(values):
        if value is None:
            frame.add_shape(
                type="rect", x0=at - 0.5, x1=at + 0.5, y0=0, y1=1, yref="paper", fillcolor=fill, line_width=0,
                layer="below",
            )  # fmt: skip


def _period_axis(frame: Any, periods: Sequence[str]) -> None:
    # Names of months are long: on a phone there is room for five of them.
    last = len(periods) - 1
    places = sorted({round(part * last / 4) for part in range(5)})
    texts = [theme.safe(periods[at]).replace(" ", "<br>") for at in places]
    frame.update_xaxes(tickvals=places, ticktext=texts, range=[-0.35, last + 0.35], ticklabeloverflow="allow")
    frame.update_layout(margin_l=14, margin_r=14)


def _room(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    return [low - 0.3 * span, high + 0.3 * span]


# ------------------------------------------------------------------------------------------------- what moved it


def bridge(
    table: pd.DataFrame,
    before: float,
    after: float,
    *,
    span: tuple[str, str],
    dark: bool = False,
    currency: str = "USD",
) -> Any:
    """How the HHI came from before to after, as a staircase; columns kind, accounts, points, before and after (cents).

    `span` names the two dates.
    """
    moved, whole = change(after - before, "hhi", of=after), max(before, after)
    biggest = max(theme.records(table, "points", "kind"), key=lambda row: abs(row[0]), default=(0.0, ""))
    verb = "raised" if biggest[0] > 0 else "lowered"
    most = f"; most by accounts {_WHO[str(biggest[1])]}, which {verb} it" if biggest[0] else ""
    title = f"HHI {wording.hhi(before)} became {wording.hhi(after)} ({moved}){most}"
    rows = theme.records(table, "kind", "accounts", "points", "before", "after")
    starts = [before]
    for _, _, points, *_ in rows:
        starts.append(starts[-1] + points)
    labels = [f"{part(points, whole)} · {wording.accounts(n)}" for _, n, points, *_ in rows]
    told = "; ".join(f"{_WHO[kind]}: {label}" for (kind, *_), label in zip(rows, labels, strict=True))
    frame = theme.figure(
        title, f"{title}. {span[0]} to {span[1]}. {told}.", height=40 * (len(rows) + 2) + 12, dark=dark
    )
    hover = [
        f"Accounts {_WHO[kind]}: {wording.accounts(n)}<br>{part(points, whole)} points of HHI<br>"
        f"revenue {wording.money_short(first, currency)}, then {wording.money_short(later, currency)}"
        for kind, n, points, first, later in rows
    ]
    _stairs(frame, [points for _, _, points, *_ in rows], starts, labels, hover, dark=dark)
    ends = [wording.hhi(before), *labels, wording.hhi(after)]
    low, high = min(*starts, after), max(*starts, before)
    spread = (high - low) or max(high, 1.0)
    left = max(0.0, low - 0.35 * spread)
    frame.update_xaxes(visible=False, range=[left, left + theme.axis_end([high - left], [max(ends, key=len)])])
    _end_marks(frame, before, after, len(rows), dark=dark)
    theme.name_rows(frame, [theme.safe(span[0]), *(_NAMES[kind] for kind, *_ in rows), theme.safe(span[1])], dark=dark)
    return frame


_WHO = {"lost": "that were lost", "new": "that are new", "grown": "that grew", "shrunk": "that shrank"}
_NAMES = {"lost": "Lost", "new": "New", "grown": "Grown", "shrunk": "Shrunk"}


def _stairs(
    frame: Any,
    points: Sequence[float],
    starts: Sequence[float],
    labels: Sequence[str],
    hover: Sequence[str],
    *,
    dark: bool,
) -> None:
    colours = theme.palette(dark=dark)
    marks = [colours.strong if step > 0 else colours.plain for step in points]
    look = {
        "color": [mark.fill for mark in marks],
        "line": {"color": [mark.edge for mark in marks], "width": 1},
    }
    frame.add_bar(
        x=list(points), base=list(starts[:-1]), y=list(range(1, len(points) + 1)), orientation="h", width=0.5,
        marker=look, hovertext=list(hover), hoverinfo="text", name="Change", cliponaxis=False,
    )  # fmt: skip
    guide = {"color": colours.before, "width": 1, "dash": "dot"}
    for at, (step, start, text) in enumerate(zip(points, starts, labels, strict=False), 1):
        frame.add_shape(type="line", x0=start, x1=start, y0=at - 1, y1=at, line=guide, layer="below")
        end = max(start, start + step)
        theme.note(frame, text, x=end, y=at, xanchor="left", xshift=5)
    frame.add_shape(
        type="line", x0=starts[-1], x1=starts[-1], y0=len(points), y1=len(points) + 1, line=guide, layer="below"
    )


def _end_marks(frame: Any, before: float, after: float, steps: int, *, dark: bool) -> None:
    colours = theme.palette(dark=dark)
    for at, value, fill in ((0, before, colours.background), (steps + 1, after, theme.tier_colours(1, dark=dark)[0])):
        edge = colours.before if at == 0 else fill
        marker = {"color": fill, "size": 13, "symbol": "diamond", "line": {"color": edge, "width": 1.5}}
        text = f"HHI {wording.hhi(value)}"
        frame.add_scatter(
            x=[value], y=[at], mode="markers", marker=marker, hovertext=[text], hoverinfo="text", name=text,
            cliponaxis=False,
        )  # fmt: skip
        theme.note(frame, wording.hhi(value), x=value, y=at, xanchor="left", xshift=11)


# ------------------------------------------------------------------------------------------------- what stayed


def retention(table: pd.DataFrame, *, dark: bool = False, currency: str = "USD") -> Any:
    """Gross (filled) and net (outlined) revenue retention by group; columns name, accounts, start, end, grr and nrr.

    The last row is all together.
    """
    if not len(table):
        return theme.empty("No account had revenue a year before.", dark=dark)
    rows = theme.records(table, "name", "accounts", "start", "end", "grr", "nrr")
    name, *_, grr, nrr = rows[-1]
    del name
    title = f"Of each 100 of revenue a year before, {_hundred(grr)} stayed and {_hundred(nrr)} is there with growth"
    names = [theme.shorten(row[0], 14) for row in rows]
    told = "; ".join(f"{row[0]}: gross {wording.share(row[4])}, net {wording.share(row[5])}" for row in rows)
    frame = theme.figure(title, f"{title}. {told}.", height=50 * len(rows) + 30, dark=dark)
    hover = [
        f"{theme.safe(theme.shorten(row[0], 60))}<br>{wording.accounts(row[1])} with revenue a year before<br>"
        f"{wording.money_short(row[2], currency)} became {wording.money_short(row[3], currency)}<br>"
        f"gross {wording.share(row[4])}, net {wording.share(row[5])}"
        for row in rows
    ]
    _retained(frame, rows, hover, dark=dark)
    theme.name_rows(frame, [theme.safe(text) for text in names], dark=dark)
    return frame


def _hundred(fraction: float | None) -> str:
    return wording.share(fraction).removesuffix(f"{wording.NBSP}%")


def _retained(frame: Any, rows: Sequence[tuple[Any, ...]], hover: Sequence[str], *, dark: bool) -> None:
    colours = theme.palette(dark=dark)
    places = range(len(rows))
    look = {"orientation": "h", "hoverinfo": "text", "hovertext": list(hover), "cliponaxis": False, "width": 0.28}
    for name, at, shift, style in (
        ("gross", 4, -0.16, theme.bar_style(colours.strong)),
        ("net", 5, 0.16, theme.outline_style(dark=dark)),
    ):
        values = [theme.number(row[at]) for row in rows]
        frame.add_bar(name=name, x=values, y=[place + shift for place in places], marker=style, **look)
    guide = {"color": colours.before, "width": 1, "dash": "dot"}
    frame.add_shape(type="line", x0=1, x1=1, y0=-0.5, y1=len(rows) - 0.5, layer="below", line=guide)
    theme.note(frame, "all of it", x=1, y=1, yref="paper", yanchor="bottom", font={"color": colours.muted, "size": 11})
    labels = [f"{wording.share(row[4])}, net {wording.share(row[5])}" for row in rows]
    ends = [max(1.0, *(theme.number(value) for value in row[4:6])) for row in rows]
    for place, end, label in zip(places, ends, labels, strict=True):
        theme.note(frame, label, x=end, y=place, xanchor="left", xshift=5)
    frame.update_xaxes(range=[0, theme.axis_end(ends, labels)], visible=False)
    frame.update_layout(bargap=0.2)


# ------------------------------------------------------------------------------------------------- who leads


def ranks(
    names: Sequence[str],
    periods: Sequence[str],
    places: Sequence[Sequence[int | None]],
    labels: Mapping[str, Sequence[str]],
    *,
    dark: bool = False,
    currency: str = "USD",  # noqa: ARG001
) -> Any:
    """The ranks of the largest accounts through time; one list of `places` an account, the largest of the last first.

    `labels` gives under "hover" a line for each account. A rank beyond the number of accounts is drawn below them;
    those that came from there stand out.
    """
    if not names or len(periods) < 2:
        return theme.empty(NO_RANKS if not names else NO_TREND, dark=dark)
    most = len(names)
    came = sum(_first(own) is None or (_first(own) or 0) > most for own in places)
    who = f"the {most} largest accounts" if most > 1 else "the largest account"
    title = f"{came} of {who} of {periods[-1]} {'was' if came == 1 else 'were'} not among them in {periods[0]}"
    told = "; ".join(f"{at}. {theme.shorten(name, 40)}" for at, name in enumerate(names, 1))
    frame = theme.figure(title, f"{title}. Ranks now: {told}.", height=_ROW * (most + 1) + 46, dark=dark)
    colours = theme.palette(dark=dark)
    for name, own, line_of in zip(names, places, labels["hover"], strict=True):
        new = _first(own) is None or (_first(own) or 0) > most
        colour = theme.tier_colours(1, dark=dark)[0] if new else colours.before
        drawn = [None if rank is None else min(rank, most + 1) for rank in own]
        hover = [
            f"{theme.safe(theme.shorten(name, 60))}<br>{theme.safe(period)}: {_rank(rank)}<br>{theme.safe(line_of)}"
            for period, rank in zip(periods, own, strict=True)
        ]
        frame.add_scatter(
            x=list(range(len(periods))), y=drawn, mode="lines+markers", name=theme.safe(theme.shorten(name, 40)),
            line={"color": colour, "width": 2.25 if new else 1.25}, marker={"color": colour, "size": 6 if new else 4},
            hovertext=hover, hoverinfo="text", connectgaps=False, cliponaxis=False,
        )  # fmt: skip
    _rank_axes(frame, names, periods, dark=dark)
    return frame


def _first(places: Sequence[int | None]) -> int | None:
    """The rank in the first period."""
    return places[0] if places else None


def _rank(rank: int | None) -> str:
    return "no revenue" if rank is None else f"rank {wording.count(rank)}"


def _rank_axes(frame: Any, names: Sequence[str], periods: Sequence[str], *, dark: bool) -> None:
    colours = theme.palette(dark=dark)
    most, last = len(names), len(periods) - 1
    short = [theme.shorten(name, 17) for name in names]
    for at, name in enumerate(short, 1):
        theme.note(frame, name, x=last, y=at, xanchor="left", xshift=8, font={"size": 11, "color": colours.ink})
    shown = [1, *range(5, most + 1, 5)]
    text = [*(str(rank) for rank in shown), "below"]
    frame.update_yaxes(range=[most + 1.6, 0.4], tickvals=[*shown, most + 1], ticktext=text, ticklabelstandoff=4)
    _period_axis(frame, periods)
    frame.update_layout(margin_r=theme.names_width(short), margin_l=4)
