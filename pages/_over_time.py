"""Over time: any measure by period, what moved the HHI between two dates, what revenue stayed, and who leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.accounts import timeline
from core.figures import through_time as figures
from core.measures import retention
from pages import _headline as headline
from pages import _parts as parts
from pages import _past as past
from pages import _state as state

if TYPE_CHECKING:
    from core.accounts.timeline import Period
    from core.measures.bridge import Mover
    from core.measures.tiers import Verdict
    from pages._view import View

NEEDED = (
    "This part needs a revenue history of more than a year: a file with account_id, period and amount, added beside "
    "the accounts on the Data page. Everything else on this page stands without it."
)
KEEP: dict[str, Any] = {"persist_state": "session"}


def show(view: View) -> None:
    """Show the measures through time; without a history, say what is needed."""
    past_periods = [period for period in past.periods(view.prepared) if period.known]
    history = past.history(view.prepared.book)
    if history is None or not past_periods:
        st.info(NEEDED, icon=":material/history:")
        return
    _measure(view)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What moved it", anchor=False)
        _bridge(view, past_periods)
    with right:
        st.subheader("What stayed", anchor=False)
        _retention(view, past_periods)
    st.subheader("Who leads", anchor=False)
    _ranks(view)
    accounts, cents = history.strangers
    if accounts:
        money = wording.money_short(cents, view.prepared.book.currency)
        who = f"{wording.accounts(accounts)} that the account table does not have"
        st.caption(parts.text(f"The history also speaks of {who}, with {money} in all; no figure here counts them."))


def _measure(view: View) -> None:
    history = past.history(view.prepared.book)
    offered = timeline.steps(history) if history else []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Measure", list(headline.MEASURES), index=2, key="concentration.time.measure",
            format_func=lambda name: headline.label(name, view), **KEEP,
        )  # fmt: skip
        step = st.segmented_control(
            "By", offered, default="quarter" if "quarter" in offered else offered[0], required=True,
            key=f"concentration.time.step.{'/'.join(offered)}", format_func=str.capitalize, **KEEP,
        )  # fmt: skip
        kind = st.segmented_control(
            "Revenue of", [past.TRAILING, past.CALENDAR], default=past.TRAILING, required=True,
            key="concentration.time.kind", **KEEP,
        )  # fmt: skip
    spans = past.periods(view.prepared, kind, step)
    points = past.trend(view.prepared, kind, step, joined=view.joined)
    values = [getattr(point, name) if point else None for point in points]
    table = pd.DataFrame({"period": [span.label for span in spans], "value": pd.Series(values, dtype=object)})
    drawn = figures.line(table, headline.label(name, view), headline.MEASURES[name][1], **state.look())
    parts.figure(drawn, "time.measure")
    unknown = [span.label for span in spans if not span.known]
    if unknown:
        st.caption(parts.text(f"Not known, since the history does not cover them: {', '.join(unknown)}."))


def _bridge(view: View, known: list[Period]) -> None:
    if len(known) < 2:
        st.caption("Two periods of twelve months are needed.")
        return
    year = next((at for at, period in enumerate(known) if period.last == known[-1].last - timeline.YEAR), 0)
    with st.container(horizontal=True):
        key = f"concentration.bridge.{known[-1].last}"
        start = st.selectbox(
            "From the year to",
            known[:-1],
            index=year,
            key=f"{key}.from",
            format_func=lambda period: period.label,
            **KEEP,
        )
        later = [period for period in known if period.last > start.last]
        end = st.selectbox(
            "to the year to", later, index=len(later) - 1, key=f"{key}.{start.last}.to",
            format_func=lambda period: period.label, **KEEP,
        )  # fmt: skip
    found = past.bridge(view.prepared, start, end, joined=view.joined)
    if found is None:
        st.caption(f"HHI {wording.UNDEFINED}: one of the two periods has no revenue.")
        return
    span, look = (start.label, end.label), state.look()
    parts.figure(
        figures.bridge(parts.records(found.parts), found.before, found.after, span=span, **look), "time.bridge"
    )
    named = zip(found.movers, view.names([mover.customer for mover in found.movers]), strict=True)
    most = "; ".join(f"{name} ({_moved(mover, view, max(found.before, found.after))})" for mover, name in named)
    first = f"Moved it most: {most}. " if most else ""
    st.caption(
        parts.text(
            f"{first}A part holds what the {view.who}s of that kind did to their own shares and, "
            "through the total, to everybody's; the four add up to the change."
        )
    )


def _moved(mover: Mover, view: View, whole: float) -> str:
    currency = view.prepared.book.currency
    money = f"{wording.money_short(mover.before, currency)} to {wording.money_short(mover.after, currency)}"
    points = figures.part(mover.points, whole)
    return f"{points}, {money}" if any(digit in "123456789" for digit in points) else money


def _retention(view: View, known: list[Period]) -> None:
    end = known[-1]
    start = next((period for period in known if period.last == end.last - timeline.YEAR), None)
    if start is None:
        st.caption("Two whole years of history are needed.")
        return
    verdict: Verdict = view.verdict
    before, after = (past.amounts(view.prepared, period, joined=view.joined) for period in (start, end))
    tier = verdict.tier[view.basis.profile]
    rows = retention.by_group(before, after, tier, verdict.labels)
    kept = [row for row in rows if row.accounts]
    parts.figure(figures.retention(parts.records(kept), **state.look()), "time.retention")
    whole = rows[-1]
    currency = view.prepared.book.currency
    lost, less, more, new = (
        wording.money_short(cents, currency) for cents in (whole.churned, whole.contraction, whole.expansion, whole.new)
    )
    st.caption(
        parts.text(
            f"The year to {start.label} against the year to {end.label}, by the tier of today. Gross counts nobody for "
            f"more than at the start; net adds growth; {view.who}s that are new ({new}) are in neither. Lost {lost}, "
            f"shrunk by {less}, grown by {more}."
        )
    )


def _ranks(view: View) -> None:
    found = past.ranks(view.prepared, joined=view.joined)
    spans = past.periods(view.prepared)[-past.RANKED_PERIODS :]
    names = view.names([one.customer for one in found])
    currency = view.prepared.book.currency
    hover = [f"{wording.money_short(one.cents[-1], currency)} in the last twelve months" for one in found]
    places = [one.ranks for one in found]
    drawn = figures.ranks(names, [span.label for span in spans], places, {"hover": hover}, **state.look())
    parts.figure(drawn, "time.ranks")
    if len(found) > 1 and len(spans) > 1:
        st.caption("Ranks by the revenue of twelve months. Strong lines came from below the places shown.")
