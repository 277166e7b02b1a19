from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import toml
from core.model.difference import Difference, difference
from core.model.model import Model

READY = [toml.load(name) for name in toml.ready_models()]
SCORECARD = toml.load("tier1_scorecard")


def changed(**values: Any) -> Model:
    return Model.model_validate(SCORECARD.model_dump() | values)


def rows(after: Model) -> list[tuple[str, str | None, str | None]]:
    return [(row.path, row.before, row.after) for row in difference(SCORECARD, after)]


def test_equal_models_do_not_differ() -> None:
    assert [difference(model, toml.loads(toml.dumps(model))) for model in READY] == [[]] * len(READY)


def test_an_importance_changes_its_own_weight_and_the_others() -> None:
    assert rows(SCORECARD.with_importance({"industry": 40})) == [
        ("criteria.revenue_potential.weight", "30.00 %", "24.00 %"),
        ("criteria.company_size.weight", "20.00 %", "16.00 %"),
        ("criteria.industry.importance", "15", "40"),
        ("criteria.industry.weight", "15.00 %", "32.00 %"),
        ("criteria.technology_fit.weight", "15.00 %", "12.00 %"),
        ("criteria.buying_stage.weight", "10.00 %", "8.00 %"),
        ("criteria.competition.weight", "10.00 %", "8.00 %"),
    ]


def test_doubled_importances_leave_the_weights() -> None:
    doubled = SCORECARD.with_importance({c.id: c.importance * 2 for c in SCORECARD.criteria})
    assert {row.path.rpartition(".")[2] for row in difference(SCORECARD, doubled)} == {"importance"}


def test_a_cut_off_a_floor_and_a_name_are_listed() -> None:
    tiers = [tier.model_dump() for tier in SCORECARD.tiers]
    tiers[0]["cut_off"] = 72.5
    assert rows(changed(name="Other", coverage_floor=0.5, tiers=tiers)) == [
        ("name", "Tier 1 scorecard", "Other"),
        ("coverage_floor", "0.6", "0.5"),
        ("tiers.Tier 1.cut_off", "75", "72.5"),
    ]


def test_bands_and_categories_are_said_as_a_whole() -> None:
    criteria = [c.model_dump() for c in SCORECARD.criteria]
    criteria[2]["categories"] = (
        {"values": ("Energy",), "points": 10},
        {"values": ("Retail", "Telecoms"), "points": 5.5},
    )
    before = changed(criteria=criteria)
    criteria[2]["categories"] = ({"values": ("Energy", "Retail"), "points": 7},)
    criteria[2]["otherwise"] = None
    criteria[1]["bands"] = ({"points": 0.5}, {"lower": 600, "points": 10})
    found = difference(before, changed(criteria=criteria))
    assert [(row.path, row.before, row.after) for row in found] == [
        (
            "criteria.company_size.bands",
            "lowest: 0 points; from 500: 5 points; from 2000: 8 points; from 10000: 10 points",
            "lowest: 0.5 points; from 600: 10 points",
        ),
        (
            "criteria.industry.categories",
            "Energy: 10 points; Retail, Telecoms: 5.5 points",
            "Energy, Retail: 7 points",
        ),
        ("criteria.industry.otherwise", "0", None),
    ]


def test_what_only_one_model_has_is_nothing_in_the_other() -> None:
    gate = {"id": "size", "name": "Size", "column": "employees", "best_tier": "Tier 2", "at_least": 50}
    gated = changed(gates=[gate])
    assert ("gates.size.at_least", None, "50") in rows(gated)
    assert ("gates.size.missing_fails", None, "no") in rows(gated)
    assert Difference("gates.size.at_least", "50", None) in difference(gated, SCORECARD)


def test_another_order_is_a_difference() -> None:
    turned = changed(criteria=SCORECARD.criteria[::-1])
    ids = [criterion.id for criterion in SCORECARD.criteria]
    assert rows(turned) == [("criteria", ", ".join(ids), ", ".join(ids[::-1]))]


def test_two_gates_of_one_id_are_both_seen() -> None:
    gate = {"id": "size", "name": "Size", "column": "employees", "best_tier": "Tier 2", "at_least": 50}
    one = changed(gates=[gate, gate])
    other = changed(gates=[gate, gate | {"at_least": 60}])
    assert difference(one, other) == [Difference("gates.size.at_least (2)", "50", "60")]


@pytest.mark.parametrize("after", READY, ids=lambda model: model.name)
@pytest.mark.parametrize("before", READY, ids=lambda model: model.name)
def test_there_is_a_difference_exactly_where_models_differ(before: Model, after: Model) -> None:
    assert bool(difference(before, after)) == (before != after)


@given(st.lists(st.floats(0.1, 100), min_size=6, max_size=6), st.floats(0, 1), st.integers(4001, 9_999))
def test_every_change_of_a_number_is_seen_and_turns_around(
    importance: list[float], floor: float, hundredths: int
) -> None:
    tiers = [tier.model_dump() for tier in SCORECARD.tiers]
    tiers[0]["cut_off"], tiers[1]["cut_off"] = (hundredths + 1) / 100, hundredths / 100
    weights = dict(zip([c.id for c in SCORECARD.criteria], importance, strict=True))
    after = changed(tiers=tiers, coverage_floor=floor).with_importance(weights)
    there, back = difference(SCORECARD, after), difference(after, SCORECARD)
    assert bool(there) == (after != SCORECARD)
    assert {Difference(row.path, row.after, row.before) for row in back} == set(there)
