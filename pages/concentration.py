"""How much rests on how few?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.listing import Wanted
from core.figures import concentration as figures
from core.figures import tiers as tier_figures
from core.measures import basis, portfolio, tiers
from core.report import sentences
from pages import _headline as headline
from pages import _losses as losses
from pages import _over_time as over_time
from pages import _parts as parts
from pages import _past as past
from pages import _read_off as read_off
from pages import _rules as rules
from pages import _state as state
from pages import _take_away as take_away
from pages import _view
from pages import _where as where

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.measures.concentration import Concentration
    from core.measures.tiers import Verdict
    from pages._view import View

LARGEST = 15
SECTION, KEPT = "concentration.section", "concentration.section.kept"
SECTIONS: dict[str, Callable[[View], None]] = {
    "Over time": over_time.show,
    "Where": where.show,
    "What if we lose them": losses.show,
    "Rules of others": rules.show,
    "Take away": take_away.show,
}  # what stands below the headline, in this order; only the section that is open runs


def show() -> None:
    """Show how concentrated revenue is, on whom it rests, and below that one section at a time."""
    view = _view.take(state.portfolio())
    who = "customers" if view.joined else "paying accounts"
    said = sentences.concentration(view.found, view.before, who=who)
    known = view.prepared.book.has(parts.REVENUE)
    parts.heading("How much rests on how few?", said if known else sentences.REVENUE_NOT_KNOWN)
    if view.found.top_n[10] is None:
        parts.no_revenue(view.prepared.book)
        _set_apart(view.found, view.prepared.book.currency)
        return
    _view.switch(view)
    headline.show(view)
    verdict = view.verdict
    left, right = st.columns(2, gap="large")
    with left:
        read_off.show(view)
    with right:
        rows = parts.records(tiers.distribution(view.prepared.cube, verdict))
        parts.figure(tier_figures.distribution(rows, **state.look()), "tiers")
    left, right = st.columns(2, gap="large")
    with left:
        drawn = figures.largest(_largest(view, verdict), verdict.labels, who=view.who, **state.look())
        parts.figure(drawn, "largest")
    with right:
        curve = read_off.curve(view, "lorenz", past.counted(view.prepared, joined=view.joined))
        parts.figure(figures.lorenz(curve, view.found.gini, who=view.who, **state.look()), "lorenz")
    _set_apart(view.found, view.prepared.book.currency)
    _sections(view)


def _sections(view: View) -> None:
    if KEPT in st.session_state:  # tabs forget what was open when another page is visited
        st.session_state.setdefault(SECTION, st.session_state[KEPT])
    for tab, section in zip(st.tabs(list(SECTIONS), key=SECTION, on_change="rerun"), SECTIONS, strict=True):
        if tab.open:
            with tab:
                SECTIONS[section](view)
    st.session_state[KEPT] = st.session_state[SECTION]


def _largest(view: View, verdict: Verdict) -> pd.DataFrame:
    if view.joined:
        chosen = [int(at) for at in basis.largest(view.basis.cents, LARGEST)]
        cents, tier = view.basis.cents[chosen].tolist(), verdict.tier[view.basis.profile[chosen]].tolist()
        rows = list(zip(view.names(chosen), cents, tier, strict=True))
    else:
        found = portfolio.accounts(view.prepared, verdict, Wanted(), limit=LARGEST).select(["name", "cents", "tier"])
        rows = [(row["name"], row["cents"], row["tier"]) for row in found.to_pylist() if (row["cents"] or 0) > 0]
    table = pd.DataFrame({"name": [name for name, *_ in rows], "revenue": [cents for _, cents, _ in rows]})
    table["tier"] = [verdict.labels[tier] for *_, tier in rows]
    table["share"] = table["revenue"] / view.found.total
    table["cumulative_share"] = table["share"].cumsum()
    return table


def _set_apart(found: Concentration, currency: str) -> None:
    if found.excluded_count:
        credit = wording.money(-found.excluded_amount, currency)
        who = f"{wording.accounts(found.excluded_count)} with credits of {credit}"
        st.caption(parts.text(f"Set apart: {who} in all. No share on this page counts them."))


parts.run(show)
