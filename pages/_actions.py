"""Next actions on screen: how they stand, who records what, and that everybody sees it within seconds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.decisions import actions
from pages import _parts as parts
from pages import _said as said
from pages import _saving as saving
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from core.decisions.actions import Record
    from core.measures.at_risk import AccountAtRisk
    from core.model.tiers import Tier

SEEN, SAID = "actions.seen", "actions.said"
EVERY = 3
"""Seconds between two looks at what others have recorded."""
LABELS = {"open": "Open", "done": "Done", "snoozed": "Snoozed"}


def today() -> dt.date:
    """Give the day on the wall, which is read here and nowhere below."""
    return dt.datetime.now(dt.UTC).date()


def recorded() -> dict[str, Record]:
    """Give what was recorded last of every account of the book's line, and remember that it was seen."""
    name = state.line()
    st.session_state[SEEN] = actions.mark(store.state_store(), name)
    return actions.recorded(store.state_store(), name)


@st.fragment(run_every=EVERY)
def watch() -> None:
    """Run the page anew when anybody has recorded anything since it was read."""
    with parts.says_errors():
        now = actions.mark(store.state_store(), state.line())
        seen = st.session_state.get(SEEN, now)
        st.session_state[SEEN] = now
        if seen != now:
            st.rerun()


def panel(row: AccountAtRisk, tier: Tier | None) -> None:
    """Show the next step with its service level, and take how it stands."""
    found = actions.latest(store.state_store(), state.line(), row.account_id)
    st.session_state[SEEN] = actions.mark(store.state_store(), state.line())
    as_of = state.portfolio().as_of
    due = f", by {(as_of + dt.timedelta(days=row.due_days)).isoformat()}" if as_of else f", in {row.due_days} days"
    st.markdown(f"**{parts.text(row.next_action)}**")
    st.caption(parts.text(f"{row.role}{due}"))
    if tier and (tier.service_level or tier.cadence):
        level = "; ".join(filter(None, (tier.service_level, f"contact {tier.cadence}" if tier.cadence else "")))
        st.caption(parts.text(f"Service of {tier.name}: {level}"))
    now = actions.said({row.account_id: found} if found else {}, row.account_id, row.next_action, today())
    st.markdown(parts.text(f"Status: {now}"))
    _form(row, found)
    said.say(SAID)


def _form(row: AccountAtRisk, found: Record | None) -> None:
    same = found if found and found.action == row.next_action else None
    key = f"action.{state.book().digest}.{row.account_id}.{found.version if found else 0}"
    status = st.segmented_control(
        "How it stands", list(actions.STATUSES), default=same.status if same else "open", key=f"{key}.status",
        format_func=LABELS.__getitem__, required=True,
    )  # fmt: skip
    if status == "snoozed":
        st.date_input("Until", value=same.until if same and same.until else today() + dt.timedelta(days=14),
                      key=f"{key}.until")  # fmt: skip
    left, right = st.columns(2)
    left.text_input("Who does it", value=same.who if same else "", key=f"{key}.who", max_chars=actions.LONGEST_WHO)
    right.text_input("Your name", value=st.session_state.get(saving.AUTHOR, ""), key=f"{key}.author", max_chars=80)
    st.text_area("Note", key=f"{key}.note", max_chars=actions.LONGEST_NOTE, height=80)
    st.button("Record", key=f"{key}.record", type="primary", on_click=_record, args=(key, row), icon=":material/save:")


def _record(key: str, row: AccountAtRisk) -> None:
    names = ("status", "until", "who", "author", "note")
    held: dict[str, Any] = {name: st.session_state.get(f"{key}.{name}") for name in names}
    st.session_state[saving.AUTHOR] = held["author"] or ""
    status: actions.Status = held["status"] or "open"
    until = held["until"] if status == "snoozed" else None
    entry = actions.Entry(status, row.next_action, held["who"] or "", until, held["note"] or "")

    def write() -> str:
        made = actions.record(store.state_store(), state.line(), row.account_id, entry, saving.stamp(), name=row.name)
        return f"Recorded for {row.name}: {LABELS[made.status].lower()}."

    said.tried(SAID, write)


def history(account_id: str) -> None:
    """List everything that was recorded of an account, newest first."""
    found = actions.history(store.state_store(), state.line(), account_id)
    if not found:
        st.caption("Nothing is recorded of this account yet.")
        return
    rows = [
        {
            "When": f"{each.time:%Y-%m-%d %H:%M} UTC",
            "Status": f"Snoozed until {each.until}" if each.status == "snoozed" else LABELS[each.status],
            "Action": each.action,
            "Who does it": each.who or wording.NOTHING,
            "Note": each.note or wording.NOTHING,
            "Recorded by": each.author,
        }
        for each in found
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key=f"action.history.{account_id}")
