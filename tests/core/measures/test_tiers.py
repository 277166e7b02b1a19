"""Tiers: the answer of the profile cube is that of every account by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books
from core.accounts.banding import MISSING
from core.accounts.cube import NOT_GIVEN
from core.accounts.listing import Wanted
from core.measures import portfolio, scoring, tiers
from core.model import toml
from core.model.model import MOST_CRITERIA, Model
from tests import making, reference

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from core.measures.portfolio import Portfolio

Rows = list[dict[str, str]]
Case = tuple[Model, Rows]


@st.composite
def cases(draw: st.DrawFn, /, **options: Any) -> Case:
    model = draw(making.models(**options))
    return model, draw(making.rows(model))


def prepared(model: Model, accounts: Rows, **options: Any) -> Portfolio:
    return portfolio.prepare(making.book(making.columns(accounts)), model, **options)


def forget(found: Portfolio) -> None:
    books.close(found.book)


def by_cube(found: Portfolio, model: Model) -> list[dict[str, Any]]:
    """What the cube says of each tier, unrated last."""
    verdict = tiers.weigh(found.cube, model)
    size = len(model.tiers)
    health = {}
    for name in ("health_accounts", "health_revenue"):
        by_status = getattr(found.cube, name)
        health[name] = np.column_stack([tiers.total(by_status[:, code], verdict.tier, size) for code in range(4)])
    names = ("accounts", "revenue", "potential", "provisional", "credits", "credit_amount")
    return [
        {name: getattr(row, name) for name in names} | {name: health[name][i].tolist() for name in health}
        for i, row in enumerate(tiers.distribution(found.cube, verdict))
    ]


def by_account(model: Model, accounts: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The same, worked account by account."""
    zero = {"accounts": 0, "revenue": 0, "potential": 0, "provisional": 0, "credits": 0, "credit_amount": 0}
    found: list[dict[str, Any]] = [
        zero | {"health_accounts": [0] * 4, "health_revenue": [0] * 4} for _ in (*model.tiers, None)
    ]
    for account in accounts:
        answer = reference.judge(model, account)
        row, amount = found[answer.tier], reference.cents(account["annual_revenue"])
        row["accounts"] += 1
        row["revenue"] += max(amount, 0)
        row["potential"] += reference.cents(account["revenue_potential"])
        row["provisional"] += answer.provisional
        row["credits"] += amount < 0
        row["credit_amount"] += min(amount, 0)
        row["health_accounts"][answer.health] += 1
        row["health_revenue"][answer.health] += max(amount, 0)
    return found


@settings(max_examples=30)
@given(cases())
def test_the_cube_answers_as_every_account_by_itself(case: Case) -> None:
    model, accounts = case
    found = prepared(model, accounts)
    assert by_cube(found, model) == by_account(model, accounts)
    forget(found)


@settings(max_examples=15)
@given(cases())
def test_every_account_of_a_listing_has_its_own_answer(case: Case) -> None:
    model, accounts = case
    found = prepared(model, accounts)
    listed = portfolio.accounts(found, tiers.weigh(found.cube, model), Wanted(sort="row", descending=False)).to_pylist()
    for row, account in zip(listed, accounts, strict=True):
        answer = reference.judge(model, account)
        assert row["tier"] == answer.tier
        assert row["score"] == (None if answer.score is None else float(answer.score))
        assert (row["low"], row["high"], row["coverage"]) == (
            float(answer.low), float(answer.high), float(answer.coverage)
        )  # fmt: skip
        assert row["provisional"] == answer.provisional
        assert row["status"] == answer.health
    forget(found)


@settings(max_examples=6)
@given(cases(kinds=("linear", "points"), least=11, most=MOST_CRITERIA))
def test_profiles_that_need_128_bits_answer_alike(case: Case) -> None:
    model, accounts = case
    found = prepared(model, accounts)
    assert found.cube.key.dtype == object
    assert by_cube(found, model) == by_account(model, accounts)
    listed = portfolio.accounts(found, tiers.weigh(found.cube, model), Wanted(sort="row", descending=False))
    assert listed["tier"].to_pylist() == [reference.judge(model, account).tier for account in accounts]
    forget(found)


@settings(max_examples=8)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case: Case, order: random.Random) -> None:
    model, accounts = case
    shuffled = order.sample(accounts, len(accounts))
    first, second = prepared(model, accounts), prepared(model, shuffled)
    assert by_cube(first, model) == by_cube(second, model)
    forget(first)
    forget(second)


@settings(max_examples=12)
@given(cases(), st.sets(st.sampled_from([*making.WORDS, making.UNLISTED, NOT_GIVEN]), min_size=1), st.booleans())
def test_a_filter_is_the_book_without_the_others(case: Case, regions: set[str], also_owner: bool) -> None:  # noqa: FBT001
    model, accounts = case
    filters = {"region": sorted(regions)} | ({"owner": [making.WORDS[0]]} if also_owner else {})
    kept = [
        account
        for account in accounts
        if all((account[name] or NOT_GIVEN) in wanted for name, wanted in filters.items())
    ]
    found = prepared(model, accounts, filters=filters)
    assert by_cube(found, model) == by_account(model, kept)
    everybody = Wanted(sort="row", descending=False)
    listed = portfolio.accounts(found, tiers.weigh(found.cube, model), everybody)
    assert listed["tier"].to_pylist() == [reference.judge(model, account).tier for account in kept]
    forget(found)


@settings(max_examples=8)
@given(cases(), st.data())
def test_new_weights_and_cut_offs_need_no_new_cube(case: Case, data: st.DataObject) -> None:
    model, accounts = case
    found = prepared(model, accounts)
    changes = {c.id: data.draw(st.integers(1, 100)) for c in model.criteria}
    tier_data = [tier.model_dump() for tier in model.tiers]
    tier_data[0]["cut_off"] = 100
    after = Model.model_validate({**dict(model.with_importance(changes)), "tiers": tier_data})
    assert after.banding_key() == model.banding_key()
    assert by_cube(found, after) == by_account(after, accounts)
    forget(found)


# Known answers -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Iterator[Portfolio]:
    book = books.open_file(toml.READY.parent / "demo" / "accounts.csv")
    yield portfolio.prepare(book, toml.load(toml.DEFAULT))
    books.close(book)


def test_the_demo_book_has_the_tiers_its_readme_tells(demo: Portfolio) -> None:
    # Source: data/README.md, "tiers under the default scorecard", worked by tests/data/test_make_demo.py on its own.
    rows = tiers.distribution(demo.cube, tiers.weigh(demo.cube, toml.load(toml.DEFAULT)))
    assert [100 * (row.share_accounts or 0) for row in rows] == pytest.approx([9.9, 16.1, 27.3, 45.6, 1.1], abs=0.051)
    assert 100 * (rows[0].share_revenue or 0) == pytest.approx(58.5, abs=0.051)
    assert sum(row.accounts for row in rows) == 2000
    assert [row.tier for row in rows] == ["Tier 1", "Tier 2", "Tier 3", "Tier 4", "Unrated"]


# Verdicts by hand ----------------------------------------------------------------------------------------------------


def verdict(points: list[list[int]], model: Model, gate: list[int] | None = None) -> tiers.Verdict:
    matrix = np.array(points, dtype=np.uint8).reshape(len(points), len(model.criteria))
    gates = np.array(gate if gate is not None else [0] * len(points), dtype=np.uint8)
    return tiers.assign(scoring.score(matrix, model.weights), model, gates)


def test_a_score_on_the_cut_off_is_in_the_tier() -> None:
    model = making.model()  # 60 and 40 %, cut-offs 75 and 50
    found = verdict([[100, 38], [100, 37], [50, 50], [49, 51]], model)
    assert found.scores.score.tolist() == [75.2, 74.8, 50.0, 49.8]
    assert found.tier.tolist() == [0, 1, 1, 2]


def test_a_gate_limits_the_best_tier_and_never_lifts_one() -> None:
    found = verdict([[100, 100], [100, 100], [0, 0]], making.model(), gate=[0, 1, 1])
    assert found.tier.tolist() == [0, 1, 2]
    assert not found.provisional.any()


def test_a_tier_that_a_gate_without_its_value_could_change_is_provisional() -> None:
    scores = scoring.score(np.array([[100, 100], [0, 0], [100, 100]], dtype=np.uint8), making.model().weights)
    gate, best, worst = (np.array(tiers_, dtype=np.uint8) for tiers_ in ([0, 0, 1], [0, 0, 0], [1, 1, 1]))
    found = tiers.assign(scores, making.model(), gate, spread=(best, worst))
    assert found.tier.tolist() == [0, 2, 1]
    # The second is in the last tier whatever its gate says.
    assert found.provisional.tolist() == [True, False, True]


def test_below_the_coverage_floor_an_account_is_unrated_and_on_it_is_rated() -> None:
    missing = MISSING
    found = verdict([[100, missing], [missing, 100], [missing, missing]], making.model(coverage_floor=0.6))
    assert found.tier.tolist() == [0, 3, 3]
    assert found.labels[3] == "Unrated"
    assert verdict([[missing, missing]], making.model(coverage_floor=0)).tier.tolist() == [3]


def test_provisional_is_where_worst_and_best_case_differ_in_tier() -> None:
    missing = MISSING
    found = verdict([[100, missing], [0, missing], [100, 100]], making.model())
    # 60..100 spans B and A; 0..40 stays in C.
    assert found.provisional.tolist() == [True, False, False]


def test_a_profile_without_a_tier_is_refused() -> None:
    scores = scoring.score(np.array([[100]], dtype=np.uint8), (10_000,))
    with pytest.raises(ValueError, match="a tier that the model does not have"):
        tiers.Verdict(("A", "B"), scores, np.array([3], dtype=np.int8), np.array([False]))


def test_shares_are_undefined_where_the_whole_is_nothing() -> None:
    model = making.model()
    found = prepared(model, [{"annual_revenue": "0", "employees": "5", "Fit": "3", "revenue_potential": ""}])
    row = tiers.distribution(found.cube, tiers.weigh(found.cube, model))[2]
    assert (row.share_accounts, row.share_revenue, row.lift) == (1.0, None, None)
    empty = prepared(model, [{"region": "EMEA", "employees": "5"}], filters={"region": ["nowhere"]})
    assert len(empty.cube) == 0
    rows = tiers.distribution(empty.cube, tiers.weigh(empty.cube, model))
    assert [(row.accounts, row.share_accounts) for row in rows] == [(0, None)] * 4
    forget(found)
    forget(empty)


@settings(max_examples=8)
@given(cases(), st.data())
def test_who_moved_adds_up_to_before_and_after(case: Case, data: st.DataObject) -> None:
    model, accounts = case
    found = prepared(model, accounts)
    changed = model.with_importance({c.id: data.draw(st.integers(1, 100)) for c in model.criteria})
    before, after = tiers.weigh(found.cube, model), tiers.weigh(found.cube, changed)
    flow = tiers.moved(found.cube, before, after)
    pairs = [(reference.judge(model, a).tier, reference.judge(changed, a).tier) for a in accounts]
    assert {(int(i), int(j)): int(flow[i, j]) for i, j in np.argwhere(flow)} == {p: pairs.count(p) for p in set(pairs)}
    forget(found)


def test_a_histogram_counts_every_rated_account_once_and_100_in_the_last_class() -> None:
    model = making.model()
    rows = [("0", "0"), ("2000", "10"), ("200", "5"), ("", ""), ("2000", "3.75"), ("2000", "3.7")]
    found = prepared(model, [{"employees": e, "Fit": f, "annual_revenue": "1"} for e, f in rows])
    counts = tiers.histogram(found.cube, tiers.weigh(found.cube, model))
    # 0; 100; 50 exactly begins its class; nothing known is unrated; 3.75 rounds half up to 3.8: 75.2; 74.8.
    assert {i: int(n) for i, n in enumerate(counts) if n} == {0: 1, 19: 1, 10: 1, 15: 1, 14: 1}
    forget(found)
