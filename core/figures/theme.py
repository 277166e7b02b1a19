"""The one theme: every colour, font and habit that figures share, for a light and for a dark screen.

In: names of tiers and statuses, titles, rows of numbers. Out: colours, escaped text and the empty frame of a figure.
Importing this module registers the Plotly templates "tierwise" and "tierwise_dark". Draw a figure with
`st.plotly_chart(figure, theme=None, config=dict(theme.CONFIG), alt=theme.alt(figure))`: Streamlit's chart theme would
overwrite this one. `.streamlit/config.toml` holds the same backgrounds and inks; a test keeps the two together.

Some fills of the palette are lighter than a mark may be on white (3:1, WCAG 1.4.11). Every mark therefore has an edge
of the same hue that is not, so that everybody can see its shape while the surface stays quiet.
"""

from __future__ import annotations

import html
import math
import textwrap
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import plotly.io as pio

from core import wording
from core.figures import colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    Table = pd.DataFrame | Mapping[str, list[Any]]
    """What a figure draws: a table, or its columns as lists where a slider cannot wait for a table."""

TIER_RAMP = ("#1B3A6B", "#3E7CB1", "#8DB8D8", "#CBD5DF")
UNRATED = "#E5E0D5"
UNRATED_NAME = "Unrated"
HEALTH = MappingProxyType({"Healthy": "#2A9D8F", "At Risk": "#E9A23B", "Critical": "#C8453B"})
BEFORE = "#7B8794"
BAND = "#E9EEF4"

# A status is never told by colour alone: the same shape stands for it in text and as a mark.
HEALTH_SIGNS = MappingProxyType({"Healthy": "●", "At Risk": "▲", "Critical": "■"})
HEALTH_SYMBOLS = MappingProxyType({"Healthy": "circle", "At Risk": "triangle-up", "Critical": "square"})

FONT = '"Source Sans", "Source Sans 3", "Segoe UI", system-ui, sans-serif'
TEXT_SIZE = 12
TITLE_SIZE = 15
CONFIG = MappingProxyType({"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showTips": False})

_NARROWEST = 255  # pixels that a plot's area has on a phone of 390, beside its axis labels
_LETTER = 6.4  # pixels, an average letter of TEXT_SIZE
_TITLE_LETTERS = 48  # a title's line that still fits on that phone
_TITLE_LINE = 20  # pixels


@dataclass(frozen=True, slots=True)
class Mark:
    """How one class of accounts is drawn."""

    fill: str
    edge: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one screen, light or dark."""

    background: str
    ink: str
    muted: str
    grid: str
    border: str
    before: str
    band: str
    ramp: tuple[str, ...]
    ramp_edges: tuple[str, ...]
    unrated: Mark
    health: Mapping[str, Mark]
    cells: tuple[str, str]
    plain: Mark  # what is neither a tier nor a status
    strong: Mark  # its part that matters


_LIGHT = Palette(
    background="#FFFFFF",
    ink="#0F1823",
    muted="#56616F",
    grid="#E3E8EE",
    border="#D5DCE4",
    before=BEFORE,
    band=BAND,
    ramp=TIER_RAMP,
    ramp_edges=("#1B3A6B", "#2F6696", "#5B8BB0", "#7D8D9D"),
    unrated=Mark(UNRATED, "#918870", hatched=True),
    health={
        "Healthy": Mark(HEALTH["Healthy"], "#1F7A6F"),
        "At Risk": Mark(HEALTH["At Risk"], "#B3741A"),
        "Critical": Mark(HEALTH["Critical"], "#A3342B"),
    },
    cells=("#F4F6F9", "#9DB0C4"),
    plain=Mark("#CBD3DC", "#7B8794"),
    strong=Mark("#56616F", "#56616F"),
)
# On a dark screen the first tier must still stand out most, so the same ramp runs from light to dark.
_DARK = Palette(
    background="#12171F",
    ink="#E6EAF0",
    muted="#A9B4C2",
    grid="#2A3442",
    border="#354152",
    before="#8592A4",
    band="#222C3A",
    ramp=("#A9D0F5", "#6FA8DC", "#4379AD", "#35495F"),
    ramp_edges=("#A9D0F5", "#6FA8DC", "#5A91C5", "#68809A"),
    unrated=Mark("#4A4740", "#8C8676", hatched=True),
    health={
        "Healthy": Mark("#3FAFA1", "#6FCABD"),
        "At Risk": Mark("#F0B45C", "#F6CB8C"),
        "Critical": Mark("#DD5F55", "#F09A93"),
    },
    cells=("#1B222D", "#43556C"),
    plain=Mark("#39434F", "#8592A4"),
    strong=Mark("#A9B4C2", "#A9B4C2"),
)


def palette(*, dark: bool = False) -> Palette:
    """The colours for a light or a dark screen."""
    return _DARK if dark else _LIGHT


def tier_colours(n_tiers: int, *, dark: bool = False) -> tuple[str, ...]:
    """Fills of an ordered ramp, the first tier strongest.

    >>> tier_colours(3)
    ('#1B3A6B', '#3E7CB1', '#8DB8D8')
    """
    return _ramp(palette(dark=dark).ramp, n_tiers)


def tier_edges(n_tiers: int, *, dark: bool = False) -> tuple[str, ...]:
    """Edges that go with `tier_colours`, each at least 3:1 against the background."""
    return _ramp(palette(dark=dark).ramp_edges, n_tiers)


def tier_marks(tiers: Iterable[str], *, dark: bool = False) -> dict[str, Mark]:
    """How each tier is drawn; names in order, best first, unrated accounts not counted as a tier."""
    names = list(dict.fromkeys(name for name in tiers if name != UNRATED_NAME))
    fills, edges = tier_colours(len(names), dark=dark), tier_edges(len(names), dark=dark)
    marks = {name: Mark(fill, edge) for name, fill, edge in zip(names, fills, edges, strict=True)}
    return marks | {UNRATED_NAME: palette(dark=dark).unrated}


def health_mark(status: str, *, dark: bool = False) -> Mark:
    """How a status of health is drawn; a status without a colour is drawn like an unrated account."""
    colours = palette(dark=dark)
    return colours.health.get(status, colours.unrated)


def health_label(status: str) -> str:
    """A status with its sign, so that it can be told without colour.

    >>> health_label("At Risk")
    '▲ At Risk'
    """
    return f"{HEALTH_SIGNS.get(status, '○')} {status}"


def ink_on(fill: str) -> str:
    """The ink that reads best on a fill."""
    return max(("#10202E", "#FFFFFF"), key=lambda ink: colour.contrast(ink, fill))


def safe(text: object) -> str:
    """A name from a file, as text that Plotly shows and never interprets.

    >>> safe("<b>R&D</b>")
    '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    # In titles and notes "%{x}" asks for a value, and is left out where there is none: the two signs are parted.
    return html.escape(str(text), quote=False).replace("%{", "%\N{WORD JOINER}{")


def shorten(text: object, letters: int = 24) -> str:
    """A name on one line, cut where it would crowd the marks out. Shorten first, then make safe.

    >>> shorten("Aurora Borealis Heavy Industries", 16)
    'Aurora Borealis…'
    """
    line = " ".join(str(text).split())
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def number(value: float | None) -> float:
    """What is drawn for a value: an undefined one has no length, its label says n/a."""
    return 0.0 if value is None or not math.isfinite(value) else float(value)


def column(table: Table, name: str) -> list[Any]:
    """A column as plain Python values, in the order of the table."""
    values = table[name]
    return values if isinstance(values, list) else list(values.tolist())


def records(table: Table, *names: str) -> list[tuple[Any, ...]]:
    """Rows of the named columns as plain Python values, in the order of the table."""
    return list(zip(*(column(table, name) for name in names), strict=True))


def axis_end(values: Sequence[float], labels: Sequence[str]) -> float:
    """Where a bar axis must end so that the label after every bar fits on a phone."""
    ends = [
        value / max(1 - len(label) * _LETTER / _NARROWEST, 0.2) for value, label in zip(values, labels, strict=True)
    ]
    return max([*ends, 1e-9])


def names_width(names: Iterable[str]) -> int:
    """Pixels that a column of names needs beside its bars."""
    return round(max([4, *(len(name) for name in names)]) * _LETTER) + 12


def name_share(name: str, room: int = 10) -> float:
    """The part of the plot's width that a name takes on a phone, with `room` pixels beside it."""
    return (len(name) * _LETTER + room) / _NARROWEST


def nice_ceiling(value: float) -> float:
    """The next round number: an axis that ends there keeps still while values move below it.

    >>> nice_ceiling(0), nice_ceiling(43), nice_ceiling(1_240), nice_ceiling(100)
    (1.0, 50.0, 1500.0, 100.0)
    """
    if value <= 1:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * size >= value)


def figure(title: str, alt_text: str, *, height: int, dark: bool = False) -> Any:
    """An empty figure with its title (plain text, broken into lines here) and its alternative text."""
    lines = _balanced(title)
    room = _TITLE_LINE * len(lines)
    frame = go.Figure()
    frame.update_layout(
        template="tierwise_dark" if dark else "tierwise",
        title_text="<br>".join(safe(line) for line in lines),
        # Plotly centres the lines of a title on the place of a single one.
        title_pad_t=4 + _TITLE_LINE * (len(lines) - 1) / 2,
        margin_t=room + 16,
        height=height + room,
        meta={"title": title, "alt": alt_text},
    )
    return frame


def alt(frame: Any) -> str:
    """The alternative text of a figure made here, for `st.plotly_chart(alt=...)`."""
    return str(frame.layout.meta["alt"])


def empty(sentence: str, *, dark: bool = False) -> Any:
    """A figure for nothing: one calm sentence in place of axes."""
    frame = figure("", sentence, height=160, dark=dark)
    frame.update_layout(xaxis_visible=False, yaxis_visible=False, meta={"title": sentence, "alt": sentence})
    colours = palette(dark=dark)
    note(frame, sentence, x=0.5, y=0.5, xref="paper", yref="paper", font={"color": colours.muted, "size": 14})
    return frame


def note(frame: Any, text: str, *, x: Any, y: Any, **more: Any) -> None:
    """Direct text in a figure, without an arrow. The text is made safe here."""
    text = "<br>".join(safe(line) for line in text.split("\n"))
    frame.add_annotation(text=text, x=x, y=y, showarrow=False, **more)


def key(frame: Any, marks: Mapping[str, Mark], *, left: int, dark: bool = False) -> None:
    """Names of the classes with their colours, in rows under the title; `left` is the margin of the axis labels."""
    colours, x, row = palette(dark=dark), 2 - left, 0
    places = []
    for name, mark in marks.items():
        width = 18 + round(len(name) * _LETTER) + 12
        if x + width > _NARROWEST + 105 - left and x > 2 - left:
            x, row = 2 - left, row + 1
        places.append((name, mark, x, row))
        x += width
    frame.update_layout(margin_t=frame.layout.margin.t + 20 * (row + 1), height=frame.layout.height + 20 * (row + 1))
    for name, mark, start, line in places:
        middle = 10 + 20 * (row - line)
        frame.add_shape(
            type="rect", xref="paper", yref="paper", xsizemode="pixel", ysizemode="pixel", xanchor=0, yanchor=1,
            x0=start, x1=start + 11, y0=middle - 5, y1=middle + 6, fillcolor=mark.fill,
            line={"color": mark.edge, "width": 1},
        )  # fmt: skip
        note(frame, name, x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="middle", xshift=start + 16,
             yshift=middle, font={"color": colours.muted})  # fmt: skip


def name_rows(frame: Any, names: Sequence[str], *, dark: bool = False) -> None:
    """Write names (safe already) beside horizontal bars at 0, 1, 2 …, the first on top.

    Rows are numbers with names written on them: two accounts may share a name, and must not share a row.
    """
    frame.update_yaxes(range=[len(names) - 0.5, -0.5], tickvals=list(range(len(names))), ticktext=list(names))
    frame.update_yaxes(tickfont_color=palette(dark=dark).ink, ticklabelstandoff=6)


def small(text: str, *, dark: bool = False) -> str:
    """A second, quieter line under a name, for tick labels; the text must be safe already."""
    return f"<br><span style='font-size:11px;color:{palette(dark=dark).muted}'>{text}</span>"


def bar_style(mark: Mark) -> dict[str, Any]:
    """A filled Plotly bar: the class's colour within its edge, hatched where the class is no tier."""
    style: dict[str, Any] = {"color": mark.fill, "line": {"color": mark.edge, "width": 1}}
    if mark.hatched:
        pattern = {"shape": "/", "fgcolor": mark.edge, "bgcolor": mark.fill, "size": 6, "solidity": 0.2}
        style["pattern"] = pattern
    return style


def outline_style(*, dark: bool = False) -> dict[str, Any]:
    """A Plotly bar for what is compared with: outlined in grey, empty inside."""
    colours = palette(dark=dark)
    return {"color": "rgba(0,0,0,0)", "line": {"color": colours.before, "width": 1.25}}


def percent_ticks(*fractions: float) -> dict[str, Any]:
    """Axis settings that write fractions as whole percentages."""
    return {"tickvals": list(fractions), "ticktext": [f"{fraction * 100:.0f}{wording.NBSP}%" for fraction in fractions]}


def _balanced(title: str) -> list[str]:
    """The title in as few lines as fit, of about equal length, so that no single word is left for the last."""
    lines = textwrap.wrap(title, _TITLE_LETTERS) or [""]
    for width in range(max(1, -(-len(title) // len(lines))), _TITLE_LETTERS):
        if len(even := textwrap.wrap(title, width)) == len(lines):
            return even
    return lines


def _ramp(anchors: tuple[str, ...], n: int) -> tuple[str, ...]:
    # Up to four tiers keep the colours of four, so that Tier 1 and Tier 2 look the same in every model.
    return anchors[:n] if n <= len(anchors) else colour.spread(anchors, n)


def _template(colours: Palette) -> Any:
    text = {"family": FONT, "color": colours.ink, "size": TEXT_SIZE}
    axis = {
        "gridcolor": colours.grid, "linecolor": colours.border, "zeroline": False, "ticks": "", "automargin": True,
        "ticklabeloverflow": "allow",
        "fixedrange": True, "title": {"font": {"color": colours.muted, "size": TEXT_SIZE}, "standoff": 8},
        "tickfont": {"color": colours.muted, "size": TEXT_SIZE},
    }  # fmt: skip
    title = {"font": {"size": TITLE_SIZE, "weight": 600, "color": colours.ink}, "x": 0, "xref": "container",
             "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 4, "l": 2}}  # fmt: skip
    hover = {"bgcolor": colours.background, "bordercolor": colours.border, "align": "left", "font": text}
    return go.layout.Template(
        layout={
            "font": text, "title": title, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis | {"showgrid": False}, "yaxis": axis | {"showgrid": False}, "hoverlabel": hover,
            "hovermode": "closest", "dragmode": False, "showlegend": False, "colorway": list(colours.ramp),
            "margin": {"l": 2, "r": 8, "t": 36, "b": 8},
            "annotationdefaults": {"font": text, "showarrow": False},
        }
    )  # fmt: skip


pio.templates["tierwise"] = _template(_LIGHT)
pio.templates["tierwise_dark"] = _template(_DARK)
