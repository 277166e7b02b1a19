"""Agreement, held by scipy on the accounts written out, by known judges, and by properties.

`tests/known/robustness.json`: `concordance` has the scores of judges and tau-b of the first two (`tau_b_first_two`).
Its `tau_b_cube_check` (0.7701181774) names no data, so in its place a book over all 1,728 profiles is compared with
scipy, cube against accounts.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from core.accounts import books
from core.measures import agreement, portfolio, scoring, tiers
from core.model import toml
from tests import making, reference

if TYPE_CHECKING:
    from core.model.model import Model

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "robustness.json").read_text("utf-8"))

small = st.integers(0, 6)
pairs = st.lists(st.tuples(small, small, st.integers(1, 4)), min_size=1, max_size=25)


def tau(rows: list[tuple[int, int, int]]) -> float | None:
    one, other, counts = (np.array(column) for column in zip(*rows, strict=True))
    return agreement.tau_b(one / 7, other / 3, counts)


@pytest.mark.parametrize("case", range(len(KNOWN["concordance"])))
def test_judges_agree_as_the_oracle_says(case: int) -> None:
    known = KNOWN["concordance"][case]
    one, other = (np.array(scores) for scores in known["scores_judges_x_items"][:2])
    assert agreement.tau_b(one, other, np.ones(len(one), dtype=np.int64)) == pytest.approx(
        known["tau_b_first_two"], abs=1e-14
    )


@given(pairs)
def test_profiles_with_counts_are_as_accounts_written_out(rows: list[tuple[int, int, int]]) -> None:
    one = [first for first, _, count in rows for _ in range(count)]
    other = [second for _, second, count in rows for _ in range(count)]
    found = tau(rows)
    if len(set(one)) < 2 or len(set(other)) < 2:
        assert found is None
    else:
        assert found == pytest.approx(kendalltau(one, other).statistic, abs=1e-12)


@given(pairs)
def test_either_may_come_first_and_no_scale_matters(rows: list[tuple[int, int, int]]) -> None:
    assert tau(rows) == tau([(second, first, count) for first, second, count in rows])
    assert tau(rows) == tau([(5 * first + 1, second**3, count) for first, second, count in rows])


def test_the_same_order_is_exactly_one_and_the_opposite_minus_one() -> None:
    rows = [(i, 2 * i, 3 + i) for i in range(300)]
    assert tau(rows) == 1.0
    assert tau([(first, -first, 1) for first, _, _ in rows]) == -1.0


def test_the_scorecard_s_profiles_agree_with_scipy_account_by_account() -> None:
    model = toml.load(toml.DEFAULT)
    points = np.array(list(itertools.product(*(sorted(set(c.levels)) for c in model.criteria))), dtype=np.uint8)
    counts = np.random.default_rng(5).integers(1, 6, len(points))
    equal = (1667, 1667, 1667, 1667, 1666, 1666)
    one, other = scoring.score(points, model.weights).score, scoring.score(points, equal).score
    expected = kendalltau(np.repeat(one, counts), np.repeat(other, counts)).statistic
    assert agreement.tau_b(one, other, counts) == pytest.approx(expected, abs=1e-13)


def test_nobody_to_compare_is_undefined() -> None:
    nobody = np.array([], dtype=np.int64)
    assert agreement.tau_b(nobody.astype(float), nobody.astype(float), nobody) is None


@settings(max_examples=25)
@given(making.models(), st.data())
def test_shares_that_keep_their_tier_are_counted_over_every_account(model: Model, data: st.DataObject) -> None:
    accounts = data.draw(making.rows(model))
    book = making.book(making.columns(accounts))
    found = portfolio.prepare(book, model)
    changed = model.with_importance({c.id: data.draw(st.integers(1, 100)) for c in model.criteria})
    result = agreement.agreement(found.cube, tiers.weigh(found.cube, model), tiers.weigh(found.cube, changed))
    answers = [(reference.judge(model, a), reference.judge(changed, a)) for a in accounts]
    unrated = len(model.tiers)
    rated = [(a.score, b.score) for a, b in answers if unrated not in (a.tier, b.tier)]
    revenue = [max(reference.cents(a["annual_revenue"]), 0) for a in accounts]
    stays = [a.tier == b.tier for a, b in answers]
    assert result.compared == len(rated)
    assert result.same_tier == sum(stays) / len(accounts)
    kept = sum(cents for cents, stay in zip(revenue, stays, strict=True) if stay)
    assert result.same_tier_revenue == (kept / sum(revenue) if sum(revenue) else None)
    if len({a for a, _ in rated}) > 1 and len({b for _, b in rated}) > 1:
        assert result.tau_b == pytest.approx(kendalltau(*zip(*rated, strict=True)).statistic, abs=1e-12)
    else:
        assert result.tau_b is None
    books.close(book)


def test_models_with_different_tiers_are_compared_by_place_and_unrated_stays_unrated() -> None:
    two = making.model(tiers=[{"name": "A", "cut_off": 75}, {"name": "C", "cut_off": 0}])
    points = np.array([[100, 100], [50, 50], [0, 0], [255, 255]], dtype=np.uint8)
    gate = np.zeros(4, dtype=np.uint8)
    scores = scoring.score(points, two.weights)
    same = agreement.same_tier(tiers.assign(scores, making.model(), gate), tiers.assign(scores, two, gate))
    assert same.tolist() == [True, True, False, True]
