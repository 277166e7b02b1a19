"""Explanation: the worked example of the scorecard, and that what it says of a profile is true."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.banding import MISSING
from core.decisions import explanation
from core.measures import scoring, tiers
from core.model import toml
from tests import making

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.model import Model

SCORECARD = toml.load(toml.DEFAULT)
ACME = (100, 80, 100, 100, 80, 50)


def tier_of(model: Model, points: Sequence[int], gate: int = 0) -> int:
    row = np.array([points], dtype=np.uint8)
    return int(tiers.assign(scoring.score(row, model.weights), model, np.array([gate], dtype=np.uint8)).tier[0])


@st.composite
def profiles(draw: st.DrawFn) -> tuple[Model, tuple[int, ...], int]:
    model = draw(making.models())
    points = tuple(draw(st.sampled_from([*sorted(set(c.levels)), MISSING])) for c in model.criteria)
    return model, points, draw(st.integers(0, len(model.tiers) - 1)) if model.gates else 0


def test_acme_is_89_weighted_and_51_of_60_unweighted() -> None:
    # Source: docs/methods.md.
    found = explanation.explain(SCORECARD, ACME)
    assert (found.tier, found.score, found.coverage, found.provisional) == ("Tier 1", 89.0, 1.0, False)
    assert (found.earned_points, found.possible_points, found.unweighted) == (51.0, 60.0, 0.85)
    assert [part.contribution for part in found.parts] == [30.0, 16.0, 15.0, 15.0, 8.0, 5.0]
    assert [part.possible for part in found.parts] == [30.0, 20.0, 15.0, 15.0, 10.0, 10.0]
    assert [part.lost for part in found.parts] == [0.0, 4.0, 0.0, 0.0, 2.0, 5.0]
    assert [part.value for part in found.parts][1:] == [
        "2,000–9,999", "Financial Services, Technology, Healthcare", "Strong", "Budgeted", "present"
    ]  # fmt: skip


def test_acme_s_ways_down() -> None:
    # Sources: docs/methods.md.
    found = explanation.explain(SCORECARD, ACME)
    assert found.up is None
    assert found.down is not None
    assert (found.down.tier, found.down.cut_off, found.down.distance) == ("Tier 2", 75.0, 14.0)
    assert found.down.steps is not None
    assert found.down.steps.steps == 2
    assert found.down.weight is not None
    assert found.down.weight.moved == Fraction(28, 100)
    assert [(flip.id, round(float(100 * flip.at), 2)) for flip in found.down.flips] == [("competition", 42.31)]


def test_a_missing_value_is_named_and_shares_nothing() -> None:
    found = explanation.explain(SCORECARD, (100, MISSING, 100, 100, 80, 50))
    part = found.parts[1]
    assert (part.value, part.points, part.contribution, part.possible, part.lost) == ("not known", *[None] * 4)
    assert found.parts[0].possible == 37.5
    assert (found.earned_points, found.possible_points) == (43.0, 50.0)


def test_a_gate_stands_before_the_better_tier_whatever_the_score() -> None:
    found = explanation.explain(SCORECARD, ACME, gate=1)
    assert (found.tier, found.held_by_gate, found.up) == ("Tier 2", True, None)
    assert found.down is not None
    assert (found.down.tier, found.down.cut_off, found.down.distance) == ("Tier 3", 60.0, 29.0)


def test_an_unrated_account_has_a_reason_and_no_way() -> None:
    found = explanation.explain(SCORECARD, (100, MISSING, MISSING, MISSING, 80, 50))
    assert (found.tier, found.score, found.coverage) == ("Unrated", 86.0, 0.5)
    assert (found.up, found.down, found.held_by_gate) == (None, None, False)
    nothing = explanation.explain(SCORECARD, (MISSING,) * 6)
    assert (nothing.score, nothing.unweighted, nothing.parts[0].possible) == (None, None, None)


def test_the_first_tier_has_no_way_up_and_the_last_none_down() -> None:
    assert explanation.explain(SCORECARD, (100,) * 6).up is None
    last = explanation.explain(SCORECARD, (0,) * 6)
    assert last.down is None
    assert last.up is not None
    assert last.up.tier == "Tier 3"


def test_a_criterion_without_bands_says_its_points() -> None:
    found = explanation.explain(making.model(), (50, 37))
    assert [part.value for part in found.parts] == ["100–999", "3.7 of 10 points"]


def test_bands_with_equal_points_are_named_together() -> None:
    bands = [{"points": 0}, {"from": 10, "points": 5}, {"from": 20, "points": 0}]
    criterion = {"id": "a", "name": "A", "column": "a", "importance": 1, "kind": "bands", "bands": bands}
    assert explanation.explain(making.model(criteria=[criterion]), (0,)).parts[0].value == "<10 or 20+"


@given(profiles())
def test_contributions_add_to_the_score_and_what_was_possible_to_100(
    case: tuple[Model, tuple[int, ...], int],
) -> None:
    model, points, gate = case
    found = explanation.explain(model, points, gate=gate)
    if found.score is None:
        return
    assert sum(part.contribution or 0 for part in found.parts) == pytest.approx(found.score, abs=1e-9)
    assert sum(part.possible or 0 for part in found.parts) == pytest.approx(100)
    assert sum(part.lost or 0 for part in found.parts) == pytest.approx(100 - found.score, abs=1e-9)
    assert found.low <= found.score + 1e-9
    assert found.score <= found.high + 1e-9


@given(profiles())
def test_the_steps_of_a_way_really_lead_to_its_tier(case: tuple[Model, tuple[int, ...], int]) -> None:
    model, points, gate = case
    found = explanation.explain(model, points, gate=gate)
    here = tier_of(model, points, gate)
    assert found.tier == [*model.tier_names, "Unrated"][here]
    ids = [criterion.id for criterion in model.criteria]
    for way, up in ((found.up, True), (found.down, False)):
        if way is None:
            continue
        target = model.tier_names.index(way.tier)
        assert target == (here - 1 if up else here + 1)
        assert found.score is not None
        assert way.distance == pytest.approx(abs(way.cut_off - found.score), abs=1e-9)
        if way.steps is None:
            continue
        there = list(points)
        for step in way.steps.changes:
            there[ids.index(step.id)] = round(10 * step.points_after)
        reached = tier_of(model, there, gate)
        assert reached <= target if up else reached >= target


@given(profiles())
def test_no_way_is_offered_where_there_is_no_tier(case: tuple[Model, tuple[int, ...], int]) -> None:
    model, points, gate = case
    found = explanation.explain(model, points, gate=gate)
    here = tier_of(model, points, gate)
    rated = here < len(model.tiers)
    assert (found.up is not None) == (rated and here > gate)
    assert (found.down is not None) == (rated and here < len(model.tiers) - 1)
    assert found.held_by_gate == (rated and tier_of(model, points) < here)
