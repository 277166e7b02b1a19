"""Chapters of where revenue rests: a group's part of the HHI, its largest customers, and its own curve.

In: the facts of a story and a column of the book. Out: a chapter each, or None where no account has revenue.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from core import wording
from core.accounts import arrays
from core.figures import where as figures
from core.measures import concentration as measures
from core.measures import where
from core.report import terms
from core.report.story import Chapter, Chart, Column, Kind, Unit, shorten
from core.report.theming import BEFORE, STRONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.where import Place
    from core.report.look import Facts

GROUPS, TILES, CURVES, STEPS, NAME = 12, 5, 9, 20, 40
"""Groups that are shown, tiles of each, curves, steps of a curve, letters of a name in a sentence."""


class Cut(NamedTuple):
    """A book cut into groups, all of them and those that are shown, most revenue first."""

    parts: where.Cut
    places: Sequence[Place]
    shown: Sequence[Place]


def cut(facts: Facts, column: str) -> Cut | None:
    """Cut a book by a column, most revenue first; None where there is no revenue."""
    code, names = where.codes(facts.basis, arrays.coded(facts.prepared.book, column))
    parts = where.cut(facts.basis.cents, code, names)
    places = where.of_cut(parts).places
    shown = [place for place in places if place.revenue][:GROUPS]
    return Cut(parts, places, shown) if shown else None


def points(key: str, name: str, facts: Facts, column: str) -> Chapter | None:
    """Say which group brings more of the HHI than of the revenue."""
    found = cut(facts, column)
    if found is None:
        return None
    shown = found.shown
    columns = (
        Column(column.capitalize(), Unit.TEXT, tuple(place.group for place in shown)),
        Column("That pay", Unit.COUNT, tuple(place.accounts for place in shown)),
        Column("Share of revenue", Unit.SHARE, tuple(place.share for place in shown)),
        Column("Share of the HHI", Unit.SHARE, tuple(place.part for place in shown)),
        Column("Points of HHI", Unit.SCORE, tuple(place.points for place in shown)),
    )
    chart = Chart(Kind.BARS, columns[0].name, ("Share of revenue", "Share of the HHI"), (BEFORE, STRONG))
    most = max(shown, key=lambda place: (place.part or 0) - (place.share or 0))
    message = (
        f"{shorten(most.group, NAME)} brings {wording.share(most.share)} of revenue"
        f" and {wording.share(most.part)} of the HHI."
    )
    reading = f"A group whose share of the HHI is above its share of revenue has large {facts.who}s." + _left(found)

    def draw() -> Any:
        return figures.points(pd.DataFrame([asdict(place) for place in shown]))

    return Chapter(key, name, message, columns, reading, chart, (terms.HHI, terms.HHI_SPLIT), picture=draw)


def tiles(key: str, name: str, facts: Facts, column: str) -> Chapter | None:
    """Name the largest customers of each group."""
    found = cut(facts, column)
    if found is None:
        return None
    cells = where.tiles(found.parts, [place.group for place in found.shown], TILES)
    named = iter(facts.names([cell.customer for cell in cells if cell.customer >= 0]))
    names = [next(named) if cell.customer >= 0 else None for cell in cells]
    total = facts.found.total
    columns = (
        Column(column.capitalize(), Unit.TEXT, tuple(cell.group for cell in cells)),
        Column(
            facts.who.capitalize(),
            Unit.TEXT,
            tuple(
                one if one is not None else wording.plural(cell.accounts, "other")
                for one, cell in zip(names, cells, strict=True)
            ),
        ),
        Column("Revenue", Unit.MONEY, tuple(cell.revenue for cell in cells)),
        Column("Share of revenue", Unit.SHARE, tuple(cell.revenue / total for cell in cells)),
    )
    most = max((at for at, one in enumerate(names) if one is not None), key=lambda at: cells[at].revenue)
    message = (
        f"The largest {facts.who} of any {column} is {shorten(names[most], NAME)} of"
        f" {shorten(cells[most].group, NAME)}, with {wording.share(cells[most].revenue / total)} of revenue."
    )
    reading = f"The {TILES} largest {facts.who}s of each {column}, and all others of it together." + _left(found)
    table = {
        "group": [cell.group for cell in cells],
        "name": pd.Series(names, dtype=object),
        "accounts": [cell.accounts for cell in cells],
        "revenue": [cell.revenue for cell in cells],
    }

    def draw() -> Any:
        return figures.treemap(pd.DataFrame(table), total, currency=facts.currency)

    return Chapter(key, name, message, columns, reading, None, (terms.COUNTED,), picture=draw)


def curves(key: str, name: str, facts: Facts, column: str) -> Chapter | None:
    """Set the curves of the groups side by side."""
    found = cut(facts, column)
    if found is None:
        return None
    groups = [place.group for place in found.shown][:CURVES]
    drawn = where.curves(found.parts, groups)
    counts = {place.group: place.accounts for place in found.shown}
    x = np.linspace(0, 1, STEPS + 1)
    across, everybody = f"Share of {facts.who}s, largest first", f"All {facts.who}s"
    count, share = measures.concentration_curve(facts.counted, STEPS * STEPS)
    lines = [(everybody, (count / facts.counted.size, share)), *((group, drawn[group]) for group in groups)]
    labels = _distinct([label for label, _ in lines], across)
    columns = (
        Column(across, Unit.SHARE, tuple(map(float, x))),
        *(
            Column(label, Unit.SHARE, tuple(map(float, np.interp(x, *line))))
            for label, (_, line) in zip(labels, lines, strict=True)
        ),
    )
    fifths = {group: float(np.interp(-(-counts[group] // 5) / counts[group], *drawn[group])) for group in groups}
    steep = max(groups, key=lambda group: (counts[group] > 1, fifths[group], counts[group]))
    message = (
        f"In {shorten(steep, NAME)} the largest fifth of the {facts.who}s brings {wording.share(fifths[steep])}"
        f" of its revenue."
    )
    of = (labels[1 + groups.index(steep)], labels[0])
    chart = Chart(Kind.XY, across, of, (STRONG, BEFORE), across.lower(), "revenue")
    reading = "The steeper its start, the more rests on the first few; the dotted line is the whole book." + _left(
        found
    )

    def draw() -> Any:
        plain = {group: (line[0].tolist(), line[1].tolist()) for group, line in drawn.items()}
        return figures.multiples(plain, counts, who=facts.who)

    return Chapter(key, name, message, columns, reading, chart, (terms.COUNTED,), picture=draw)


def _distinct(names: Sequence[str], taken: str) -> list[str]:
    """Name a column for each line; a group may be called as another column is."""
    found: list[str] = []
    for name in names:
        shown, number = name, 2
        while shown == taken or shown in found:
            shown, number = f"{name} ({number})", number + 1
        found.append(shown)
    return found


def _left(found: Cut) -> str:
    paying = sum(place.revenue > 0 for place in found.places)
    return f" {GROUPS} of {paying} groups with revenue are shown." if paying > GROUPS else ""
