"""Fit and need: every profile on two axes; those inside the lasso are listed as accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from core import wording
from core.accounts import listing
from core.accounts.listing import Wanted
from core.figures import fit as figures
from core.figures import theme
from core.measures import fit, portfolio
from core.measures.health import STATUS_NAMES
from pages import _account as account
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from core.measures.fit import Plane
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

ROWS = 50
CHART, NEED, GROUP = "plane.chart", "plane.need", "plane.group"
CALL, HIDDEN = "Fit well, need us", "Fit poorly, doing well"


def show(prepared: Portfolio, verdict: Verdict, model: Model) -> None:
    """Show the plane, and the accounts of what is selected on it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        need = st.segmented_control("Score against", fit.AXES, default="health", key=NEED, required=True)
        group = st.pills("List", [CALL, HIDDEN], key=GROUP, help="Or drag around marks.")
    found = fit.plane(prepared.cube, verdict, need)
    table = {
        "profile": list(range(len(found.profile))),
        "tier": [verdict.names[tier] for tier in found.tier.tolist()],
        **{name: getattr(found, name).tolist() for name in ("score", "need", "accounts", "revenue")},
    }
    cut_offs = [(tier.name, tier.cut_off) for tier in model.tiers]
    drawn = figures.scatter(table, cut_offs, need, **state.look())
    look: dict[str, Any] = {"theme": None, "config": dict(theme.CONFIG), "alt": theme.alt(drawn)}
    picked = st.plotly_chart(
        drawn, key=f"{CHART}.{need}", on_select="rerun", selection_mode=("lasso", "points"), **look
    )
    st.caption(f"Drag around marks to list their accounts. {_left_out(found, need)}")
    places = _grouped(found, model, group) if group else _inside(picked, len(found.profile))
    if len(places):
        _accounts(prepared, verdict, found.profile[places])


def _inside(picked: Any, most: int) -> np.ndarray[Any, Any]:
    """Give the places of the marks inside the lasso; a browser can send anything."""
    sent = [point.get("customdata") for point in picked["selection"]["points"]]
    places = {place[0] if isinstance(place, list) and place else place for place in sent}
    return np.array(sorted(p for p in places if isinstance(p, int) and 0 <= p < most), dtype=np.int64)


def _grouped(found: Plane, model: Model, group: str) -> np.ndarray[Any, Any]:
    fits, well = found.tier == 0, found.need >= model.health.healthy_from
    return np.flatnonzero(fits & ~well if group == CALL else ~fits & well)


def _left_out(found: Plane, need: str) -> str:
    said = []
    if found.unplaced:
        said.append(f"{wording.accounts(found.unplaced)} without a score or without {need} are not drawn.")
    if found.beyond:
        said.append(f"{wording.accounts(found.beyond)} of smaller profiles are not drawn.")
    return " ".join(said)


def _accounts(prepared: Portfolio, verdict: Verdict, profiles: Any) -> None:
    marked = portfolio.by_profile(verdict).append_column("moved", [fit.marked(prepared.cube, profiles)])
    wanted = Wanted(moved=True)
    count, revenue = listing.summary(prepared.listing, marked, wanted)
    currency = prepared.book.currency
    money = wording.money_short(revenue, currency)
    st.markdown(
        parts.text(f"{wording.plural(len(profiles), 'profile')}: {wording.accounts(count)} with {money} of revenue")
    )
    found = listing.page(prepared.listing, marked, wanted, limit=ROWS)
    shown = pd.DataFrame(_rows(found, verdict, currency))
    look = {
        f"Revenue ({currency})": st.column_config.NumberColumn(format="%,.0f"),
        "Score": st.column_config.NumberColumn(format="%.1f"),
        "Health score": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.0f"),
    }
    height = parts.tall(len(shown), 360)
    account.table(shown, found["account_id"].to_pylist(), "plane.accounts", column_config=look, height=height)
    if count > ROWS:
        st.caption(f"The {ROWS} with the most revenue; the files hold all of them.")
    parts.downloads("fit-and-need", lambda: _export(listing.page(prepared.listing, marked, wanted), verdict, currency))


def _rows(found: pa.Table, verdict: Verdict, currency: str) -> dict[str, list[Any]]:
    return {
        "Account": found["name"].to_pylist(),
        "Tier": [verdict.labels[code] for code in found["tier"].to_pylist()],
        f"Revenue ({currency})": [None if cents is None else cents / 100 for cents in found["cents"].to_pylist()],
        "Score": found["score"].to_pylist(),
        "Health": [theme.health_label(STATUS_NAMES[code]) for code in found["status"].to_pylist()],
        "Health score": found["health_score"].to_pylist(),
        "Owner": found["owner"].to_pylist(),
    }


def _export(found: pa.Table, verdict: Verdict, currency: str) -> pa.Table:
    return pa.table({"Account id": found["account_id"], **_rows(found, verdict, currency)})
