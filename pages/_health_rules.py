"""What decides the at-risk list: signals and weights, cut-offs, probabilities, and the rules of next actions, to edit.

What is edited here is part of the model on screen, as on the Model page; a saved scenario keeps it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import BadModel, TierwiseError
from core.measures import vitals
from core.model import toml
from core.model.health import NOT_KNOWN, STATUSES, NextActions
from pages import _forms as forms
from pages import _parts as parts
from pages import _saving as saving
from pages import _state as state

EPOCH = "health.epoch"
NUMBERS = {
    "healthy_from": ("Healthy from", 0.0, 100.0, "Lowest health score of Healthy."),
    "critical_below": ("Critical below", 0.0, 100.0, "A lower health score is Critical."),
    "coverage_floor": ("Coverage floor", 0.0, 1.0, "Less of the weight known than this share: Not known."),
    "contacts_target": ("Contacts wanted", 0.1, 1000.0, "Contacts that earn the full part."),
    "executives_target": ("Executives wanted", 0.1, 1000.0, "Executive contacts that earn the full part."),
    "coverage_target": ("Pipeline coverage wanted", 0.1, 100.0, "Pipeline over remaining target; 1 / win rate."),
    "adoption_target": ("Adoption wanted", 0.01, 1.0, "Share of what was bought that is used."),
    "inactive_after_days": ("Silent after (days)", 1.0, 3650.0, "Days without activity that count as silence."),
    "renewal_within_days": ("Renewal near (days)", 1.0, 3650.0, "Days before a renewal that count as near."),
    "single_thread_contacts": ("Single-threaded below contacts", 0.1, 1000.0, "Fewer contacts mark the account."),
    "single_thread_executives": ("Single-threaded below executives", 0.1, 1000.0, "Fewer executives mark it."),
}
REASONS = tuple(NextActions.model_fields)


def section() -> None:
    """Show the health model to be edited, where a reader asks for it."""
    opened = st.expander("What decides this list", icon=":material/rule:", key="risk.rules", on_change="rerun")
    if not opened.open:
        return
    with opened:
        st.caption("Weights, probabilities and actions are proposals. Edits hold in this session until they are saved.")
        made: dict[str, Any] = forms.raw(state.shown())["health"]
        before = st.session_state.get(EPOCH, 0)
        signals, what = st.tabs(["Signals and assumptions", "Next actions"])
        with signals:
            read = _signals(dict(made))
        with what:
            read = _actions(read)
        fault = _take(read)
        if fault:
            st.error(parts.text(fault), icon=":material/error:")
        with st.container(horizontal=True):
            st.button("Discard edits of health", on_click=_discard, disabled=read == _baseline() and not fault)
            saving.save_button()
        if not fault and read != made and before == st.session_state.get(EPOCH, 0):
            st.rerun()


def _key(part: str) -> str:
    return f"health.{state.edition()}.{st.session_state.get(EPOCH, 0)}.{part}"


def _mounted(part: str, rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Give a table as it was mounted, and its key: it keeps its rows while it is typed into, so that nothing jumps."""
    key = _key(part)
    if key not in st.session_state:
        st.session_state[f"{key}.rows"] = rows
    found: pd.DataFrame = st.session_state[f"{key}.rows"]
    return found, key


def _baseline() -> dict[str, Any]:
    found: dict[str, Any] = forms.raw(state.baseline())["health"]
    return found


def _discard() -> None:
    st.session_state[EPOCH] = st.session_state.get(EPOCH, 0) + 1
    _take(_baseline())


def _take(read: dict[str, Any]) -> str:
    """Take a health model as it was typed; give what is wrong with it, and keep the one there is."""
    raw = forms.raw(state.shown())
    raw["health"] = read
    try:
        state.edit(toml.build(raw))
    except BadModel as error:
        return "; ".join(str(fault) for fault in error.faults)
    except TierwiseError as error:
        return str(error)
    return ""


def _signals(read: dict[str, Any]) -> dict[str, Any]:
    weights, numbers = st.columns([2, 3], gap="large")
    with weights:
        rows = [{"Signal": vitals.NAMES[part], "Weight": value} for part, value in read["weights"].items()]
        shown, key = _mounted("weights", pd.DataFrame(rows))
        typed = st.data_editor(
            shown, key=key, hide_index=True, disabled=["Signal"],
            column_config={"Weight": st.column_config.NumberColumn(min_value=0, max_value=100)},
        )  # fmt: skip
        read["weights"] = {
            part: _kept(value, 0.0) for part, value in zip(read["weights"], typed["Weight"].tolist(), strict=True)
        }
        read["cap_without_executive"] = st.checkbox(
            "No executive and an active competitor: At Risk at best", read["cap_without_executive"], key=_key("cap")
        )
    with numbers, st.grid("auto", min_column_width=150, gap="small"):
        for name, (label, low, high, meaning) in NUMBERS.items():
            read[name] = st.number_input(label, low, high, float(read[name]), key=_key(name), help=meaning)
        loss = dict(read["loss_probability"])
        for status, name in zip(STATUSES, ("healthy", "at_risk", "critical"), strict=True):
            loss[name] = st.number_input(
                f"Loss, {status}", 0.0, 1.0, float(loss[name]), step=0.05, key=_key(f"loss.{name}"),
                help="Assumed probability that such an account is lost within a year.",
            )  # fmt: skip
        loss["from_book"] = st.checkbox(
            "Where the book says a probability, use it", loss["from_book"], key=_key("loss.book")
        )
        read["loss_probability"] = loss
    return read


def _kept(value: Any, otherwise: float) -> float:
    return otherwise if value is None or pd.isna(value) else float(value)


def _actions(read: dict[str, Any]) -> dict[str, Any]:
    st.caption("The first rule that holds decides who acts and how soon. Empty holds for any; empty actions are below.")
    places = {str(i): name for i, name in enumerate(state.shown().tier_names, 1)}
    rows = [
        {
            "Status": list(rule["statuses"]),
            "Tier": [places.get(str(place), str(place)) for place in rule["tiers"]],
            "Reason": list(rule["reasons"]),
            "Action": rule["action"],
            "Who": rule["role"],
            "Due (days)": rule["due_days"],
        }
        for rule in read["rules"]
    ]
    choose = st.column_config.MultiselectColumn
    shown, key = _mounted(
        "rules", pd.DataFrame(rows, columns=["Status", "Tier", "Reason", "Action", "Who", "Due (days)"])
    )
    typed = st.data_editor(
        shown,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "Status": choose(options=[*STATUSES, NOT_KNOWN]),
            "Tier": choose(options=list(places.values())),
            "Reason": choose(options=list(REASONS)),
            "Due (days)": st.column_config.NumberColumn(min_value=0, max_value=365, step=1),
        },
    )
    numbers = {name: int(place) for place, name in places.items()}
    read["rules"] = [_rule({str(k): v for k, v in row.items()}, numbers) for row in typed.to_dict("records")]
    texts = pd.DataFrame({"Reason": list(read["actions"]), "Action": list(read["actions"].values())})
    texts, key = _mounted("actions", texts)
    changed = st.data_editor(texts, key=key, hide_index=True, disabled=["Reason"])
    read["actions"] = {
        name: "" if pd.isna(text) else str(text)
        for name, text in zip(read["actions"], changed["Action"].tolist(), strict=True)
    }
    return read


def _rule(row: dict[str, Any], places: dict[str, int]) -> dict[str, Any]:
    def several(value: Any) -> list[str]:
        return [str(item) for item in value] if isinstance(value, list | tuple) else []

    def words(value: Any) -> str:
        return "" if value is None or (isinstance(value, float) and pd.isna(value)) else str(value)

    return {
        "statuses": several(row["Status"]),
        "tiers": [places.get(name) or int(name) for name in several(row["Tier"])],
        "reasons": several(row["Reason"]),
        "action": words(row["Action"]),
        "role": words(row["Who"]) or "Account owner",
        "due_days": int(_kept(row["Due (days)"], 30.0)),
    }
