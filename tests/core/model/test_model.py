"""The model as a whole: it cannot exist when wrong, and its key knows what a profile depends on."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from core.errors import TierwiseError, UnknownName
from core.model import model as model_module
from core.model.model import Model, contradictions
from tests import making


def tiers(*cut_offs: float) -> list[dict[str, Any]]:
    return [{"name": f"T{i}", "cut_off": cut_off} for i, cut_off in enumerate(cut_offs)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tiers": tiers(75, 75, 0)}, "75 is not below 75"),
        ({"tiers": tiers(60, 75, 0)}, "75 is not below 60"),
        ({"tiers": tiers(75, 5)}, "the last tier needs cut-off 0"),
        ({"tiers": tiers(0)}, "at least 2 items"),
        ({"tiers": [{"name": "A", "cut_off": 50}, {"name": "A", "cut_off": 0}]}, "the tier “A” stands twice"),
        ({"criteria": []}, "at least 1 item"),
        ({"gates": [{"id": "g", "name": "G", "column": "x", "best_tier": "Z", "below": 1}]}, "there is no tier “Z”"),
        ({"coverage_floor": 1.2}, "less than or equal to 1"),
    ],
)
def test_a_model_that_is_wrong_cannot_exist(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        making.model(**changes)


def test_two_criteria_of_one_id_or_none_of_importance_cannot_exist() -> None:
    one = making.model().model_dump(mode="json")["criteria"][1]
    with pytest.raises(ValidationError, match="the criterion id “fit” stands twice"):
        making.model(criteria=[one, one])
    with pytest.raises(ValidationError, match="every criterion has importance 0"):
        making.model(criteria=[{**one, "importance": 0}])


def test_a_model_knows_its_numbers() -> None:
    model = making.model(coverage_floor=0.29)
    assert (model.weights, model.cut_offs, model.tier_names, model.floor) == (
        (6000, 4000), (7500, 5000, 0), ("A", "B", "C"), 2900,
    )  # fmt: skip


def test_new_importance_leaves_the_others_and_the_old_model_as_they_were() -> None:
    model = making.model()
    assert model.with_importance({"fit": 60}).weights == (5000, 5000)
    assert model.with_importance({}).model_dump() == model.model_dump()
    assert model.weights == (6000, 4000)


@pytest.mark.parametrize("value", [-1, 100.5, math.nan, math.inf])
def test_an_importance_out_of_range_is_one_sentence(value: float) -> None:
    with pytest.raises(TierwiseError) as caught:
        making.model().with_importance({"fit": value})
    sentence = f"fit: the importance {value:g} is not a number from 0 to 100. Give a number from 0 to 100."
    assert str(caught.value) == sentence


def test_an_unknown_criterion_and_no_importance_at_all_are_one_sentence() -> None:
    with pytest.raises(UnknownName, match=r"There is no criterion named “colour”. Choose one of: fit, size."):
        making.model().with_importance({"colour": 5})
    with pytest.raises(TierwiseError, match="every criterion has importance 0"):
        making.model().with_importance({"fit": 0, "size": 0})


@settings(max_examples=30)
@given(making.models())
def test_the_banding_key_does_not_know_weights_cut_offs_and_names(model: Model) -> None:
    data = model.model_dump(mode="json")
    data["criteria"] = [{**c, "importance": 50, "name": "x", "description": "y"} for c in data["criteria"]]
    data["tiers"][0]["cut_off"] = 100
    data["coverage_floor"] = 0.1
    assert Model.model_validate(data).banding_key() == model.banding_key()


@pytest.mark.parametrize(
    "changes",
    [
        {"criteria": making.model().model_dump(mode="json")["criteria"][:1]},
        {"gates": [{"id": "g", "name": "G", "column": "region", "best_tier": "B", "below": 1}]},
        {"health": {"critical_below": 40}},
        {"health": {"loss_probability": {"critical": 1}}},
    ],
)
def test_the_banding_key_knows_what_a_profile_depends_on(changes: dict[str, Any]) -> None:
    assert making.model(**changes).banding_key() != making.model().banding_key()


def test_a_band_edge_a_column_and_a_gates_tier_change_the_key() -> None:
    keys = set()
    for column, edge in [("employees", 100), ("annual_revenue", 100), ("employees", 101)]:
        first = making.model().model_dump(mode="json")["criteria"][0]
        bands = [{"points": 0}, {"lower": edge, "points": 10}]
        keys.add(making.model(criteria=[{**first, "column": column, "bands": bands}]).banding_key())
    gate = {"id": "g", "name": "G", "column": "region", "below": 1}
    keys |= {making.model(gates=[{**gate, "best_tier": tier}]).banding_key() for tier in "ABC"}
    assert len(keys) == 6


def test_a_model_without_contradiction_has_none_to_tell() -> None:
    assert contradictions(["a", "b"], [1, 0], [("A", 50), ("B", 0)], [("g", "B")]) == []


def test_contradictions_tell_their_place() -> None:
    found = contradictions(["a", "a"], [0, 0], [("A", 50), ("A", 60), ("C", 5)], [("g", "Z")])
    assert [place for place, _ in found] == [
        "criteria", "criteria", "tiers", "tiers[2].cut_off", "tiers[3].cut_off", "gates[1].best_tier",
    ]  # fmt: skip


def test_the_most_criteria_still_fit_into_128_bits() -> None:
    # 101 levels and one more for missing, 8 tiers of gates: the largest profile number there can be.
    assert 102**model_module.MOST_CRITERIA * 8**3 < 10**38
