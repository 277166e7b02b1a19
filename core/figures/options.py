"""Pieces of the live charts: ECharts options, which `st.echarts_chart(options, key=...)` updates in place.

In: numbers and ready text. Out: dictionaries of plain JSON. No JavaScript is allowed there, so every label and tooltip
is written here. Draw them with `theme=None`: the colours and fonts below are all they need.
"""

from __future__ import annotations

import html
from typing import Any

from core.figures import theme

Options = dict[str, Any]

# A canvas takes the names of fonts without quotes.
_FONT = "Source Sans, Segoe UI, system-ui, sans-serif"


def frame(title: str, reading: str, alt: str, *, dark: bool, grid: dict[str, Any]) -> Options:
    """What every live chart shares: title, how to read it, alternative text, a grid that never resizes."""
    colours = theme.palette(dark=dark)
    text = {"fontFamily": _FONT, "color": colours.ink, "fontSize": theme.TEXT_SIZE}
    return {
        "backgroundColor": "transparent",
        "textStyle": text,
        "title": {
            "text": title, "subtext": reading, "left": 0, "top": 0, "padding": [2, 0, 0, 0], "itemGap": 5,
            "textStyle": text | {"fontSize": theme.TITLE_SIZE, "fontWeight": 600},
            "subtextStyle": text | {"color": colours.muted},
        },
        "grid": {"containLabel": False, **grid},
        "tooltip": {
            "trigger": "item", "confine": True, "transitionDuration": 0, "backgroundColor": colours.background,
            "borderColor": colours.border, "textStyle": text,
        },
        "aria": {"enabled": True, "label": {"description": alt}},
        # The first drawing stands at once; later ones glide within the time between two moves of a slider.
        "animationDuration": 0,
        "animationDurationUpdate": 120,
        "animationEasingUpdate": "linear",
    }  # fmt: skip


def names_axis(names: list[str], *, dark: bool) -> Options:
    """A category axis: names, a base line, nothing else."""
    colours = theme.palette(dark=dark)
    return {
        "type": "category",
        "data": names,
        "axisLabel": {"color": colours.ink, "fontSize": theme.TEXT_SIZE, "interval": 0},
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": colours.border}},
    }


def hidden_axis(end: float) -> Options:
    """A value axis from zero to a fixed end; the labels on the marks make its own unnecessary."""
    return {"type": "value", "min": 0, "max": end, "show": False}


def item(value: float | list[float], label: str, tooltip: list[str], style: dict[str, Any]) -> Options:
    """One bar with its own label and tooltip."""
    return {
        "value": value,
        "label": {"formatter": label},
        "tooltip": {"formatter": "<br>".join(_inert(line) for line in tooltip)},
        "itemStyle": style,
    }


def filled(mark: theme.Mark) -> dict[str, Any]:
    """A bar of the present: filled in the colour of its class, hatched where the class is no tier."""
    style: dict[str, Any] = {
        "color": mark.fill,
        "borderColor": mark.edge,
        "borderWidth": 1,
        "decal": {"symbol": "none"},
    }
    if mark.hatched:
        style["decal"] = {
            "symbol": "rect",
            "color": mark.edge,
            "dashArrayX": [1, 0],
            "dashArrayY": [1, 5],
            "rotation": -0.8,
        }
    return style


def outlined(*, dark: bool) -> dict[str, Any]:
    """A bar of before: grey outline, empty inside."""
    return {"color": "transparent", "borderColor": theme.palette(dark=dark).before, "borderWidth": 1.25}


def bars(name: str, items: list[Options], *, dark: bool, **more: Any) -> Options:
    """A series of bars that do not react to the pointer beyond their tooltip."""
    colours = theme.palette(dark=dark)
    return {
        "type": "bar", "name": name, "data": items, "emphasis": {"disabled": True}, "cursor": "default",
        "label": {"show": True, "color": colours.ink, "fontSize": theme.TEXT_SIZE, **more.pop("label", {})}, **more,
    }  # fmt: skip


def _inert(line: str) -> str:
    # Tooltips are HTML, and {a} would be filled in: both must stay what they are in a tier's name.
    return html.escape(line).replace("{", "&#123;").replace("}", "&#125;")
