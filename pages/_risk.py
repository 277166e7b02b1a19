"""The at-risk table on screen: what chooses its rows and columns, its pages, and the files it leaves as."""

from __future__ import annotations

import tempfile
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core import wording
from core.accounts import details, listing
from core.accounts.listing import Wanted
from core.decisions import actions as decided
from core.measures import at_risk, portfolio
from core.measures.health import STATUS_NAMES
from core.report import stream
from pages import _account as account
from pages import _actions as actions
from pages import _confidence as confidence
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.decisions.actions import Record
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

ROWS = 50
SORTS = {
    "Most revenue": ("cents", True),
    "Worst health": ("health_score", False),
    "Best score": ("score", True),
    "Soonest renewal": ("renewal_date", False),
    "Longest silence": ("last_activity_date", False),
    "Owner": ("owner", False),
    "Name": ("name", False),
}
DANGER = ["At Risk", "Critical"]
MOST_XLSX, XLSX_PACE, WAIT = 200_000, 5_000, 10
"""Most accounts that leave as a workbook; how many of them are written in a second; seconds that are worth a word."""
HEALTH, SEARCH, SORT, SHOWN = "risk.health", "risk.search", "risk.sort", "risk.columns"


def picked_key() -> str:
    """Name where the accounts picked in the scatter are kept; those of another book are others."""
    return f"risk.picked.{st.session_state[state.BOOK]}"


def _tiers_key(verdict: Verdict) -> str:
    return f"risk.tiers.{'/'.join(verdict.names)}"


def clicked(key: str, verdict: Verdict) -> None:
    """List the accounts of the cell of the matrix that was clicked."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        tier, status = points[0]["customdata"]
        if tier in verdict.labels and status in STATUS_NAMES:
            st.session_state[HEALTH], st.session_state[_tiers_key(verdict)] = [status], [tier]
            st.session_state[picked_key()] = ()


def picked(key: str) -> None:
    """Open the account whose point was clicked; list them where there are several."""
    ids = tuple(point["customdata"][0] for point in st.session_state[key]["selection"]["points"])
    if len(ids) == 1:
        st.session_state[account.OPEN] = ids[0]
    elif ids:
        st.session_state[picked_key()] = ids


def _all(verdict: Verdict) -> None:
    st.session_state[HEALTH], st.session_state[_tiers_key(verdict)] = list(DANGER), []
    st.session_state[SEARCH], st.session_state[picked_key()] = "", ()


def wanted(verdict: Verdict) -> Wanted:
    """Show what chooses the rows, and give what was chosen."""
    keep: dict[str, Any] = {"selection_mode": "multi", "persist_state": "session"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        statuses = st.pills("Health", STATUS_NAMES, default=DANGER, key=HEALTH, **keep)
        chosen = st.pills("Tier", verdict.labels, key=_tiers_key(verdict), **keep)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Find", placeholder="Name or account id", key=SEARCH, persist_state="session")
        order = st.selectbox("Sort by", list(SORTS), key=SORT, persist_state="session")
        with st.popover("Columns", icon=":material/view_column:"):
            st.pills("Columns", account.COLUMNS, default=account.USUAL, key=SHOWN, label_visibility="collapsed", **keep)
        ids = st.session_state.get(picked_key(), ())
        narrowed = bool(chosen or search or ids) or sorted(statuses) != DANGER
        st.button("Show all in danger", icon=":material/filter_alt_off:", disabled=not narrowed, on_click=_all,
                  args=(verdict,))  # fmt: skip
    column, descending = SORTS[order]
    return Wanted(
        tiers=tuple(verdict.labels.index(label) for label in chosen) or None,
        statuses=tuple(STATUS_NAMES.index(status) for status in statuses) or None,
        search=search or "",
        ids=ids,
        sort=column,
        descending=descending,
    )


def table(prepared: Portfolio, verdict: Verdict, model: Model, asked: Wanted) -> None:
    """Show one page of the accounts that are wanted, and offer all of them as files."""
    count, revenue = listing.summary(prepared.listing, portfolio.by_profile(verdict), asked)
    if not count:
        st.info(
            "No account is like that. Choose another health or tier above, or find other words.",
            icon=":material/inbox:",
        )
        return
    money = wording.money_short(revenue, prepared.book.currency)
    st.markdown(parts.text(f"{wording.accounts(count)} with {money} of revenue"))
    pages = ceil(count / ROWS)
    page = st.pagination(pages, key=f"risk.page.{asked}") if pages > 1 else 1
    found = at_risk.rows(prepared, verdict, model, asked, limit=ROWS, offset=ROWS * (page - 1))
    columns = [name for name in account.COLUMNS if name in st.session_state.get(SHOWN, account.USUAL)]
    trends = details.trends(prepared.book, [row.row for row in found], prepared.as_of) if "Trend" in columns else []
    recorded = actions.recorded()
    said = {row.account_id: decided.said(recorded, row.account_id, row.next_action, actions.today()) for row in found}
    sure = confidence.shares(prepared, model, [row.profile for row in found]) if "Confidence" in columns else {}
    shown = account.Shown(tuple(columns), trends, said, {tier.name: tier.cadence for tier in model.tiers}, sure)
    account.at_risk_table(found, prepared.book.currency, "risk.table", shown)
    _downloads(lambda: _chunks(prepared, verdict, model, asked, recorded), count)


# Files ---------------------------------------------------------------------------------------------------------------


def _chunks(
    prepared: Portfolio, verdict: Verdict, model: Model, asked: Wanted, recorded: dict[str, Record]
) -> Iterator[pa.Table]:
    for chunk in at_risk.chunks(prepared, verdict, model, asked):
        pairs = zip(chunk["account_id"].to_pylist(), chunk["next_action"].to_pylist(), strict=True)
        said = [
            decided.said(recorded, key, step, actions.today()) if key in recorded else "Open" for key, step in pairs
        ]
        yield at_risk.exported(chunk).append_column("action_status", pa.array(said, pa.string()))


def _downloads(make: Callable[[], Iterator[pa.Table]], count: int) -> None:
    with st.container(horizontal=True):
        for suffix in stream.WRITERS:
            if suffix == ".xlsx" and count > MOST_XLSX:
                continue
            st.download_button(
                f"Download {'Parquet' if suffix == '.parquet' else suffix[1:].upper()}",
                partial(_written, suffix, make),
                file_name=f"at-risk{suffix}",
                key=f"download.at-risk{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )
    if count > MOST_XLSX:
        st.caption(
            f"{wording.accounts(count)} leave as CSV or Parquet, in seconds. A workbook is written cell by cell and "
            f"holds at most {wording.accounts(MOST_XLSX)} here: narrow the table by a filter for one."
        )
    elif (seconds := round(count / XLSX_PACE, -1)) >= WAIT:
        st.caption(f"The workbook is written cell by cell: {wording.accounts(count)} take about {seconds:.0f} seconds.")


def _written(suffix: str, make: Callable[[], Iterator[pa.Table]]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        file = Path(folder) / f"at-risk{suffix}"
        stream.write(make(), file)
        return file.read_bytes()
