"""Banding: from a cell of a file to points, through DuckDB, and back from a profile's number."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import banding, books, checking, cube
from core.accounts.reading import Raw
from core.errors import TierwiseError
from core.measures import portfolio
from core.model import toml
from core.model.model import MOST_CRITERIA
from tests import making

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.books import Book
    from core.model.model import Model

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "scoring.json").read_text("utf-8"))
EXTRAS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "extras.json").read_text("utf-8"))
SCORECARD = toml.load("tier1_scorecard")


def one(**criterion: Any) -> Model:
    return making.model(criteria=[{"id": "c", "name": "C", "column": "Value", "importance": 1, **criterion}])


def earned(book: Book, model: Model, place: int = 0) -> list[float | None]:
    """The points that every account earns on one criterion, in the order of the file."""
    prepared = portfolio.prepare(book, model)
    tenths = prepared.cube.points[prepared.listing.rows()["profile"], place]
    return [None if t == banding.MISSING else int(t) / 10 for t in tenths]


def points(cells: Sequence[str | None], model: Model, column: str = "Value", place: int = 0) -> list[float | None]:
    book = making.book({column: cells})
    found = earned(book, model, place)
    books.close(book)
    return found


def listed(book: Book, prepared: portfolio.Portfolio) -> list[int]:
    return [int(gate) for gate in prepared.cube.gate[prepared.listing.rows()["profile"]]]


# Known answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "place"), [("revenue_potential", 0), ("company_size", 1)])
def test_the_scorecards_edges_fall_where_they_must(column: str, place: int) -> None:
    # Source: tests/known/scoring.json, "band_edges"; null is missing. The same cells as a file's text and as Parquet.
    known = KNOWN["band_edges"][column]
    field = {"revenue_potential": "revenue_potential", "company_size": "employees"}[column]
    cells = ["" if case["x"] is None else str(case["x"]) for case in known]
    assert points(cells, SCORECARD, field, place) == [case["points"] for case in known]

    numbers = [float("nan") if case["x"] is None else float(case["x"]) for case in known]
    names = pa.array([str(i) for i in range(len(known))])
    native = pa.table({"row": pa.array(range(len(known))), "c0": names, "c1": names, "c2": pa.array(numbers)})
    book = books.open_checked(checking.check(Raw(("account_id", "name", field), native)), name="p", source="p")
    assert earned(book, SCORECARD, place) == [case["points"] for case in known]
    books.close(book)


@pytest.mark.parametrize("name", ["revenue", "employees", "icp"])
def test_the_tier_matrix_has_the_same_rule_of_edges(name: str) -> None:
    # Source: tests/known/extras.json, "tier_matrix_cases": tier = 1 + the number of lower edges above the value.
    edges = EXTRAS["tier_matrix_lower_edges"][{"icp": "icp_percent"}.get(name, name)]
    bands = [{"points": 0}, *({"lower": edge, "points": i} for i, edge in enumerate(sorted(edges), 1))]
    found = points([str(x) for x, _ in EXTRAS["tier_matrix_cases"][name]], one(kind="bands", bands=bands))
    assert found == [4 - tier for _, tier in EXTRAS["tier_matrix_cases"][name]]


# Every kind of criterion ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "criterion",
    [
        {"kind": "bands", "bands": [{"points": 3}, {"from": 5, "points": 10}]},
        {"kind": "categories", "categories": [{"values": ["a", "5"], "points": 10}], "otherwise": 7},
        {"kind": "linear", "zero_at": 10, "ten_at": 0},
        {"kind": "points"},
    ],
    ids=["bands", "categories", "linear", "points"],
)
@pytest.mark.parametrize("cell", ["", "nan", "NaN", "  "])
def test_a_missing_value_earns_no_points(criterion: dict[str, Any], cell: str) -> None:
    assert points([cell, "5", "5", "0"], one(**criterion))[0] is None


def test_values_below_a_first_edge_are_missing() -> None:
    bands = [{"from": 0, "points": 2}, {"from": 10, "points": 4}]
    assert points(["-0.01", "0", "9.99", "10", "1e12"], one(kind="bands", bands=bands)) == [None, 2, 2, 4, 4]


def test_two_bands_of_the_same_points_are_one_level() -> None:
    bands = [{"points": 4}, {"from": 1, "points": 0}, {"from": 2, "points": 4}]
    assert points(["0", "1", "2"], one(kind="bands", bands=bands)) == [4, 0, 4]


def test_a_word_is_compared_without_case_and_what_is_not_listed_is_missing_or_otherwise() -> None:
    model = one(kind="categories", categories=[{"values": ["Strong", " GOOD "], "points": 10}])
    assert points(["strong", "STRONG ", "good", "weak", ""], model) == [10, 10, 10, None, None]
    model = one(kind="categories", categories=[{"values": ["Strong"], "points": 10}], otherwise=1)
    assert points(["strong", "weak", "", "stron", "strong!"], model) == [10, 1, None, 1, 1]


def test_a_column_of_many_words_is_compared_as_one_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = ["Strong", "weak", "", *(f"word {i}" for i in range(5))]
    model = one(kind="categories", categories=[{"values": ["STRONG"], "points": 10}], otherwise=1)
    few = points(cells, model)
    monkeypatch.setattr(books, "MOST_CODES", 3)
    assert points([*cells[:-1], "word x"], model) == few == [10, 1, None, 1, 1, 1, 1, 1]


def test_a_column_of_numbers_can_be_listed_by_value() -> None:
    categories = [{"values": ["1", "2.50"], "points": 10}, {"values": ["many"], "points": 5}]
    model = one(kind="categories", categories=categories, otherwise=0)
    assert points(["1", "1.0", "2.5", "3", ""], model) == [10, 10, 10, 0, None]
    nothing = one(kind="categories", categories=[{"values": ["many"], "points": 5}], otherwise=0)
    assert points(["1", "2", ""], nothing) == [0, 0, None]
    money = making.book({"annual_revenue": ["100", "100.5", ""]})
    hundred = [{"values": ["100"], "points": 5}]
    by_money = one(kind="categories", column="annual_revenue", categories=hundred, otherwise=0)
    assert earned(money, by_money) == [5, 0, None]
    books.close(money)


def half_up(value: Decimal) -> float:
    return float(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def test_linear_points_round_half_up_on_the_digits_a_person_sees() -> None:
    # 0.145, 0.285, 0.565 and 0.575 of 1 come to a hair under the half in binary.
    cells = [f"{i / 1000:.3f}" for i in range(1001)]
    assert points(cells, one(kind="linear", zero_at=0, ten_at=1)) == [half_up(10 * Decimal(c)) for c in cells]
    falling = [half_up(10 - 10 * Decimal(c)) for c in cells]
    assert points(cells, one(kind="linear", zero_at=1, ten_at=0)) == falling


def test_linear_points_are_clamped_at_both_ends() -> None:
    model = one(kind="linear", zero_at=100, ten_at=20)
    assert points(["1e12", "100", "60", "20", "-5"], model) == [0, 0, 5, 10, 10]


def test_points_of_a_column_are_taken_to_the_nearest_tenth_and_nothing_outside_counts() -> None:
    cells = [f"{i / 100:.2f}" for i in range(1001)]
    assert points(cells, one(kind="points")) == [half_up(Decimal(c)) for c in cells]
    assert points(["-0.01", "10.01", "11", "-5"], one(kind="points")) == [None] * 4


def test_a_column_that_is_not_there_is_missing_for_everybody_and_is_named() -> None:
    book = making.book({"employees": ["500", "5"]})
    model = making.model()
    assert [criterion.id for criterion in banding.missing_columns(book, model)] == ["fit"]
    assert earned(book, model, 1) == [None, None]
    books.close(book)


@pytest.mark.parametrize(("cells", "holds"), [(["many", "5"], "text"), (["2026-09-30", ""], "date")])
@pytest.mark.parametrize("kind", ["bands", "linear", "points"])
def test_a_number_cannot_be_read_from_a_column_of_words_or_days(kind: str, cells: list[str], holds: str) -> None:
    more: dict[str, Any] = {"bands": {"bands": [{"points": 1}]}, "linear": {"zero_at": 0, "ten_at": 1}, "points": {}}
    with pytest.raises(TierwiseError) as caught:
        points(cells, one(kind=kind, **more[kind]))
    assert str(caught.value) == (
        f"criteria: “C” reads a number from the column “Value”, which holds {holds}. "
        "Use kind = categories, or name another column."
    )


def test_a_column_that_says_nothing_is_missing_not_wrong() -> None:
    assert points(["", "", ""], one(kind="points")) == [None, None, None]


# Gates ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "limits"),
    [
        ({"column": "region", "allowed": ["EMEA", "apac"]}, [0, 0, 2, 0]),
        ({"column": "region", "refused": ["emea"]}, [2, 0, 0, 0]),
        ({"column": "engagement_score", "at_least": 50}, [0, 2, 0, 0]),
        ({"column": "engagement_score", "below": 50}, [2, 0, 2, 0]),
        ({"column": "no such column", "below": 50}, [0, 0, 0, 0]),
        ({"column": "no such column", "below": 50, "missing_fails": True}, [2, 2, 2, 2]),
        ({"column": "region", "allowed": ["EMEA"], "missing_fails": True}, [0, 2, 2, 2]),
        ({"column": "engagement_score", "at_least": 0, "missing_fails": True}, [0, 0, 0, 2]),
    ],
)
def test_a_gate_limits_the_accounts_that_fail_it(test: dict[str, Any], limits: list[int]) -> None:
    book = making.book({"region": ["EMEA", "Apac", "LATAM", ""], "engagement_score": ["50", "49.9", "100", ""]})
    model = making.model(gates=[{"id": "g", "name": "G", "best_tier": "C", **test}])
    assert listed(book, portfolio.prepare(book, model)) == limits
    books.close(book)


def test_the_strictest_of_several_gates_counts() -> None:
    book = making.book({"region": ["EMEA", "EMEA", "x"], "engagement_score": ["10", "90", "90"]})
    gates = [
        {"id": "a", "name": "A", "best_tier": "B", "column": "region", "refused": ["EMEA"]},
        {"id": "b", "name": "B", "best_tier": "C", "column": "engagement_score", "at_least": 50},
    ]
    assert listed(book, portfolio.prepare(book, making.model(gates=gates))) == [2, 1, 0]
    books.close(book)


@pytest.mark.parametrize("missing_fails", [0, 1])
def test_a_gate_that_misses_its_value_says_what_it_could_allow(missing_fails: int) -> None:
    book = making.book({"region": ["EMEA", "x", ""]})
    gate = {"id": "g", "name": "G", "best_tier": "B", "column": "region", "refused": ["EMEA"]}
    found = portfolio.prepare(book, making.model(gates=[gate | {"missing_fails": bool(missing_fails)}]))
    rows = found.listing.rows()["profile"]
    assert found.cube.gate[rows].tolist() == [1, 0, missing_fails]
    assert found.cube.gate_best[rows].tolist() == [1, 0, 0]
    assert found.cube.gate_worst[rows].tolist() == [1, 0, 1]
    books.close(book)


# The number of a profile ---------------------------------------------------------------------------------------------


def number_of(digits: banding.Digits, points: Sequence[int], gates: Sequence[int]) -> int:
    number, place = 0, 1
    for levels, tenths in zip(digits.levels, points, strict=True):
        number += place * ([*levels, banding.MISSING].index(tenths))
        place *= len(levels) + 1
    for gate in gates:
        number += place * gate
        place *= digits.tiers
    return number


@settings(max_examples=60)
@given(making.models(most=MOST_CRITERIA), st.data())
def test_a_profiles_number_is_its_points_and_nothing_is_lost(model: Model, data: st.DataObject) -> None:
    digits = banding.digits(model)
    drawn = st.tuples(*(st.sampled_from([*levels, banding.MISSING]) for levels in digits.levels))
    rows = data.draw(
        st.lists(st.tuples(drawn, st.tuples(*[st.integers(0, digits.tiers - 1)] * 3)), min_size=1, max_size=5)
    )
    keys = [number_of(digits, points, gates) for points, gates in rows]
    points, gates = digits.points_of(keys)
    assert [tuple(map(int, row)) for row in points] == [points for points, _ in rows]
    assert [tuple(row) for row in gates.tolist()] == [gates for _, gates in rows]
    largest = number_of(digits, [banding.MISSING] * len(model.criteria), [digits.tiers - 1] * 3)
    assert largest < {"BIGINT": 2**63, "HUGEINT": 10**38}[digits.sql_type]


def test_without_profiles_there_are_no_points() -> None:
    points, gates = banding.digits(making.model()).points_of([])
    assert (points.shape, gates.shape) == ((0, 2), (0, 3))
    assert points.dtype == gates.dtype == np.uint8


def test_the_scorecard_has_1728_profiles_and_8000_with_missing_values() -> None:
    # Source: docs/methods.md: 4·4·3·3·4·3 profiles, and one level more each for missing.
    digits = banding.digits(SCORECARD)
    assert np.prod([len(levels) for levels in digits.levels]) == 1728
    assert np.prod(digits.bases) == 8000
    assert cube.HALF == 2**62
