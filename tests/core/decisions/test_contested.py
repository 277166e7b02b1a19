from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.decisions import contested
from core.measures import portfolio, tiers
from core.model.numbers import FULL_WEIGHT, weights_from
from tests import making
from tests.core.decisions.robustness import shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.cube import Cube
    from core.model.model import Model


KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "elicitation.json").read_text("utf-8"))


def verdict(cube: Cube, model: Model, weights: Sequence[int]) -> Any:
    """The slow way: a model of one's own for each person."""
    criteria = {c.id: weight / 100 for c, weight in zip(model.criteria, weights, strict=True)}
    return tiers.weigh(cube, model.with_importance(criteria))


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_everybodys_tiers_at_once_equal_everybodys_one_by_one(data: st.DataObject) -> None:
    model = data.draw(making.models(least=2))
    accounts = data.draw(making.rows(model))
    prepared = portfolio.prepare(making.book(making.columns(accounts)), model)
    n = len(model.criteria)
    answers = st.lists(st.integers(0, 100), min_size=n, max_size=n).filter(any)
    weights = [weights_from(row) for row in data.draw(st.lists(answers, min_size=1, max_size=5))]
    found = contested.measure(prepared.cube, model, weights)
    for row, own in zip(found.tier, weights, strict=True):
        assert (row == verdict(prepared.cube, model, own).tier).all()
    agreed = [len({int(t) for t in column}) == 1 for column in found.tier.T]
    assert found.agreed.tolist() == agreed
    assert found.accounts == int(prepared.cube.accounts[~found.agreed].sum())


def test_five_people_agree_on_the_first_tier_of_as_many_profiles_as_known() -> None:
    # Source: tests/known/elicitation.json, "tier_agreement_profiles": one account a profile, the first tier from 75.
    known = KNOWN["tier_agreement_profiles"]
    people = [[round(100 * share) for share in row] for row in KNOWN["group"]["participants_pct"]]
    first = contested.tiers_for_all(shared.cube(shared.PROFILES), shared.SCORECARD, people) == 0
    assert first.shape == (5, known["of"])
    assert first.sum(axis=1).tolist() == known["per_participant_tier1"]
    assert int((first.all(axis=0) | ~first.any(axis=0)).sum()) == known["unanimous"]


BOOK: dict[str, list[str | None]] = {
    "account_id": ["big", "fit", "both", "none", "odd"],
    "employees": ["5000", "10", "5000", "10", None],
    "Fit": ["0", "10", "10", "0", "9"],
    "annual_revenue": ["400", "300", "200", "100", "50"],
}
ROOM = [(8000, 2000), (7000, 3000), (2000, 8000)]


@pytest.fixture
def prepared() -> Any:
    return portfolio.prepare(making.book(BOOK), making.model())


def test_what_a_room_agrees_on_is_counted_in_accounts_and_revenue(prepared: Any) -> None:
    """By hand: “big” scores 80, 70, 20 and “fit” 20, 30, 80; cut-offs 75 and 50. The others are the same for all."""
    found = contested.measure(prepared.cube, making.model(coverage_floor=0), ROOM)
    assert (found.accounts, found.revenue) == (2, 70_000)
    assert found.share_accounts == pytest.approx(3 / 5)
    assert found.share_revenue == pytest.approx(350 / 1050)


def test_contested_accounts_come_by_revenue_with_who_puts_them_where_and_the_criterion_behind(prepared: Any) -> None:
    model = making.model(coverage_floor=0)
    found = contested.measure(prepared.cube, model, ROOM)
    first, second = contested.disputes(prepared, model, ROOM, found)
    assert (first.account_id, first.revenue) == ("big", 40_000)
    assert first.people == (("A", (0,)), ("B", (1,)), ("C", (2,)))
    assert first.criterion == "fit"  # 0.35 · 75 for the fit it lacks, against 0.35 · 25 for the size it has
    assert (second.account_id, second.people) == ("fit", (("A", (2,)), ("C", (0, 1))))
    assert second.criterion == "size"


def test_the_list_may_be_cut_short(prepared: Any) -> None:
    model = making.model(coverage_floor=0)
    found = contested.measure(prepared.cube, model, ROOM)
    assert [d.account_id for d in contested.disputes(prepared, model, ROOM, found, most=1)] == ["big"]


def test_being_unrated_for_some_is_a_dispute_too(prepared: Any) -> None:
    """“odd” has no size: with a floor of 60 % only who gives fit 60 % or more can rate it."""
    model = making.model()
    found = contested.measure(prepared.cube, model, ROOM)
    odd = next(d for d in contested.disputes(prepared, model, ROOM, found) if d.account_id == "odd")
    assert odd.people == (("A", (2,)), ("Unrated", (0, 1)))
    assert odd.criterion is None


def test_a_criterion_whose_spread_moves_nobody_is_told_apart(prepared: Any) -> None:
    model = making.model(coverage_floor=0)
    quiet = contested.effects(prepared.cube, model, (7000, 3000), [(7000, 3000), (6900, 3100)])
    assert [effect.matters for effect in quiet] == [False, False]
    loud = contested.effects(prepared.cube, model, (7000, 3000), ROOM)
    assert [(effect.criterion, effect.accounts) for effect in loud] == [("fit", 2), ("size", 2)]
    assert (loud[1].low, loud[1].high) == (2000, 8000)


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_between_the_ends_of_a_spread_nothing_else_happens(data: st.DataObject) -> None:
    """What is said to move nobody moves nobody at any weight between, but for the rounding of the others."""
    model = data.draw(making.models(least=2, most=4))
    prepared = portfolio.prepare(making.book(making.columns(data.draw(making.rows(model)))), model)
    n = len(model.criteria)
    answers = st.lists(st.integers(1, 100), min_size=n, max_size=n)
    weights = [weights_from(row) for row in data.draw(st.lists(answers, min_size=2, max_size=3))]
    group = weights_from([sum(column) for column in zip(*weights, strict=True)])
    for effect in contested.effects(prepared.cube, model, group, weights):
        if effect.matters:
            continue
        place = [c.id for c in model.criteria].index(effect.criterion)
        steps = np.linspace(effect.low, effect.high, 7).astype(int)
        rows = [contested.varied(group, place, int(step)) for step in steps]
        between = contested.tiers_for_all(prepared.cube, model, rows)
        differ = (between != between[0]).any(axis=0)
        if differ.any():
            close = [_closest(prepared.cube.points[p], model, rows) for p in np.flatnonzero(differ)]
            assert max(close) < 0.02, "only what stands on a cut-off may feel the rounding"


def _closest(points: Any, model: Model, rows: Sequence[Sequence[int]]) -> float:
    """How near a profile comes to a cut-off or to the coverage floor, in points of score."""
    near = []
    for row in rows:
        weights = np.array(row) * (points != 255)
        score = float((weights * np.where(points == 255, 0, points)).sum() / max(int(weights.sum()), 1))
        near += [abs(score - cut / 100) for cut in model.cut_offs[:-1]]
        near.append(abs(float(weights.sum()) - model.floor) / 100)
    return min(near)


def test_varied_weights_keep_their_sum_and_the_proportion_of_the_others() -> None:
    assert contested.varied((3000, 2000, 5000), 0, 6500) == (6500, 1000, 2500)
    assert contested.varied((10_000, 0, 0), 0, 4000) == (4000, 3000, 3000)
    assert contested.varied((3000, 7000), 1, 10_000) == (0, 10_000)
    assert sum(contested.varied((3333, 3333, 3334), 2, 1)) == FULL_WEIGHT
