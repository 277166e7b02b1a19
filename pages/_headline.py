"""The headline figures of the Concentration page, each with its change in a year and a small trend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.figures import through_time as figures
from pages import _parts as parts
from pages import _past as past

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.measures.concentration import Concentration
    from pages._view import View


def _top_share(found: Concentration) -> float | None:
    top = found.top_share[0.2]
    return top.share if top else None


def _pareto(found: Concentration) -> float | None:
    return found.pareto_80.accounts if found.pareto_80 else None


MEASURES: dict[str, tuple[str, figures.Unit, bool, Callable[[Concentration], float | None]]] = {
    "top_1": ("Largest {who}", "share", False, lambda found: found.top_n[1]),
    "top_5": ("Top 5", "share", False, lambda found: found.top_n[5]),
    "top_10": ("Top 10", "share", False, lambda found: found.top_n[10]),
    "top_share": ("Top 20 %", "share", False, _top_share),
    "hhi": ("HHI", "hhi", False, lambda found: found.hhi),
    "effective_accounts": ("Effective {who}s", "number", True, lambda found: found.effective_accounts),
    "gini": ("Gini", "gini", False, lambda found: found.gini),
    "pareto_80": ("Make 80 %", "count", True, _pareto),
}
"""Each figure of the page: label, unit, whether a rise is good, and where it is found. Keys are those of a point."""
MEANINGS = {
    "top_share": "The largest fifth of those with revenue, rounded up, and never a part of one.",
    "hhi": parts.TERMS["hhi"],
    "effective_accounts": "How many of equal revenue would give the same HHI: 10,000 / HHI.",
    "gini": parts.TERMS["gini"],
    "pareto_80": "The fewest that together bring 80 % of revenue.",
}


def label(measure: str, view: View) -> str:
    """Name a figure as its card does."""
    return MEASURES[measure][0].format(who=view.who)


def show(view: View) -> None:
    """Show the cards, and say what their changes are against."""
    points = [point for point in past.trend(view.prepared, joined=view.joined) if point is not None]
    parts.cards([_card(name, view, [getattr(point, name) for point in points]) for name in MEASURES], 4)
    said = []
    if view.before:
        said.append("Changes are against the twelve months up to a year ago.")
    if len(points) > 1:
        said.append(f"Lines run from the twelve months up to {points[0].label} to those up to {points[-1].label}.")
    if points and points[-1].total and not _agrees(points[-1].total, view.found.total):
        currency = view.prepared.book.currency
        history = wording.money_short(points[-1].total, currency)
        table = wording.money_short(view.found.total, currency)
        said.append(f"The history comes to {history} up to {points[-1].label}, the account table to {table}.")
    if said:
        st.caption(parts.text(" ".join(said)))


def _card(name: str, view: View, trend: list[float | None]) -> parts.Card:
    words, unit, better, of = MEASURES[name]
    now, then = of(view.found), of(view.before) if view.before else None
    top = view.found.top_share[0.2]
    title = f"Top {wording.count(top.accounts)} (20 %)" if name == "top_share" and top else words.format(who=view.who)
    note = figures.change(now - then, unit, of=now) if now is not None and then is not None else None
    line = tuple(float(value) for value in trend if value is not None)
    moved = note is not None and any(digit in "123456789" for digit in note)
    return parts.Card(title, figures.written(now, unit), note, moved, MEANINGS.get(name), better, line)


def _agrees(one: int, other: int) -> bool:
    """Whether two totals are the same within one per cent."""
    return abs(one - other) * 100 <= max(one, other)
