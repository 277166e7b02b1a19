"""Flow: how accounts pass from tier to tier, and how a score is put together.

In: ready tables; revenue in cents, contributions in score points. Out: a Plotly figure each. Nothing is added up but
the two sides of a flow, and nothing is left out or put in another order here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

NOTHING = "There is no account to follow."
NO_SCORE = "Nothing is known of this account, so it has no score."

_GAP = 36  # pixels between two tiers of a side: two lines of text always fit beside a tier, however thin it is
_BODY = 210  # pixels that all accounts together are high
_SIDE = 92  # pixels for the words on either side
_NODE = 10  # pixels, the width of a tier's bar


# ------------------------------------------------------------------------------------------------- between tiers


@dataclass(frozen=True, slots=True)
class _Link:
    before: str
    after: str
    accounts: int
    revenue: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A tier on one side: where its middle is, in pixels from the top, and what it holds."""

    tier: str
    middle: float
    accounts: int
    revenue: int


def sankey(table: pd.DataFrame, tiers: Sequence[str], *, dark: bool = False, currency: str = "USD") -> Any:
    """Accounts by tier before (left) and after (right), best on top; those that move in the colour of where they go.

    Columns before, after, accounts, revenue, one row for each pair of tiers with any accounts, those that stay among
    them; `tiers` names the tiers in order, best first, unrated last. A band is as high as its number of accounts.
    """
    links = [_Link(*row) for row in theme.records(table, "before", "after", "accounts", "revenue") if row[2]]
    if not links:
        return theme.empty(NOTHING, dark=dark)
    total = sum(link.accounts for link in links)
    left, right = _side(links, tiers, total, after=False), _side(links, tiers, total, after=True)
    height = _BODY + _GAP * (max(len(left), len(right)) - 1)
    title = _title(links, tiers)
    frame = theme.figure(title, _alt(title, links, currency), height=height, dark=dark)
    # Room above for the words over the two sides, above and below for a first and a last tier that are thin.
    frame.update_layout(margin={"l": _SIDE, "r": _SIDE, "t": frame.layout.margin.t + 34, "b": 20})
    frame.layout.height = height + frame.layout.margin.t + 20
    frame.update_xaxes(visible=False)
    frame.update_yaxes(visible=False)
    # What moves is drawn last, so that it is never hidden by what stays.
    links = sorted(links, key=lambda link: link.before != link.after)
    _draw_flow(frame, links, left, right, height, currency, dark=dark)
    _words(frame, left, height, currency, after=False, dark=dark)
    _words(frame, right, height, currency, after=True, dark=dark)
    return frame


def _side(links: Sequence[_Link], tiers: Sequence[str], total: int, *, after: bool) -> list[_Node]:
    nodes, top = [], 0.0
    for tier in tiers:
        here = [link for link in links if (link.after if after else link.before) == tier]
        accounts = sum(link.accounts for link in here)
        if accounts:
            high = _BODY * accounts / total
            nodes.append(_Node(tier, top + high / 2, accounts, sum(link.revenue for link in here)))
            top += high + _GAP
    return nodes


def _draw_flow(
    frame: Any, links: Sequence[_Link], left: list[_Node], right: list[_Node], height: int, currency: str, *, dark: bool
) -> None:
    marks = theme.tier_marks([node.tier for node in (*left, *right)], dark=dark)
    nodes = [*left, *right]
    begin = {node.tier: at for at, node in enumerate(left)}
    end = {node.tier: len(left) + at for at, node in enumerate(right)}
    shown = [marks[node.tier] for node in nodes]
    still = theme.palette(dark=dark).band
    frame.add_sankey(
        arrangement="fixed",
        hoverinfo="none",
        node={
            "label": [""] * len(nodes),
            # Plotly takes 0 and 1 for “not given”.
            "x": [0.001] * len(left) + [0.999] * len(right),
            "y": [min(max(node.middle / height, 0.001), 0.999) for node in nodes],
            "pad": _GAP,
            "thickness": _NODE,
            "color": [mark.fill for mark in shown],
            # One edge for all: of a list of colours Plotly draws black.
            "line": {"color": theme.palette(dark=dark).before, "width": 1},
            "customdata": [_node_hover(node, currency) for node in nodes],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        link={
            "source": [begin[link.before] for link in links],
            "target": [end[link.after] for link in links],
            "value": [link.accounts for link in links],
            "color": [still if link.before == link.after else _clear(marks[link.after].edge) for link in links],
            "customdata": [_link_hover(link, currency) for link in links],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    )


def _words(frame: Any, nodes: list[_Node], height: int, currency: str, *, after: bool, dark: bool) -> None:
    """Each tier's name, accounts and revenue, beside its bar and outside of the flow."""
    muted = theme.palette(dark=dark).muted
    place = {"x": 1.0, "xanchor": "left", "xshift": 7} if after else {"x": 0.0, "xanchor": "right", "xshift": -7}
    side = {"xref": "paper", "yref": "paper", "align": "left" if after else "right", **place}
    theme.note(frame, "after" if after else "before", y=1.0, yanchor="bottom", yshift=20, font={"color": muted}, **side)
    for node in nodes:
        numbers = f"{wording.count(node.accounts)} · {wording.money_short(node.revenue, currency)}"
        name = theme.safe(theme.shorten(node.tier, 13))
        text = f"<b>{name}</b><br><span style='font-size:11px;color:{muted}'>{numbers}</span>"
        frame.add_annotation(text=text, y=1 - node.middle / height, yanchor="middle", showarrow=False, **side)


def _title(links: Sequence[_Link], tiers: Sequence[str]) -> str:
    moving = [link for link in links if link.before != link.after]
    if not moving:
        return "No account changes its tier"
    place = {tier: at for at, tier in enumerate(tiers)}
    rated = [link for link in moving if theme.UNRATED_NAME not in (link.before, link.after)]
    counted = {
        "up": sum(link.accounts for link in rated if place[link.after] < place[link.before]),
        "down": sum(link.accounts for link in rated if place[link.after] > place[link.before]),
        "to unrated": sum(link.accounts for link in moving if link.after == theme.UNRATED_NAME),
        "from unrated": sum(link.accounts for link in moving if link.before == theme.UNRATED_NAME),
    }
    moved = sum(link.accounts for link in moving)
    parts = [f"{wording.count(n)}{wording.NBSP}{where}" for where, n in counted.items() if n]
    return f"{wording.accounts(moved)} {'changes' if moved == 1 else 'change'} tier: {', '.join(parts)}"


def _alt(title: str, links: Sequence[_Link], currency: str) -> str:
    moving = [
        f"{link.before} to {link.after} {_worth(link.accounts, link.revenue, currency)}"
        for link in links
        if link.before != link.after
    ]
    return f"{title}. {'; '.join(moving)}." if moving else f"{title}."


def _node_hover(node: _Node, currency: str) -> str:
    return f"{theme.safe(node.tier)}<br>{_worth(node.accounts, node.revenue, currency)}"


def _link_hover(link: _Link, currency: str) -> str:
    before, after = theme.safe(link.before), theme.safe(link.after)
    where = f"{before}, as before" if link.before == link.after else f"{before} → {after}"
    return f"{where}<br>{_worth(link.accounts, link.revenue, currency)}"


def _worth(accounts: int, cents: int, currency: str) -> str:
    return f"{wording.accounts(accounts)}, {wording.money_short(cents, currency)}"


def _clear(fill: str) -> str:
    """A colour that lets what crosses below it be seen."""
    red, green, blue = (int(fill[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.72)"


# ------------------------------------------------------------------------------------------------- within a score


@dataclass(frozen=True, slots=True)
class _Part:
    criterion: str
    value: str
    contribution: float
    possible: float
    start: float
    known: bool


def waterfall(table: pd.DataFrame, *, cut_offs: Sequence[tuple[str, float]] = (), dark: bool = False) -> Any:
    """A score as the sum of what each criterion brings (filled), against what it could bring (outlined).

    Columns criterion, value, contribution and possible, in score points; both undefined where the value is missing.
    Each bar begins where the one before it ended, so the last one, the score, ends where they end together.
    `cut_offs` holds (tier, lowest score), best first; they are marked under the score.
    """
    parts = _parts(table)
    if not any(part.known for part in parts):
        return theme.empty(NO_SCORE, dark=dark)
    score = sum(part.contribution for part in parts)
    title = _lost_title(score, parts)
    words = "; ".join(f"{part.criterion} {_of(part)}" for part in parts)
    frame = theme.figure(title, f"{title}. {words}.", height=40 * (len(parts) + 1) + 24, dark=dark)
    _bars(frame, parts, score, dark=dark)
    names = [theme.safe(theme.shorten(part.criterion, 22)) + _under(part, dark=dark) for part in parts]
    theme.name_rows(frame, [*names, "<b>Score</b>"], dark=dark)
    ends, labels = [part.start + part.possible for part in parts], [_of(part) for part in parts]
    if any(low > 0 for _, low in cut_offs):
        _cut_off_marks(frame, cut_offs, score, len(parts), dark=dark)
        missed = _neighbours(cut_offs, score)[1]
        ends, labels = ([*ends, missed[1]], [*labels, _from(*missed)]) if missed else (ends, labels)
    frame.update_xaxes(range=[0, max(theme.axis_end(ends, labels), 100.0)], visible=False)
    return frame


def _parts(table: pd.DataFrame) -> list[_Part]:
    parts, start = [], 0.0
    for criterion, value, contribution, possible in theme.records(
        table, "criterion", "value", "contribution", "possible"
    ):
        known = contribution is not None and math.isfinite(contribution)
        brings, could = theme.number(contribution), theme.number(possible)
        parts.append(_Part(str(criterion), str(value), brings, could, start, known))
        start += brings
    return parts


def _bars(frame: Any, parts: list[_Part], score: float, *, dark: bool) -> None:
    rows = list(range(len(parts)))
    look = {"orientation": "h", "width": 0.5, "hoverinfo": "text", "textangle": 0, "cliponaxis": False}
    hover = [f"{theme.safe(part.criterion)}: {theme.safe(part.value)}<br>{_of(part)}" for part in parts]
    starts = [part.start for part in parts]
    outline = theme.outline_style(dark=dark)
    possible, labels = [part.possible for part in parts], [_of(part) for part in parts]
    frame.add_bar(x=possible, y=rows, base=starts, hovertext=hover, text=labels, textposition="outside", marker=outline,
                  **look)  # fmt: skip
    brings = theme.bar_style(theme.palette(dark=dark).strong)
    frame.add_bar(x=[part.contribution for part in parts], y=rows, base=starts, hovertext=hover, marker=brings, **look)
    whole = f"<b>{wording.score(score)}</b>"
    frame.add_bar(x=[score], y=[len(parts)], hovertext=[f"score {wording.score(score)}"], text=[whole],
                  textposition="outside", marker=brings, **look)  # fmt: skip
    frame.update_layout(barmode="overlay")
    line = {"color": theme.palette(dark=dark).border, "width": 1}
    for at, part in enumerate(parts):
        end = part.start + part.contribution
        frame.add_shape(type="line", x0=end, x1=end, y0=at + 0.25, y1=at + 0.75, line=line, layer="below")


def _cut_off_marks(frame: Any, cut_offs: Sequence[tuple[str, float]], score: float, row: int, *, dark: bool) -> None:
    """Mark the cut-offs under the score, and name the two that it stands between, to either side of their mark."""
    small = {"color": theme.palette(dark=dark).muted, "size": 11}
    line = {"color": theme.palette(dark=dark).ink, "width": 1}
    for _, low in cut_offs:
        if low > 0:
            frame.add_shape(type="line", x0=low, x1=low, y0=row + 0.3, y1=row + 0.55, line=line)
    reached, missed = _neighbours(cut_offs, score)
    for neighbour, side, shift in ((reached, "right", 4), (missed, "left", -4)):
        if neighbour:
            place = {"x": neighbour[1], "y": row + 0.55, "xanchor": side, "xshift": shift}
            theme.note(frame, _from(*neighbour), yanchor="top", font=small, **place)
    frame.update_yaxes(range=[row + 1.1, -0.5])
    frame.layout.height += 24


def _neighbours(
    cut_offs: Sequence[tuple[str, float]], score: float
) -> tuple[tuple[str, float] | None, tuple[str, float] | None]:
    """The cut-off that the score has reached last, and the next one, which it misses."""
    # The score is a sum of floats; what stands on a cut-off has reached it.
    reached = next(((tier, low) for tier, low in cut_offs if 0 < low <= score + 1e-9), None)
    missed = next(((tier, low) for tier, low in reversed(cut_offs) if low > score + 1e-9), None)
    return reached, missed


def _from(tier: str, low: float) -> str:
    return f"{theme.shorten(tier, 14)} from {wording.score(low)}"


def _lost_title(score: float, parts: list[_Part]) -> str:
    worst = max((part for part in parts if part.known), key=lambda part: part.possible - part.contribution)
    lost = worst.possible - worst.contribution
    text = f"{wording.score(score)} of 100"
    return f"{text}; most is lost on {worst.criterion} ({wording.score(-lost)})" if lost > 0 else text


def _under(part: _Part, *, dark: bool) -> str:
    return theme.small(theme.safe(theme.shorten(part.value, 24)), dark=dark)


def _of(part: _Part) -> str:
    return f"{wording.score(part.contribution)} of {wording.score(part.possible)}" if part.known else "not counted"
