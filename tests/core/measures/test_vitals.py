"""Vital signs: every part is there, said beside its target, and adds up to the score."""

from __future__ import annotations

import pytest

from core.measures import health, vitals
from core.model.health import PARTS, Health
from tests.core.measures.test_health import signals

RULES = Health()
FULL = {
    "engagement": 82.0, "contacts": 6.0, "executives": 1.0, "pipeline": 350.0, "target": 2000.0, "revenue": 1800.0,
    "threat": 1.0, "days_inactive": 12.0, "days_to_renewal": 40.0, "spent_before": 100.0, "spent_now": 80.0,
    "adoption": 0.35, "prospect": 0.0,
}  # fmt: skip


def test_every_part_is_told_beside_its_target() -> None:
    found = vitals.vitals(signals(FULL), RULES)
    assert [vital.part for vital in found] == list(PARTS)
    assert {vital.part: (vital.value, vital.target) for vital in found} == {
        "engagement": ("82", "70 of 100 is healthy"),
        "relationship": ("6 contacts, 1 executive", "5 contacts, 2 executives"),
        "pipeline_coverage": ("1.8x", "3.0x of the remaining target"),
        "revenue_attainment": ("90\u00a0%", "100\u00a0% of the target"),
        "expansion": ("\u221220\u00a0%", "+20\u00a0% in a year"),
        "competition": ("present", "none"),
        "adoption": ("35\u00a0%", "60\u00a0% used"),
        "activity": ("12 days ago", "within 60 days"),
        "renewal": ("40 days away", "more than 90 days away"),
    }


def test_costs_and_score_make_a_hundred_and_weights_make_one() -> None:
    found = vitals.vitals(signals(FULL), RULES)
    score = health.diagnose(signals(FULL), RULES).score[0]
    assert sum(vital.cost for vital in found) == pytest.approx(100 - score)
    assert sum(vital.weight for vital in found) == pytest.approx(1)


def test_what_is_not_known_is_told_as_such() -> None:
    found = vitals.vitals(signals({}), RULES)
    assert {vital.points for vital in found} == {None}
    assert {vital.value for vital in found} == {"n/a"}
    met = vitals.vitals(signals({"target": 5.0, "revenue": 9.0}), RULES)
    assert met[2].value == "target met"


def test_a_change_carries_its_sign_and_one_day_is_one_day() -> None:
    one = FULL | {"spent_now": 120.0, "days_inactive": 1.0, "days_to_renewal": -1.0, "executives": float("nan")}
    said = {vital.part: vital.value for vital in vitals.vitals(signals(one), RULES)}
    assert said["expansion"] == "+20 %"
    assert (said["activity"], said["renewal"]) == ("1 day ago", "1 day ago")
    assert said["relationship"] == "6 contacts, n/a executives"
