"""Scores: the scorecard's known answers, two libraries of others, and what must hold for any weights.

`tests/known/scoring.json`: all 1,728 profiles of the scorecard, worked in whole numbers beside four float formulas.
"""

from __future__ import annotations

import itertools
import json
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.accounts import books
from core.accounts.banding import MISSING
from core.accounts.listing import Wanted
from core.measures import portfolio, scoring, tiers
from core.model import toml
from tests import reference

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "scoring.json").read_text("utf-8"))
PROFILES = KNOWN["profiles"]
SCORECARD = toml.load("tier1_scorecard")
LEVELS = [sorted(set(criterion.levels)) for criterion in SCORECARD.criteria]
ALL = np.array(list(itertools.product(*LEVELS)), dtype=np.uint8)


def tenths(points: list[int | None]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array([[MISSING if p is None else 10 * p for p in points]], dtype=np.uint8)


def judged(points: list[int | None]) -> tiers.Verdict:
    return tiers.assign(scoring.score(tenths(points), SCORECARD.weights), SCORECARD, np.zeros(1, dtype=np.uint8))


# Known answers -------------------------------------------------------------------------------------------------------


def test_acme_is_89_weighted_and_85_percent_unweighted() -> None:
    # Source: the worked example of tests/known/scoring.json, "acme".
    acme = KNOWN["acme"]
    points = tenths(acme["points"])
    assert scoring.score(points, SCORECARD.weights).score.tolist() == [89.0] == [acme["weighted_score"]]
    assert (100 * scoring.unweighted(points)).tolist() == [85.0] == [acme["unweighted_pct"]]
    assert scoring.contributions(points, SCORECARD.weights).tolist() == [[30, 16, 15, 15, 8, 5]]
    assert list(acme["contributions"].values()) == [30, 16, 15, 15, 8, 5]
    most = scoring.contributions(np.full((1, 6), 100, dtype=np.uint8), SCORECARD.weights)
    assert most.tolist() == [list(acme["max_contributions"].values())]


def test_the_1728_profiles_have_their_known_scores() -> None:
    # Source: tests/known/scoring.json, "profiles".
    found = scoring.score(ALL, SCORECARD.weights)
    exact = [Fraction(int(e), int(p)) for e, p in zip(found.earned, found.present, strict=True)]
    assert len(exact) == PROFILES["n_profiles"] == 1728
    assert len(set(exact)) == PROFILES["distinct_scores"] == 155
    assert min(b - a for a, b in itertools.pairwise(sorted(set(exact)))) * 10 == PROFILES["min_gap_tenths"]
    assert sum(s >= 75 for s in exact) == PROFILES["n_ge_75"] == 213
    assert sum(s == 75 for s in exact) == PROFILES["n_exactly_75"] == 25
    by_threshold = PROFILES["float_misclassification_by_threshold"]
    assert {t: sum(s == int(t) for s in exact) for t in by_threshold} == {
        t: case["exact_on_threshold"] for t, case in by_threshold.items()
    }


def test_weighted_and_unweighted_disagree_on_tier_1_for_89_profiles() -> None:
    # Source: tests/known/scoring.json, "profiles".
    weighted = scoring.score(ALL, SCORECARD.weights).score >= 75
    unweighted = ALL.astype(int).sum(axis=1) >= 450
    assert np.array_equal(scoring.unweighted(ALL) >= 0.75, unweighted)
    assert int((weighted != unweighted).sum()) == PROFILES["unweighted_and_weighted_disagree"] == 89
    assert int((unweighted & ~weighted).sum()) == PROFILES["unweighted_t1_but_weighted_not"]
    assert int((weighted & ~unweighted).sum()) == PROFILES["weighted_t1_but_unweighted_not"]
    gap = np.abs(scoring.score(ALL, SCORECARD.weights).score - 100 * scoring.unweighted(ALL)).max()
    assert gap == pytest.approx(PROFILES["max_abs_gap_weighted_vs_unweighted"])


def test_8_profiles_are_always_tier_1_and_64_never_under_any_weights() -> None:
    # Source: tests/known/scoring.json: all points at least 7.5, or all below; the corners of the simplex decide.
    corners = [tuple(10_000 if i == j else 0 for i in range(6)) for j in range(6)]
    scores = np.column_stack([scoring.score(ALL, corner).score for corner in corners])
    assert int((scores >= 75).all(axis=1).sum()) == PROFILES["tier1_always_any_weights"] == 8
    assert int((scores < 75).all(axis=1).sum()) == PROFILES["tier1_never_any_weights"] == 64


@pytest.mark.parametrize("case", PROFILES["examples_float_misclassified_naive3"])
def test_what_a_float_formula_puts_below_75_is_tier_1(case: dict[str, Any]) -> None:
    # Source: tests/known/scoring.json: sum((p/10)*w)*100 is 74.99999999999999 for these.
    weights = [w / 10_000 for w in SCORECARD.weights]
    assert sum((p / 10) * w for p, w in zip(case["points"], weights, strict=True)) * 100 < 75
    found = judged(case["points"])
    assert (found.scores.score[0], found.tier[0]) == (75.0, 0)


@pytest.mark.parametrize("name", ["example_unweighted_t1_weighted_not", "example_weighted_t1_unweighted_not"])
def test_the_examples_where_the_weighting_matters(name: str) -> None:
    # Source: tests/known/scoring.json.
    case = PROFILES[name]
    found = judged(case["points"])
    assert found.scores.score[0] == case["weighted"]
    assert 100 * scoring.unweighted(tenths(case["points"]))[0] == pytest.approx(case["unweighted"], rel=1e-14)
    assert (found.tier[0] == 0) == (case["weighted"] >= 75)


@pytest.mark.parametrize("case", KNOWN["sample"], ids=lambda case: "-".join(map(str, case["points"])))
def test_every_sample_has_its_score(case: dict[str, Any]) -> None:
    # Source: tests/known/scoring.json, "sample".
    points = tenths(case["points"])
    assert scoring.score(points, SCORECARD.weights).score[0] == case["score"]
    assert 100 * scoring.unweighted(points)[0] == pytest.approx(case["unweighted_pct"], rel=1e-14)


@pytest.mark.parametrize("case", KNOWN["missing"]["cases"], ids=lambda case: "-".join(map(str, case["points"])))
def test_with_values_missing_the_score_its_interval_and_its_tier_are_known(case: dict[str, Any]) -> None:
    # Source: tests/known/scoring.json, "missing"; null is undefined. Coverage floor 60 %.
    found = judged(case["points"])
    scores = found.scores
    assert scores.coverage[0] == case["coverage"]
    assert scores.low[0] == case["low_missing_as_zero"]
    assert scores.high[0] == case["high_missing_as_ten"]
    if case["renormalised"] is None:
        assert np.isnan(scores.score[0])
        assert found.labels[found.tier[0]] == "Unrated"
        return
    assert scores.score[0] == case["renormalised"]
    assert (found.tier[0] == 0) == case["tier1_by_renormalised"]
    certain = case["tier1_certain"] or (case["tier1_impossible"] and not spans(case))
    assert bool(found.provisional[0]) != certain


def spans(case: dict[str, Any]) -> bool:
    """Whether worst and best case lie in different tiers."""
    cut_offs = [tier.cut_off for tier in SCORECARD.tiers]
    worst, best = (sum(case[name] < c for c in cut_offs) for name in ("low_missing_as_zero", "high_missing_as_ten"))
    return bool(worst != best)


def test_the_five_accounts_of_the_seeds_dashboard_stand_first_in_the_demo_book() -> None:
    # Source: tests/known/scoring.json, "seed_dashboard_kUSD"; only what the seed gives: the rest is invented.
    seed = KNOWN["seed_dashboard_kUSD"]
    book = books.open_file(toml.READY.parent / "demo" / "accounts.csv")
    prepared = portfolio.prepare(book, SCORECARD)
    verdict = tiers.weigh(prepared.cube, SCORECARD)
    rows = portfolio.accounts(prepared, verdict, Wanted(sort="row", descending=False), limit=5).to_pylist()
    for row, known in zip(rows, seed["rows"], strict=True):
        assert (row["name"], row["industry"]) == (known["account"], known["industry"])
        assert row["engagement_score"] == known["engagement"]
        money = {"revenue_potential": "arr_potential", "annual_revenue": "current", "pipeline": "pipeline"}
        assert {name: row[name] for name in money} == {name: 1000 * known[key] for name, key in money.items()}
    totals = {"revenue_potential": "arr_potential", "annual_revenue": "current", "pipeline": "pipeline"}
    assert {k: sum(row[k] for row in rows) for k in totals} == {k: 1000 * seed["totals"][v] for k, v in totals.items()}
    assert rows[0]["score"] == 89.0
    books.close(book)


# Others' implementations ---------------------------------------------------------------------------------------------

matrices = arrays(np.uint8, st.tuples(st.integers(2, 12), st.integers(1, 8)), elements=st.integers(0, 100))


def weights_for(matrix: np.ndarray[Any, Any], seed: int) -> tuple[int, ...]:
    from core.model.numbers import weights_from

    return weights_from(np.random.default_rng(seed).integers(1, 100, matrix.shape[1]).tolist())


def as_it_is(column: Any, cost: object) -> Any:
    return column


@settings(max_examples=40)
@given(matrices, st.integers(0, 1000))
def test_scores_agree_with_the_weighted_sum_model_of_pymcdm(matrix: np.ndarray[Any, Any], seed: int) -> None:
    # pymcdm normalises by sums unless told otherwise, and so refuses columns of zeros (docs/methods.md).
    from pymcdm.methods import WSM

    weights = weights_for(matrix, seed)
    model = WSM(normalization_function=as_it_is)
    method = model._method(matrix.astype(float), np.array(weights) / 10_000, np.ones(matrix.shape[1]))
    assert scoring.score(matrix, weights).score == pytest.approx(method[-1], rel=1e-12)


@settings(max_examples=25)
@given(matrices, st.integers(0, 1000))
def test_scores_agree_with_the_weighted_sum_model_of_scikit_criteria(matrix: np.ndarray[Any, Any], seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, on import and on columns that are all equal
        from skcriteria import mkdm
        from skcriteria.agg.simple import WeightedSumModel

        weights = weights_for(matrix, seed)
        problem = mkdm(matrix.astype(float), [max] * matrix.shape[1], weights=np.array(weights) / 10_000)
        result = WeightedSumModel().evaluate(problem)
    found = scoring.score(matrix, weights).score
    assert found == pytest.approx(result.e_.score, rel=1e-12)
    # Where it ranks one above another, so do we; it breaks ties that a float made, we keep them.
    for a, b in itertools.combinations(range(len(matrix)), 2):
        if found[a] > found[b] + 1e-9:
            assert result.rank_[a] < result.rank_[b]


# Properties ----------------------------------------------------------------------------------------------------------

with_missing = arrays(
    np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 7)), elements=st.integers(0, 100) | st.just(MISSING)
)


def exact(row: list[int], weights: tuple[int, ...]) -> tuple[Fraction | None, Fraction, Fraction]:
    known = [(w, p) for w, p in zip(weights, row, strict=True) if p != MISSING]
    present = sum(w for w, _ in known)
    low = Fraction(sum(w * p for w, p in known), 10_000)
    return (low * 10_000 / present if present else None), low, low + 100 - Fraction(present, 100)


@settings(max_examples=80)
@given(with_missing, st.integers(0, 1000))
def test_score_low_and_high_are_those_of_fractions_and_lie_in_order(points: np.ndarray[Any, Any], seed: int) -> None:
    weights = weights_for(points, seed)
    found = scoring.score(points, weights)
    for i, row in enumerate(points.tolist()):
        score, low, high = exact(row, weights)
        assert (found.low[i], found.high[i]) == (float(low), float(high))
        if score is None:
            assert np.isnan(found.score[i])
            continue
        assert found.score[i] == float(score)
        known = [p for p, w in zip(row, weights, strict=True) if p != MISSING and w]
        assert low <= score <= high
        assert min(known) <= score <= max(known)


@settings(max_examples=60)
@given(with_missing, st.integers(0, 1000))
def test_contributions_add_up_to_the_score_and_a_missing_value_brings_none(
    points: np.ndarray[Any, Any], seed: int
) -> None:
    weights = weights_for(points, seed)
    parts, found = scoring.contributions(points, weights), scoring.score(points, weights)
    assert np.array_equal(np.isnan(parts), points == MISSING)
    rated = found.present > 0
    assert np.nansum(parts, axis=1)[rated] == pytest.approx(found.score[rated], abs=1e-11)


@settings(max_examples=60)
@given(matrices, st.integers(0, 1000))
def test_an_account_that_is_better_everywhere_never_scores_less(matrix: np.ndarray[Any, Any], seed: int) -> None:
    weights = weights_for(matrix, seed)
    better = np.minimum(matrix.astype(int) + 7, 100).astype(np.uint8)
    assert (scoring.score(better, weights).earned >= scoring.score(matrix, weights).earned).all()


@settings(max_examples=40)
@given(with_missing, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_accounts_and_of_criteria_changes_no_score(
    points: np.ndarray[Any, Any], seed: int, order: Any
) -> None:
    weights = weights_for(points, seed)
    found = scoring.score(points, weights)
    rows, columns = (order.sample(range(n), n) for n in points.shape)
    turned = scoring.score(points[rows][:, columns], [weights[j] for j in columns])
    assert turned.earned.tolist() == found.earned[rows].tolist()
    assert turned.present.tolist() == found.present[rows].tolist()


def test_a_criterion_without_weight_does_not_count_even_where_it_alone_is_known() -> None:
    points = np.array([[100, MISSING], [MISSING, 30]], dtype=np.uint8)
    found = scoring.score(points, (0, 10_000))
    assert found.coverage.tolist() == [0, 1]
    assert np.isnan(found.score[0])
    assert found.score[1] == 30
    assert np.isnan(scoring.contributions(points, (0, 10_000))[0]).all()


def test_nothing_known_has_no_unweighted_share() -> None:
    assert np.isnan(scoring.unweighted(np.array([[MISSING, MISSING]], dtype=np.uint8))).all()


def test_the_reference_agrees_on_the_scorecards_weights() -> None:
    weights = reference.weights([criterion.importance for criterion in SCORECARD.criteria])
    assert [int(10_000 * w) for w in weights] == list(SCORECARD.weights)
