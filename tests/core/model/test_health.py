"""The health model: its defaults are those of the proposal, and what contradicts itself is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.model import toml
from core.model.health import AT_RISK, PARTS, REASONS, STATUSES, Health, HealthWeights, LossProbabilities, NextActions

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "health_tiers.json").read_text("utf-8"))


def test_the_weights_are_those_of_the_proposal() -> None:
    # Source: tests/known/health_tiers.json, "health.weights".
    weights = KNOWN["health"]["weights"]
    weights["competition"] = weights.pop("competitive")
    later = dict.fromkeys(("adoption", "activity", "renewal"), 0)
    assert HealthWeights().model_dump() == weights | later
    assert set(weights | later) == set(PARTS)
    assert len(REASONS) == len(PARTS)


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
        ({"coverage_floor": 1.2}, "less than or equal to 1"),
        ({"adoption_target": 0}, "greater than 0"),
        ({"rules": [{"statuses": ["Poorly"]}]}, "Healthy"),
        ({"rules": [{"tiers": [0]}]}, "greater than or equal to 1"),
        ({"rules": [{"due_days": -1}]}, "greater than or equal to 0"),
        ({"rules": [{}] * 41}, "at most 40"),
    ],
)
def test_a_health_model_that_contradicts_itself_is_refused(facts: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Health.model_validate(facts)


def test_probabilities_stand_under_the_names_of_the_statuses() -> None:
    assert LossProbabilities().by_status() == {"Healthy": 0.05, "At Risk": 0.25, "Critical": 0.60}
    assert set(AT_RISK) < set(STATUSES)


def test_every_signal_that_counts_is_enough_to_be_judged_until_the_floor_is_raised() -> None:
    # The five known accounts are judged by engagement alone; a fall of spending alone must not go unsaid.
    health = Health()
    least = min(weight for weight in health.weights.model_dump().values() if weight)
    assert 0 < health.coverage_floor <= least / 100


def test_the_first_rule_that_holds_decides() -> None:
    health = Health.model_validate(
        {
            "rules": [
                {
                    "statuses": ["Critical"],
                    "tiers": [1],
                    "reasons": ["competition"],
                    "action": "War room",
                    "due_days": 1,
                },
                {"statuses": ["Critical", "At Risk"], "role": "Sponsor", "due_days": 5},
                {"tiers": [1, 2], "role": "Executive"},
            ]
        }
    )
    assert health.rule("Critical", 1, "competition").action == "War room"
    assert health.rule("Critical", 2, "competition").role == "Sponsor"
    assert health.rule("At Risk", None, "engagement").due_days == 5
    assert health.rule("Healthy", 2, "keep").role == "Executive"
    assert health.rule("Healthy", None, "keep").role == "Account owner", "an unrated account is in no tier"


def test_every_reason_has_an_action_and_all_of_it_goes_through_toml() -> None:
    assert set(NextActions.model_fields) == {*REASONS, "executives", "unknown", "keep"}
    base = toml.load(toml.DEFAULT)
    health = {
        "coverage_floor": 0.4, "single_thread_contacts": 3, "adoption_target": 0.8,
        "weights": {"adoption": 10, "activity": 5, "renewal": 5}, "loss_probability": {"from_book": False},
        "actions": {"adoption": "Train them"},
        "rules": [{"statuses": ["At Risk"], "tiers": [2], "reasons": ["renewal"], "action": "Call", "due_days": 0}],
    }  # fmt: skip
    changed = base.model_copy(update={"health": Health.model_validate(health)})
    assert toml.loads(toml.dumps(changed)) == changed
    bare = base.model_copy(update={"health": Health(rules=())})
    assert toml.loads(toml.dumps(bare)) == bare


def test_what_to_do_decides_no_status_so_the_cube_stays() -> None:
    base = toml.load(toml.DEFAULT)
    rules = base.model_copy(update={"health": Health(rules=())})
    floor = base.model_copy(update={"health": Health(coverage_floor=0.5)})
    assert base.banding_key() == rules.banding_key() != floor.banding_key()
