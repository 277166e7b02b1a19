"""Health: the known cases, the cut-offs, the cap, and reasons that are worth their points."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures import health
from core.model.health import PARTS, Health
from tests import reference

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "health_tiers.json").read_text("utf-8"))
SCORES: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "scoring.json").read_text("utf-8"))
NAMES = ("engagement", "contacts", "executives", "pipeline", "revenue", "target", "threat", "days_inactive",
         "days_to_renewal", "spent_before", "spent_now", "prospect", "adoption")  # fmt: skip
RULES = Health()


def signals(*accounts: dict[str, float]) -> dict[str, health.Numbers]:
    return {name: np.array([account.get(name, math.nan) for account in accounts], dtype=float) for name in NAMES}


def from_known(case: dict[str, Any]) -> dict[str, float]:
    """A known case in our signals: it gives what is left of the target apart from revenue and target.

    Both follow from one pair: revenue = gap·a/(1−a) and target = gap/(1−a) leave `gap` at an attainment of a.
    """
    threat = {"none": 0.0, "present": 1.0, "active": 2.0}
    names = {"engagement": "engagement", "contacts": "contacts", "clevel": "executives", "pipeline": "pipeline",
             "start_arr": "spent_before", "end_arr": "spent_now"}  # fmt: skip
    found = {ours: float(case[theirs]) for theirs, ours in names.items() if theirs in case}
    if "threat" in case:
        found["threat"] = threat[case["threat"]]
    if "target_gap" in case:
        gap = case["target_gap"]
        attained = case["revenue"] / case["revenue_target"] if "revenue" in case else 0.0
        if gap:
            found["target"], found["revenue"] = gap / (1 - attained), gap * attained / (1 - attained)
        else:
            found["target"], found["revenue"] = case["revenue_target"], case["revenue"]
        found["prospect"] = 0.0 if "revenue" in case else 1.0
    return found


@pytest.mark.parametrize("case", KNOWN["health"]["cases"], ids=lambda case: case["input"]["name"])
def test_the_known_cases_have_their_parts_their_coverage_and_their_score(case: dict[str, Any]) -> None:
    # Source: tests/known/health_tiers.json, "health"; null is undefined.
    found = health.diagnose(signals(from_known(case["input"])), RULES)
    known = {"competition" if k == "competitive" else k: v for k, v in case["components"].items()}
    parts = {part: None if np.isnan(value) else float(value) for part, value in zip(PARTS, found.parts[0], strict=True)}
    # The known cases have no adoption, no activity and no renewal, which weigh nothing.
    assert parts == pytest.approx({part: known.get(part) for part in PARTS}, abs=1e-9)
    assert found.coverage[0] == pytest.approx(case["coverage"])
    if case["score"] is None:
        assert np.isnan(found.score[0])
        assert health.STATUS_NAMES[found.status[0]] == "Not known"
    else:
        assert found.score[0] == pytest.approx(case["score"], abs=1e-9)


def test_the_five_accounts_of_the_seeds_dashboard_have_their_status_by_engagement() -> None:
    # Source: tests/known/scoring.json, "seed_dashboard_kUSD": engagement 82, 91, 58, 76, 34.
    rows = SCORES["seed_dashboard_kUSD"]["rows"]
    found = health.diagnose(signals(*({"engagement": row["engagement"]} for row in rows)), RULES)
    assert [health.STATUS_NAMES[code] for code in found.status] == [row["status"] for row in rows]


@pytest.mark.parametrize(
    ("engagement", "status"), [(100, 0), (70, 0), (69.99, 1), (50, 1), (49.99, 2), (0, 2), (math.nan, 3)]
)
def test_a_cut_off_belongs_to_the_better_status(engagement: float, status: int) -> None:
    assert health.diagnose(signals({"engagement": engagement}), RULES).status.tolist() == [status]


def test_without_an_executive_and_with_an_active_competitor_an_account_is_at_risk_at_best() -> None:
    well = {"engagement": 100.0, "contacts": 9.0, "executives": 0.0, "pipeline": 9.0, "target": 1.0, "threat": 2.0}
    changes = [{}, {"executives": 1.0}, {"threat": 1.0}, {"engagement": 0.0, "pipeline": 0.0}]
    accounts = [{**well, **change} for change in changes]
    weights = {"engagement": 100, "competition": 0.1, "relationship": 0.1}
    rules = Health.model_validate({"weights": weights})
    found = health.diagnose(signals(*accounts), rules)
    assert found.status.tolist() == [1, 0, 0, 2]
    assert found.capped.tolist() == [True, False, False, False]
    off = Health.model_validate({"weights": weights, "cap_without_executive": False})
    assert health.diagnose(signals(well), off).status.tolist() == [0]
    assert not health.diagnose(signals(well), off).capped.any()


@pytest.mark.parametrize(
    ("account", "multiple"),
    [
        ({"pipeline": 6, "target": 3, "revenue": 1}, 3),
        ({"pipeline": 6, "target": 3, "prospect": 1}, 2),
        ({"pipeline": 6, "target": 3, "prospect": 0}, math.nan),
        ({"pipeline": 6, "target": 3}, math.nan),
        ({"pipeline": 0, "target": 3, "revenue": 3}, math.inf),
        ({"pipeline": 0, "target": 3, "revenue": 4}, math.inf),
        ({"target": 3, "revenue": 3}, math.inf),
        ({"pipeline": 0, "target": 0, "revenue": 0}, math.inf),
        ({"target": 3, "revenue": 1}, math.nan),
        ({"pipeline": 3}, math.nan),
        ({"pipeline": 3, "target": 3, "revenue": -3}, 0.5),
    ],
)
def test_coverage_is_open_pipeline_over_what_is_left_of_the_target(account: dict[str, float], multiple: float) -> None:
    found = health.pipeline_coverage(signals(account))
    assert found.tolist() == pytest.approx([multiple], nan_ok=True)


def test_attainment_is_for_customers_with_a_target() -> None:
    place = PARTS.index("revenue_attainment")
    accounts: list[dict[str, float]] = [
        {"revenue": 5, "target": 10, "prospect": 0}, {"revenue": 5, "target": 10, "prospect": 1},
        {"revenue": 5, "target": 10}, {"revenue": 20, "target": 10, "prospect": 0}, {"revenue": 5, "target": 0},
        {"target": 10, "prospect": 0}, {"revenue": -5, "target": 10, "prospect": 0},
    ]  # fmt: skip
    found = health.diagnose(signals(*accounts), RULES).parts[:, place]
    assert found.tolist() == pytest.approx([50, math.nan, 50, 100, math.nan, math.nan, 0], nan_ok=True)


@pytest.mark.parametrize(
    ("before", "now", "points"), [(100, 80, 0), (100, 100, 50), (100, 120, 100), (100, 0, 0), (100, 500, 100)]
)
def test_expansion_runs_from_a_fall_of_a_fifth_to_a_rise_of_a_fifth(before: float, now: float, points: float) -> None:
    found = health.diagnose(signals({"spent_before": before, "spent_now": now}), RULES)
    assert found.parts[0, PARTS.index("expansion")] == pytest.approx(points)
    nothing = health.diagnose(signals({"spent_before": 0, "spent_now": 5}), RULES)
    assert np.isnan(nothing.parts[0, PARTS.index("expansion")])


numbers = st.none() | st.integers(0, 10_000)
accounts = st.fixed_dictionaries({
    "engagement": st.none() | st.integers(0, 100), "contacts": st.none() | st.integers(0, 8),
    "executives": st.none() | st.integers(0, 3), "pipeline": numbers, "revenue": numbers, "target": numbers,
    "threat": st.none() | st.integers(0, 2), "prospect": st.sampled_from([0, 1]),
})  # fmt: skip


def as_text(account: dict[str, int | None]) -> dict[str, str]:
    """The same account as the reference reads it."""
    names = {"engagement": "engagement_score", "contacts": "contacts_engaged", "executives": "executive_contacts",
             "pipeline": "pipeline", "revenue": "annual_revenue", "target": "revenue_target"}  # fmt: skip
    found = {theirs: "" if account[ours] is None else str(account[ours]) for ours, theirs in names.items()}
    threat = account["threat"]
    found["competitive_threat"] = "" if threat is None else ("none", "present", "active")[threat]
    found["lifecycle"] = "prospect" if account["prospect"] else "customer"
    return found


def as_floats(account: dict[str, int | None]) -> dict[str, float]:
    return {name: math.nan if value is None else float(value) for name, value in account.items()}


@settings(max_examples=300)
@given(accounts)
def test_status_and_score_are_those_of_fractions(account: dict[str, int | None]) -> None:
    found = health.diagnose(signals(as_floats(account)), RULES)
    status, score = reference.health(as_text(account), RULES)
    assert found.status.tolist() == [status]
    assert found.score[0] == pytest.approx(math.nan if score is None else float(score), nan_ok=True)


def test_a_score_exactly_on_a_cut_off_is_on_it_whatever_the_order_of_additions() -> None:
    # Every whole engagement, contact, executive and threat: many mean exactly 70 or 50 with thirds and tenths in it.
    made: list[dict[str, int | None]] = [
        {"engagement": e, "contacts": c, "executives": x, "threat": t, "target": 30, "pipeline": p, "revenue": 0,
         "prospect": 1}
        for e in range(0, 101, 2) for c in range(6) for x in range(3) for t in range(3) for p in range(0, 100, 15)
    ]  # fmt: skip
    found = health.diagnose(signals(*(as_floats(account) for account in made)), RULES)
    wanted = [reference.health(as_text(account), RULES) for account in made]
    assert sum(score in {50, 70} for _, score in wanted) > 20
    assert found.status.tolist() == [status for status, _ in wanted]


@settings(max_examples=100)
@given(st.lists(st.floats(0.01, 100), min_size=4, max_size=4), st.integers(1, 99))
def test_parts_that_all_stand_on_a_cut_off_are_on_it_whatever_their_weights(counts: list[float], cut: int) -> None:
    parts = ("engagement", "pipeline_coverage", "revenue_attainment", "adoption")
    weights = dict(zip(parts, counts, strict=True))
    rules = Health(healthy_from=cut, critical_below=0, coverage_floor=0, adoption_target=1, weights=weights)
    account = {"engagement": cut, "pipeline": 3 * cut * (100 - cut), "revenue": 100 * cut, "target": 10_000,
               "adoption": cut / 100}  # fmt: skip
    found = health.diagnose(signals(account), rules)
    assert (found.score.tolist(), found.status.tolist()) == ([cut], [0])


@settings(max_examples=100)
@given(st.lists(accounts, min_size=2, max_size=40))
def test_the_company_of_others_changes_no_digit_of_a_score(made: list[dict[str, int | None]]) -> None:
    together = health.diagnose(signals(*(as_floats(account) for account in made)), RULES)
    alone = [health.diagnose(signals(as_floats(account)), RULES) for account in made]
    assert together.score.tobytes() == np.concatenate([one.score for one in alone]).tobytes()
    assert together.status.tolist() == [one.status[0] for one in alone]


# Reasons -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(accounts)
def test_reasons_cost_what_is_missing_to_100_strongest_first(account: dict[str, int | None]) -> None:
    shown = signals(as_floats(account))
    found, [why] = health.diagnose(shown, RULES), health.explain(shown, RULES)
    if np.isnan(found.score[0]):
        known = [(w, p) for w, p in zip(health.weights_of(RULES), found.parts[0], strict=True) if w and not np.isnan(p)]
        assert found.coverage[0] < RULES.coverage_floor
        assert len(why) == sum(part < 100 for _, part in known), "what little is known is said all the same"
        return
    assert sum(reason.cost for reason in why) == pytest.approx(100 - found.score[0], abs=1e-9)
    assert [reason.cost for reason in why] == sorted((reason.cost for reason in why), reverse=True)
    lacking = {part for part, value in zip(PARTS, found.parts[0], strict=True) if value < 100}
    assert not lacking & {"adoption", "activity", "renewal"}
    assert {reason.part for reason in why} == lacking
    assert all(reason.words and "nan" not in reason.words for reason in why)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ({"engagement": 34}, ["engagement 34 of 100"]),
        ({"contacts": 1, "executives": 0}, ["1 of 5 contacts, 0 of 2 executives"]),
        ({"pipeline": 1, "target": 2, "prospect": 1}, ["pipeline 0.5x of the remaining target, 3.0x needed"]),
        ({"revenue": 5, "target": 20, "prospect": 0}, ["25\u00a0% of the revenue target"]),
        ({"spent_before": 10, "spent_now": 8}, ["spending \u221220\u00a0% in a year"]),
        ({"spent_before": 10, "spent_now": 11}, ["spending +10\u00a0% in a year"]),
        ({"threat": 2}, ["an active competitor"]),
        ({"threat": 1}, ["a competitor is present"]),
        ({"days_inactive": 61}, ["no activity for 61 days"]),
        ({"days_inactive": 60}, []),
        ({"days_to_renewal": 90}, ["renewal in 90 days"]),
        ({"days_to_renewal": 0}, ["renewal in 0 days"]),
        ({"days_to_renewal": -1}, []),
        ({"days_to_renewal": 91}, []),
        ({"engagement": 100, "threat": 0}, []),
    ],
)
def test_a_reason_shows_the_value_beside_its_target(account: dict[str, float], words: list[str]) -> None:
    assert [reason.words for reason in health.explain(signals(account), RULES)[0]] == words


def action(account: dict[str, float]) -> str:
    shown = signals(account)
    known = not np.isnan(health.diagnose(shown, RULES).score[0])
    executives = account.get("executives", math.nan)
    return health.next_action(health.explain(shown, RULES)[0], executives=executives, known=known, health=RULES)


@pytest.mark.parametrize(
    ("account", "wanted"),
    [
        ({}, "unknown"),
        ({"engagement": 100}, "keep"),
        ({"engagement": 10}, "engagement"),
        ({"engagement": 10, "executives": 0, "contacts": 5}, "executives"),
        ({"threat": 2}, "competition"),
        ({"threat": 2, "executives": 0}, "executives"),
        ({"contacts": 0, "executives": 1}, "relationship"),
        ({"revenue": 1, "target": 100, "prospect": 0}, "revenue_attainment"),
        ({"spent_before": 100, "spent_now": 1, "executives": 0}, "expansion"),
        ({"engagement": 100, "days_inactive": 90}, "inactivity"),
        ({"engagement": 100, "days_to_renewal": 9}, "renewal"),
    ],
)
def test_the_next_action_answers_the_strongest_reason(account: dict[str, float], wanted: str) -> None:
    assert action(account) == getattr(RULES.actions, wanted)


# Coverage, and the signals that count only when somebody says so ------------------------------------------------------


@pytest.mark.parametrize(("floor", "status"), [(0, 1), (0.1, 1), (0.1001, 3), (0.5, 3)])
def test_below_the_coverage_floor_an_account_is_not_judged(floor: float, status: int) -> None:
    rules = Health.model_validate({"coverage_floor": floor})
    found = health.diagnose(signals({"threat": 1}), rules)
    assert found.status.tolist() == [status]
    assert np.isnan(found.score[0]) == (status == 3)
    assert found.coverage[0] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("part", "account", "points"),
    [
        ("adoption", {"adoption": 0.3}, 50),
        ("adoption", {"adoption": 0.6}, 100),
        ("adoption", {"adoption": 0.9}, 100),
        ("adoption", {"adoption": 0.3, "prospect": 1}, math.nan),
        ("activity", {"days_inactive": 60}, 100),
        ("activity", {"days_inactive": 90}, 50),
        ("activity", {"days_inactive": 120}, 0),
        ("activity", {"days_inactive": 500}, 0),
        ("renewal", {"days_to_renewal": 0}, 0),
        ("renewal", {"days_to_renewal": 45}, 50),
        ("renewal", {"days_to_renewal": 90}, 100),
        ("renewal", {"days_to_renewal": -1}, math.nan),
    ],
)
def test_adoption_activity_and_renewal_earn_their_part(part: str, account: dict[str, float], points: float) -> None:
    found = health.diagnose(signals(account), RULES).parts[0, PARTS.index(part)]
    assert found == pytest.approx(points, nan_ok=True)


@settings(max_examples=40)
@given(accounts, st.integers(0, 200), st.integers(-20, 200), st.floats(0, 1))
def test_they_change_no_score_until_they_have_a_weight(
    account: dict[str, int | None], silent: int, renewal: int, adoption: float
) -> None:
    more = {"days_inactive": float(silent), "days_to_renewal": float(renewal), "adoption": adoption}
    without, shown = signals(as_floats(account)), signals(as_floats(account) | more)
    one, other = health.diagnose(without, RULES), health.diagnose(shown, RULES)
    assert one.score.tolist() == pytest.approx(other.score.tolist(), nan_ok=True)
    assert one.coverage.tolist() == other.coverage.tolist()


def test_with_a_weight_they_cost_points_and_are_said_once() -> None:
    rules = Health.model_validate({"weights": {"activity": 20, "renewal": 20, "adoption": 20, "engagement": 40}})
    account = {"engagement": 100, "days_inactive": 90, "days_to_renewal": 45, "adoption": 0.15}
    found, [why] = health.diagnose(signals(account), rules), health.explain(signals(account), rules)
    assert found.score[0] == pytest.approx(100 - 15 - 10 - 10)
    assert [reason.part for reason in why] == ["adoption", "inactivity", "renewal"]
    assert [reason.cost for reason in why] == pytest.approx([15, 10, 10])
    assert why[0].words == "15\u00a0% is used, 60\u00a0% expected"


@pytest.mark.parametrize(
    ("account", "alone"),
    [
        ({"contacts": 4, "executives": 2}, True),
        ({"contacts": 5, "executives": 2}, False),
        ({"contacts": 9, "executives": 1}, True),
        ({"contacts": 4}, True),
        ({"executives": 2}, False),
        ({}, False),
    ],
)
def test_an_account_with_few_people_hangs_on_them(account: dict[str, float], *, alone: bool) -> None:
    assert health.diagnose(signals(account), RULES).single_threaded.tolist() == [alone]


def test_a_rule_says_who_acts_how_soon_and_what() -> None:
    rules = Health.model_validate(
        {"rules": [{"statuses": ["Critical"], "action": "Visit", "role": "CEO", "due_days": 2}]}
    )
    assert health.planned("Critical", 1, "engagement", rules) == health.NextAction("Visit", "CEO", 2, "engagement")
    found = health.planned("At Risk", None, "competition", rules)
    assert (found.action, found.role, found.due_days) == (RULES.actions.competition, "Account owner", 30)
