"""Reasons by the column: a million accounts are told the same as each is told alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures import health, reasons
from core.model.health import Health
from tests.core.measures.test_health import signals

# Money has two decimals and stays below ten trillion; sums of a year may be larger.
odd = (
    st.none()
    | st.integers(-5, 5000)
    | st.decimals(-50, 100, places=2).map(float)
    | st.sampled_from([1e14, -1e14, 0.01])
)
accounts = st.fixed_dictionaries(
    {
        "engagement": st.none() | st.floats(0, 100) | st.integers(0, 100),
        "contacts": st.none() | st.integers(0, 8),
        "executives": st.none() | st.integers(0, 3),
        "pipeline": odd, "revenue": odd, "target": odd, "spent_before": odd, "spent_now": odd,
        "threat": st.none() | st.integers(0, 2),
        "days_inactive": st.none() | st.integers(-3, 400),
        "days_to_renewal": st.none() | st.integers(-30, 400),
        "adoption": st.none() | st.floats(0, 1),
        "prospect": st.sampled_from([0, 1]),
    }
)  # fmt: skip
models = st.sampled_from(
    [
        {},
        {"weights": {"adoption": 20, "activity": 10, "renewal": 10}},
        {
            "weights": {"engagement": 0, "competition": 0, "activity": 7.5},
            "contacts_target": 2.5,
            "coverage_target": 40,
        },
        {"coverage_floor": 0.9, "inactive_after_days": 5, "renewal_within_days": 300, "adoption_target": 0.123},
    ]
)


@settings(max_examples=400)
@given(st.lists(accounts, min_size=1, max_size=12), models)
def test_by_the_column_is_what_it_is_account_by_account(made: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    rules = Health.model_validate(facts)
    shown = signals(*({name: math.nan if v is None else float(v) for name, v in one.items()} for one in made))
    known = ~np.isnan(health.diagnose(shown, rules).score)
    slow, fast = health.explain(shown, rules), reasons.worded(shown, rules, known)
    assert fast.reasons.to_pylist() == [[reason.words for reason in why] for why in slow]
    assert reasons.joined(fast.reasons).to_pylist() == ["; ".join(reason.words for reason in why) for why in slow]
    wanted = [
        health.answered(why, executives=float(shown["executives"][i]), known=bool(known[i]))
        for i, why in enumerate(slow)
    ]
    assert [reasons.KEYS[code] for code in fast.answers] == wanted


@pytest.mark.parametrize("multiple", [0.05, 0.15, 0.25, 0.35, 0.45, 0.65, 0.75, 0.85, 1.05, 1.15, 2.45, 2.55, 2.95])
def test_a_middle_between_two_decimals_is_rounded_as_python_does(multiple: float) -> None:
    shown = signals({"pipeline": multiple, "target": 1.0, "revenue": 0.0, "prospect": 1.0})
    [[said]] = reasons.worded(shown, Health(), np.array([True])).reasons.to_pylist()
    assert said == f"pipeline {multiple:.1f}x of the remaining target, 3.0x needed"


def test_what_to_do_is_looked_up_by_status_tier_and_reason() -> None:
    rules = Health.model_validate(
        {"rules": [{"statuses": ["Critical"], "tiers": [1], "action": "Visit", "role": "CEO", "due_days": 2}]}
    )
    answers = np.array([reasons.KEYS.index("engagement")] * 3, dtype=np.int8)
    status, tier = np.array([2, 2, 1], dtype=np.uint8), np.array([0, 4, 0], dtype=np.int8)
    found = {name: column.to_pylist() for name, column in reasons.actions(answers, status, tier, 4, rules).items()}
    usual = rules.actions.engagement
    assert found == {
        "action": ["Visit", usual, usual], "role": ["CEO", "Account owner", "Account owner"], "due_days": [2, 30, 30],
    }  # fmt: skip


def test_signals_come_into_the_order_of_the_rows_asked_for() -> None:
    shown = {"row": np.array([3.0, 5.0, 9.0]), "engagement": np.array([30.0, 50.0, 90.0])}
    assert reasons.in_order(shown, [9, 3])["engagement"].tolist() == [90.0, 30.0]


def test_nobody_has_no_reasons() -> None:
    found = reasons.worded(signals(), Health(), np.array([], dtype=bool))
    assert (found.reasons.to_pylist(), found.answers.tolist()) == ([], [])
