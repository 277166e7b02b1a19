"""Is the list any good? What it said, against what became of the accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.figures import calibration as figures
from core.measures import outcomes
from core.report import judgement
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from core.accounts.checking import Column
    from core.measures.outcomes import Judged
    from core.measures.portfolio import Portfolio
    from core.model.health import Health

NOTHING = "No column"


def section(prepared: Portfolio, health: Health) -> None:
    """Judge the list by every outcome that the book knows, where a reader asks for it."""
    opened = st.expander("Is the list any good?", icon=":material/fact_check:", key="risk.judged", on_change="rerun")
    if not opened.open:  # judging costs a scan
        return
    with opened:
        columns = outcomes.columns(prepared.book)
        by_time = _through_time(prepared.listing.name, health.model_dump_json(), prepared, health)
        if by_time:
            _shown(by_time, "time")
        if columns:
            headings = [column.heading for column in columns]
            hinted = columns[0].heading if outcomes.hinted(columns[0]) else NOTHING
            options = [NOTHING, *headings]
            chosen = st.selectbox(
                "Column that says who was lost", options, index=options.index(hinted),
                key=f"risk.outcome.{prepared.book.digest}",
            )  # fmt: skip
            if chosen != NOTHING:
                _by_column(prepared, health, columns[headings.index(chosen)])
        elif not by_time:
            st.markdown(parts.text(judgement.NO_OUTCOMES))


def _by_column(prepared: Portfolio, health: Health, column: Column) -> None:
    found = _column(prepared.listing.name, health.model_dump_json(), column.name, prepared, health, column)
    if found is None:
        st.warning(parts.text(f"“{column.heading}” says something else than lost or kept (yes/no, true/false, 1/0)."))
    else:
        _shown(found, "column")


@st.cache_data(max_entries=16, show_spinner="Comparing the list with what became of the accounts …")
def _through_time(table: str, rules: str, _prepared: Portfolio, _health: Health) -> Judged | None:  # noqa: ARG001
    return outcomes.through_time(_prepared, _health)


@st.cache_data(max_entries=16, show_spinner="Comparing the list with what became of the accounts …")
def _column(
    table: str,  # noqa: ARG001
    rules: str,  # noqa: ARG001
    name: str,  # noqa: ARG001
    _prepared: Portfolio,
    _health: Health,
    _asked: Column,
) -> Judged | None:
    return outcomes.by_column(_prepared, _health, _asked)


def _shown(judged: Judged, key: str) -> None:
    found = judged.found
    st.markdown(parts.text(judgement.answer(judged)))
    st.caption(parts.text(judgement.basis(judged)))
    if found.auc is None or not found.enough:
        return
    skill = "n/a" if found.skill is None else f"{100 * found.skill:.0f} %".replace("-", wording.MINUS)
    cards = [
        parts.Card(
            "AUC", f"{found.auc.value:.2f}", f"{found.auc.low:.2f} to {found.auc.high:.2f}",
            meaning="The chance that a lost account stood above a kept one in the list; 0.50 is chance. Interval: "
            "95 %, DeLong.",
        ),
        parts.Card(
            "Lost revenue at the top", wording.share(found.capture), "chance gives 10.0 %",
            meaning="Share of the lost revenue among the worst accounts that hold a tenth of all revenue.",
        ),
    ]  # fmt: skip
    if found.brier is not None:
        cards += [
            parts.Card(
                "Brier score", f"{found.brier:.3f}", f"{found.reference:.3f} by the average alone",
                meaning="Mean squared difference of probability and outcome; 0 is perfect.",
            ),
            parts.Card("Brier skill", skill, "above 0 is better than the average",
                       meaning="1 − Brier score over that of saying the average of every account."),
        ]  # fmt: skip
    parts.cards(cards)
    if found.bins and found.murphy:
        parts.figure(figures.reliability(parts.records(found.bins), dark=state.dark()), f"risk.reliability.{key}")
        taken = found.murphy
        st.caption(
            f"Brier score taken apart (Murphy, ten bins): reliability {taken.reliability:.4f}, less resolution "
            f"{taken.resolution:.4f}, plus uncertainty {taken.uncertainty:.4f}, is {taken.brier:.4f}."
        )
