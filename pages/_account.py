"""One account explained: a dialog that every table of accounts opens, and the way to the account's own page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.accounts.listing import Wanted
from core.decisions import explanation
from core.figures import flow, theme
from core.measures import at_risk, portfolio, tiers
from core.report import reasons
from pages import _actions as actions
from pages import _confidence as confidence
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.decisions.explanation import Explanation
    from core.measures.at_risk import AccountAtRisk
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model
    from core.model.tiers import Tier

OPEN = "account.open"
COLUMNS = (
    "Account", "Tier", "Health", "Health score", "Revenue", "Trend", "Why", "Next action", "Action status", "Due",
    "Role", "Renewal (days)", "Owner", "At risk", "Single-threaded", "Loss probability", "Cadence", "Score",
    "Confidence", "Account id",
)  # fmt: skip
USUAL = (
    "Account", "Tier", "Health", "Health score", "Revenue", "Trend", "Why", "Next action", "Action status",
    "Renewal (days)", "Owner", "At risk", "Score", "Account id",
)  # fmt: skip


def table(shown: Any, ids: Sequence[str], key: str, **look: Any) -> None:
    """Show a table of accounts; choosing a row opens the account. `ids` are those of the rows."""
    choose = partial(_choose, key, tuple(ids))
    look = {"placeholder": wording.NOTHING, **look}
    st.dataframe(shown, key=key, hide_index=True, on_select=choose, selection_mode="single-row", **look)


def _choose(key: str, ids: tuple[str, ...]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        st.session_state[OPEN] = ids[rows[0]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the at-risk table beside its rows.

    columns; trends row by row; what is said of the action, by id; cadence by tier; how sure the tier is, by profile.
    """

    columns: tuple[str, ...] = USUAL
    trends: Sequence[Sequence[float]] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    cadence: Mapping[str, str] = field(default_factory=dict)
    sure: Mapping[int, float | None] = field(default_factory=dict)


def at_risk_table(rows: Sequence[AccountAtRisk], currency: str, key: str, shown: Shown | None = None) -> None:
    """Show accounts with health, money, reasons, the next action and how it stands."""
    look = shown or Shown()
    found = [_row(row, look, look.trends[i] if look.trends else []) for i, row in enumerate(rows)]
    if not any(len(row["Trend"]) for row in found):  # no history, no column
        look = replace(look, columns=tuple(name for name in look.columns if name != "Trend"))
    labels = {name: f"{name} ({currency})" if name in {"Revenue", "At risk"} else name for name in look.columns}
    kept = pd.DataFrame(found)[list(look.columns)].rename(columns=labels)
    height = parts.tall(len(kept), 640)
    config = {labels[name]: column for name, column in _config().items() if name in labels}
    table(kept, [row.account_id for row in rows], key, column_config=config, height=height)


def _row(row: AccountAtRisk, look: Shown, trend: Sequence[float]) -> dict[str, Any]:
    return {
        "Account": row.name,
        "Tier": row.tier,
        "Health": theme.health_label(row.health),
        "Health score": row.health_score,
        "Revenue": None if row.annual_revenue is None else row.annual_revenue / 100,
        "At risk": row.revenue_at_risk / 100,
        "Trend": list(trend),
        "Next action": row.next_action,
        "Action status": look.said.get(row.account_id, "Open"),
        "Due": f"in {wording.plural(row.due_days, 'day')}",
        "Role": row.role,
        "Why": "; ".join(row.reasons),
        "Renewal (days)": row.days_to_renewal,
        "Owner": row.owner,
        "Single-threaded": row.single_threaded,
        "Loss probability": row.loss_probability,
        "Cadence": look.cadence.get(row.tier, ""),
        "Score": row.score,
        "Confidence": look.sure.get(row.profile),
        "Account id": row.account_id,
    }


def _config() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "Account": st.column_config.TextColumn(pinned=True),
        "Health score": st.column_config.ProgressColumn(width=110, min_value=0, max_value=100, format="%.0f"),
        "Revenue": number(format="%,.0f", help="What the account paid in a year."),
        "At risk": number(format="%,.0f", help="Revenue, where the account is At Risk or Critical."),
        "Trend": st.column_config.LineChartColumn(
            width=90, y_min=0, help="What it paid in each of the last eight quarters."
        ),
        "Due": st.column_config.TextColumn(help="Counted from the book's as-of date."),
        "Why": st.column_config.TextColumn(width=240, help="Strongest reason first."),
        "Single-threaded": st.column_config.CheckboxColumn(help="Hangs on fewer people than the model asks for."),
        "Loss probability": number(
            format="percent", help="Within a year: from the book where it says, else assumed by status."
        ),
        "Cadence": st.column_config.TextColumn(help="How often an account of its tier is contacted."),
        "Score": number(format="%.1f", help="Score under the weights on screen, 0 to 100."),
        "Confidence": st.column_config.ProgressColumn(
            width=110, min_value=0, max_value=100, format="%.0f %%", help=confidence.COLUMN
        ),
    }


def open_asked() -> None:
    """Open the account that was chosen just now, once."""
    asked = st.session_state.pop(OPEN, None)
    if asked:
        _dialog(asked)


@dataclass(frozen=True, slots=True)
class One:
    """One account under the model on screen: what the file says, what the table says, why it is in its tier."""

    facts: dict[str, Any]
    row: AccountAtRisk
    why: Explanation
    tier: Tier | None
    prepared: Portfolio
    verdict: Verdict
    model: Model


def one(account_id: str) -> One | None:
    """Look an account up; None where it does not pass the filters."""
    prepared, model = state.portfolio(), state.current()
    verdict = tiers.weigh(prepared.cube, model)
    asked = Wanted(account_id=account_id)
    found = portfolio.accounts(prepared, verdict, asked, limit=1).to_pylist()
    if not found:
        return None
    facts, cube = found[0], prepared.cube
    (row,) = at_risk.rows(prepared, verdict, model, asked, limit=1)
    place = facts["profile"]
    spread = int(cube.gate_best[place]), int(cube.gate_worst[place])
    why = explanation.explain(model, cube.points[place].tolist(), gate=int(cube.gate[place]), spread=spread)
    tier = next((tier for tier in model.tiers if tier.name == row.tier), None)
    return One(facts, row, why, tier, prepared, verdict, model)


@st.dialog("Why is this account there?", width="large")
def _dialog(account_id: str) -> None:
    with parts.says_errors():
        found = one(account_id)
        if found is None:
            parts.empty("This account does not pass the filters.")
            return
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(parts.text(found.row.name), anchor=False)
            if st.button("Open the account", key="account.whole", icon=":material/open_in_full:"):
                st.switch_page("pages/one_account.py", query_params={"account": account_id, **address()})
        st.caption(parts.text(headline(found)))
        standing(found)
        with st.expander("How sure is this tier?", icon=":material/verified:"):
            confidence.show(
                found.prepared, found.model, found.verdict, found.facts["profile"], "account.robustness"
            )  # fmt: skip
        for reason in found.row.reasons:
            st.markdown(f"- {parts.text(reason)}")
        with st.expander(f"Next action: {parts.text(found.row.next_action)}", icon=":material/task_alt:"):
            actions.panel(found.row, found.tier)


def address() -> dict[str, str]:
    """Give what else a link to an account needs: the book, where it is not the demo book."""
    key = st.session_state[state.BOOK]
    return {} if key == store.DEMO else {"book": key}


def headline(found: One) -> str:
    """Say who an account is in one line."""
    owner = found.row.owner or "no owner"
    revenue = wording.money(found.row.annual_revenue, found.prepared.book.currency)
    known = found.row.health_score is not None
    score = f"{found.row.health}, {found.row.health_score:.0f} of 100" if known else "not known"
    return f"{found.row.account_id} · {owner} · revenue {revenue} · health {score}"


def standing(found: One, key: str = "account.waterfall") -> None:
    """Show why an account is in its tier, and the nearest ways out of it."""
    st.markdown(parts.text(reasons.standing(found.why)))
    cut_offs = [(tier.name, tier.cut_off) for tier in found.model.tiers]
    parts.figure(flow.waterfall(parts.records(found.why.parts), cut_offs=cut_offs, dark=state.dark()), key)
    for sentence in reasons.ways(found.why, {c.id: c.name for c in found.model.criteria}):
        st.markdown(f"- {parts.text(sentence)}")
