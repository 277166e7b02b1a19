"""The workshop: what a room said of each criterion, and what it comes to.

In: ready tables, one row a criterion in the order in which they are to stand; weights are fractions.  Out: a Plotly
figure each. Nothing is added up, left out or put in another order here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_ROW = 54
NOTHING = "No ballot has been revealed."


def spread(
    table: pd.DataFrame, people: Sequence[str], *, dark: bool = False, names: bool = False, height: int = _ROW
) -> Any:
    """Everybody's weight of each criterion as a dot on the quartiles' bar, the median a line; the widest spread on top.

    Columns criterion, weights (a list, one a person, in the order of `people`), low, lower_quartile, median,
    upper_quartile, high. With `names`, hovering a dot tells whose it is.
    """
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    rows = theme.records(table, "criterion", "weights", "low", "lower_quartile", "median", "upper_quartile", "high")
    first = rows[0]
    title = f"Most disputed: {first[0]}, from {wording.share(first[2])} to {wording.share(first[6])}"
    frame = theme.figure(title, f"{title}. {_said(rows)}", height=height * len(rows) + 40, dark=dark)
    colours = theme.palette(dark=dark)
    end = theme.nice_ceiling(100 * max(row[6] for row in rows)) / 100
    for place, (_, weights, _, lower, median, upper, _) in enumerate(rows):
        _quartiles(frame, place, lower, median, upper, dark=dark)
        places = [place + offset for offset in _stacked(weights)]
        said = [f"{theme.safe(person)}: {wording.share(weight)}" if names else wording.share(weight)
                for person, weight in zip(people, weights, strict=True)]  # fmt: skip
        mark = {"color": colours.ramp[1], "size": 9, "line": {"color": colours.background, "width": 1}}
        frame.add_scatter(x=weights, y=places, mode="markers", marker=mark, hovertext=said, hoverinfo="text")
    theme.name_rows(frame, [theme.safe(theme.shorten(row[0], 26)) for row in rows], dark=dark)
    frame.update_xaxes(range=[0, end * 1.02], showgrid=True, title_text="weight", tickformat=".0%")
    return frame


def chosen(table: pd.DataFrame, *, dark: bool = False) -> Any:
    """The group's weights as bars, those of the model the session began with outlined behind them.

    Columns criterion, weight, before.
    """
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    rows = theme.records(table, "criterion", "weight", "before")
    largest = max(rows, key=lambda row: row[1])
    title = f"The room gives most weight to {largest[0]}: {wording.share(largest[1])}"
    said = ", ".join(f"{name} {wording.share(weight)}" for name, weight, _ in rows)
    frame = theme.figure(title, f"{title}. {said}.", height=44 * len(rows) + 24, dark=dark)
    labels = [f"{wording.share(weight)}" for _, weight, _ in rows]
    mark = theme.Mark(theme.palette(dark=dark).ramp[1], theme.palette(dark=dark).ramp_edges[1])
    places = list(range(len(rows)))
    hover = [
        f"{theme.safe(name)}: {wording.share(weight)}, before {wording.share(before)}" for name, weight, before in rows
    ]
    frame.add_bar(x=[row[2] for row in rows], y=places, orientation="h", width=0.78, hoverinfo="skip",
                  marker=theme.outline_style(dark=dark))  # fmt: skip
    frame.add_bar(x=[row[1] for row in rows], y=places, orientation="h", width=0.5, hovertext=hover, hoverinfo="text",
                  marker=theme.bar_style(mark))  # fmt: skip
    frame.add_scatter(x=[max(row[1:]) for row in rows], y=places, mode="text", text=[f" {label}" for label in labels],
                      textposition="middle right", hoverinfo="skip", cliponaxis=False)  # fmt: skip
    theme.name_rows(frame, [theme.safe(theme.shorten(row[0], 26)) for row in rows], dark=dark)
    frame.update_layout(barmode="overlay")
    frame.update_xaxes(visible=False, range=[0, theme.axis_end([max(row[1:]) for row in rows], labels)])
    return frame


def _quartiles(frame: Any, place: int, lower: float, median: float, upper: float, *, dark: bool) -> None:
    colours = theme.palette(dark=dark)
    frame.add_shape(type="rect", x0=lower, x1=upper, y0=place - 0.3, y1=place + 0.3, layer="below",
                    fillcolor=colours.plain.fill, line={"color": colours.plain.edge, "width": 1})  # fmt: skip
    frame.add_shape(type="line", x0=median, x1=median, y0=place - 0.38, y1=place + 0.38,
                    line={"color": colours.ink, "width": 2})  # fmt: skip


def _stacked(weights: Sequence[float]) -> list[float]:
    """Where dots of nearly the same weight stand above each other, within their row: nobody is hidden."""
    taken: dict[int, int] = {}
    places = []
    for weight in weights:
        column = round(weight * 100)
        n = taken.get(column, 0)
        taken[column] = n + 1
        places.append((n + 1) // 2 * (0.11 if n % 2 else -0.11))
    most = max([abs(place) for place in places] + [0.33])
    return [place * 0.33 / most for place in places]


def _said(rows: Sequence[tuple[Any, ...]]) -> str:
    parts = (f"{name}: half of the room from {wording.share(lower)} to {wording.share(upper)}"
             for name, _, _, lower, _, upper, _ in rows)  # fmt: skip
    return "; ".join(parts) + "."
