"""Where it rests: the groups of the book, how concentrated each is within, and what comes from between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.figures import concentration as segment_figures
from core.figures import where as figures
from core.measures import where
from pages import _parts as parts
from pages import _past as past
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.where import Codes, Cut, Order, Place, Where
    from pages._view import View

DIMENSIONS = ("industry", "region", "country", "segment", "owner", "lifecycle")
TIER = "tier"
GROUPS, TILES, CURVES = 12, 5, 9
ORDERS: dict[Order, str] = {
    "revenue": "Most revenue",
    "points": "Most of the HHI",
    "top1": "Largest account's share",
    "name": "Name",
}


def show(view: View) -> None:
    """Choose the groups, and show what rests on each."""
    offered = [name for name in DIMENSIONS if view.prepared.book.has(name)] + [TIER]
    by = st.segmented_control(
        "Group by", offered, key="concentration.by", default=offered[0], required=True, format_func=str.capitalize,
        persist_state="session",
    )  # fmt: skip
    order = st.selectbox(
        "Sort by", list(ORDERS), key="concentration.where.sort", format_func=ORDERS.__getitem__, width=260,
        persist_state="session",
    )  # fmt: skip
    by = by if by in offered else offered[0]
    code, names = _groups(view, by)
    parted = where.cut(view.basis.cents, code, names)
    found = where.of_cut(parted)
    chosen = [place for place in where.ordered(found.places, order) if place.revenue][:GROUPS]
    if not chosen:
        st.caption("No account has revenue yet.")
        return
    st.markdown(parts.text(_said(found, by)))
    _figures(view, parted, chosen)
    paying = sum(place.revenue > 0 for place in found.places)
    notes = [f"{GROUPS} of {paying} groups with revenue are shown."] if paying > GROUPS else []
    if view.joined and by != TIER:
        notes.append("A customer counts where the account that names it belongs.")
    if notes:
        st.caption(" ".join(notes))


def _groups(view: View, by: str) -> tuple[Codes, list[str]]:
    if by == TIER:
        verdict = view.verdict
        return verdict.tier[view.basis.profile], list(verdict.labels)
    return where.codes(view.basis, past.coded(view.prepared.book, by))


def _said(found: Where, by: str) -> str:
    groups = sum(place.revenue > 0 for place in found.places)
    if groups == 1:
        return f"All revenue comes from one {by}."
    even = f"Revenue is as spread as over {found.effective_groups or 0:.1f} equal groups of {groups}"
    if found.between is None:
        return f"{even}; all bring the same, so there is no inequality to split."
    parted = (
        f"{wording.share(found.between)} of the inequality lies between them, {wording.share(1 - found.between)} within"
    )
    return f"{even}; {parted} (Theil)."


def _figures(view: View, parted: Cut, chosen: Sequence[Place]) -> None:
    groups, look = [place.group for place in chosen], state.look()
    table = parts.records(chosen)
    left, right = st.columns(2, gap="large")
    with left:
        parts.figure(segment_figures.by_segment(table, who=view.who, **look), "where")
        parts.figure(figures.points(table, **look), "where.points")
    with right:
        parts.figure(figures.treemap(_tiles(view, parted, groups), view.found.total, **look), "where.map")
        curves = where.curves(parted, groups[:CURVES])
        counts = {place.group: place.accounts for place in chosen}
        parts.figure(figures.multiples(_plain(curves), counts, who=view.who, **look), "where.curves")
        st.caption(
            f"Each curve: a group's {view.who}s, largest first, against its revenue; the point is the largest fifth, "
            "rounded up."
        )


def _plain(curves: dict[str, Any]) -> dict[str, tuple[list[float], list[float]]]:
    return {group: (x.tolist(), y.tolist()) for group, (x, y) in curves.items()}


def _tiles(view: View, parted: Cut, groups: Sequence[str]) -> pd.DataFrame:
    found = where.tiles(parted, groups, TILES)
    named = iter(view.names([tile.customer for tile in found if tile.customer >= 0]))
    table = pd.DataFrame({"group": [tile.group for tile in found]})
    table["name"] = pd.Series([next(named) if tile.customer >= 0 else None for tile in found], dtype=object)
    table["accounts"] = [tile.accounts for tile in found]
    table["revenue"] = [tile.revenue for tile in found]
    return table
