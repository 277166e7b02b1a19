"""The health model: its defaults are those of the proposal, and what contradicts itself is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.model.health import AT_RISK, PARTS, STATUSES, Health, HealthWeights, LossProbabilities

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "health_tiers.json").read_text("utf-8"))


def test_the_weights_are_those_of_the_proposal() -> None:
    # Source: tests/known/health_tiers.json, "health.weights".
    weights = KNOWN["health"]["weights"]
    weights["competition"] = weights.pop("competitive")
    assert HealthWeights().model_dump() == weights
    assert set(weights) == set(PARTS)


def test_the_cut_offs_lie_where_the_five_known_accounts_leave_room() -> None:
    # Source: tests/known/health_tiers.json, "cutoffs": integer pairs that give the five accounts their status.
    cutoffs, health = KNOWN["cutoffs"], Health()
    assert cutoffs["critical_below"][0] <= health.critical_below <= cutoffs["critical_below"][1]
    assert cutoffs["healthy_from"][0] <= health.healthy_from <= cutoffs["healthy_from"][1]
    assert cutoffs["contains"][f"{health.critical_below:g}/{health.healthy_from:g}"]


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"critical_below": 80}, "critical_below must not be above healthy_from"),
        ({"weights": dict.fromkeys(PARTS, 0)}, "every part of health has weight 0"),
        ({"contacts_target": 0}, "greater than 0"),
        ({"coverage_target": float("nan")}, "greater than 0|finite"),
        ({"weights": {"engagement": -1}}, "greater than or equal to 0"),
        ({"loss_probability": {"critical": 1.5}}, "less than or equal to 1"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_health_model_that_contradicts_itself_is_refused(facts: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Health.model_validate(facts)


def test_probabilities_stand_under_the_names_of_the_statuses() -> None:
    assert LossProbabilities().by_status() == {"Healthy": 0.05, "At Risk": 0.25, "Critical": 0.60}
    assert set(AT_RISK) < set(STATUSES)
